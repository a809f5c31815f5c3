//! The file as a whole: is it a ROM, is it complete, can its images be reached.

use super::{FileFact, Finding, Follows};
use crate::bytes::Span;
use crate::firmware::Predictions;
use crate::layout::{BLOCK, CompressionHeader};
use crate::model::{Body, ChainEnd, Image, Payload, PcirFault, Region, RegionKind, Rom};

/// The largest ROM whose BAR reads back as no ROM at all.
const SMALLEST_BAR: usize = 2048;

pub(super) fn check(rom: &Rom<'_>, predictions: &Predictions<'_, '_>, findings: &mut Vec<Finding>) {
    size(rom, findings);
    regions(rom, findings);
    inner(rom, findings);
    end(rom, predictions, findings);
}

fn size(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    if rom.cut_by_limit {
        findings.push(Finding::of_file(rom.span(), FileFact::TooLarge { read: rom.window.len() }));
    }
    let size = rom.window.len();
    let efi = rom.images.iter().any(|image| matches!(image.body, Body::Efi(_)));
    if efi && size <= SMALLEST_BAR {
        findings.push(Finding::of_file(rom.span(), FileFact::TooSmall { size }));
    }
    if !rom.images.is_empty() && !size.is_multiple_of(BLOCK) && !truncated(rom) {
        findings.push(Finding::of_file(rom.span(), FileFact::Uneven { size }));
    }
}

fn truncated(rom: &Rom<'_>) -> bool {
    // Its structure would be after the end of the file.
    let is_cut = |image: &Image<'_>| matches!(image.pcir, Err(PcirFault::Outside));
    matches!(rom.end, ChainEnd::Truncated { .. }) || rom.images.last().is_some_and(is_cut)
}

fn regions(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let starts = rom
        .images
        .first()
        .zip(rom.images.last())
        .map(|(first, last)| (first.span().offset, last.span().offset));
    let mut before = None;
    for region in &rom.regions {
        // The padding of an image that is lost is no gap beside it.
        let after_lost = std::mem::replace(&mut before, region.lost).is_some();
        let between =
            starts.is_some_and(|(first, last)| (first..last).contains(&region.span.offset));
        let length = region.span.length;
        let fact = match region.kind {
            RegionKind::Container | RegionKind::Unread if let Some(lost) = region.lost => {
                FileFact::LostFirst { lost }
            }
            RegionKind::Container => FileFact::Container { first_image: length },
            RegionKind::Trailing if between && let Some(lost) = region.lost => {
                FileFact::LostInGap { lost }
            }
            RegionKind::Trailing if between => FileFact::DataInGap { length },
            RegionKind::Padding if between && !after_lost => {
                FileFact::Gap { length, before_legacy: legacy_behind(rom, region.span) }
            }
            RegionKind::Trailing
                if matches!(rom.end, ChainEnd::Marked { hidden: None })
                    && region.lost.is_none() =>
            {
                FileFact::TrailingData { length }
            }
            RegionKind::Image(_)
            | RegionKind::Padding
            | RegionKind::Trailing
            | RegionKind::Unread => continue,
        };
        findings.push(Finding::of_file(region.span, fact));
    }
}

fn inner(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Some(at) = image.inner else { continue };
        findings.push(Finding::of_image(
            index,
            image.span(),
            FileFact::InnerImage { image: index, at },
        ));
    }
}

/// Whether the file has all of an image that comes to memory. What is missing firmware reads as
/// zeros, and may start all the same.
fn has_what_is_loaded(image: &Image<'_>) -> bool {
    let efi = match &image.body {
        Body::Efi(efi) => efi,
        Body::Legacy(legacy) => return legacy.checksum.is_some(),
        Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => return false,
    };
    let needed = match (&efi.payload, efi.compression) {
        (_, Some(header)) => usize::try_from(header.compressed_size)
            .ok()
            .and_then(|size| size.checked_add(CompressionHeader::SIZE)),
        (Payload::Pe(pe), None) => Some(pe.loaded()),
        (Payload::Absent | Payload::NotPe | Payload::Terse(_) | Payload::Unreadable, None) => None,
    };
    efi.stored.zip(needed).is_some_and(|(stored, needed)| needed <= stored.len())
}

/// Whether a legacy image is after `span`.
fn legacy_behind(rom: &Rom<'_>, span: Span) -> bool {
    rom.images
        .iter()
        .any(|image| image.span().offset >= span.end() && matches!(image.body, Body::Legacy(_)))
}

fn end(rom: &Rom<'_>, predictions: &Predictions<'_, '_>, findings: &mut Vec<Finding>) {
    let Some((index, image)) = rom.images.iter().enumerate().next_back() else { return };
    let end = image.span().end();
    let rest = Span::new(end, rom.window.len().saturating_sub(end));
    let data = rom
        .regions
        .iter()
        .find(|region| region.kind == RegionKind::Trailing && region.span.offset >= end);
    let of_image = |fact| Finding::of_image(index, image.span(), fact);
    let no_last = |follows| of_image(FileFact::NoLastImage { image: index, follows });
    let finding = match rom.end {
        ChainEnd::Marked { hidden: Some(at) } => {
            let span = Span::new(at, rom.window.len().saturating_sub(at));
            Finding::of_file(span, FileFact::HiddenImage { image: index, at })
        }
        ChainEnd::Marked { hidden: None } => {
            let Some((region, lost)) = data.and_then(|region| Some((region, region.lost?))) else {
                return;
            };
            Finding::of_file(region.span, FileFact::HiddenPart { image: index, lost })
        }
        ChainEnd::Truncated { missing } => {
            let runs = has_what_is_loaded(image) && predictions.some_runs(index);
            of_image(FileFact::Truncated {
                image: index,
                declared: image.declared_length,
                missing,
                runs,
            })
        }
        ChainEnd::EndOfFile => no_last(Follows::Nothing),
        ChainEnd::NothingFollows => match data {
            None => no_last(Follows::Padding),
            Some(Region { lost: None, .. }) => no_last(Follows::Data),
            Some(Region { lost: Some(lost), .. }) => {
                Finding::of_file(rest, FileFact::ChainBroken { image: index, lost: *lost })
            }
        },
        ChainEnd::ZeroLength if image.pcir().is_some_and(|pcir| pcir.indicator.is_last()) => {
            of_image(FileFact::ZeroLength { image: index, efi: matches!(image.body, Body::Efi(_)) })
        }
        ChainEnd::ZeroLength => of_image(FileFact::ZeroLengthHang { image: index }),
        ChainEnd::Limit => {
            Finding::of_file(rest, FileFact::TooManyImages { read: rom.images.len() })
        }
        ChainEnd::NoImage | ChainEnd::Unreadable => return,
    };
    findings.push(finding);
}
