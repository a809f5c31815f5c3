//! The PCI data structure, its device list, and NVIDIA's extension of it.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::layout::{Npde, Pcir, PcirRevision3};
use crate::limits::Limits;
use crate::model::{DeviceList, PcirBlock, PcirFault};
use bytemuck::{Pod, Zeroable};

/// A little-endian word at any address.
#[derive(Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
struct U16Le([u8; 2]);

/// Reads the structure that `pointer` leads to, and what hangs on it. `image` reaches from the image's start to the end of the file.
pub(super) fn read(image: Window<'_>, pointer: u16, limits: &Limits) -> Result<PcirBlock, PcirFault> {
    if pointer == 0 {
        return Err(PcirFault::PointerZero);
    }
    let at = usize::from(pointer);
    let pcir: Pcir = structure(image, at).ok_or(PcirFault::Outside)?;
    if pcir.signature != Pcir::SIGNATURE {
        return Err(PcirFault::Signature);
    }
    let length = usize::from(pcir.length);
    let span = image.from(at).map_or_else(Span::default, |tail| tail.first(length.max(Pcir::SIZE)).span());
    let revision_3 = (pcir.revision >= 3 && length >= Pcir::SIZE_REVISION_3)
        .then(|| structure::<PcirRevision3>(image, at.saturating_add(Pcir::SIZE)))
        .flatten();
    let device_list = if pcir.revision >= 3 { device_list(image, at, &pcir, limits) } else { DeviceList::Absent };
    let npde = npde(image, at.saturating_add(length));
    Ok(PcirBlock { span, pcir, revision_3, device_list, npde })
}

/// The words from the list's offset up to the terminating zero.
fn device_list(image: Window<'_>, pcir_at: usize, pcir: &Pcir, limits: &Limits) -> DeviceList {
    if pcir.device_list_offset == 0 {
        return DeviceList::Absent;
    }
    let at = pcir_at.saturating_add(usize::from(pcir.device_list_offset));
    let Some(tail) = image.from(at) else {
        return DeviceList::Unreadable(Span::new(image.span().offset.saturating_add(pcir_at).saturating_add(8), 2));
    };
    let even = tail.len() & !1;
    let words: &[U16Le] = bytemuck::try_cast_slice(tail.first(even).bytes()).unwrap_or_default();
    let readable = words.get(..limits.device_list).unwrap_or(words);
    match readable.iter().position(|word| *word == U16Le([0, 0])) {
        Some(count) => DeviceList::Present(
            tail.first(count.saturating_add(1).saturating_mul(2)).span(),
            readable.iter().take(count).map(|word| u16::from_le_bytes(word.0)).collect(),
        ),
        None => DeviceList::Unreadable(tail.first(readable.len().saturating_mul(2)).span()),
    }
}

/// NVIDIA's extension, if it stands on the first multiple of 16 bytes from `end` on.
fn npde(image: Window<'_>, end: usize) -> Option<(Span, Npde)> {
    let at = end.checked_next_multiple_of(Npde::ALIGNMENT)?;
    let npde: Npde = image.has(at, &Npde::SIGNATURE).then(|| structure(image, at)).flatten()?;
    let span = image.from(at)?.first(usize::from(npde.length).max(Npde::SIZE)).span();
    Some((span, npde))
}
