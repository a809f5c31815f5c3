//! The regions of an Intel flash chip.

use super::structure;
use crate::bytes::{Span, Window};
use crate::layout::{FlashDescriptor, FlashRegion};

/// A region of an Intel flash chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChipRegion {
    /// Who uses it.
    pub name: &'static str,
    /// Where it is on the chip.
    pub span: Span,
    /// Whether it holds the BIOS.
    pub is_bios: bool,
}

/// The regions that the descriptor at the start of `start` names, as far as they are on a chip, or
/// in a dump, of `length` bytes; in their order. None where there is no descriptor.
#[must_use]
pub fn chip_regions(start: Window<'_>, length: usize) -> Vec<ChipRegion> {
    /// Old chips have no reset vector before the descriptor.
    const OLD: usize = 0;
    let reserved = FlashDescriptor::SIGNATURE_AT;
    let begins = [reserved, OLD].into_iter().find(|at| start.has(*at, &FlashDescriptor::SIGNATURE));
    let Some(map) =
        begins.and_then(|at| start.u32(at.checked_add(FlashDescriptor::SIGNATURE.len())?))
    else {
        return Vec::new();
    };
    let region = |(index, name): (usize, &&'static str)| {
        let at = FlashDescriptor::region_list_of(map)
            .checked_add(index.checked_mul(FlashRegion::SIZE)?)?;
        let region: FlashRegion = structure(start, at)?;
        // The descriptor's own region is its first block, which others say when they are switched
        // off.
        let own = (index == 0).then_some((0, FlashDescriptor::BYTES));
        let (offset, own_length) = region.extent().or(own)?;
        // Of a dump of one of two chips, the other's regions are outside.
        let own_length = own_length.min(length.checked_sub(offset)?);
        let is_bios = FlashDescriptor::BIOS.contains(&index);
        (own_length > 0).then_some(ChipRegion {
            name,
            span: Span::new(offset, own_length),
            is_bios,
        })
    };
    let mut regions: Vec<ChipRegion> =
        FlashDescriptor::REGIONS.iter().enumerate().filter_map(region).collect();
    // Some boards say that the whole chip is the BIOS's: it begins where the last of the other
    // regions before it ends.
    let others: Vec<usize> =
        regions.iter().filter(|region| !region.is_bios).map(|region| region.span.end()).collect();
    for region in
        regions.iter_mut().filter(|region| region.is_bios && region.span == Span::new(0, length))
    {
        let begins = others.iter().copied().filter(|end| *end < length).max().unwrap_or(0);
        region.span = Span::new(begins, length.saturating_sub(begins));
    }
    regions.sort_by_key(|region| region.span.offset);
    regions
}
