//! Option ROMs: PCI and ISA, at the start of a file or after something else, whole or with a first
//! image that lost its header.

use super::headers::{end_of_chain, is_plausible, stray_pcir};
use super::{FileKind, transfer};
use crate::bytes::Window;
use crate::layout::{BLOCK, EfiRomHeader, Pcir, RomHeader};
use crate::read::{locate, structure};
use memchr::memmem;
use std::fmt;

/// What is before the first image of a ROM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Before {
    /// A container of a graphics card, by its name.
    Container(&'static str),
    /// Bytes of this one value.
    Fill(u8),
    /// A byte order mark of UTF-8, which an editor adds.
    ByteOrderMark,
    /// Text.
    Text,
    /// Data of a vendor that the GPU's own controller reads, by its name.
    VendorData(&'static str),
    /// Nobody knows what.
    Data,
}

impl Before {
    /// Whether nothing of an image can be in it, so that it may be cut off.
    #[must_use]
    pub const fn is_known(self) -> bool {
        !matches!(self, Self::Data)
    }
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) => write!(f, "a container ({name})"),
            Self::Fill(byte) => write!(f, "{byte:02x} bytes"),
            Self::ByteOrderMark => f.write_str("a byte order mark (UTF-8)"),
            Self::Text => f.write_str("text"),
            Self::VendorData(name) => f.write_str(name),
            Self::Data => f.write_str("other data"),
        }
    }
}

/// What is left of a first image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LostStart {
    /// One byte of 55 AA is another; all else of the header is there.
    SignatureByte {
        /// Where.
        at: usize,
        /// What is there.
        found: u8,
        /// What has to be there.
        expected: u8,
    },
    /// Both bytes of 55 AA are others; the PCI data structure is where the header points.
    Signature {
        /// Where the image begins.
        at: usize,
    },
    /// The file begins in the middle of the image.
    MissingStart {
        /// Bytes that are missing.
        count: usize,
    },
    /// The header is gone; the PCI data structure is there, and says where the image began.
    Header {
        /// Where the image began.
        at: usize,
        /// Where its PCI data structure is.
        pcir: usize,
    },
    /// The EFI header is there, without the bytes before it.
    EfiHeader {
        /// Where it is.
        at: usize,
    },
    /// A driver is there, without a header before it.
    Driver {
        /// Where it begins.
        at: usize,
    },
}

impl fmt::Display for LostStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignatureByte { at, found, expected } => {
                write!(f, "the byte at {at:#x} is {found:02x} instead of {expected:02x}")
            }
            Self::Signature { at } => write!(f, "55 AA is missing at {at:#x}"),
            Self::MissingStart { count: 1 } => f.write_str("its first byte is missing"),
            Self::MissingStart { count } => write!(f, "its first {count} bytes are missing"),
            Self::Header { at, .. } => {
                write!(f, "the header of the image that began at {at:#x} is lost")
            }
            Self::EfiHeader { at } => {
                write!(f, "the header of the image is lost; a part of it is at {at:#x}")
            }
            Self::Driver { at } => {
                write!(f, "the header of the image is lost; its driver is at {at:#x}")
            }
        }
    }
}

/// What an ISA option ROM says of its size, and what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsaRom {
    /// Bytes by the size byte.
    pub size: usize,
    /// Bytes of these that are not in the file.
    pub missing: usize,
    /// Sum of these bytes, modulo 256; zero in a sound ROM. `None` if they are not all there.
    pub checksum: Option<u8>,
}

impl fmt::Display for IsaRom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { size: 0, .. } => f.write_str("whose size byte is 0"),
            Self { size, missing: 1.., .. } => {
                write!(f, "of {size} bytes by its size byte, of which {} are missing", self.missing)
            }
            Self { size, checksum: Some(1..), .. } => {
                write!(f, "of {size} bytes, whose checksum is incorrect")
            }
            Self { size, .. } => write!(f, "of {size} bytes"),
        }
    }
}

