//! Firmware images: volumes, flash chips, capsules, CBFS, vendors' update files; and single parts
//! of volumes.

use super::FileKind;
use crate::bytes::Window;
use crate::layout::{
    CapsuleHeader, FfsFileHeader, FirmwareVolumeHeader, FlashDescriptor, SectionHeader, SectionType,
};
use crate::read::{next_volume, structure};
use memchr::memmem;
use std::fmt;

/// What a firmware image is wrapped in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirmwareForm {
    /// Firmware volumes, the first of them here.
    Volumes {
        /// Offset of the first.
        at: usize,
    },
    /// A flash chip of an Intel board, with its descriptor.
    Flash,
    /// A capsule of this name.
    Capsule(&'static str),
    /// coreboot's file system.
    Cbfs,
    /// A flash chip of an AMD board.
    AmdFlash,
    /// AMI's BIOS Guard update.
    AmiPfat,
    /// AMI's utility update.
    AmiUcp,
    /// Dell's update format.
    DellPfs,
    /// Insyde's flash image.
    InsydeIflash,
    /// A PC BIOS, with the jump at its end that a processor begins with.
    Bios,
}

impl fmt::Display for FirmwareForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volumes { at: 0 } => f.write_str("UEFI volumes"),
            Self::Volumes { at } => write!(f, "UEFI volumes, the first at {at:#x}"),
            Self::Flash => f.write_str("the flash chip of an Intel board"),
            Self::Capsule(name) => f.write_str(name),
            Self::Cbfs => f.write_str("coreboot"),
            Self::AmdFlash => f.write_str("the flash chip of an AMD board"),
            Self::AmiPfat => f.write_str("AMI BIOS Guard update"),
            Self::AmiUcp => f.write_str("AMI update"),
            Self::DellPfs => f.write_str("Dell update"),
            Self::InsydeIflash => f.write_str("Insyde update"),
            Self::Bios => f.write_str("PC BIOS"),
        }
    }
}

/// What files begin with, at which offset.
const FORMS: [(&[u8], usize, FirmwareForm); 10] = [
    (
        &FirmwareVolumeHeader::SIGNATURE,
        FirmwareVolumeHeader::SIGNATURE_AT,
        FirmwareForm::Volumes { at: 0 },
    ),
    (&FlashDescriptor::SIGNATURE, FlashDescriptor::SIGNATURE_AT, FirmwareForm::Flash),
    // Old chips have no room before the descriptor.
    (&FlashDescriptor::SIGNATURE, 0, FirmwareForm::Flash),
    (b"LARCHIVE", 0, FirmwareForm::Cbfs),
    (b"__FMAP__", 0, FirmwareForm::Cbfs),
    (b"_AMIPFAT", 8, FirmwareForm::AmiPfat),
    (b"PFS.HDR.", 0, FirmwareForm::DellPfs),
    (b"$_IFLASH_", 0, FirmwareForm::InsydeIflash),
    (b"@UAF", 0, FirmwareForm::AmiUcp),
    (b"@HPU", 0, FirmwareForm::AmiUcp),
];

/// A firmware image, or a part of one, by what the file begins with.
pub(super) fn at_start(file: Window<'_>) -> Option<FileKind> {
    let capsule = CapsuleHeader::KNOWN.iter().find(|(guid, _)| file.has(0, &guid.0));
    if let Some((_, name)) = capsule {
        return Some(FileKind::FirmwareImage(FirmwareForm::Capsule(name)));
    }
    let known = FORMS.iter().find(|(mark, at, _)| file.has(*at, mark));
    if let Some((_, _, form)) = known {
        return Some(FileKind::FirmwareImage(*form));
    }
    ffs_file(file).or_else(|| sections(file))
}

/// Where an AMD board's flash has its directory (linuxboot/fiano, `pkg/amd/manifest`).
const AMD_DIRECTORY: [u8; 4] = [0xAA, 0x55, 0xAA, 0x55];
const AMD_DIRECTORY_AT: [usize; 6] =
    [0x2_0000, 0x82_0000, 0xC2_0000, 0xE2_0000, 0xF2_0000, 0xFA_0000];
/// Bytes of the smallest flash chip that has one: graphics cards have smaller chips.
const SMALLEST_AMD_FLASH: usize = 4 << 20;

/// Bytes of the smallest PC BIOS.
const SMALLEST_BIOS: usize = 0x1_0000;
/// How far before its end a PC BIOS has the jump that a processor begins with.
const RESET_VECTOR: usize = 16;
const FAR_JUMP: u8 = 0xEA;

