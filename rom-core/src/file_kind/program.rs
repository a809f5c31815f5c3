//! Programs: PE images for firmware and for Windows, TE images, DOS and ELF programs, and what
//! vendors put behind the program that updates their firmware.

use super::FileKind;
use crate::bytes::{Span, Window};
use crate::layout::{FirmwareVolumeHeader, Machine, RomHeader, Subsystem};
use crate::limits::Limits;
use crate::model::{LostImage, Payload, Remains};
use crate::read::{self, locate, next_volume};
use memchr::memmem;
use std::fmt;

/// Something that a program carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inside {
    /// What it is.
    pub kind: InsideKind,
    /// Where it is in the file. Its end is that of the file where nothing says more.
    pub span: Span,
}

/// What a program carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InsideKind {
    /// An option ROM.
    OptionRom,
    /// A firmware volume.
    FirmwareVolume,
    /// Dell's update format.
    DellPfs,
    /// AMI's BIOS Guard update.
    AmiPfat,
    /// AMI's utility update format.
    AmiUcp,
    /// Insyde's flash image.
    InsydeIflash,
    /// Phoenix's update archive.
    PhoenixTdk,
    /// A Microsoft cabinet.
    Cabinet,
    /// A 7z archive.
    SevenZip,
    /// A ZIP archive.
    Zip,
}

impl InsideKind {
    /// What it is, in words with an article.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OptionRom => "an option ROM",
            Self::FirmwareVolume => "a firmware volume",
            Self::DellPfs => "a Dell update (PFS)",
            Self::AmiPfat => "an AMI BIOS Guard update (PFAT)",
            Self::AmiUcp => "an AMI update (UCP)",
            Self::InsydeIflash => "an Insyde flash image (iFlash)",
            Self::PhoenixTdk => "a Phoenix update (TDK)",
            Self::Cabinet => "a cabinet archive",
            Self::SevenZip => "a 7z archive",
            Self::Zip => "a ZIP archive",
        }
    }
}

impl fmt::Display for Inside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:#x}", self.kind.name(), self.span.offset)
    }
}

/// Marks of what vendors pack, and how far before the mark it begins.
const MARKS: [(&[u8], usize, InsideKind); 9] = [
    (b"PFS.HDR.", 0, InsideKind::DellPfs),
    (DELL_ZLIB, 0, InsideKind::DellPfs),
    (b"_AMIPFAT", 8, InsideKind::AmiPfat),
    (b"@UAF", 0, InsideKind::AmiUcp),
    (b"@HPU", 0, InsideKind::AmiUcp),
    (b"$_IFLASH_BIOSIMG", 0, InsideKind::InsydeIflash),
    (b"MSCF\0\0\0\0", 0, InsideKind::Cabinet),
    (b"7z\xbc\xaf\x27\x1c", 0, InsideKind::SevenZip),
    (b"PK\x03\x04", 0, InsideKind::Zip),
];
/// What a compressed part of Dell's updates begins with.
const DELL_ZLIB: &[u8] = b"\xEE\xAA\x76\x1B\xEC\xBB\x20\xF1\xE6\x51";
const TDK: &[u8] = b"$PACK\0\0\0";

pub(super) fn identify(file: Window<'_>) -> Option<FileKind> {
    if file.has(0, b"\x7fELF") {
        return Some(FileKind::ElfProgram);
    }
    if is_mach(file) {
        return Some(FileKind::MachProgram);
    }
    if file.has(0, b"VZ") {
        return terse(file);
    }
    // Old linkers wrote ZM as well.
    (file.has(0, b"MZ") || file.has(0, b"ZM")).then(|| with_mz(file))
}

