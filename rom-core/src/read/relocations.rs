//! Base relocations: whether the loader can apply them.

use super::loaded::Loaded;
use crate::limits::Limits;
use crate::model::Relocations;

/// Bytes of the header of a block of relocations.
const BLOCK_HEADER: u32 = 8;

/// Types of relocations that the loader knows: nothing, high and low half, 32 bits, 64 bits (PE/COFF, 5.6.2).
const TYPES: [u16; 5] = [0, 1, 2, 3, 10];

/// Walks the directory of `size` bytes at `address` (edk2, `BasePeCoff.c`, `PeCoffLoaderRelocateImage`).
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
        let block_end = block.checked_add(length).filter(|end_of_block| length > 0 && *end_of_block <= end)?;
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
