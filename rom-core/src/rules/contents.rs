//! What stands inside the images.

use super::{Finding, FitnessFact};
use crate::contents::Contents;
use crate::model::{Body, Rom};

/// What there is to say about the contents of the images of `rom`.
#[must_use]
pub fn contents(rom: &Rom<'_>, contents: &[Option<Contents>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, (image, contents)) in rom.images.iter().zip(contents).enumerate() {
        let Some(vbt) = contents.as_ref().and_then(|contents| contents.vbt.as_ref()) else {
            continue;
        };
        if let Some(sum) = vbt.checksum.filter(|sum| *sum != 0) {
            // Inside a driver its offset is not one of the file.
            let span = if matches!(image.body, Body::Legacy(_)) { vbt.span } else { image.span() };
            findings.push(Finding::of_image(
                index,
                span,
                FitnessFact::VbtChecksum { size: vbt.size, sum },
            ));
        }
    }
    findings
}
