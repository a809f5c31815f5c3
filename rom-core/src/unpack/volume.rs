//! Firmware volumes, wherever they stand, and the files in them (UEFI PI 1.8, volume 3, 3.2).

use super::{ItemKind, Place, Unpacker};
use crate::bytes::Window;
use crate::layout::{FfsFileHeader, FfsFileType, FirmwareVolumeHeader};
use crate::read::{Volume, next_volume, structure};

impl Unpacker<'_> {
    /// Adds every volume in `place`, with all that is in it.
    pub(super) fn volumes(&mut self, place: Place, depth: usize) {
        let mut at = 0;
        while let Some(volume) = next_volume(self.window(place), at) {
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
