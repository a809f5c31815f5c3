//! The debug directory of a PE image, as far as the loader reads it.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::layout::pe::DebugEntry;
use crate::model::{Debug, Section};

/// Reads the directory of `size` bytes at `address` (edk2, `BasePeCoff.c`,
/// `PeCoffLoaderGetImageInfo`).
pub(super) fn read(file: Window<'_>, sections: &[Section], address: u32, size: u32) -> Debug {
    let section = sections.iter().find(|section| {
        let end = section.virtual_address.wrapping_add(section.virtual_size);
        (section.virtual_address..end).contains(&address)
    });
    let Some(at) = section.and_then(|section| offset_of(section, address)) else {
        return Debug::default();
    };
    for entry in (0..size).step_by(DebugEntry::SIZE) {
        let entry = usize::try_from(entry)
            .ok()
            .and_then(|entry| structure::<DebugEntry>(file, at.saturating_add(entry)));
        match entry {
            None => return Debug { cut: true, unloaded: 0 },
            Some(entry) if entry.kind == DebugEntry::CODE_VIEW => {
                let loaded = entry.address != 0 || entry.file_offset == 0;
                return Debug { cut: false, unloaded: if loaded { 0 } else { entry.size_of_data } };
            }
            Some(_) => {}
        }
    }
    Debug::default()
}

/// Where the data for `address` is in the file; `None` at offset 0, where the loader does not
/// look.
fn offset_of(section: &Section, address: u32) -> Option<usize> {
    let Span { offset, .. } = section.raw;
    let at = usize::try_from(address.checked_sub(section.virtual_address)?).ok()?;
    offset.checked_add(at).filter(|offset| *offset > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: u32 = 28;

    /// A directory at 0x40 of the file, which is loaded to 0x1000, of entries with these kinds,
    /// addresses and places in the file.
    fn debug(entries: &[(u32, u32, u32)], address: u32, size: u32, keep: usize) -> Debug {
        let mut file = vec![0; 0x40];
        for (kind, address, place) in entries {
            for word in [0, 0, 0, *kind, 77, *address, *place] {
                file.extend(word.to_le_bytes());
            }
        }
        file.truncate(keep);
        let section = Section {
            name: ".data".to_owned(),
            raw: Span::new(0x40, 0x100),
            virtual_address: 0x1000,
            virtual_size: 0x100,
        };
        read(Window::of_file(&file), &[section], address, size)
    }

    const ALL: usize = usize::MAX;

    #[test]
    fn code_view_data_without_an_address_needs_room() {
        let room = Debug { cut: false, unloaded: 77 };
        assert_eq!(debug(&[(2, 0, 0x80)], 0x1000, ENTRY, ALL), room);
        assert_eq!(debug(&[(1, 0, 0x80), (2, 0, 0x80)], 0x1000, 2 * ENTRY, ALL), room);
        assert_eq!(debug(&[(2, 0x1080, 0x80)], 0x1000, ENTRY, ALL), Debug::default());
        assert_eq!(debug(&[(2, 0, 0)], 0x1000, ENTRY, ALL), Debug::default());
        assert_eq!(debug(&[(1, 0, 0x80)], 0x1000, ENTRY, ALL), Debug::default());
        assert_eq!(debug(&[(1, 0, 0x80), (2, 0, 0x80)], 0x101C, ENTRY, ALL), room);
    }

    #[test]
    fn an_entry_has_to_be_there_up_to_code_view() {
        let cut = Debug { cut: true, unloaded: 0 };
        assert_eq!(debug(&[(1, 0, 0x80)], 0x1000, ENTRY, 0x40 + 27), cut);
        assert_eq!(debug(&[(1, 0, 0x80)], 0x1000, 2 * ENTRY, ALL), cut);
        assert_eq!(debug(&[(2, 0x1080, 0x80)], 0x1000, 2 * ENTRY, ALL), Debug::default());
        assert_eq!(debug(&[(1, 0, 0x80)], 0x1000, 0, ALL), Debug::default());
    }

    #[test]
    fn an_address_in_no_section_is_not_looked_at() {
        for address in [0xFFF, 0x1100] {
            assert_eq!(debug(&[(2, 0, 0x80)], address, 100 * ENTRY, ALL), Debug::default());
        }
    }
}
