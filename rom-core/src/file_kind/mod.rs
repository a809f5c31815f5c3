//! What a file is, before anybody reads it as a ROM: one answer for all commands.
//!
//! [`identify`] looks at as few bytes as it can and decodes nothing that it need not; [`open`]
//! gives the bytes that are inside of text, of archives and of files that a transfer changed but
//! did not spoil. Neither judges.

mod archive;
mod byte_text;
mod encoded;
mod firmware;
mod headers;
mod hex_text;
mod letter_dump;
mod next;
mod numbers;
mod program;
mod reach;
mod rom;
mod tables;
mod text;
mod transfer;

pub use archive::ArchiveFormat;
pub use byte_text::ByteText;
pub use firmware::FirmwareForm;
pub use next::NextStep;
pub use program::{Inside, InsideKind};
pub use reach::{Reached, Step, reach};
pub use rom::{Before, IsaRom};
pub use text::TextHint;
pub use transfer::{Cause, TransferDamage};

use crate::bytes::{Span, Window};
use crate::count::Count;
use crate::layout::{FfsFileType, Machine, RomHeader, SectionType};
use crate::model::LostImage;
use crate::plain::escaped;
use crate::read::is_pci;
use std::borrow::Cow;
use std::fmt;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// No byte.
    Empty,
    /// Nothing but 00.
    AllZero,
    /// Nothing but FF.
    AllOnes,
    /// A PCI option ROM, from the first byte on.
    OptionRom,
    /// An option ROM after something else.
    OptionRomAt {
        /// Offset of its first image.
        at: usize,
        /// Whether it is an ISA ROM.
        isa: bool,
        /// What is before it.
        before: Before,
    },
    /// An ISA option ROM: 55 AA and a size byte, without a PCI data structure.
    IsaRom(IsaRom),
    /// 55 AA at the start of a file that ends before the header of an option ROM does.
    CutHeader {
        /// Bytes of the file.
        length: usize,
    },
    /// An option ROM whose first image has lost its header or a part of it.
    DamagedRom {
        /// What is left of it.
        lost: LostImage,
        /// Offset of the next image that is whole.
        next: Option<usize>,
    },
    /// An EFI driver: a PE image that firmware starts from an option ROM.
    EfiDriver(Machine),
    /// An EFI application, which firmware does not start from an option ROM.
    EfiApplication(Machine),
    /// A terse executable, as the early phases of firmware have it.
    TerseImage(Machine),
    /// MZ without a PE header that could be read.
    DamagedProgram,
    /// Sections of a firmware file, without the file around them; the type of the first.
    FirmwareSection(SectionType),
    /// A file of a firmware volume, without the volume around it.
    FirmwareFile(FfsFileType),
    /// A firmware image.
    FirmwareImage(FirmwareForm),
    /// A program of a vendor with something inside that firmware is updated with.
    UpdateProgram(Vec<Inside>),
    /// A program for Windows.
    WindowsProgram,
    /// A program for DOS.
    DosProgram,
    /// A program for Linux or another Unix.
    ElfProgram,
    /// A program for macOS.
    MachProgram,
    /// An archive, or a compressed file.
    Archive(ArchiveFormat),
    /// Intel's Video BIOS Table.
    VideoBiosTable,
    /// Intel's `OpRegion`.
    OpRegion,
    /// AMD's ACPI table of VBIOS images.
    Vfct,
    /// Text that stands for bytes.
    ByteText(ByteText),
    /// A web page.
    WebPage {
        /// Its title, if it has one.
        title: Option<String>,
    },
    /// The answer of a server, in JSON or XML.
    ServerAnswer {
        /// What it says.
        message: Option<String>,
    },
    /// What is in a Git repository in place of a large file.
    GitLfsPointer {
        /// Bytes of the file that it stands for.
        size: Option<u64>,
    },
    /// Other text.
    Text(TextHint),
    /// A file that a transfer changed.
    Transferred(TransferDamage),
    /// None of these.
    Unknown,
}

/// Says what `bytes` are.
///
/// ```
/// use rom_core::file_kind::{FileKind, identify};
///
/// assert_eq!(identify(b""), FileKind::Empty);
/// assert_eq!(identify(b"\x7fELF\x02\x01\x01").name(), "elf-program");
/// ```
#[must_use]
pub fn identify(bytes: &[u8]) -> FileKind {
    let file = Window::of_file(bytes);
    if file.is_empty() {
        return FileKind::Empty;
    }
    if file.has(0, &RomHeader::SIGNATURE_BYTES) {
        return rom::with_signature(file);
    }
    match file.uniform() {
        Some(0x00) => return FileKind::AllZero,
        Some(0xFF) => return FileKind::AllOnes,
        Some(_) | None => {}
    }
    program::identify(file)
        .or_else(|| archive::identify(file).map(FileKind::Archive))
        .or_else(|| tables::identify(file))
        .or_else(|| firmware::at_start(file))
        .or_else(|| transfer::identify(file).map(FileKind::Transferred))
        .or_else(|| text::identify(bytes))
        // Firmware images hold option ROMs and drivers: what is in them is theirs.
        .or_else(|| firmware::anywhere(file).map(FileKind::FirmwareImage))
        .or_else(|| rom::elsewhere(file))
        .unwrap_or(FileKind::Unknown)
}

