//! Firmware volumes, wherever they are, and the files in them (UEFI PI 1.8, volume 3, 3.2).

use super::formats::Reader;
use super::sections::all_sections;
use super::{ItemKind, Opaque, Place, Unpacker};
use crate::bytes::{Span, Window};
use crate::layout::{FfsFileHeader, FfsFileType, FirmwareVolumeHeader};
use crate::read::{Volume, next_volume, structure, volume};

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Volumes of a stretch of bytes. Real images have 30.
const MOST_VOLUMES: usize = 10_000;

fn find(window: Window<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(volume) = next_volume(window, at) {
        found.push(Span::new(volume.at, volume.length));
        at = volume.at.saturating_add(volume.length);
        if found.len() >= MOST_VOLUMES {
            break;
        }
    }
    found
}

/// Adds the volume that fills `own`, with all that is in it.
fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    if let Some(found) = volume(unpacker.window(own), 0) {
        unpacker.volume(own, &found, depth);
    }
}

impl Unpacker<'_> {
    /// Adds every volume in `place`, with all that is in it.
    pub(super) fn volumes(&mut self, place: Place, depth: usize) {
        let mut at = 0;
        while let Some(volume) = next_volume(self.window(place), at) {
            let Some(own) = place.inner(volume.at, volume.length) else { break };
            at = volume.at.saturating_add(volume.length);
            self.volume(own, &volume, depth);
        }
    }

    /// Adds the volume that fills `own`.
    fn volume(&mut self, own: Place, volume: &Volume, depth: usize) {
        if self.add(depth, ItemKind::Volume(volume.file_system, volume.name), own).is_none() {
            return;
        }
        let depth = depth.saturating_add(1);
        if FirmwareVolumeHeader::WITH_FILES.contains(&volume.file_system) {
            self.files(own, volume, depth);
        } else if !FirmwareVolumeHeader::VARIABLES.contains(&volume.file_system)
            && let Some(rest) = own.from(volume.files_at)
        {
            self.opaque(depth, Opaque::FileSystem(volume.file_system), rest);
        }
        if volume.missing > 0 {
            self.opaque(
                depth,
                Opaque::Cut(volume.missing),
                Place { part: own.part, span: Span::new(own.span.end(), 0) },
            );
        }
    }

    /// Adds the files of the volume that fills `own`.
    fn files(&mut self, own: Place, volume: &Volume, depth: usize) {
        let mut at = volume.files_at;
        let is_large = volume.file_system == FirmwareVolumeHeader::FFS3;
        while let Some((header, header_size, length)) = file(self.window(own), at, is_large) {
            let Some(place) = own.inner(at, length) else {
                let there = own.span.length.saturating_sub(at);
                if let Some(rest) = own.from(at) {
                    self.opaque(depth, Opaque::Cut(length.saturating_sub(there)), rest);
                }
                return;
            };
            at = at.saturating_add(length).next_multiple_of(FfsFileHeader::ALIGNMENT);
            let Some(content) = place.from(header_size) else { continue };
            if header.file_type == FfsFileType::PAD {
                self.pad(content, depth);
                continue;
            }
            let Some(index) = self.add(depth, ItemKind::File(header.file_type, header.name), place)
            else {
                return;
            };
            if header.file_type == FfsFileType::RAW {
                self.volumes(content, depth.saturating_add(1));
            } else {
                let name = self.sections(content, depth.saturating_add(1));
                if let Some(item) = self.unpacked.items.get_mut(index) {
                    item.name = name;
                }
            }
        }
        self.unknown(own, at, own.span.length, depth);
    }

    /// Adds the file of a volume, or the sections of one, that fill `place`; whether they do.
    pub(super) fn lone(&mut self, place: Place) -> bool {
        let window = self.window(place);
        let whole = |length: usize| {
            (length..length.saturating_add(FfsFileHeader::ALIGNMENT)).contains(&window.len())
        };
        let own = file(window, 0, false)
            .filter(|(header, _, length)| header.file_type.name().is_some() && whole(*length));
        let are_sections = all_sections(window);
        if let Some((header, header_size, _)) = own {
            let Some(content) = place.from(header_size) else { return false };
            let Some(index) = self.add(0, ItemKind::File(header.file_type, header.name), place)
            else {
                return true;
            };
            let name = self.sections(content, 1);
            if let Some(item) = self.unpacked.items.get_mut(index) {
                item.name = name;
            }
            return true;
        }
        if are_sections {
            self.sections(place, 0);
        }
        are_sections
    }

    /// Adds what is in a file that is there to fill space. Some boards put data into it all the
    /// same.
    fn pad(&mut self, content: Place, depth: usize) {
        if self.window(content).uniform().is_none() && content.span.length > 0 {
            self.open(content, depth);
        }
    }
}

/// The file at `at` of a volume: its header, the bytes of that, and the bytes of all; `None` where
/// the free space begins or nothing sound is.
fn file(volume: Window<'_>, at: usize, ffs3: bool) -> Option<(FfsFileHeader, usize, usize)> {
    let head = volume.cut(at, FfsFileHeader::SIZE)?;
    // Erased flash, of either polarity.
    if head.uniform().is_some() {
        return None;
    }
    let header: FfsFileHeader = structure(head, 0)?;
    let [low, middle, high] = header.size;
    let short = usize::try_from(u32::from_le_bytes([low, middle, high, 0])).ok()?;
    let (header_size, length) = if header.attributes & FfsFileHeader::LARGE_FILE != 0 && short == 0
    {
        let size_at = at.checked_add(FfsFileHeader::SIZE)?;
        let size = volume.u64(size_at)?;
        let low = u64::from(volume.u32(size_at)?);
        // Lenovo has large files in volumes that cannot have them, with a size of four bytes.
        let is_lenovo = !ffs3 && size != low;
        if is_lenovo {
            (FfsFileHeader::SIZE_LENOVO, usize::try_from(low).ok()?)
        } else {
            (FfsFileHeader::SIZE_LARGE, usize::try_from(size).ok()?)
        }
    } else {
        (FfsFileHeader::SIZE, short)
    };
    (length >= header_size).then_some((header, header_size, length))
}
