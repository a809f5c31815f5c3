//! Option ROMs: PCI and ISA, at the start of a file or after something else, whole or with a first
//! image that lost its header.

use super::headers::end_of_chain;
use super::{FileKind, transfer};
use crate::bytes::{Span, Window};
use crate::count::Count;
use crate::layout::{BLOCK, LegacyRomHeader, RomHeader};
use crate::read::{LostPlace, is_pci, locate, locate_isa, lost_image};
use std::fmt;

/// What is before the first image of a ROM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Before {
    /// A container of a graphics card, by its name.
    Container(&'static str),
    /// Bytes of this one value.
    Fill(u8),
    /// A byte order mark of UTF-8 or UTF-16, which an editor adds.
    ByteOrderMark,
    /// Text.
    Text,
    /// Data of a vendor that the GPU's own controller reads, by its name.
    VendorData(&'static str),
    /// Nobody knows what.
    Data,
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(name) => write!(f, "a container ({name})"),
            Self::Fill(byte) => write!(f, "{byte:02x} bytes"),
            Self::ByteOrderMark => f.write_str("a byte order mark, which editors add to text"),
            Self::Text => f.write_str("text"),
            Self::VendorData(name) => f.write_str(name),
            Self::Data => f.write_str("other data"),
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
            Self { size: 0, .. } => f.write_str("its size byte is 0"),
            Self { size, missing: 1.., .. } => {
                let missing = Count(self.missing, "byte");
                write!(f, "its size byte says {size} bytes, but the file ends {missing} earlier")
            }
            Self { size, checksum: Some(1..), .. } => {
                write!(f, "{size} bytes, its checksum is incorrect")
            }
            Self { size, .. } => write!(f, "{size} bytes"),
        }
    }
}

/// A file that begins with 55 AA.
pub(super) fn with_signature(file: Window<'_>) -> FileKind {
    if file.len() < RomHeader::SIZE {
        return FileKind::CutHeader { length: file.len() };
    }
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

/// 55 AA without anything of PCI: an ISA ROM, unless an image comes later for which this is data.
fn isa_or_other(file: Window<'_>) -> FileKind {
    let blocks = usize::from(file.u8(LegacyRomHeader::AT.initialization_size.offset).unwrap_or(0));
    let length = blocks.saturating_mul(BLOCK);
    let checksum = file.cut(0, length).filter(|rom| !rom.is_empty()).map(Window::byte_sum);
    let missing = length.saturating_sub(file.len());
    let isa = FileKind::IsaRom(IsaRom { size: length, missing, checksum });
    if checksum == Some(0) {
        return isa;
    }
    match locate(file, 1) {
        // Chance, or a header of a vendor's own.
        Some(at) if at > length => {
            FileKind::OptionRomAt { at, isa: false, before: before(file, at) }
        }
        _ => isa,
    }
}

/// A ROM in a file that does not begin with 55 AA.
pub(super) fn elsewhere(file: Window<'_>) -> Option<FileKind> {
    let (pci, isa) = (locate(file, 1), locate_isa(file, BLOCK));
    let next = [pci, isa].into_iter().flatten().min();
    let first = Span::new(0, next.unwrap_or(file.len()));
    if let Some(lost) = lost_image(file, first, LostPlace::First) {
        return Some(FileKind::DamagedRom { lost, next });
    }
    let at = next?;
    Some(FileKind::OptionRomAt { at, isa: pci != Some(at), before: before(file, at) })
}

/// Names of containers, by what they begin with, and of what vendors keep beside a ROM.
const CONTAINERS: [(&[u8], Before); 8] = [
    (b"NVGI", Before::Container("NVIDIA NVGI")),
    (b"RFRD", Before::Container("NVIDIA RFRD")),
    (b"\xEF\xBB\xBF", Before::ByteOrderMark),
    (b"\xFF\xFE", Before::ByteOrderMark),
    (b"\xFE\xFF", Before::ByteOrderMark),
    (b"$PSP", Before::VendorData("data of AMD's security processor")),
    (b"2PSP", Before::VendorData("data of AMD's security processor")),
    (&[0xAA, 0x55, 0xAA, 0x55], Before::VendorData("a flash directory of AMD")),
];

/// What is before `at`.
pub(super) fn before(file: Window<'_>, at: usize) -> Before {
    let data = file.first(at);
    if let Some((mark, known)) = CONTAINERS.iter().find(|(mark, _)| data.has(0, mark)) {
        let more_than_mark = *known == Before::ByteOrderMark && at != mark.len();
        if !more_than_mark {
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
