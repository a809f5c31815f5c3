//! EFI images and the drivers in them.

use super::Pe;
use crate::bytes::Window;
use crate::layout::{CompressionHeader, EfiRomHeader, Machine};
use std::borrow::Cow;
use std::fmt;

/// An EFI image.
#[derive(Clone, Debug)]
pub struct EfiImage<'a> {
    /// Its header.
    pub header: EfiRomHeader,
    /// What firmware hands to the loader: from the driver's offset to the end of the initialization
    /// size, as far as it is in the file. `None` if the offset leads out of it.
    pub stored: Option<Window<'a>>,
    /// The sizes before compressed data.
    pub compression: Option<CompressionHeader>,
    /// Why the compressed data is damaged, if it is.
    pub damage: Option<Damage>,
    /// The driver as firmware hands it to its loader, with any padding behind it; after
    /// decompression where the image is compressed. Empty if there is none.
    pub driver: Cow<'a, [u8]>,
    /// What the driver is.
    pub payload: Payload,
}

/// The driver of an EFI image.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Payload {
    /// Nothing to look at: the offset leads out of the file, the compression type is unknown, or
    /// firmware refuses to decompress.
    Absent,
    /// Neither MZ nor a terse executable.
    NotPe,
    /// A terse executable of this machine.
    Terse(Machine),
    /// A PE image whose headers are cut or damaged.
    Unreadable,
    /// A PE image.
    Pe(Pe),
}

/// What is known of compressed data that is not sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub error: DecompressError,
    /// Whether it is sound as data of the Tiano variant.
    pub tiano: bool,
}

/// Why compressed data does not decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecompressError {
    /// What is wrong.
    pub fault: DecompressFault,
    /// Bytes of compressed data that were consumed, the 8-byte header included.
    pub at: usize,
}

impl fmt::Display for DecompressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the compressed data is damaged: {} ({:#x} bytes into it)", self.fault, self.at)
    }
}

impl std::error::Error for DecompressError {}

/// What is wrong with compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
            Self::Header => "its header is cut off",
            Self::Cut => "it is cut off",
            Self::TooLarge => "it would become larger than any driver",
            Self::Blocks => "it has more blocks than any driver needs",
            Self::Table => "a code table in it is not valid",
            Self::Distance => "it refers to data before its start",
            Self::Short => "it ends before the driver is complete",
        })
    }
}
