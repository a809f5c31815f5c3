//! The PCI data structure, its device list, and NVIDIA's extension of it.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::layout::{Npde, Pcir, PcirRevision3};
use crate::limits::Limits;
use crate::model::{DeviceList, PcirBlock, PcirFault};
use bytemuck::{Pod, Zeroable};
use memchr::memmem;

/// A little-endian word at any address.
#[derive(Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
#[repr(transparent)]
struct U16Le([u8; 2]);

/// Reads the structure that `pointer` leads to, and what hangs on it. `image` reaches from the
/// image's start to the end of the file.
pub(super) fn read(
    image: Window<'_>,
    pointer: u16,
    limits: &Limits,
) -> Result<PcirBlock, PcirFault> {
    if pointer == 0 {
        return Err(PcirFault::PointerZero);
    }
    let at = usize::from(pointer);
    let pcir: Pcir = structure(image, at).ok_or(PcirFault::Outside)?;
    if pcir.signature != Pcir::SIGNATURE {
        return Err(PcirFault::Signature);
    }
    let length = usize::from(pcir.length);
    let span =
        image.from(at).map_or_else(Span::default, |tail| tail.first(length.max(Pcir::SIZE)).span());
    let revision_3 = (pcir.revision >= 3 && length >= Pcir::SIZE_REVISION_3)
        .then(|| structure::<PcirRevision3>(image, at.saturating_add(Pcir::SIZE)))
        .flatten();
    let device_list =
        if pcir.revision >= 3 { device_list(image, at, &pcir, limits) } else { DeviceList::Absent };
    let npde = npde(image, at.saturating_add(length));
    Ok(PcirBlock { span, pcir, revision_3, device_list, npde })
}

/// Whether the fields of a PCI data structure are such as there are in images, its letters aside.
pub(crate) fn is_plausible(pcir: &Pcir) -> bool {
    matches!(usize::from(pcir.length), Pcir::SIZE | Pcir::SIZE_REVISION_3)
        && matches!(pcir.revision, 0 | 3)
        && pcir.code_type.name().is_some()
        && pcir.indicator.reserved() == 0
        && pcir.image_length > 0
}

/// The first PCI data structure from `from` on that is one by all its fields: the letters alone
/// are in the code of drivers, of firmware and of tools as well.
pub(crate) fn stray_pcir(window: Window<'_>, from: usize) -> Option<(usize, Pcir)> {
    let tail = window.from(from)?;
    memmem::find_iter(tail.bytes(), &Pcir::SIGNATURE).find_map(|at| {
        let pcir: Pcir = structure(tail, at)?;
        is_plausible(&pcir).then(|| (from.saturating_add(at), pcir))
    })
}

/// The words from the list's offset up to the terminating zero.
fn device_list(image: Window<'_>, pcir_at: usize, pcir: &Pcir, limits: &Limits) -> DeviceList {
    if pcir.device_list_offset == 0 {
        return DeviceList::Absent;
    }
    let at = pcir_at.saturating_add(usize::from(pcir.device_list_offset));
    let Some(tail) = image.from(at) else {
        return DeviceList::Unreadable(
            Pcir::AT.device_list_offset.after(image.span().offset.saturating_add(pcir_at)),
        );
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An image of `length` bytes whose structure of this revision and length is at 0x1C, with
    /// a list of devices at 0x40.
    fn block(revision: u8, own_length: u16, length: usize) -> PcirBlock {
        let mut image = vec![0xFF; 0x80];
        image[0x1C..0x20].copy_from_slice(b"PCIR");
        image[0x24..0x26].copy_from_slice(&0x24_u16.to_le_bytes());
        image[0x26..0x28].copy_from_slice(&own_length.to_le_bytes());
        image[0x28] = revision;
        image[0x40..0x46].copy_from_slice(&[0x34, 0x12, 0x78, 0x56, 0, 0]);
        image.truncate(length);
        read(Window::of_file(&image), 0x1C, &Limits::default()).unwrap()
    }

    #[test]
    fn a_list_is_read_to_its_zero_wherever_the_file_ends() {
        let listed = DeviceList::Present(Span::new(0x40, 6), vec![0x1234, 0x5678]);
        for length in [0x46, 0x47, 0x80] {
            assert_eq!(block(3, 0x1C, length).device_list, listed, "{length:#x}");
        }
        assert_eq!(block(3, 0x1C, 0x45).device_list, DeviceList::Unreadable(Span::new(0x40, 4)));
        assert_eq!(block(3, 0x1C, 0x3F).device_list, DeviceList::Unreadable(Span::new(0x24, 2)));
        assert_eq!(block(0, 0x18, 0x80).device_list, DeviceList::Absent);
    }

    #[test]
    fn revision_3_needs_its_number_and_its_room() {
        assert!(block(3, 0x1C, 0x80).revision_3.is_some());
        assert!(block(3, 0x1B, 0x80).revision_3.is_none());
        assert!(block(2, 0x1C, 0x80).revision_3.is_none());
        assert_eq!(
            (block(3, 0x1C, 0x80).span, block(3, 2, 0x80).span),
            (Span::new(0x1C, 0x1C), Span::new(0x1C, 0x18))
        );
    }

    #[test]
    fn a_pointer_leads_to_a_structure_or_it_is_said_to_what() {
        let mut image = vec![0; 0x80];
        let fault = |image: &[u8], pointer| {
            read(Window::of_file(image), pointer, &Limits::default()).unwrap_err()
        };
        assert_eq!(fault(&image, 0), PcirFault::PointerZero);
        assert_eq!(fault(&image, 0x1C), PcirFault::Signature);
        image[0x68..0x6C].copy_from_slice(b"PCIR");
        assert!(read(Window::of_file(&image), 0x68, &Limits::default()).is_ok());
        assert_eq!(fault(&image[..0x7F], 0x68), PcirFault::Outside);
    }
}
