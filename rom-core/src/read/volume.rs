//! The headers of firmware volumes.

use super::structure::structure;
use crate::bytes::Window;
use crate::layout::{FfsFileHeader, FirmwareVolumeExtHeader, FirmwareVolumeHeader, Guid};
use memchr::memmem;

/// Where a volume is and what its header says.
pub(crate) struct Volume {
    pub(crate) at: usize,
    pub(crate) length: usize,
    pub(crate) file_system: Guid,
    pub(crate) name: Option<Guid>,
    /// Where its first file can begin.
    pub(crate) files_at: usize,
}

/// The first volume in `window` that begins at `from` or behind.
pub(crate) fn next_volume(window: Window<'_>, from: usize) -> Option<Volume> {
    let tail = window.from(from)?;
    let found = memmem::find_iter(tail.bytes(), &FirmwareVolumeHeader::SIGNATURE);
    let begins = found.filter_map(|at| from.checked_add(at)?.checked_sub(FirmwareVolumeHeader::SIGNATURE_AT));
    begins.filter(|at| *at >= from).find_map(|at| volume(window, at))
}

/// Bytes of the longest header that is read: its block map has an entry or two, and each signature in a hostile file would be summed up again.
const LONGEST_HEADER: usize = 1024;

/// The volume at `at`, if its header is sound: lengths that fit, and words that sum to zero.
fn volume(window: Window<'_>, at: usize) -> Option<Volume> {
    let header: FirmwareVolumeHeader = structure(window, at)?;
    let length = usize::try_from(header.fv_length).ok()?;
    let header_length = usize::from(header.header_length);
    let own = window.cut(at, length)?;
    if !(FirmwareVolumeHeader::SIZE..=LONGEST_HEADER).contains(&header_length) || word_sum(own.cut(0, header_length)?) != 0 {
        return None;
    }
    let ext_at = usize::from(header.ext_header_offset);
    let ext: Option<FirmwareVolumeExtHeader> = if ext_at == 0 { None } else { structure(own, ext_at) };
    let behind = |ext: &FirmwareVolumeExtHeader| ext_at.checked_add(usize::try_from(ext.ext_header_size).ok()?);
    let files_at = ext.as_ref().and_then(behind).unwrap_or(0).max(header_length).next_multiple_of(FfsFileHeader::ALIGNMENT);
    Some(Volume { at, length, file_system: header.file_system_guid, name: ext.map(|ext| ext.fv_name), files_at })
}

fn word_sum(window: Window<'_>) -> u16 {
    window.bytes().chunks(2).fold(0, |sum, word| match word {
        [low, high] => sum.wrapping_add(u16::from_le_bytes([*low, *high])),
        _ => sum,
    })
}