/// A file that begins with 55 AA.
pub(super) fn with_signature(file: Window<'_>) -> FileKind {
    if is_whole(file) {
        return FileKind::OptionRom;
    }
    if let Some(damage) = transfer::of_rom(file) {
        return FileKind::Transferred(damage);
    }
    if is_pci(file) { FileKind::OptionRom } else { isa_or_other(file) }
}

/// Whether the headers lead from image to image to one that is marked as the last and ends in the
/// file, and only padding of one value is after it. Looks at a few bytes of each image.
fn is_whole(file: Window<'_>) -> bool {
    let Some(end) = end_of_chain(file) else { return false };
    let Some(rest) = file.from(end) else { return false };
    rest.is_empty() || rest.len() >= BLOCK && matches!(rest.uniform(), Some(0x00 | 0xFF))
}

/// Whether the image at the start has something that only PCI images have: what its pointer leads
/// to, a structure that nothing leads to, or an EFI header.
fn is_pci(file: Window<'_>) -> bool {
    let efi = structure::<EfiRomHeader>(file, 0).is_some_and(|header| header.efi_signature == EfiRomHeader::EFI_SIGNATURE);
    if efi {
        return true;
    }
    let pointer = file.u16(POINTER_AT).map_or(0, usize::from);
    let leads_to: Option<Pcir> = structure(file, pointer).filter(|_| pointer >= RomHeader::SIZE);
    // Fewer marks than in a whole structure: one of them may be the damage.
    if leads_to.is_some_and(|pcir| pcir.signature == Pcir::SIGNATURE || is_plausible(&pcir)) {
        return true;
    }
    stray_pcir(file.first(LARGEST_LEGACY), 0).is_some()
}

/// Where every header has the pointer to the PCI data structure.
const POINTER_AT: usize = RomHeader::AT.pcir_offset.offset;

/// Bytes of the largest legacy image: its size byte says no more.
const LARGEST_LEGACY: usize = 255 * BLOCK;

/// 55 AA without anything of PCI: an ISA ROM, unless an image comes later for which this is data.
fn isa_or_other(file: Window<'_>) -> FileKind {
    let blocks = usize::from(file.u8(2).unwrap_or(0));
    let length = blocks.saturating_mul(BLOCK);
    let checksum = file.cut(0, length).filter(|rom| !rom.is_empty()).map(Window::byte_sum);
    let missing = length.saturating_sub(file.len());
    let isa = FileKind::IsaRom(IsaRom { size: length, missing, checksum });
    if checksum == Some(0) {
        return isa;
    }
    match locate(file, 1) {
        // Chance, or a header of a vendor's own.
        Some(at) if at > length => FileKind::OptionRomAt { at, before: before(file, at) },
        _ => isa,
    }
}

/// A ROM in a file that does not begin with 55 AA.
pub(super) fn elsewhere(file: Window<'_>) -> Option<FileKind> {
    let next = locate(file, 1);
    let first = file.first(next.unwrap_or(file.len()));
    if let Some(lost) = lost_start(file, first, next) {
        return Some(FileKind::DamagedRom { lost, next });
    }
    let at = next?;
    Some(FileKind::OptionRomAt { at, before: before(file, at) })
}

/// What is left of an image at the start of `file`, up to the next image that is whole, which
/// begins at `next`.
fn lost_start(file: Window<'_>, first: Window<'_>, next: Option<usize>) -> Option<LostStart> {
    signature(file)
        .or_else(|| missing_start(first))
        .or_else(|| header(first, next.unwrap_or(file.len())))
        .or_else(|| parts(first))
}

/// The header is there but for 55 AA.
fn signature(file: Window<'_>) -> Option<LostStart> {
    let pointer = usize::from(file.u16(POINTER_AT)?);
    let pcir: Pcir = structure(file, pointer).filter(|_| pointer >= RomHeader::SIZE)?;
    if pcir.signature != Pcir::SIGNATURE || !is_plausible(&pcir) {
        return None;
    }
    let byte = |at: usize, found: u8, expected: u8| LostStart::SignatureByte { at, found, expected };
    let [low, high] = RomHeader::SIGNATURE_BYTES;
    Some(match (file.u8(0)?, file.u8(1)?) {
        (found, second) if second == high => byte(0, found, low),
        (first, found) if first == low => byte(1, found, high),
        _ => LostStart::Signature { at: 0 },
    })
}

