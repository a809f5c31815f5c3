//! EFI images and the drivers in them.

use crate::bytes::{Span, Window};
use crate::layout::{CompressionHeader, EfiRomHeader, Machine, Subsystem};
use std::fmt;

/// An EFI image.
#[derive(Clone, Debug)]
pub struct EfiImage<'a> {
    /// Its header.
    pub header: EfiRomHeader,
    /// What firmware hands to the loader: from the driver's offset to the end of the initialization size, as far as it is in
    /// the file. `None` if the offset leads out of it.
    pub stored: Option<Window<'a>>,
    /// The sizes in front of compressed data.
    pub compression: Option<CompressionHeader>,
    /// The driver, after decompression where the image is compressed.
    pub payload: Payload,
}

/// The driver of an EFI image.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing to look at: the offset leads out of the file, or the compression type is unknown.
    Absent,
    /// Compressed data that does not decompress, and why.
    Damaged(DecompressError),
    /// Neither MZ nor a terse executable.
    NotPe,
    /// A terse executable of this machine.
    Terse(Machine),
    /// A PE image whose headers are cut or damaged.
    Unreadable,
    /// A PE image.
    Pe(Pe),
}

/// Facts about a PE image. Offsets count from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pe {
    /// Bytes there are, with any padding behind the image.
    pub available: usize,
    /// Bytes that its headers and sections reach to.
    pub extent: usize,
    /// Machine of the file header.
    pub machine: Machine,
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
    /// Whether the file header says that its relocations were taken out, so that it runs at `image_base` only.
    pub relocations_stripped: bool,
    /// Whether a certificate table is named, and where.
    pub certificates: Option<Span>,
    /// Sections, in order.
    pub sections: Vec<Section>,
}

impl Pe {
    /// Magic of PE32.
    pub const PE32: u16 = 0x010B;
    /// Magic of PE32+.
    pub const PE32_PLUS: u16 = 0x020B;
}

/// A section of a PE image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Name, as far as it is ASCII.
    pub name: String,
    /// Where its data stands in the PE image.
    pub raw: Span,
    /// Address relative to the image base.
    pub virtual_address: u32,
    /// Bytes in memory.
    pub virtual_size: u32,
}

/// Why compressed data does not decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecompressError {
    /// What is wrong.
    pub fault: DecompressFault,
    /// Bytes of compressed data that were consumed, the 8-byte header included.
    pub at: usize,
}

/// What is wrong with compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecompressFault {
    /// The header is cut.
    Header,
    /// The header promises more compressed bytes than there are.
    Cut,
    /// The header promises more output than the limit.
    TooLarge,
    /// The data has more blocks than the limit.
    Blocks,
    /// A code table is not a prefix code.
    Table,
    /// A match reaches before the start of the output.
    Distance,
    /// The data ends before the output is complete.
    Short,
}

impl fmt::Display for DecompressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "its header is cut",
            Self::Cut => "it is cut",
            Self::TooLarge => "it would become larger than any driver",
            Self::Blocks => "it has more blocks than any driver needs",
            Self::Table => "a code table in it is not valid",
            Self::Distance => "it refers to data before its start",
            Self::Short => "it ends before the driver is complete",
        })
    }
}
