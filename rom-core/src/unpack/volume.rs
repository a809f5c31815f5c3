//! Firmware volumes, wherever they stand, and the files in them (UEFI PI 1.8, volume 3, 3.2).

use super::{ItemKind, Place, Unpacker};
use crate::bytes::Window;
use crate::layout::{FfsFileHeader, FfsFileType, FirmwareVolumeExtHeader, FirmwareVolumeHeader, Guid};
use crate::read::structure;
use memchr::memmem;

/// Where a volume is and what its header says.
struct Volume {
    at: usize,
    length: usize,
    file_system: Guid,
    name: Option<Guid>,
    /// Where its first file can begin.
    files_at: usize,
}

impl Unpacker<'_> {
    /// Adds every volume in `place`, with all that is in it.
    pub(super) fn volumes(&mut self, place: Place, depth: usize) {
        let mut at = 0;
        while let Some(volume) = next(self.window(place), at) {
            let Some(own) = place.inner(volume.at, volume.length) else { break };
            at = volume.at.saturating_add(volume.length);
            if self.add(depth, ItemKind::Volume(volume.file_system, volume.name), own).is_none() {
                return;
            }
            let systems = [FirmwareVolumeHeader::FFS1, FirmwareVolumeHeader::FFS2, FirmwareVolumeHeader::FFS3];
            if systems.contains(&volume.file_system) {
                self.files(own, &volume, depth.saturating_add(1));
            }
        }
    }

    /// Adds the files of the volume that fills `own`.
    fn files(&mut self, own: Place, volume: &Volume, depth: usize) {
        let mut at = volume.files_at;
        loop {
            let Some((header, header_size, length)) = file(self.window(own), at) else { return };
            let Some(place) = own.inner(at, length) else { return };
            at = at.saturating_add(length).next_multiple_of(FfsFileHeader::ALIGNMENT);
            if header.file_type == FfsFileType::PAD {
                continue;
            }
            let Some(index) = self.add(depth, ItemKind::File(header.file_type, header.name), place) else { return };
            let Some(content) = place.from(header_size) else { return };
            if header.file_type == FfsFileType::RAW {
                self.volumes(content, depth.saturating_add(1));
            } else {
                let name = self.sections(content, depth.saturating_add(1));
                if let Some(item) = self.unpacked.items.get_mut(index) {
                    item.name = name;
                }
            }
        }
    }
}

/// The first volume in `window` that begins at `from` or behind.
fn next(window: Window<'_>, from: usize) -> Option<Volume> {
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

/// The file at `at` of a volume: its header, the bytes of that, and the bytes of all; `None` where the free space begins or nothing sound stands.
fn file(volume: Window<'_>, at: usize) -> Option<(FfsFileHeader, usize, usize)> {
    let head = volume.cut(at, FfsFileHeader::SIZE)?;
    // Erased flash, of either polarity.
    if head.uniform().is_some() {
        return None;
    }
    let header: FfsFileHeader = structure(head, 0)?;
    let [low, middle, high] = header.size;
    let short = usize::try_from(u32::from_le_bytes([low, middle, high, 0])).ok()?;
    let (header_size, length) = if header.attributes & FfsFileHeader::LARGE_FILE != 0 && short == 0 {
        let size = volume.cut(at.checked_add(FfsFileHeader::SIZE)?, 8)?.bytes().try_into().ok().map(u64::from_le_bytes)?;
        (FfsFileHeader::SIZE_LARGE, usize::try_from(size).ok()?)
    } else {
        (FfsFileHeader::SIZE, short)
    };
    (length >= header_size).then_some((header, header_size, length))
}
