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
        let offset = offset.or_else(|| {
            (address < self.size_of_headers).then(|| usize::try_from(address).ok()).flatten()
        });
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
    let data = section.loaded();
    (at < data.length).then(|| data.offset.saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Span;

    #[test]
    fn memory_holds_headers_sections_and_zeros() {
        let file: Vec<u8> = (1..=0x40).collect();
        let section = |at, virtual_address, virtual_size| Section {
            name: String::new(),
            raw: Span::new(at, 8),
            virtual_address,
            virtual_size,
        };
        let sections =
            [section(0x10, 0x100, 4), section(0x20, 0x102, 0), section(0x30, 0x200, 100)];
        let image = Loaded {
            file: Window::of_file(&file),
            size_of_headers: 4,
            sections: &sections,
            size_of_image: 0x300,
        };
        let byte = |address| image.u8(address);
        assert_eq!([byte(0), byte(3), byte(4)], [Some(1), Some(4), Some(0)]);
        // The later section lies over the earlier, with all its data where no size is named.
        assert_eq!(
            [byte(0x101), byte(0x102), byte(0x109), byte(0x10A)],
            [Some(0x12), Some(0x21), Some(0x28), Some(0)]
        );
        assert_eq!(
            [byte(0x207), byte(0x208), byte(0x2FF), byte(0x300)],
            [Some(0x38), Some(0), Some(0), None]
        );
        assert_eq!(
            (image.u32(0), image.u16(0x2FE), image.u16(0x2FF)),
            (Some(0x0403_0201), Some(0), None)
        );
    }
}
