//! Compressed drivers: the header before them, and the alphabets of the algorithm.

use super::field::structure;

structure! {
    /// What EFI 1.1 compressed data begins with (UEFI 2.10, 19.2). 8 bytes.
    CompressionHeader, CompressionHeaderPlaces, "compressed data" {
        /// Bytes of compressed data that follow this header.
        compressed_size: u32 = "compressed size" Number,
        /// Bytes after decompression.
        original_size: u32 = "original size" Number,
    }
}

/// The two variants of the algorithm. Nothing in the data tells which one it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// The one of option ROMs: matches reach 8 KiB back (UEFI 2.10, 19).
    Uefi,
    /// The one of edk2's firmware files: matches reach 512 KiB back (edk2,
    /// `BaseTools/Source/C/TianoCompress`).
    Tiano,
}

impl Algorithm {
    /// How far back a match may begin, in bits: a window of 2 to this power bytes.
    #[must_use]
    pub(crate) const fn window_bits(self) -> u32 {
        match self {
            Self::Uefi => 13,
            Self::Tiano => 19,
        }
    }

    /// Bits of a count of position codes.
    #[must_use]
    pub const fn position_bits(self) -> u32 {
        match self {
            Self::Uefi => 4,
            Self::Tiano => 5,
        }
    }
}

/// Symbols of the character code: literals 0 to 255, then match lengths from [`SHORTEST_MATCH`] to
/// [`LONGEST_MATCH`].
pub(crate) const CHARACTERS: usize = 510;
/// Bits of a count of character codes.
pub(crate) const CHARACTER_BITS: u32 = 9;
/// Shortest match, in bytes.
pub(crate) const SHORTEST_MATCH: usize = 3;
/// Longest match, in bytes.
pub(crate) const LONGEST_MATCH: usize = 256;
/// First symbol that is a match, minus its length.
pub(crate) const MATCH_BASE: usize = 256 - SHORTEST_MATCH;
/// Symbols of the code that the character code's lengths are written in.
pub(crate) const EXTRA: usize = 19;
/// Bits of a count of extra codes.
pub(crate) const EXTRA_BITS: u32 = 5;
/// Index in the extra code behind which a run of zeros can stand.
pub(crate) const EXTRA_GAP: usize = 3;
/// Symbols of the position code: the number of bits of a distance, minus one.
pub(crate) const POSITIONS: usize = 31;
/// Bits of the longest code.
pub(crate) const LONGEST_CODE: usize = 16;

/// A length of zero for 3 and more symbols of the character code, in the extra code: the symbol,
/// the bits of the count, and what is subtracted from the count (edk2, `Decompress.c`: `ReadCLen`).
/// Symbol 0 is one zero; others are a length plus 2.
pub(crate) const ZERO_RUNS: [(u16, u32, usize); 2] = [(1, 4, 3), (2, CHARACTER_BITS, 20)];
