//! Encodings of sections: the UEFI algorithms, read here, and the common ones, read by their libraries.

use crate::bytes::Window;
use crate::layout::{Algorithm, CompressionHeader};
use crate::limits::Limits;
use crate::model::DecompressFault;
use crate::read::{decompress, structure};
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

/// Why something does not decode, and what it cost to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) too_large: bool,
    /// Bytes that were decoded all the same, at most.
    pub(super) decoded: usize,
}

impl Failure {
    const DAMAGED: Self = Self { too_large: false, decoded: 0 };
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
            let promised = structure::<CompressionHeader>(Window::of_file(data), 0).map_or(0, |header| header.original_size);
            decompress(data, algorithm, &limits).map_err(|error| match error.fault {
                DecompressFault::TooLarge => Failure { too_large: true, decoded: 0 },
                _ => Failure { too_large: false, decoded: usize::try_from(promised).unwrap_or(most).min(most) },
            })
        }
        Codec::Lzma => read(lzma(data)?, most),
        Codec::LzmaF86 => read(BcjReader::new_x86(lzma(data)?, 0), most),
        Codec::Brotli => {
            let data = data.get(BROTLI_HEADER..).ok_or(Failure::DAMAGED)?;
            read(brotli_decompressor::Decompressor::new(data, 1 << 16), most)
        }
    }
}

fn lzma(data: &[u8]) -> Result<LzmaReader<&[u8]>, Failure> {
    LzmaReader::new_mem_limit(data, LZMA_MEMORY, None).map_err(|_| Failure::DAMAGED)
}

/// All that `source` gives, if it is no more than `most`.
fn read(source: impl Read, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = source.take(limit).read_to_end(&mut bytes);
    let failure = |too_large| Failure { too_large, decoded: bytes.len() };
    match read {
        Err(_) => Err(failure(false)),
        Ok(_) if bytes.len() > most => Err(failure(true)),
        Ok(_) => Ok(bytes),
    }
}
