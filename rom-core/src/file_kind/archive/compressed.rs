//! Compressed data: one stream, read by its crate up to a limit.

use super::super::{OpenError, OpenLimits, Opened};
use std::borrow::Cow;
use std::io::Read;

/// Below this many bytes no ratio is looked at: padding compresses well.
const SMALL: usize = 1 << 20;
/// The largest window that Zstandard data may ask for: that of its level 19.
const ZSTD_WINDOW: u64 = 8 << 20;

/// Reads all of `source`, which was made of `packed` bytes, within the limits.
pub(super) fn read(
    source: impl Read,
    packed: usize,
    limits: &OpenLimits,
) -> Result<Vec<u8>, OpenError> {
    let by_ratio = packed.saturating_mul(limits.ratio).max(SMALL);
    let most = limits.bytes.min(by_ratio);
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    source.take(limit).read_to_end(&mut bytes).map_err(|_| OpenError::Damaged)?;
    if bytes.len() > most { Err(OpenError::TooLarge) } else { Ok(bytes) }
}

/// The one part that compressed data has.
pub(super) fn one<'a>(bytes: Result<Vec<u8>, OpenError>) -> Result<Vec<Opened<'a>>, OpenError> {
    Ok(vec![Opened { name: None, span: None, bytes: Cow::Owned(bytes?) }])
}

pub(super) fn gzip<'a>(bytes: &[u8], limits: &OpenLimits) -> Result<Vec<Opened<'a>>, OpenError> {
    let mut name = None;
    let mut all = Vec::new();
    let mut rest = bytes;
    // Streams can follow each other, and tapes fill the last block up with zeros.
    loop {
        let mut source = flate2::bufread::GzDecoder::new(rest);
        let own = source.header().and_then(flate2::GzHeader::filename);
        name = name.or_else(|| {
            own.map(|name| String::from_utf8_lossy(name.get(..256).unwrap_or(name)).into_owned())
        });
        let left = OpenLimits { bytes: limits.bytes.saturating_sub(all.len()), ..*limits };
        all.extend(read(&mut source, bytes.len(), &left)?);
        rest = source.into_inner();
        if rest.iter().all(|byte| *byte == 0) {
            break;
        }
    }
    Ok(vec![Opened { name, span: None, bytes: Cow::Owned(all) }])
}

/// Memory for the dictionary of LZMA data, in KiB: that of `xz -9`, and what is around it.
const LZMA_MEMORY: u32 = 66 << 10;

pub(super) fn lzma<'a>(bytes: &[u8], limits: &OpenLimits) -> Result<Vec<Opened<'a>>, OpenError> {
    let source = lzma_rust2::LzmaReader::new_mem_limit(bytes, LZMA_MEMORY, None)
        .map_err(|_| OpenError::Damaged)?;
    one(read(source, bytes.len(), limits))
}

pub(super) fn bzip2<'a>(bytes: &[u8], limits: &OpenLimits) -> Result<Vec<Opened<'a>>, OpenError> {
    one(read(bzip2::read::MultiBzDecoder::new(bytes), bytes.len(), limits))
}

pub(super) fn zstd<'a>(bytes: &[u8], limits: &OpenLimits) -> Result<Vec<Opened<'a>>, OpenError> {
    use ruzstd::decoding::StreamingDecoder;
    let mut rest = bytes;
    let mut all = Vec::new();
    // Frames can follow each other.
    while !rest.is_empty() && all.len() < limits.bytes {
        let source = StreamingDecoder::new_with_max_window_size(&mut rest, ZSTD_WINDOW);
        let left = OpenLimits { bytes: limits.bytes.saturating_sub(all.len()), ..*limits };
        match source {
            Ok(source) => all.extend(read(source, bytes.len(), &left)?),
            Err(_) => return Err(OpenError::Damaged),
        }
    }
    one(Ok(all))
}
