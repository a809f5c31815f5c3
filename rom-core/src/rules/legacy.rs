//! Legacy x86 images.

use super::{Finding, LegacyFact};
use crate::bytes::Span;
use crate::firmware::Predictions;
use crate::layout::{BLOCK, LegacyRomHeader};
use crate::model::{Body, Image, LegacyImage, Rom};

/// Whether `image` is legacy code without a PCI data structure.
pub(super) fn is_isa_rom(image: &Image<'_>) -> bool {
    image.pcir.is_err() && matches!(image.body, Body::Legacy(_))
}

pub(super) fn check(rom: &Rom<'_>, predictions: &Predictions<'_, '_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Body::Legacy(legacy) = &image.body else { continue };
        // Such an image has a finding of its own.
        if image.efi_header {
            continue;
        }
        let mut report =
            |span, fact: LegacyFact| findings.push(Finding::of_image(index, span, fact));
        // Behind the file the zeros of its BAR are summed up.
        let runs = legacy.checksum.is_none() && predictions.some_runs(index);
        sizes(image, legacy, runs, &mut report);
        pnp(legacy, &mut report);
    }
}

fn sizes(
    image: &Image<'_>,
    legacy: &LegacyImage,
    runs: bool,
    report: &mut impl FnMut(Span, LegacyFact),
) {
    let Some(header) = legacy.header else { return };
    let size_byte = LegacyRomHeader::AT.initialization_size.after(image.span().offset);
    let size = usize::from(header.initialization_size).saturating_mul(BLOCK);
    match legacy.checksum {
        _ if size == 0 => report(size_byte, LegacyFact::SizeZero),
        Some(0) => {}
        Some(sum) => {
            let span = Span::new(image.span().offset, size);
            report(span, LegacyFact::Checksum { size, sum });
        }
        None if image.window.len() >= image.declared_length => {
            report(size_byte, LegacyFact::Truncated { size, runs });
        }
        None => {}
    }
    let Some(pcir) = image.pcir() else { return };
    if legacy.checksum.is_some() && size != image.declared_length {
        report(size_byte, LegacyFact::SizeDiffers { size, declared: image.declared_length });
    }
    if pcir.revision >= 3 && pcir.maximum_run_time_image_length > pcir.image_length {
        let run_time = usize::from(pcir.maximum_run_time_image_length).saturating_mul(BLOCK);
        report(
            image.span(),
            LegacyFact::RunTimeLength { run_time, declared: image.declared_length },
        );
    }
}

fn pnp(legacy: &LegacyImage, report: &mut impl FnMut(Span, LegacyFact)) {
    for block in legacy.pnp.iter().filter(|block| block.checksum != 0) {
        report(block.span, LegacyFact::PnpChecksum { sum: block.checksum });
    }
    if let Some(span) = legacy.pnp_fault {
        report(span, LegacyFact::PnpPointer);
    }
}
