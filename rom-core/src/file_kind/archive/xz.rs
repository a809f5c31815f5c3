//! xz: blocks of LZMA2 data (The .xz File Format 1.2.1).

use super::super::{OpenError, OpenLimits};
use super::compressed;
use crate::bytes::Window;
use lzma_rust2::Lzma2Reader;

const MAGIC: &[u8] = b"\xfd7zXZ\0";
const STREAM_HEADER: usize = 12;
const STREAM_FOOTER: usize = 12;
const LZMA2: u64 = 0x21;
/// Dictionary size of the last value that the format knows.
const LARGEST_DICTIONARY: u8 = 40;
/// Most memory that a block may ask for as its dictionary: that of `xz -9`.
const DICTIONARY_LIMIT: u64 = 64 << 20;
const CRC32: u8 = 1;

/// Decodes all blocks of all streams.
pub(super) fn decode(bytes: &[u8], limits: &OpenLimits) -> Result<Vec<u8>, OpenError> {
    let file = Window::of_file(bytes);
    let mut all = Vec::new();
    let mut at = 0;
    while file.has(at, MAGIC) {
        let check = file.u8(at.saturating_add(7)).ok_or(OpenError::Damaged)?;
        at = at.saturating_add(STREAM_HEADER);
        loop {
            match file.u8(at) {
                Some(0) => break,
                Some(size) => at = block(file, at, size, check, limits, &mut all)?,
                None => return Err(OpenError::Damaged),
            }
        }
        at = after_index(file, at).ok_or(OpenError::Damaged)?;
    }
    Ok(all)
}

/// Decodes the block at `at`; where the next one begins.
fn block(
    file: Window<'_>,
    at: usize,
    size: u8,
    check: u8,
    limits: &OpenLimits,
    all: &mut Vec<u8>,
) -> Result<usize, OpenError> {
    let header_size = usize::from(size).saturating_add(1).saturating_mul(4);
    let header = file.cut(at, header_size).ok_or(OpenError::Damaged)?;
    let dictionary = dictionary(header)?;
    let data = file.from(at.saturating_add(header_size)).ok_or(OpenError::Damaged)?;
    let left = OpenLimits { bytes: limits.bytes.saturating_sub(all.len()), ..*limits };
    let mut source = Lzma2Reader::new(data.bytes(), dictionary, None);
    let decoded = compressed::read(&mut source, data.len(), &left)?;
    let used = data.len().saturating_sub(source.into_inner().len());
    let check_at = used.next_multiple_of(4);
    if check == CRC32 {
        let mut sum = flate2::Crc::new();
        sum.update(&decoded);
        if data.u32(check_at) != Some(sum.sum()) {
            return Err(OpenError::Damaged);
        }
    }
    all.extend(decoded);
    let check_size = match check {
        0 => 0,
        1..=3 => 4,
        4..=6 => 8,
        7..=9 => 16,
        10..=12 => 32,
        13..=15 => 64,
        _ => return Err(OpenError::Unsupported),
    };
    let length = header_size.saturating_add(check_at).saturating_add(check_size);
    Ok(at.saturating_add(length))
}

/// The size of the dictionary that a block header asks for; only plain LZMA2 is read.
fn dictionary(header: Window<'_>) -> Result<u32, OpenError> {
    let flags = header.u8(1).ok_or(OpenError::Damaged)?;
    let mut at = 2;
    let sizes = u32::from(flags & 0x40 != 0).saturating_add(u32::from(flags & 0x80 != 0));
    for _ in 0..sizes {
        number(header, &mut at).ok_or(OpenError::Damaged)?;
    }
    let filter = number(header, &mut at).ok_or(OpenError::Damaged)?;
    let properties = number(header, &mut at).ok_or(OpenError::Damaged)?;
    if flags & 0x03 != 0 || filter != LZMA2 || properties != 1 {
        return Err(OpenError::Unsupported);
    }
    let bits =
        header.u8(at).filter(|bits| *bits <= LARGEST_DICTIONARY).ok_or(OpenError::Damaged)?;
    let shift = u32::from(bits >> 1).saturating_add(11);
    let size = u64::from(2 | (bits & 1)).checked_shl(shift).unwrap_or(u64::MAX);
    if size > DICTIONARY_LIMIT {
        return Err(OpenError::TooLarge);
    }
    u32::try_from(size).map_err(|_| OpenError::TooLarge)
}

/// A number in the format's variable length: seven bits a byte, the lowest first.
fn number(window: Window<'_>, at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = window.u8(*at)?;
        *at = at.saturating_add(1);
        value |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Where the next stream begins, after the index at `at`, its footer and padding.
fn after_index(file: Window<'_>, at: usize) -> Option<usize> {
    let mut end = at.checked_add(1)?;
    let records = number(file, &mut end)?;
    for _ in 0..records {
        number(file, &mut end)?;
        number(file, &mut end)?;
    }
    let padded = end.checked_sub(at)?.checked_next_multiple_of(4)?;
    let mut next = at.checked_add(padded)?.checked_add(4)?.checked_add(STREAM_FOOTER)?;
    while file.has(next, &[0; 4]) {
        next = next.checked_add(4)?;
    }
    Some(next)
}
