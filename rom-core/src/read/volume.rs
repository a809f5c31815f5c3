//! The headers of firmware volumes.

use super::structure::structure;
use crate::bytes::Window;
use crate::layout::{
    BlockMapEntry, FfsFileHeader, FirmwareVolumeExtHeader, FirmwareVolumeHeader, Guid,
};
use memchr::memmem;

/// Where a firmware volume is and what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    /// Where it begins in the window.
    pub(crate) at: usize,
    /// Bytes of it that are there.
    pub(crate) length: usize,
    /// Bytes that it has beyond these.
    pub(crate) missing: usize,
    /// Its file system.
    pub(crate) file_system: Guid,
    /// Its name, if it has one.
    pub(crate) name: Option<Guid>,
    /// Where its first file can begin, counted from its start.
    pub(crate) files_at: usize,
}

/// The first volume in `window` that begins at `from` or after it.
#[must_use]
pub(crate) fn next_volume(window: Window<'_>, from: usize) -> Option<Volume> {
    let tail = window.from(from)?;
    let found = memmem::find_iter(tail.bytes(), &FirmwareVolumeHeader::SIGNATURE);
    let begins = found
        .filter_map(|at| from.checked_add(at)?.checked_sub(FirmwareVolumeHeader::SIGNATURE_AT));
    begins.filter(|at| *at >= from).find_map(|at| volume(window, at))
}

/// Bytes of the longest header that is read: its block map has an entry or two, and each signature
/// in a hostile file would be summed up again.
const LONGEST_HEADER: usize = 1024;

/// The volume at `at`, if its header is sound: a length that a header has, and words that sum to
/// zero.
#[must_use]
pub(crate) fn volume(window: Window<'_>, at: usize) -> Option<Volume> {
    let header: FirmwareVolumeHeader = structure(window, at)?;
    let header_length = usize::from(header.header_length);
    let tail = window.from(at)?;
    let map = header_length.checked_sub(FirmwareVolumeHeader::SIZE)?;
    if header_length > LONGEST_HEADER || word_sum(tail.cut(0, header_length)?) != 0 {
        return None;
    }
    let by_map = by_map(tail.cut(FirmwareVolumeHeader::SIZE, map)?);
    let lengths = [usize::try_from(header.fv_length).unwrap_or(usize::MAX), by_map];
    let possible = lengths.into_iter().filter(|length| *length > header_length);
    let fits = possible.clone().find(|length| *length <= tail.len());
    let wanted = fits.or_else(|| possible.min())?;
    let length = wanted.min(tail.len());
    let own = tail.first(length);
    let ext_at = usize::from(header.ext_header_offset);
    let ext: Option<FirmwareVolumeExtHeader> =
        if ext_at == 0 { None } else { structure(own, ext_at) };
    let behind = |ext: &FirmwareVolumeExtHeader| {
        ext_at.checked_add(usize::try_from(ext.ext_header_size).ok()?)
    };
    let files_at = ext
        .as_ref()
        .and_then(behind)
        .unwrap_or(0)
        .max(header_length)
        .next_multiple_of(FfsFileHeader::ALIGNMENT);
    let missing = wanted.saturating_sub(length);
    let name = ext.map(|ext| ext.fv_name);
    Some(Volume { at, length, missing, file_system: header.file_system_guid, name, files_at })
}

/// Bytes of a volume by its block map, which ends with an entry of zeros.
fn by_map(map: Window<'_>) -> usize {
    let entries = (0..map.len())
        .step_by(BlockMapEntry::SIZE)
        .map_while(|at| structure::<BlockMapEntry>(map, at));
    let lengths = entries.take_while(|entry| entry.count != 0).map(BlockMapEntry::bytes);
    lengths.fold(0, usize::saturating_add)
}

fn word_sum(window: Window<'_>) -> u16 {
    window.bytes().chunks(2).fold(0, |sum, word| match word {
        [low, high] => sum.wrapping_add(u16::from_le_bytes([*low, *high])),
        _ => sum,
    })
}