/// A Mach-O program of 32 or 64 bits, or several in one: those begin as Java's classes do, which
/// have a version of 45 and more where these have how many they are.
fn is_mach(file: Window<'_>) -> bool {
    const THIN: [&[u8]; 2] = [b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"];
    let is_fat =
        file.has(0, b"\xca\xfe\xba\xbe\0\0\0") && file.u8(7).is_some_and(|count| count < 20);
    is_fat || THIN.iter().any(|start| file.has(0, start))
}

/// Where a TE image has the number of sections and the subsystem (UEFI PI 1.8, volume 1, 15.1).
const TE_SECTIONS_AT: usize = 4;
const TE_SUBSYSTEM_AT: usize = 5;

/// A TE image: "VZ" alone is a word that text can begin with.
fn terse(file: Window<'_>) -> Option<FileKind> {
    let machine = Machine(file.u16(2)?);
    let subsystem = Subsystem(u16::from(file.u8(TE_SUBSYSTEM_AT)?));
    machine.name()?;
    subsystem.name()?;
    (file.u8(TE_SECTIONS_AT)? > 0).then_some(FileKind::TerseImage(machine))
}

/// Where the DOS header has the offset of the PE header.
const PE_OFFSET_AT: usize = 0x3C;
/// From the start of the PE header.
const MACHINE_AT: usize = 4;
const OPTIONAL_SIZE_AT: usize = 20;
const SUBSYSTEM_AT: usize = 24 + 68;
/// Subsystem of programs for EFI's system abstraction layer: a driver of another kind.
const EFI_ROM: u16 = 13;

fn with_mz(file: Window<'_>) -> FileKind {
    let Some((machine, subsystem)) = pe_header(file) else { return without_pe(file) };
    match subsystem {
        Subsystem::EFI_APPLICATION => match inside(file) {
            // An updater of a vendor for the EFI shell.
            parts if parts.is_empty() => FileKind::EfiApplication(machine),
            parts => FileKind::UpdateProgram(parts),
        },
        Subsystem::EFI_BOOT_SERVICE_DRIVER | Subsystem::EFI_RUNTIME_DRIVER | Subsystem(EFI_ROM) => {
            rest_of_rom(file).unwrap_or(FileKind::EfiDriver(machine))
        }
        _ => match inside(file) {
            parts if parts.is_empty() => FileKind::WindowsProgram,
            parts => FileKind::UpdateProgram(parts),
        },
    }
}

/// An option ROM of which the first image lost everything before its driver, where other images
/// follow the driver and nothing but padding is between them.
fn rest_of_rom(file: Window<'_>) -> Option<FileKind> {
    let next = locate(file, 1)?;
    let Payload::Pe(pe) = read::payload(file, &Limits::DEFAULT) else { return None };
    let between = file.cut(pe.extent, next.checked_sub(pe.extent)?)?;
    if !between.is_empty() && !matches!(between.uniform(), Some(0x00 | 0xFF)) {
        return None;
    }
    let lost = LostImage { span: Span::new(0, next), remains: Remains::Driver { at: 0 } };
    Some(FileKind::DamagedRom { lost, next: Some(next) })
}

/// Machine and subsystem of a PE image.
fn pe_header(file: Window<'_>) -> Option<(Machine, Subsystem)> {
    let pe = file.from(usize::try_from(file.u32(PE_OFFSET_AT)?).ok()?)?;
    if !pe.has(0, b"PE\0\0") || pe.u16(OPTIONAL_SIZE_AT)? == 0 {
        return None;
    }
    Some((Machine(pe.u16(MACHINE_AT)?), Subsystem(pe.u16(SUBSYSTEM_AT)?)))
}

/// MZ without a PE header: a DOS program has a header of its own that makes sense.
fn without_pe(file: Window<'_>) -> FileKind {
    let later = file.u32(PE_OFFSET_AT).and_then(|at| file.from(usize::try_from(at).ok()?));
    // Windows 3 and OS/2.
    if later.is_some_and(|tail| [&b"NE"[..], b"LE", b"LX"].iter().any(|mark| tail.has(0, mark))) {
        return FileKind::WindowsProgram;
    }
    let (last_page, pages) = (file.u16(2).unwrap_or(0), file.u16(4).unwrap_or(0));
    let header_paragraphs = file.u16(8).unwrap_or(0);
    let is_dos = last_page < 512 && pages > 0 && (2..=0x1000).contains(&header_paragraphs);
    if !is_dos {
        return FileKind::DamagedProgram;
    }
    match inside(file) {
        parts if parts.is_empty() => FileKind::DosProgram,
        parts => FileKind::UpdateProgram(parts),
    }
}

/// What is in a program, in the order of the file.
pub(super) fn inside(file: Window<'_>) -> Vec<Inside> {
    let mut found = Vec::new();
    let to_end = |at: usize| Span::new(at, file.len().saturating_sub(at));
    for (mark, before, kind) in MARKS {
        let Some(at) = memmem::find(file.bytes(), mark).and_then(|at| at.checked_sub(before))
        else {
            continue;
        };
        if at > 0
            && !found.iter().any(|inside: &Inside| inside.kind == kind)
            && sound(file, at, kind)
        {
            found.push(Inside { kind, span: to_end(at) });
        }
    }
    if let Some(at) = memmem::find(file.bytes(), TDK) {
        found.push(Inside { kind: InsideKind::PhoenixTdk, span: to_end(at) });
    }
    let sound = next_volume(file, 0).map(|volume| Span::new(volume.at, volume.length));
    let volume = sound.or_else(|| {
        let mark = memmem::find(file.bytes(), &FirmwareVolumeHeader::SIGNATURE)?;
        // Its header is damaged, or code has the mark; the reserved bytes before it tell.
        let at = mark.checked_sub(FirmwareVolumeHeader::SIGNATURE_AT)?;
        file.has(at, &[0; 16]).then(|| to_end(at))
    });
    if let Some(span) = volume {
        found.push(Inside { kind: InsideKind::FirmwareVolume, span });
    }
    if memmem::find(file.bytes(), &RomHeader::SIGNATURE_BYTES).is_some()
        && let Some(at) = locate(file, 1)
    {
        found.push(Inside { kind: InsideKind::OptionRom, span: to_end(at) });
    }
    found.sort_by_key(|inside| inside.span.offset);
    // An option ROM in a volume is the volume's.
    let volume = found.iter().find(|inside| inside.kind == InsideKind::FirmwareVolume).copied();
    found.retain(|inside| {
        let hidden = volume.is_some_and(|volume| volume.span.offset < inside.span.offset);
        inside.kind != InsideKind::OptionRom || !hidden
    });
    found
}

/// Whether what is after a mark fits it: flash programs hold the marks as text as well.
fn sound(file: Window<'_>, at: usize, kind: InsideKind) -> bool {
    match kind {
        InsideKind::AmiUcp => file.u8(at.saturating_add(16)) == Some(b'@'),
        InsideKind::Cabinet => {
            let size = file.u32(at.saturating_add(8)).and_then(|size| usize::try_from(size).ok());
            size.is_some_and(|size| size >= 36 && file.cut(at, size).is_some())
        }
        _ => true,
    }
}