/// The file begins within the header: what is left of the pointer leads to the structure, counted
/// from where the image began.
fn missing_start(first: Window<'_>) -> Option<LostStart> {
    let (at, _) = stray_pcir(first, 0)?;
    let count = (1..=POINTER_AT).find(|count| {
        let pointer = POINTER_AT.checked_sub(*count).and_then(|place| first.u16(place));
        pointer.is_some_and(|pointer| at.checked_add(*count) == Some(usize::from(pointer)))
    })?;
    Some(LostStart::MissingStart { count })
}

/// The structure alone: its length leads back from the next image, or from the end, to where the
/// image began.
fn header(first: Window<'_>, next: usize) -> Option<LostStart> {
    let (pcir_at, pcir) = stray_pcir(first, 0)?;
    let length = usize::from(pcir.image_length).saturating_mul(BLOCK);
    match next.checked_sub(length) {
        Some(at) if at <= pcir_at => Some(LostStart::Header { at, pcir: pcir_at }),
        // Its end is not there, or something else is after it.
        Some(_) => Some(LostStart::Header { at: 0, pcir: pcir_at }),
        None => {
            let count = length.checked_sub(next)?;
            (count < BLOCK).then_some(LostStart::MissingStart { count })
        }
    }
}

/// Other parts that only images have.
fn parts(first: Window<'_>) -> Option<LostStart> {
    if let Some(at) = memmem::find(first.bytes(), &EfiRomHeader::DRIVER_MARK) {
        return Some(LostStart::EfiHeader { at });
    }
    // In a container of text or of padding a driver is not looked for: nothing was before it.
    let pe = memmem::find_iter(first.bytes(), b"MZ").find(|at| is_driver(first, *at))?;
    HEADERS.contains(&pe).then_some(LostStart::Driver { at: pe })
}

/// Bytes that headers have before the driver of an image.
const HEADERS: std::ops::Range<usize> = RomHeader::SIZE.saturating_add(Pcir::SIZE)..0x1_0000;

/// Whether a PE image for EFI begins at `at`.
fn is_driver(window: Window<'_>, at: usize) -> bool {
    let Some(tail) = window.from(at) else { return false };
    let pe = tail.u32(0x3C).and_then(|offset| tail.from(usize::try_from(offset).ok()?));
    pe.is_some_and(|pe| pe.has(0, b"PE\0\0") && matches!(pe.u16(92), Some(10..=12)))
}

/// Names of containers, by what they begin with, and of what vendors keep beside a ROM.
const CONTAINERS: [(&[u8], Before); 6] = [
    (b"NVGI", Before::Container("NVIDIA NVGI")),
    (b"RFRD", Before::Container("NVIDIA RFRD")),
    (b"\xEF\xBB\xBF", Before::ByteOrderMark),
    (b"$PSP", Before::VendorData("data of AMD's security processor")),
    (b"2PSP", Before::VendorData("data of AMD's security processor")),
    (&[0xAA, 0x55, 0xAA, 0x55], Before::VendorData("a flash directory of AMD")),
];

/// What is before `at`.
pub(super) fn before(file: Window<'_>, at: usize) -> Before {
    let data = file.first(at);
    if let Some((_, known)) = CONTAINERS.iter().find(|(mark, _)| data.has(0, mark)) {
        let mark_only = *known == Before::ByteOrderMark && at != 3;
        if !mark_only {
            return *known;
        }
    }
    if let Some(fill @ (0x00 | 0xFF)) = data.uniform() {
        return Before::Fill(fill);
    }
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    if data.bytes().iter().all(is_text) {
        return Before::Text;
    }
    // The padding before a vendor's data.
    let padding = data.bytes().iter().position(|byte| !matches!(byte, 0x00 | 0xFF)).unwrap_or(0);
    let later = data.from(padding).unwrap_or(data);
    let known = CONTAINERS.iter().find(|(mark, _)| later.has(0, mark));
    known.map_or(Before::Data, |(_, known)| *known)
}