impl FileKind {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::AllZero => "all-zero",
            Self::AllOnes => "all-ones",
            Self::OptionRom => "option-rom",
            Self::OptionRomAt { .. } => "option-rom-at-offset",
            Self::IsaRom(_) => "isa-rom",
            Self::CutHeader { .. } => "cut-option-rom",
            Self::DamagedRom { .. } => "damaged-option-rom",
            Self::EfiDriver(_) => "efi-driver",
            Self::EfiApplication(_) => "efi-application",
            Self::TerseImage(_) => "te-image",
            Self::DamagedProgram => "damaged-program",
            Self::FirmwareSection(_) => "firmware-section",
            Self::FirmwareFile(_) => "firmware-file",
            Self::FirmwareImage(_) => "firmware-image",
            Self::UpdateProgram(_) => "update-program",
            Self::WindowsProgram => "windows-program",
            Self::DosProgram => "dos-program",
            Self::ElfProgram => "elf-program",
            Self::MachProgram => "mach-program",
            Self::Archive(_) => "archive",
            Self::VideoBiosTable => "vbt",
            Self::OpRegion => "opregion",
            Self::Vfct => "vfct",
            Self::ByteText(_) => "bytes-in-text",
            Self::WebPage { .. } => "web-page",
            Self::ServerAnswer { .. } => "server-answer",
            Self::GitLfsPointer { .. } => "git-lfs-pointer",
            Self::Text(_) => "text",
            Self::Transferred(_) => "changed-by-transfer",
            Self::Unknown => "unknown",
        }
    }

    /// Whether something has to be opened before its bytes are those of a ROM or of firmware.
    #[must_use]
    pub const fn is_wrapped(&self) -> bool {
        matches!(self, Self::Archive(_) | Self::ByteText(_) | Self::Transferred(_))
    }

    /// Whether it is firmware, or a part of it, that can be taken apart.
    #[must_use]
    pub const fn holds_firmware(&self) -> bool {
        matches!(
            self,
            Self::FirmwareImage(_)
                | Self::FirmwareSection(_)
                | Self::FirmwareFile(_)
                | Self::UpdateProgram(_)
        )
    }

    /// Whether it may be larger than any ROM and hold some all the same.
    #[must_use]
    pub const fn may_be_large(&self) -> bool {
        self.holds_firmware() || self.is_wrapped()
    }

    /// Whether it is an option ROM, whole or damaged, whose images are told one by one.
    #[must_use]
    pub const fn is_rom(&self) -> bool {
        matches!(
            self,
            Self::OptionRom | Self::OptionRomAt { .. } | Self::IsaRom(_) | Self::DamagedRom { .. }
        )
    }

    /// Where in the file's own bytes the first image of an option ROM begins.
    #[must_use]
    pub fn rom_at(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::OptionRom | Self::IsaRom(_) => Some(0),
            Self::OptionRomAt { at, .. } => Some(*at),
            Self::DamagedRom { next, .. } => *next,
            Self::Vfct => tables::first_rom(bytes),
            // What is left of it is what firmware sees.
            Self::Transferred(damage) if damage.lost => {
                let file = Window::of_file(bytes);
                (file.has(0, &RomHeader::SIGNATURE_BYTES) && is_pci(file)).then_some(0)
            }
            Self::UpdateProgram(inside) => {
                let rom = inside.iter().find(|inside| inside.kind == InsideKind::OptionRom)?;
                Some(rom.span.offset)
            }
            _ => None,
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty file"),
            Self::AllZero => f.write_str("nothing but 00 bytes"),
            Self::AllOnes => f.write_str("nothing but FF bytes"),
            Self::OptionRom => f.write_str("a PCI option ROM"),
            Self::OptionRomAt { at, isa, before } => {
                let bus = if *isa { "an ISA" } else { "a PCI" };
                write!(f, "{bus} option ROM at {at:#x}, after {before}")
            }
            Self::CutHeader { length } => {
                write!(f, "the first {} of an option ROM", Count(*length, "byte"))
            }
            Self::IsaRom(rom) => write!(f, "an ISA option ROM ({rom})"),
            Self::DamagedRom { lost, .. } => write!(f, "a damaged PCI option ROM: {lost}"),
            Self::EfiDriver(machine) => write!(f, "an EFI driver for {machine}"),
            Self::EfiApplication(machine) => write!(f, "an EFI application for {machine}"),
            Self::TerseImage(machine) => write!(f, "a terse executable (TE) for {machine}"),
            Self::DamagedProgram => f.write_str("a program whose PE header is not readable"),
            Self::FirmwareSection(kind) => match kind.name() {
                Some(name) => write!(f, "a section of a firmware file ({name})"),
                None => f.write_str("a section of a firmware file"),
            },
            Self::FirmwareFile(kind) => match kind.name() {
                Some(name) => write!(f, "one file of a firmware volume ({name})"),
                None => f.write_str("one file of a firmware volume"),
            },
            Self::FirmwareImage(form) => write!(f, "a firmware image ({form})"),
            Self::UpdateProgram(inside) => {
                f.write_str("a vendor's update program")?;
                match inside.first() {
                    Some(first) => write!(f, " with {first} in it"),
                    None => Ok(()),
                }
            }
            Self::WindowsProgram => f.write_str("a program for Windows"),
            Self::DosProgram => f.write_str("a program for DOS"),
            Self::ElfProgram => f.write_str("a program for Linux (ELF)"),
            Self::MachProgram => f.write_str("a program for macOS (Mach-O)"),
            Self::Archive(format) => write!(f, "{format}"),
            Self::VideoBiosTable => f.write_str("an Intel Video BIOS Table (VBT)"),
            Self::OpRegion => f.write_str("an OpRegion of Intel graphics"),
            Self::Vfct => f.write_str("an ACPI table VFCT of AMD, which contains VBIOS images"),
            Self::ByteText(form) => write!(f, "bytes written as text ({form})"),
            Self::WebPage { title: Some(title) } => {
                write!(f, "a web page, \"{}\"", escaped(title))
            }
            Self::WebPage { title: None } => f.write_str("a web page"),
            Self::ServerAnswer { message: Some(message) } => {
                write!(f, "a server's reply: \"{}\"", escaped(message))
            }
            Self::ServerAnswer { message: None } => f.write_str("a server's reply"),
            Self::GitLfsPointer { size: Some(size) } => {
                write!(f, "a Git LFS pointer to a file of {size} bytes")
            }
            Self::GitLfsPointer { size: None } => f.write_str("a Git LFS pointer"),
            Self::Text(hint) => write!(f, "{hint}"),
            Self::Transferred(damage) => write!(f, "{damage}"),
            Self::Unknown => {
                f.write_str("of an unknown kind: it has no 55 aa with a PCI data structure")
            }
        }
    }
}

