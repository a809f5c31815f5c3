//! A PE image as it lies in memory after loading: what addresses relative to its base lead to.

use crate::bytes::Window;
use crate::model::Section;

/// Where the loader puts what (edk2, `BasePeCoff.c`, `PeCoffLoaderLoadImage`).
#[derive(Clone, Copy)]
pub(super) struct Loaded<'a> {
    /// The PE image.
    pub(super) file: Window<'a>,
    /// Its headers lie at address 0 and have this many bytes.
    pub(super) size_of_headers: u32,
    /// Its sections, the later of which lie over the earlier.
    pub(super) sections: &'a [Section],
    /// Bytes in memory.
    pub(super) size_of_image: u32,
}

impl Loaded<'_> {
    /// The byte at `address`: zero where nothing is loaded. `None` outside of the image.
    fn u8(&self, address: u32) -> Option<u8> {
        if address >= self.size_of_image {
            return None;
        }
        let offset = self.sections.iter().rev().find_map(|section| offset_in(section, address));
        let offset = offset.or_else(|| (address < self.size_of_headers).then(|| usize::try_from(address).ok()).flatten());
        Some(offset.and_then(|offset| self.file.u8(offset)).unwrap_or(0))
    }

    /// The little-endian 16-bit word at `address`.
    pub(super) fn u16(&self, address: u32) -> Option<u16> {
        Some(u16::from_le_bytes([self.u8(address)?, self.u8(address.checked_add(1)?)?]))
    }

    /// The little-endian 32-bit word at `address`.
    pub(super) fn u32(&self, address: u32) -> Option<u32> {
        let (low, high) = (self.u16(address)?, self.u16(address.checked_add(2)?)?);
        Some(u32::from(high).wrapping_shl(16) | u32::from(low))
    }
}

/// Where in the file the data of `section` for `address` stands.
fn offset_in(section: &Section, address: u32) -> Option<usize> {
    let at = usize::try_from(address.checked_sub(section.virtual_address)?).ok()?;
    let size = match usize::try_from(section.virtual_size).ok()? {
        0 => section.raw.length,
        size => size.min(section.raw.length),
    };
    (at < size).then(|| section.raw.offset.saturating_add(at))
}
