//! Base relocations: whether the loader can apply them.

use super::loaded::Loaded;
use crate::limits::Limits;
use crate::model::Relocations;

/// Bytes of the header of a block of relocations.
const BLOCK_HEADER: u32 = 8;

/// Types of relocations that the loader knows: nothing, high and low half, 32 bits, 64 bits
/// (PE/COFF, 5.6.2).
const TYPES: [u16; 5] = [0, 1, 2, 3, 10];

/// Walks the directory of `size` bytes at `address` (edk2, `BasePeCoff.c`,
/// `PeCoffLoaderRelocateImage`).
pub(super) fn read(image: Loaded<'_>, address: u32, size: u32, limits: &Limits) -> Relocations {
    if size == 0 {
        return Relocations::Absent;
    }
    match walk(image, address, size, limits.relocations) {
        Some(()) => Relocations::Sound,
        None => Relocations::Damaged,
    }
}

/// `None` where the loader gives up.
fn walk(image: Loaded<'_>, address: u32, size: u32, limit: usize) -> Option<()> {
    let last = address.checked_add(size.checked_sub(1)?)?;
    let end = last.checked_add(1)?;
    if last >= image.size_of_image {
        return None;
    }
    let mut left = limit;
    let mut block = address;
    while block < last {
        let (page, length) = (image.u32(block)?, image.u32(block.checked_add(4)?)?);
        let block_end =
            block.checked_add(length).filter(|end_of_block| length > 0 && *end_of_block <= end)?;
        if page >= image.size_of_image {
            return None;
        }
        let mut entry = block.checked_add(BLOCK_HEADER)?;
        while entry < block_end {
            left = left.checked_sub(1)?;
            let word = image.u16(entry)?;
            let fixup = page.checked_add(u32::from(word & 0x0FFF))?;
            if fixup >= image.size_of_image || !TYPES.contains(&word.wrapping_shr(12)) {
                return None;
            }
            entry = entry.checked_add(2)?;
        }
        left = left.checked_sub(1)?;
        block = block_end;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Span, Window};
    use crate::model::Section;

    /// Blocks of relocations: page, length and entries of each. They lie at 0x1000 of an image of
    /// 0x2000 bytes.
    fn relocations(blocks: &[(u32, u32, &[u16])], size: u32, limit: usize) -> Relocations {
        let mut file = Vec::new();
        for (page, length, entries) in blocks {
            file.extend(page.to_le_bytes());
            file.extend(length.to_le_bytes());
            file.extend(entries.iter().flat_map(|entry| entry.to_le_bytes()));
        }
        let raw = Span::new(0, file.len());
        let section =
            [Section { name: String::new(), raw, virtual_address: 0x1000, virtual_size: 0x1000 }];
        let image = Loaded {
            file: Window::of_file(&file),
            size_of_headers: 0,
            sections: &section,
            size_of_image: 0x2000,
        };
        read(image, 0x1000, size, &Limits { relocations: limit, ..Limits::DEFAULT })
    }

    const MANY: usize = 100;
    const FOUR_BYTES: &[u16] = &[0x3000, 0x0000];

    #[test]
    fn blocks_fill_the_directory() {
        use Relocations::{Absent, Damaged, Sound};
        assert_eq!(relocations(&[], 0, MANY), Absent);
        assert_eq!(relocations(&[(0, 12, FOUR_BYTES)], 12, MANY), Sound);
        assert_eq!(relocations(&[(0, 12, FOUR_BYTES), (0x1000, 12, FOUR_BYTES)], 24, MANY), Sound);
        // One byte that is left over is not looked at, two are.
        assert_eq!(relocations(&[(0, 12, FOUR_BYTES)], 13, MANY), Sound);
        assert_eq!(relocations(&[(0, 12, FOUR_BYTES)], 14, MANY), Damaged);
        assert_eq!(relocations(&[(0, 13, FOUR_BYTES)], 12, MANY), Damaged);
        assert_eq!(relocations(&[(0, 0, FOUR_BYTES)], 12, MANY), Damaged);
        assert_eq!(relocations(&[(0, 12, FOUR_BYTES)], 0x1000, MANY), Damaged);
        assert_eq!(relocations(&[(0, 12, FOUR_BYTES)], 0x1001, MANY), Damaged);
    }

    #[test]
    fn entries_lie_in_the_image_and_are_of_a_known_type() {
        use Relocations::{Damaged, Sound};
        let one = |page, entry| relocations(&[(page, 10, &[entry])], 10, MANY);
        for kind in 0..16 {
            assert_eq!(
                one(0, kind << 12),
                if TYPES.contains(&kind) { Sound } else { Damaged },
                "{kind}"
            );
        }
        assert_eq!(
            (one(0x1FFF, 0x3000), one(0x1FFF, 0x3001), one(0x2000, 0x3000)),
            (Sound, Damaged, Damaged)
        );
        // An odd length has its last entry half outside; firmware reads it all the same.
        assert_eq!(relocations(&[(0, 11, &[0x3000, 0xF000])], 12, MANY), Damaged);
    }

    #[test]
    fn work_is_limited() {
        let blocks: &[(u32, u32, &[u16])] = &[(0, 12, FOUR_BYTES)];
        assert_eq!(
            (relocations(blocks, 12, 3), relocations(blocks, 12, 2)),
            (Relocations::Sound, Relocations::Damaged)
        );
    }
}
