//! The headers of images, followed without reading the images.

use crate::bytes::Window;
use crate::layout::{BLOCK, Pcir};
use crate::read::{pcir_of, structure};
use memchr::memmem;

/// Images that a walk over headers visits: more are looked at by nobody.
const MOST_IMAGES: usize = 64;

/// Where the image that is marked as the last ends, if headers alone lead there.
pub(super) fn end_of_chain(file: Window<'_>) -> Option<usize> {
    let mut at: usize = 0;
    for _ in 0..MOST_IMAGES {
        let tail = file.from(at)?;
        let pcir = pcir_of(tail)?;
        let length = usize::from(pcir.image_length).checked_mul(BLOCK).filter(|length| *length > 0)?;
        at = at.checked_add(length).filter(|end| *end <= file.len())?;
        if pcir.indicator.is_last() {
            return Some(at);
        }
    }
    None
}

/// Whether the fields of a PCI data structure are such as there are in images, its letters aside.
pub(super) fn is_plausible(pcir: &Pcir) -> bool {
    matches!(usize::from(pcir.length), Pcir::SIZE | Pcir::SIZE_REVISION_3)
        && matches!(pcir.revision, 0 | 3)
        && pcir.code_type.name().is_some()
        && pcir.indicator.reserved() == 0
        && pcir.image_length > 0
}

/// The first PCI data structure from `from` on that is one by all its fields: the letters alone
/// are in the code of drivers, of firmware and of tools as well.
pub(super) fn stray_pcir(window: Window<'_>, from: usize) -> Option<(usize, Pcir)> {
    let tail = window.from(from)?;
    memmem::find_iter(tail.bytes(), &Pcir::SIGNATURE).find_map(|at| {
        let pcir: Pcir = structure(tail, at)?;
        is_plausible(&pcir).then(|| (from.saturating_add(at), pcir))
    })
}
