//! One image: where it ends and what kind it is.

use super::structure::structure;
use super::{efi, legacy, pcir};
use crate::bytes::Window;
use crate::layout::{BLOCK, CodeType, EfiRomHeader, LegacyRomHeader, Pcir, RomHeader, blocks};
use crate::limits::Limits;
use crate::model::{Body, Image, PcirFault};
use memchr::memmem;
use std::ops::Range;

/// How long an image says that it is.
pub(super) enum Length {
    /// This many bytes.
    Bytes(usize),
    /// Nothing at all.
    Zero,
    /// Its headers are not readable.
    Unknown,
}

/// The first multiple of 512 bytes from `from` on at which an image with a PCI data structure
/// stands.
pub(crate) fn find_image(window: Window<'_>, from: usize) -> Option<usize> {
    (from..window.len()).step_by(BLOCK).find(|at| window.from(*at).is_some_and(begins))
}

/// The PCI data structure of the image at the start of `tail`, if one begins there that is sound
/// enough to lead on: 55 AA, a pointer that leads out of the header, and a structure that is no
/// shorter than there are.
pub(crate) fn pcir_of(tail: Window<'_>) -> Option<Pcir> {
    if !tail.has(0, &RomHeader::SIGNATURE_BYTES) {
        return None;
    }
    let at = usize::from(tail.u16(RomHeader::AT.pcir_offset.offset)?);
    if at < RomHeader::SIZE || !tail.has(at, &Pcir::SIGNATURE) {
        return None;
    }
    let pcir: Pcir = structure(tail, at)?;
    (usize::from(pcir.length) >= Pcir::SIZE).then_some(pcir)
}

/// Whether the image at the start of `tail` has something that only PCI images have: what its
/// pointer leads to, a structure that nothing leads to, or an EFI header. Code of ISA ROMs is where
/// PCI images have their pointer.
pub(crate) fn is_pci(tail: Window<'_>) -> bool {
    let efi = structure::<EfiRomHeader>(tail, 0)
        .is_some_and(|header| header.efi_signature == EfiRomHeader::EFI_SIGNATURE);
    if efi {
        return true;
    }
    let pointer = tail.u16(RomHeader::AT.pcir_offset.offset).map_or(0, usize::from);
    let leads_to: Option<Pcir> = structure(tail, pointer).filter(|_| pointer >= RomHeader::SIZE);
    // Fewer marks than in a whole structure: one of them may be the damage.
    if leads_to.is_some_and(|pcir| pcir.signature == Pcir::SIGNATURE || pcir::is_plausible(&pcir)) {
        return true;
    }
    if is_cut_before(tail, pointer) {
        return true;
    }
    // Of an image alone: others may be after it.
    let blocks = tail
        .u8(LegacyRomHeader::AT.initialization_size.offset)
        .filter(|blocks| *blocks > 0)
        .unwrap_or(u8::MAX);
    pcir::stray_pcir(tail.first(usize::from(blocks).saturating_mul(BLOCK)), 0).is_some()
}

/// Offsets at which images have their PCI data structure: real ones reach 0x300, and text that is
/// read as a pointer is beyond 0x2000.
const USUAL_POINTERS: Range<usize> = RomHeader::SIZE..0x1000;

/// Whether the file ends in an image before the PCI data structure to which `pointer` leads.
fn is_cut_before(tail: Window<'_>, pointer: usize) -> bool {
    let size_at = LegacyRomHeader::AT.initialization_size.offset;
    let declared = tail.u8(size_at).map_or(0, usize::from).saturating_mul(BLOCK);
    let end = pointer.saturating_add(Pcir::SIZE);
    USUAL_POINTERS.contains(&pointer)
        && pointer.is_multiple_of(4)
        && (tail.len().saturating_add(1)..=declared).contains(&end)
}

/// The first offset from `from` on, multiple of 512 or not, at which an image with a sound PCI
/// data structure and a length begins.
pub(crate) fn locate(file: Window<'_>, from: usize) -> Option<usize> {
    let tail = file.from(from)?;
    memmem::find_iter(tail.bytes(), &RomHeader::SIGNATURE_BYTES).find_map(|found| {
        let at = from.checked_add(found)?;
        let image = file.from(at)?;
        let pcir = pcir_of(image)?;
        (pcir.image_length > 0
            || image
                .u8(LegacyRomHeader::AT.initialization_size.offset)
                .is_some_and(|size| size > 0))
        .then_some(at)
    })
}

/// Whether an image with a PCI data structure begins at the start of `tail`.
fn begins(tail: Window<'_>) -> bool {
    let pointer = tail.u16(RomHeader::AT.pcir_offset.offset).map(usize::from);
    tail.has(0, &RomHeader::SIGNATURE_BYTES)
        && pointer.is_some_and(|at| at != 0 && tail.has(at, &Pcir::SIGNATURE))
}

/// Reads the image at the start of `tail`, which reaches to the end of the file. `None` if even its
/// header is cut.
pub(super) fn read<'a>(tail: Window<'a>, limits: &Limits) -> Option<(Image<'a>, Length)> {
    let header: RomHeader = structure(tail, 0)?;
    let pcir = pcir::read(tail, header.pcir_offset, limits);
    let pcir = pcir.map_err(|fault| if is_pci(tail) { fault } else { PcirFault::Isa });
    let length = match &pcir {
        Ok(block) if block.pcir.image_length == 0 => Length::Zero,
        Ok(block) => Length::Bytes(blocks(block.pcir.image_length)),
        Err(PcirFault::Isa) => {
            legacy::length_of_isa_rom(tail).map_or(Length::Unknown, Length::Bytes)
        }
        Err(_) => Length::Unknown,
    };
    let declared_length = match length {
        Length::Bytes(bytes) => bytes,
        Length::Zero | Length::Unknown => 0,
    };
    let window = match length {
        Length::Bytes(bytes) => tail.first(bytes),
        Length::Zero | Length::Unknown => tail,
    };
    let body = match (pcir.as_ref().map(|block| block.pcir.code_type), &length) {
        (Ok(CodeType::EFI), _) => {
            efi::read(window, limits).map_or(Body::Unknown, |image| Body::Efi(Box::new(image)))
        }
        (Ok(CodeType::LEGACY) | Err(PcirFault::Isa), _) => {
            Body::Legacy(Box::new(legacy::read(window, tail, limits)))
        }
        (Ok(CodeType::OPEN_FIRMWARE), _) => Body::OpenFirmware,
        (Ok(CodeType::HP_PA_RISC), _) => Body::HpPaRisc,
        (Ok(_) | Err(_), _) => Body::Unknown,
    };
    // Where no length is known, the window reaches over what follows.
    let inner = if declared_length > 0 { find_image(window, BLOCK) } else { None };
    let inner = inner.and_then(|at| at.checked_add(window.span().offset));
    Some((
        Image {
            window,
            declared_length,
            header,
            inner,
            efi_header: efi::has_header(window),
            pcir,
            body,
        },
        length,
    ))
}
