//! What is left of images whose header is damaged: looked for in what belongs to no image.

use super::pcir::{is_plausible, stray_pcir};
use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::layout::{BLOCK, EfiRomHeader, Pcir, RomHeader};
use crate::model::{LostImage, Remains};
use memchr::{memchr, memmem};
use std::ops::Range;

/// Where a part of a file is that belongs to no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Before the first image, or in a file without any.
    First,
    /// Between two images.
    Between,
    /// After the last image.
    Last,
}

/// What is left of an image in `part` of `file`, which is from the end of an image, or the start
/// of the file, up to the next image or the end.
pub(crate) fn find(file: Window<'_>, part: Span, place: Place) -> Option<LostImage> {
    let window = file.cut(part.offset, part.length)?;
    let lost = |at: usize, remains| {
        let length = part.length.checked_sub(at)?;
        let span = Span::new(part.offset.saturating_add(at), length);
        Some(LostImage { span, remains })
    };
    if let Some((at, remains)) = without_signature(file, window) {
        return lost(at, remains);
    }
    if let Some((at, pcir)) = stray_pcir(window, 0) {
        let (start, remains) = before_pcir(window, at, &pcir, part, place)?;
        return lost(start, remains);
    }
    let absolute = |at: usize| part.offset.saturating_add(at);
    if let Some(at) = memmem::find(window.bytes(), &EfiRomHeader::DRIVER_MARK) {
        return lost(at.saturating_sub(EFI_MARK_AT), Remains::EfiHeader { at: absolute(at) });
    }
    let driver = memmem::find_iter(window.bytes(), b"MZ").find(|at| is_driver(window, *at));
    // Between images and after them no program has to do anything.
    let is_lost = |at: &usize| HEADERS.contains(at) || place != Place::First;
    if let Some(at) = driver.filter(is_lost) {
        return lost(0, Remains::Driver { at: absolute(at) });
    }
    if place == Place::First {
        return None;
    }
    let signature = (0..window.len()).step_by(BLOCK);
    if let Some(at) = signature.into_iter().find(|at| window.has(*at, &RomHeader::SIGNATURE_BYTES))
    {
        return lost(at, Remains::SignatureAlone);
    }
    if place != Place::Between {
        return None;
    }
    let length = window.u16(INITIALIZATION_SIZE_AT).map_or(0, usize::from).saturating_mul(BLOCK);
    if length > 0 && length == part.length {
        return lost(0, Remains::Length);
    }
    if is_code(window) { lost(0, Remains::Code) } else { None }
}

/// Where an EFI header has the signature that [`EfiRomHeader::DRIVER_MARK`] begins with.
const EFI_MARK_AT: usize = EfiRomHeader::AT.efi_signature.offset;
/// Where every header has its own length.
const INITIALIZATION_SIZE_AT: usize = EfiRomHeader::AT.initialization_size.offset;
/// Where every header has the pointer to the PCI data structure.
const POINTER_AT: usize = RomHeader::AT.pcir_offset.offset;
/// Bytes that headers have before the driver of an image.
const HEADERS: Range<usize> = RomHeader::SIZE.saturating_add(Pcir::SIZE)..0x1_0000;

/// A header that is there but for 55 AA, at a multiple of 512 bytes.
fn without_signature(file: Window<'_>, part: Window<'_>) -> Option<(usize, Remains)> {
    let at = (0..part.len()).step_by(BLOCK).find(|at| {
        // The structure of a short part may reach into what follows.
        let Some(image) = file.from(part.span().offset.saturating_add(*at)) else { return false };
        let Some(pointer) = image.u16(POINTER_AT).map(usize::from) else { return false };
        let pcir: Option<Pcir> = structure(image, pointer).filter(|_| pointer >= RomHeader::SIZE);
        pcir.is_some_and(|pcir| pcir.signature == Pcir::SIGNATURE && is_plausible(&pcir))
    })?;
    let [low, high] = RomHeader::SIGNATURE_BYTES;
    let offset = part.span().offset.saturating_add(at);
    let byte = |at: usize, found: u8, expected: u8| Remains::SignatureByte { at, found, expected };
    let remains = match (part.u8(at)?, part.u8(at.saturating_add(1))?) {
        (found, second) if second == high && found != low => byte(offset, found, low),
        (first, found) if first == low && found != high => {
            byte(offset.saturating_add(1), found, high)
        }
        (first, second) if first == low && second == high => return None,
        _ => Remains::WithoutSignature,
    };
    Some((at, remains))
}

/// Where the image of a PCI data structure began that nothing leads to.
fn before_pcir(
    part: Window<'_>,
    at: usize,
    pcir: &Pcir,
    span: Span,
    place: Place,
) -> Option<(usize, Remains)> {
    let found = Remains::Pcir { at: span.offset.saturating_add(at) };
    if place == Place::First {
        // What is left of the pointer leads to it, counted from where the image began.
        let count = (1..=POINTER_AT).find(|count| {
            let pointer = POINTER_AT.checked_sub(*count).and_then(|place| part.u16(place));
            pointer.is_some_and(|pointer| at.checked_add(*count) == Some(usize::from(pointer)))
        });
        if let Some(count) = count {
            return Some((0, Remains::MissingStart { count }));
        }
    }
    // Its length leads back from what follows.
    let length = usize::from(pcir.image_length).saturating_mul(BLOCK);
    match part.len().checked_sub(length) {
        Some(start) if start <= at => Some((start, found)),
        None if place == Place::First => {
            let count = length.checked_sub(part.len())?;
            let missing = Remains::MissingStart { count };
            Some((0, if count < BLOCK { missing } else { found }))
        }
        _ => Some((0, found)),
    }
}

/// Whether a PE image for EFI begins at `at`.
fn is_driver(window: Window<'_>, at: usize) -> bool {
    let Some(tail) = window.from(at) else { return false };
    let pe = tail.u32(0x3C).and_then(|offset| tail.from(usize::try_from(offset).ok()?));
    pe.is_some_and(|pe| pe.has(0, b"PE\0\0") && matches!(pe.u16(92), Some(10..=12)))
}

/// Bytes that are often in 64-bit code: prefixes, moves, calls, jumps and returns.
const FREQUENT: [u8; 10] = [0x48, 0x4C, 0x8B, 0x89, 0x8D, 0xE8, 0xC3, 0x0F, 0x83, 0xCC];

/// Fewer bytes than these say nothing.
const LEAST_CODE: usize = 256;

/// Whether most of it is something, and a fifth of that are bytes that code has often.
fn is_code(window: Window<'_>) -> bool {
    let mut all: usize = 0;
    let mut frequent: usize = 0;
    for byte in window.bytes().iter().filter(|byte| !matches!(byte, 0x00 | 0xFF)) {
        all = all.saturating_add(1);
        if memchr(*byte, &FREQUENT).is_some() {
            frequent = frequent.saturating_add(1);
        }
    }
    all >= LEAST_CODE && frequent.saturating_mul(5) >= all && frequent < all
}
