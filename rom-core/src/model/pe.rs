//! PE images.

use super::Signature;
use crate::bytes::Span;
use crate::layout::pe::{OptionalHeader, PeHeader};
use crate::layout::{Machine, Subsystem};

/// Facts about a PE image. Offsets count from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pe {
    /// Bytes there are, with any padding behind the image.
    pub available: usize,
    /// Bytes that its headers, sections and certificates reach to.
    pub extent: usize,
    /// Where "PE\0\0" stands.
    pub header_offset: usize,
    /// Machine of the file header.
    pub machine: Machine,
    /// Size of the optional header, in bytes.
    pub size_of_optional_header: u16,
    /// Magic of the optional header: 0x10b or 0x20b.
    pub magic: u16,
    /// Subsystem of the optional header.
    pub subsystem: Subsystem,
    /// Entry point, relative to the image base.
    pub entry_point: u32,
    /// Address that it is linked for.
    pub image_base: u64,
    /// Bytes that it takes in memory.
    pub size_of_image: u32,
    /// Bytes of all headers, up to the first section.
    pub size_of_headers: u32,
    /// What sections begin at a multiple of in memory.
    pub section_alignment: u32,
    /// Data directories that the optional header has.
    pub directories: u32,
    /// Whether the file header says that its relocations were taken out, so that it runs at
    /// `image_base` only.
    pub relocations_stripped: bool,
    /// Its base relocations.
    pub relocations: Relocations,
    /// Its debug directory.
    pub debug: Debug,
    /// Where the certificate table stands, if one is named.
    pub certificates: Option<Span>,
    /// Its signature.
    pub signature: Signature,
    /// Sections, in order.
    pub sections: Vec<Section>,
}

impl Pe {
    /// Magic of PE32.
    pub const PE32: u16 = OptionalHeader::PE32;
    /// Magic of PE32+.
    pub const PE32_PLUS: u16 = OptionalHeader::PE32_PLUS;

    /// Bytes up to the last that comes to memory: sections are filled up in the file, and the
    /// padding is not loaded.
    #[must_use]
    pub(crate) fn loaded(&self) -> usize {
        let headers = usize::try_from(self.size_of_headers).unwrap_or(usize::MAX);
        self.sections.iter().map(|section| section.loaded().end()).fold(headers, usize::max)
    }

    /// Where the section table stands.
    #[must_use]
    pub(crate) fn section_table(&self) -> usize {
        self.header_offset
            .saturating_add(PeHeader::SIZE)
            .saturating_add(usize::from(self.size_of_optional_header))
    }
}

/// What the base relocations of a PE image are (PE/COFF, 5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relocations {
    /// The directory is empty.
    Absent,
    /// All can be applied.
    Sound,
    /// The directory, or one of its entries, leads out of the image or is of an unknown type.
    Damaged,
}

/// What firmware reads of the debug directory of a PE image (PE/COFF, 5.1.1), which is all up to
/// the `CodeView` entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Debug {
    /// Whether an entry is cut.
    pub cut: bool,
    /// Bytes of `CodeView` data that belong to no section, for which firmware makes room behind the
    /// image.
    pub unloaded: u32,
}

/// A section of a PE image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Name, as far as it is ASCII.
    pub name: String,
    /// Where its data is in the PE image.
    pub raw: Span,
    /// Address relative to the image base.
    pub virtual_address: u32,
    /// Bytes in memory.
    pub virtual_size: u32,
}

impl Section {
    /// The data that the loader copies: as much as has room in memory, or all where no size is
    /// named.
    #[must_use]
    pub(crate) fn loaded(&self) -> Span {
        let length = match usize::try_from(self.virtual_size).unwrap_or(usize::MAX) {
            0 => self.raw.length,
            size => size.min(self.raw.length),
        };
        Span::new(self.raw.offset, length)
    }
}
