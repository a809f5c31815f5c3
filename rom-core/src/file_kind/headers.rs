//! The headers of images, followed without reading the images.

use crate::bytes::Window;
use crate::layout::BLOCK;
use crate::read::pcir_of;

/// Images that a walk over headers visits: more are looked at by nobody.
const MOST_IMAGES: usize = 64;

/// Where the image that is marked as the last ends, if headers alone lead there.
pub(super) fn end_of_chain(file: Window<'_>) -> Option<usize> {
    let mut at: usize = 0;
    for _ in 0..MOST_IMAGES {
        let tail = file.from(at)?;
        let pcir = pcir_of(tail)?;
        let length =
            usize::from(pcir.image_length).checked_mul(BLOCK).filter(|length| *length > 0)?;
        at = at.checked_add(length).filter(|end| *end <= file.len())?;
        if pcir.indicator.is_last() {
            return Some(at);
        }
    }
    None
}