/// Something that was inside of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<'a> {
    /// Its name in an archive.
    pub name: Option<String>,
    /// Where it is in the file, for what is there as it is.
    pub span: Option<Span>,
    /// Its bytes.
    pub bytes: Cow<'a, [u8]>,
}

/// Bounds on what is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLimits {
    /// Bytes that everything in one file together may become.
    pub bytes: usize,
    /// Files of an archive that are looked at.
    pub files: usize,
    /// Bytes that one compressed byte may become, once there is a megabyte: real data reaches 200.
    pub ratio: usize,
}

impl Default for OpenLimits {
    fn default() -> Self {
        Self { bytes: 256 << 20, files: 4096, ratio: 2048 }
    }
}

/// Why something is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// There is nothing inside of such a file that is not in plain sight.
    NothingInside,
    /// Nobody here reads this format.
    Unsupported,
    /// It is encrypted.
    Encrypted,
    /// It is damaged.
    Damaged,
    /// Lines of it are missing.
    Incomplete,
    /// It would become larger than the limit.
    TooLarge,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingInside => "it contains nothing that can be opened",
            Self::Unsupported => "oprom does not read this format",
            Self::Encrypted => "it is encrypted",
            Self::Damaged => "it is damaged",
            Self::Incomplete => {
                "lines of it are missing. hexdump, xxd -a and od leave equal lines out: -v shows all"
            }
            Self::TooLarge => "its contents are larger than any firmware",
        })
    }
}

impl std::error::Error for OpenError {}

/// Gives what is inside of a file of this `kind`: the bytes that text stands for, the files of an
/// archive, the bytes as they were before a transfer changed them.
///
/// # Errors
/// An [`OpenError`] where there is nothing, or where it cannot be had.
pub fn open<'a>(
    bytes: &'a [u8],
    kind: &FileKind,
    limits: &OpenLimits,
) -> Result<Vec<Opened<'a>>, OpenError> {
    let decoded =
        |bytes: Vec<u8>| vec![Opened { name: None, span: None, bytes: Cow::Owned(bytes) }];
    match kind {
        FileKind::Archive(format) => archive::open(bytes, *format, limits),
        FileKind::ByteText(form) => text::decode(bytes, *form, limits).map(decoded),
        FileKind::Transferred(damage) if !damage.lost => {
            transfer::restore(bytes, damage.cause).map(decoded).ok_or(OpenError::Damaged)
        }
        FileKind::Transferred(_) => Err(OpenError::Damaged),
        _ => Err(OpenError::NothingInside),
    }
}
