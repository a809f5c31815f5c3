//! Legacy x86 images.

use super::{Code, Finding};
use crate::bytes::Span;
use crate::firmware::Predictions;
use crate::layout::BLOCK;
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
        let mut report = |code, span, message| findings.push(Finding::of_image(code, index, span, message));
        // Behind the file the zeros of its BAR are summed up.
        let runs = legacy.checksum.is_none() && predictions.some_runs(index);
        sizes(image, legacy, runs, &mut report);
        pnp(legacy, &mut report);
    }
}

fn sizes(image: &Image<'_>, legacy: &LegacyImage, runs: bool, report: &mut impl FnMut(Code, Span, String)) {
    let Some(header) = legacy.header else { return };
    let size_byte = Span::new(image.span().offset.saturating_add(2), 1);
    let size = usize::from(header.initialization_size).saturating_mul(BLOCK);
    match legacy.checksum {
        _ if size == 0 => report(Code::LegacySizeZero, size_byte, "no byte of the image would be loaded".to_owned()),
        Some(0) => {}
        Some(sum) => {
            let span = Span::new(image.span().offset, size);
            report(Code::LegacyChecksum, span, format!("the {size} bytes sum to {sum:#04x} instead of 0"));
        }
        None if image.window.len() >= image.declared_length => {
            let code = if runs { Code::TruncatedFilling } else { Code::Truncated };
            report(code, size_byte, format!("the size byte says {size} bytes, and the file ends before"));
        }
        None => {}
    }
    let Some(pcir) = image.pcir() else { return };
    if legacy.checksum.is_some() && size != image.declared_length {
        let message = format!("{size} bytes by the size byte, {} by the PCI data structure", image.declared_length);
        report(Code::LegacySizeDiffers, size_byte, message);
    }
    if pcir.revision >= 3 && pcir.maximum_run_time_image_length > pcir.image_length {
        let run_time = usize::from(pcir.maximum_run_time_image_length).saturating_mul(BLOCK);
        let message = format!("{run_time} bytes of an image of {}", image.declared_length);
        report(Code::LegacyRunTimeLength, image.span(), message);
    }
}

fn pnp(legacy: &LegacyImage, report: &mut impl FnMut(Code, Span, String)) {
    for block in legacy.pnp.iter().filter(|block| block.checksum != 0) {
        report(Code::PnpChecksum, block.span, format!("its bytes sum to {:#04x} instead of 0", block.checksum));
    }
    if let Some(span) = legacy.pnp_fault {
        report(Code::PnpHeader, span, "this pointer to the next header leads to something else".to_owned());
    }
}
