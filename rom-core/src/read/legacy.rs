//! Legacy x86 images.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::layout::{LegacyRomHeader, PnpExpansionHeader, blocks};
use crate::limits::Limits;
use crate::model::{LegacyImage, PnpBlock};

/// Bytes of an ISA option ROM at the start of `tail`, by its size byte; `None` if that is zero.
pub(super) fn length_of_isa_rom(tail: Window<'_>) -> Option<usize> {
    let length = blocks(u16::from(tail.u8(LegacyRomHeader::AT.initialization_size.offset)?));
    (length > 0).then_some(length)
}

/// Reads the image that fills `window`; `tail` reaches from its start to the end of the file, since
/// the size byte may say more than the PCI data structure.
pub(super) fn read(window: Window<'_>, tail: Window<'_>, limits: &Limits) -> LegacyImage {
    let header: Option<LegacyRomHeader> = structure(window, 0);
    let checksum = header
        .filter(|header| header.initialization_size > 0)
        .and_then(|header| tail.cut(0, blocks(u16::from(header.initialization_size))))
        .map(Window::byte_sum);
    let (pnp, pnp_fault) = pnp_chain(window, header.map_or(0, |header| header.pnp_offset), limits);
    LegacyImage { header, checksum, pnp, pnp_fault }
}

/// Follows the $PnP headers from `first` on. A first pointer that leads to something else is no
/// chain: old ROMs have code there.
fn pnp_chain(window: Window<'_>, first: u16, limits: &Limits) -> (Vec<PnpBlock>, Option<Span>) {
    let mut chain: Vec<PnpBlock> = Vec::new();
    let mut pointer = first;
    while pointer != 0 && chain.len() < limits.pnp_chain {
        let at = usize::from(pointer);
        let offset = window.span().offset.saturating_add(at);
        let readable = structure::<PnpExpansionHeader>(window, at)
            .filter(|header| header.signature == PnpExpansionHeader::SIGNATURE)
            .zip(window.cut(at, PnpExpansionHeader::SIZE));
        let visited = chain.iter().any(|block| block.span.offset == offset);
        let Some((header, bytes)) = readable.filter(|_| !visited) else {
            let pointer_at =
                |last: &PnpBlock| PnpExpansionHeader::AT.next_header_offset.after(last.span.offset);
            let fault = chain.last().map(pointer_at);
            return (chain, fault);
        };
        chain.push(PnpBlock { span: bytes.span(), header, checksum: bytes.byte_sum() });
        pointer = header.next_header_offset;
    }
    (chain, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_headers_ends_at_its_limit() {
        let mut image = vec![0; 0x100];
        for at in [0x20, 0x40, 0x60] {
            image[at..at + 4].copy_from_slice(b"$PnP");
            image[at + PnpExpansionHeader::AT.next_header_offset.offset] =
                if at == 0x60 { 0 } else { u8::try_from(at + 0x20).unwrap() };
        }
        let chain = |first, limit| {
            let limits = Limits { pnp_chain: limit, ..Limits::DEFAULT };
            let (blocks, fault) = pnp_chain(Window::of_file(&image), first, &limits);
            (blocks.len(), fault)
        };
        assert_eq!(
            (chain(0x20, 3), chain(0x20, 2), chain(0, 3), chain(0x30, 3)),
            ((3, None), (2, None), (0, None), (0, None))
        );
    }

    #[test]
    fn an_isa_rom_has_the_size_of_its_size_byte() {
        let length = |size| length_of_isa_rom(Window::of_file(&[0x55, 0xAA, size]));
        assert_eq!((length(2), length(0)), (Some(1024), None));
        assert_eq!(length_of_isa_rom(Window::of_file(&[0x55, 0xAA])), None);
    }
}
