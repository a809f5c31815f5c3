//! What to type next.

use super::{Before, FileKind, Inside, InsideKind, IsaRom, TextHint};
use crate::model::Remains;

/// The next command for a file, as a value: whoever prints it knows the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// `oprom check FILE`.
    Check,
    /// `oprom extract FILE`: what is in it.
    Extract,
    /// `oprom extract FILE -o DIR`: what is in it is written.
    ExtractTo,
    /// `oprom repair FILE` with this option and `-o`.
    Repair(&'static str),
    /// `oprom build --efi FILE -o own.rom`.
    Build,
    /// `oprom build FILE -o own.rom`: the file is a specification.
    BuildFrom,
    /// `oprom fetch`: takes the file from its source, byte by byte.
    Fetch,
    /// `oprom pick`: says which ROM this host needs.
    Pick,
    /// `oprom explain` with this message.
    Explain(&'static str),
    /// `oprom scan FILE`.
    Scan,
    /// Another program, with its arguments before the file.
    Open(&'static [&'static str]),
    /// `git lfs pull`, in the folder of the file.
    GitLfsPull,
}

impl NextStep {
    /// The words of the command, for the file of this name.
    #[must_use]
    pub fn words(self, file: &str) -> Vec<String> {
        let words: Vec<&str> = match self {
            Self::Check => vec!["oprom", "check", file],
            Self::Extract => vec!["oprom", "extract", file],
            Self::ExtractTo => vec!["oprom", "extract", file, "-o", "parts"],
            Self::Repair(option) => vec!["oprom", "repair", file, option, "-o", "repaired.rom"],
            Self::Build => vec!["oprom", "build", "--efi", file, "-o", "own.rom"],
            Self::BuildFrom => vec!["oprom", "build", file, "-o", "own.rom"],
            Self::Fetch => vec!["oprom", "fetch"],
            Self::Pick => vec!["oprom", "pick"],
            Self::Explain(message) => vec!["oprom", "explain", message],
            Self::Scan => vec!["oprom", "scan", file],
            Self::Open(program) => program.iter().copied().chain([file]).collect(),
            Self::GitLfsPull => vec!["git", "lfs", "pull"],
        };
        words.into_iter().map(str::to_owned).collect()
    }
}

impl FileKind {
    /// What to type next; `None` where nothing can be done with the file, or nothing need be.
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        Some(match self {
            Self::OptionRom
            | Self::Unknown
            | Self::Text(TextHint::Other | TextHint::Command)
            | Self::ElfProgram
            | Self::MachProgram
            | Self::WindowsProgram
            | Self::DosProgram
            | Self::DamagedProgram
            | Self::EfiApplication(_)
            | Self::TerseImage(_) => return None,
            Self::IsaRom(rom) => return repair_of_isa(*rom),
            Self::UpdateProgram(inside) => inside_program(inside),
            Self::DamagedRom { lost, .. }
                if matches!(lost.remains, Remains::SignatureByte { .. }) =>
            {
                NextStep::Repair("--signature")
            }
            Self::DamagedRom { .. }
            | Self::CutHeader { .. }
            | Self::WebPage { .. }
            | Self::ServerAnswer { .. }
            | Self::Empty
            | Self::AllZero
            | Self::Text(TextHint::NotThere | TextHint::NoRom) => NextStep::Fetch,
            Self::Transferred(damage) if damage.lost => NextStep::Fetch,
            Self::OptionRomAt { before: Before::Data, .. }
            | Self::FirmwareSection(_)
            | Self::FirmwareFile(_)
            | Self::FirmwareImage(_)
            | Self::VideoBiosTable
            | Self::OpRegion => NextStep::Extract,
            Self::OptionRomAt { .. } => NextStep::Repair("--container"),
            Self::EfiDriver(_) => NextStep::Build,
            Self::Archive(format) if !format.is_opened() => NextStep::Open(format.opener()?),
            Self::Archive(_) | Self::Vfct | Self::ByteText(_) | Self::Transferred(_) => {
                NextStep::ExtractTo
            }
            Self::AllOnes | Self::Text(TextHint::RomSwitch) => NextStep::Pick,
            Self::Text(TextHint::RomNotReadable) => NextStep::Explain("rom: Input/output error"),
            Self::Text(TextHint::RomSwitchedOff) => NextStep::Explain("cat: rom: Invalid argument"),
            Self::Text(TextHint::NoPermission) => NextStep::Explain("Permission denied"),
            Self::Text(TextHint::Specification) => NextStep::BuildFrom,
            Self::GitLfsPointer { .. } => NextStep::GitLfsPull,
        })
    }
}

/// The repair that an ISA ROM needs first.
const fn repair_of_isa(rom: IsaRom) -> Option<NextStep> {
    match rom {
        IsaRom { size: 0, .. } => None,
        IsaRom { missing: 1.., .. } => Some(NextStep::Repair("--pad")),
        IsaRom { checksum: Some(1..), .. } => Some(NextStep::Repair("--checksum")),
        IsaRom { .. } => None,
    }
}

/// How to get at what a program carries.
fn inside_program(inside: &[Inside]) -> NextStep {
    match inside.first().map(|first| first.kind) {
        Some(InsideKind::Cabinet | InsideKind::SevenZip | InsideKind::Zip) => {
            NextStep::Open(&["7z", "x"])
        }
        _ => NextStep::Extract,
    }
}
