//! Encodings of sections: the UEFI algorithms, read here, and the common ones, read by their libraries.

use crate::layout::Algorithm;
use crate::limits::Limits;
use crate::model::DecompressFault;
use crate::read::decompress;
use lzma_rust2::LzmaReader;
use lzma_rust2::filter::bcj::BcjReader;
use std::io::Read;

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// UEFI's own algorithm, or Tiano's variant.
    Efi(Algorithm),
    /// LZMA with the header of its "alone" format (edk2, `MdeModulePkg/Library/LzmaCustomDecompressLib`).
    Lzma,
    /// LZMA over x86 code whose jumps were made absolute (edk2, the same, `F86GuidedSectionExtraction.c`).
    LzmaF86,
    /// Brotli behind its decoded and its scratch size (edk2, `MdeModulePkg/Library/BrotliCustomDecompressLib`).
    Brotli,
}

/// Why something does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    Damaged,
    TooLarge,
}

/// Bytes of the largest section: a flash chip, decoded.
const LARGEST: usize = 128 << 20;

/// Most memory that LZMA may ask for, in KiB.
const LZMA_MEMORY: u32 = 256 << 10;

/// Sizes in front of Brotli's data.
const BROTLI_HEADER: usize = 16;

/// Decodes `data` to at most `room` bytes.
pub(super) fn decode(codec: Codec, data: &[u8], room: usize) -> Result<Vec<u8>, Failure> {
    let most = room.min(LARGEST);
    match codec {
        Codec::Efi(algorithm) => {
            let limits = Limits { decompressed: most, compressed_blocks: usize::MAX, ..Limits::DEFAULT };
            decompress(data, algorithm, &limits).map_err(|error| match error.fault {
                DecompressFault::TooLarge => Failure::TooLarge,
                _ => Failure::Damaged,
            })
        }
        Codec::Lzma => read(lzma(data)?, most),
        Codec::LzmaF86 => read(BcjReader::new_x86(lzma(data)?, 0), most),
        Codec::Brotli => {
            let data = data.get(BROTLI_HEADER..).ok_or(Failure::Damaged)?;
            read(brotli_decompressor::Decompressor::new(data, 1 << 16), most)
        }
    }
}

fn lzma(data: &[u8]) -> Result<LzmaReader<&[u8]>, Failure> {
    LzmaReader::new_mem_limit(data, LZMA_MEMORY, None).map_err(|_| Failure::Damaged)
}

/// All that `source` gives, if it is no more than `most`.
fn read(source: impl Read, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    source.take(limit).read_to_end(&mut bytes).map_err(|_| Failure::Damaged)?;
    if bytes.len() > most { Err(Failure::TooLarge) } else { Ok(bytes) }
}
