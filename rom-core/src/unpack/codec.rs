//! Encodings of sections: the UEFI algorithms, read here, and the common ones, read by their
//! libraries.

mod lz4;

use crate::bytes::Window;
use crate::layout::{Algorithm, CompressionHeader};
use crate::limits::Limits;
use crate::model::DecompressFault;
use crate::read::{decompress, structure};
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};
use lzma_rust2::LzmaReader;
use lzma_rust2::filter::bcj::BcjReader;
use std::io::{self, Read};

/// An encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// UEFI's own algorithm, or Tiano's variant.
    Efi(Algorithm),
    /// LZMA with the header of its "alone" format (edk2,
    /// `MdeModulePkg/Library/LzmaCustomDecompressLib`).
    Lzma,
    /// LZMA over x86 code whose jumps were made absolute (edk2, the same,
    /// `F86GuidedSectionExtraction.c`).
    LzmaF86,
    /// Brotli behind its decoded and its scratch size (edk2,
    /// `MdeModulePkg/Library/BrotliCustomDecompressLib`).
    Brotli,
    /// Deflate, as ZIP archives have it.
    Deflate,
    /// Deflate with zlib's header.
    Zlib,
    /// Deflate with gzip's header.
    Gzip,
    /// A frame of LZ4.
    Lz4,
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

/// Bytes of the largest part: a flash chip, decoded.
pub(super) const LARGEST: usize = 64 << 20;

/// Bytes of the header of LZMA's "alone" format: properties, dictionary, length.
const LZMA_HEADER: usize = 13;
/// Bits of position and of the byte before that may choose the table of a literal, together.
/// Encoders use 3; 12 are possible.
const MOST_LITERAL_BITS: u8 = 8;
/// The length of data that has a mark at its end instead.
const LZMA_UNKNOWN: u64 = u64::MAX;

/// Sizes before Brotli's data.
const BROTLI_HEADER: usize = 16;

/// Decodes `data` to at most `room` bytes.
pub(super) fn decode(codec: Codec, data: &[u8], room: usize) -> Result<Vec<u8>, Failure> {
    let most = room.min(LARGEST);
    match codec {
        Codec::Efi(algorithm) => {
            let limits =
                Limits { decompressed: most, compressed_blocks: usize::MAX, ..Limits::DEFAULT };
            let promised = structure::<CompressionHeader>(Window::of_file(data), 0)
                .map_or(0, |header| header.original_size);
            decompress(data, algorithm, &limits).map_err(|error| match error.fault {
                DecompressFault::TooLarge => Failure { too_large: true, decoded: 0 },
                _ => Failure {
                    too_large: false,
                    decoded: usize::try_from(promised).unwrap_or(most).min(most),
                },
            })
        }
        Codec::Lzma => {
            let (reader, length) = lzma(data, most)?;
            read(reader, length, most)
        }
        Codec::LzmaF86 => {
            let (reader, length) = lzma(data, most)?;
            read(BcjReader::new_x86(reader, 0), length, most)
        }
        Codec::Brotli => {
            let window = Window::of_file(data);
            let length = window.u32(0).map_or(0, |length| usize::try_from(length).unwrap_or(most));
            let data = data.get(BROTLI_HEADER..).ok_or(Failure::DAMAGED)?;
            read(brotli_decompressor::Decompressor::new(data, 1 << 16), length, most)
        }
        Codec::Deflate => read(DeflateDecoder::new(data), 0, most),
        Codec::Zlib => read(ZlibDecoder::new(data), 0, most),
        Codec::Gzip => read(GzDecoder::new(data), 0, most),
        Codec::Lz4 => lz4::decode(data, most),
    }
}

/// A reader of LZMA data, and how many bytes it will give, if that is known. Headers ask for
/// dictionaries of any size: one that is larger than the output is of no use.
fn lzma(data: &[u8], most: usize) -> Result<(LzmaReader<&[u8]>, usize), Failure> {
    let (head, data) = data.split_at_checked(LZMA_HEADER).ok_or(Failure::DAMAGED)?;
    let window = Window::of_file(head);
    let (Some(properties), Some(dictionary), Some(length)) =
        (window.u8(0), window.u32(1), window.u64(5))
    else {
        return Err(Failure::DAMAGED);
    };
    let output = usize::try_from(length).unwrap_or(usize::MAX);
    if length != LZMA_UNKNOWN && output > most {
        return Err(Failure { too_large: true, decoded: 0 });
    }
    // Tables of a size that only a hostile header asks for: building them is work too.
    let literal_bits = ((properties / 9) % 5).saturating_add(properties % 9);
    if literal_bits > MOST_LITERAL_BITS {
        return Err(Failure::DAMAGED);
    }
    let dictionary = dictionary.min(u32::try_from(output.min(most)).unwrap_or(u32::MAX));
    let reader = LzmaReader::new_with_props(data, length, properties, dictionary, None);
    Ok((reader.map_err(|_| Failure::DAMAGED)?, if length == LZMA_UNKNOWN { 0 } else { output }))
}

/// Bytes that are read at a time.
const STEP: usize = 64 << 10;

/// All that `source` gives, if it is no more than `most`; `promised` bytes are expected. No more
/// memory is taken than that needs: doubling it would double what a file can ask for.
fn read(mut source: impl Read, promised: usize, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    // One more, to see that nothing follows.
    bytes.reserve_exact(promised.min(most).saturating_add(1));
    loop {
        if bytes.len() == bytes.capacity() {
            bytes.reserve_exact((bytes.len() / 8).max(STEP));
        }
        let space = bytes.capacity().saturating_sub(bytes.len()).min(STEP);
        let filled = bytes.len();
        bytes.resize(filled.saturating_add(space), 0);
        let read = source.read(bytes.get_mut(filled..).unwrap_or_default());
        let failed = read.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        let count = read.unwrap_or(0);
        bytes.truncate(filled.saturating_add(count));
        let failure = |too_large| Failure { too_large, decoded: bytes.len() };
        match () {
            () if failed => return Err(failure(false)),
            () if bytes.len() > most => return Err(failure(true)),
            () if count == 0 => return Ok(bytes),
            () => {}
        }
    }
}