/// A firmware image by what is somewhere in the file.
pub(super) fn anywhere(file: Window<'_>) -> Option<FirmwareForm> {
    let has = |mark: &[u8]| memmem::find(file.bytes(), mark).is_some();
    if let Some(volume) = next_volume(file, 0) {
        return Some(FirmwareForm::Volumes { at: volume.at });
    }
    let directory = AMD_DIRECTORY_AT.iter().any(|at| file.has(*at, &AMD_DIRECTORY));
    if directory && file.len() >= SMALLEST_AMD_FLASH {
        return Some(FirmwareForm::AmdFlash);
    }
    if memmem::find(file.bytes(), b"LARCHIVE").is_some_and(|at| at.is_multiple_of(0x40)) {
        return Some(FirmwareForm::Cbfs);
    }
    if has(b"_AMIPFAT") {
        return Some(FirmwareForm::AmiPfat);
    }
    if has(b"PFS.HDR.") {
        return Some(FirmwareForm::DellPfs);
    }
    if has(b"$_IFLASH_BIOSIMG") {
        return Some(FirmwareForm::InsydeIflash);
    }
    let vector = file.len().checked_sub(RESET_VECTOR).and_then(|at| file.u8(at));
    let is_bios = file.len() >= SMALLEST_BIOS && file.len().is_multiple_of(SMALLEST_BIOS);
    (is_bios && vector == Some(FAR_JUMP)).then_some(FirmwareForm::Bios)
}

/// A whole file of a volume: its size is that of the file, and its header sums to zero.
fn ffs_file(file: Window<'_>) -> Option<FileKind> {
    let header: FfsFileHeader = structure(file, 0)?;
    header.file_type.name()?;
    let [low, middle, high] = header.size;
    let mut size = u64::from(u32::from_le_bytes([low, middle, high, 0]));
    let mut header_size = FfsFileHeader::SIZE;
    if header.attributes & FfsFileHeader::LARGE_FILE != 0 && size == 0 {
        size = file.cut(FfsFileHeader::SIZE, 8)?.bytes().try_into().ok().map(u64::from_le_bytes)?;
        header_size = FfsFileHeader::SIZE_LARGE;
    }
    let size = usize::try_from(size).ok()?;
    let rest = file.from(size)?;
    // Tools fill up to the alignment of files in a volume.
    let filled = rest.is_empty()
        || rest.len() < FfsFileHeader::ALIGNMENT && matches!(rest.uniform(), Some(0x00 | 0xFF));
    // The sum is taken as though the file's own checksum and the state were zero.
    let [_, data_sum] = header.integrity_check;
    let own = header.state.wrapping_add(data_sum);
    let sum = file.cut(0, header_size)?.byte_sum().wrapping_sub(own);
    (filled && size > header_size && sum == 0).then_some(FileKind::FirmwareFile(header.file_type))
}

/// The sections that tile a file: each with a type that there is and a size that fits, and what
/// has to be in the first of them.
fn sections(file: Window<'_>) -> Option<FileKind> {
    let first: SectionHeader = structure(file, 0)?;
    first.section_type.name()?;
    let (mut at, mut count) = (0_usize, 0_usize);
    while at < file.len() {
        let tail = file.from(at)?;
        if count > 0 && matches!(tail.uniform(), Some(0x00 | 0xFF)) {
            break;
        }
        let length = section_length(tail)?;
        at = at.saturating_add(length).checked_next_multiple_of(SectionHeader::ALIGNMENT)?;
        count = count.saturating_add(1);
        if count > MOST_SECTIONS {
            return None;
        }
    }
    let (header_size, _) = sizes(file)?;
    let content = file.from(header_size)?;
    let fits = match first.section_type {
        SectionType::PE32 => content.has(0, b"MZ"),
        SectionType::TE => content.has(0, b"VZ"),
        // Without more in it than a few bytes, four bytes of anything would be a section.
        _ => file.len() >= 64,
    };
    fits.then_some(FileKind::FirmwareSection(first.section_type))
}

/// Sections of a file that are counted.
const MOST_SECTIONS: usize = 1024;

/// Bytes of the header of a section and of all of it.
fn sizes(section: Window<'_>) -> Option<(usize, usize)> {
    let header: SectionHeader = structure(section, 0)?;
    header.section_type.name()?;
    let (header_size, length) = if header.size == SectionHeader::LARGE {
        (SectionHeader::SIZE_LARGE, section.u32(SectionHeader::SIZE)?)
    } else {
        let [low, middle, high] = header.size;
        (SectionHeader::SIZE, u32::from_le_bytes([low, middle, high, 0]))
    };
    Some((header_size, usize::try_from(length).ok()?))
}

fn section_length(section: Window<'_>) -> Option<usize> {
    let (header_size, length) = sizes(section)?;
    (length > header_size && length <= section.len()).then_some(length)
}
