//! The debug directory of a PE image, as far as the loader reads it.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::model::{Debug, Section};
use binrw::binrw;

/// An entry of the debug directory (PE/COFF, 5.1.1). 28 bytes.
#[binrw]
#[brw(little)]
struct DebugEntry {
    characteristics: u32,
    time_date_stamp: u32,
    version: [u16; 2],
    kind: u32,
    size_of_data: u32,
    address: u32,
    file_offset: u32,
}

/// Bytes of an entry.
const ENTRY: u32 = 28;
/// The type of an entry that names the file with the symbols.
const CODE_VIEW: u32 = 2;

/// Reads the directory of `size` bytes at `address` (edk2, `BasePeCoff.c`, `PeCoffLoaderGetImageInfo`).
pub(super) fn read(file: Window<'_>, sections: &[Section], address: u32, size: u32) -> Debug {
    let section = sections.iter().find(|section| {
        let end = section.virtual_address.wrapping_add(section.virtual_size);
        (section.virtual_address..end).contains(&address)
    });
    let Some(at) = section.and_then(|section| offset_of(section, address)) else { return Debug::default() };
    for entry in (0..size).step_by(usize::try_from(ENTRY).unwrap_or(usize::MAX)) {
        let entry = usize::try_from(entry).ok().and_then(|entry| structure::<DebugEntry>(file, at.saturating_add(entry)));
        match entry {
            None => return Debug { cut: true, unloaded: 0 },
            Some(entry) if entry.kind == CODE_VIEW => {
                let loaded = entry.address != 0 || entry.file_offset == 0;
                return Debug { cut: false, unloaded: if loaded { 0 } else { entry.size_of_data } };
            }
            Some(_) => {}
        }
    }
    Debug::default()
}

/// Where the data for `address` stands in the file; `None` at offset 0, where the loader does not look.
fn offset_of(section: &Section, address: u32) -> Option<usize> {
    let Span { offset, .. } = section.raw;
    let at = usize::try_from(address.checked_sub(section.virtual_address)?).ok()?;
    offset.checked_add(at).filter(|offset| *offset > 0)
}
