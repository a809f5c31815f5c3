//! ISA option ROMs, where nothing says that there is one.

use super::image::is_pci;
use super::legacy::length_of_isa_rom;
use crate::bytes::Window;
use crate::layout::{BLOCK, LegacyRomHeader, RomHeader};

/// Bytes of the largest ISA option ROM: its size byte says no more.
pub(crate) const LARGEST_ISA_ROM: usize = 255 * BLOCK;

/// What ISA option ROMs begin with after their size byte: a jump, a call or a return.
const ENTRIES: [u8; 5] = [0xE9, 0xEB, 0xE8, 0xCB, 0xC3];

/// How long an ISA option ROM is, and whether its checksum is correct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IsaExtent {
    pub(crate) length: usize,
    pub(crate) is_sound: bool,
}

/// The ISA option ROM at the start of `tail`, by its size byte and its first instruction.
pub(crate) fn isa_rom(tail: Window<'_>) -> Option<IsaExtent> {
    let size_at = LegacyRomHeader::AT.initialization_size.offset;
    let length =
        tail.has(0, &RomHeader::SIGNATURE_BYTES).then(|| length_of_isa_rom(tail)).flatten()?;
    if !ENTRIES.contains(&tail.u8(size_at.saturating_add(1))?) || is_pci(tail) {
        return None;
    }
    let is_sound = tail.cut(0, length).is_some_and(|rom| rom.byte_sum() == 0);
    Some(IsaExtent { length, is_sound })
}

/// The first multiple of 512 bytes from `from` on at which an ISA option ROM with a correct
/// checksum begins.
pub(crate) fn locate_isa(file: Window<'_>, from: usize) -> Option<usize> {
    let starts = (from..file.len()).step_by(BLOCK);
    starts.into_iter().find(|at| {
        let rom = file.from(*at).and_then(isa_rom);
        rom.is_some_and(|rom| rom.is_sound)
    })
}
