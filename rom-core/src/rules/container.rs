//! The file as a whole: is it a ROM, is it complete, can its images be reached.

use super::{Code, Finding};
use crate::bytes::Span;
use crate::firmware::Predictions;
use crate::layout::{BLOCK, CompressionHeader};
use crate::model::{Body, ChainEnd, Foreign, Image, Payload, Region, RegionKind, Rom};

/// The largest ROM whose BAR reads back as no ROM at all.
const SMALLEST_BAR: usize = 2048;

pub(super) fn check(rom: &Rom<'_>, predictions: &Predictions<'_, '_>, findings: &mut Vec<Finding>) {
    foreign(rom, findings);
    size(rom, findings);
    regions(rom, findings);
    inner(rom, findings);
    end(rom, predictions, findings);
}

fn foreign(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let Some(foreign) = rom.foreign else { return };
    let (code, what) = match foreign {
        Foreign::Empty => (Code::Empty, "the file has 0 bytes"),
        Foreign::HtmlPage => (Code::HtmlPage, "the file begins like a web page"),
        Foreign::GitLfsPointer => (Code::GitLfsPointer, "the file only names the real one, as Git LFS does"),
        Foreign::Zip => (Code::ZipArchive, "the file begins with PK"),
        Foreign::Gzip => (Code::GzipArchive, "the file begins with 1f 8b 08"),
        Foreign::SevenZip => (Code::SevenZipArchive, "the file begins with 7z"),
        Foreign::BareDriver => (Code::BareDriver, "the file begins with MZ, as a driver does, and not with 55 aa"),
        Foreign::FirmwareImage => (Code::FirmwareImage, "the file begins like a firmware image"),
        Foreign::AllZero => (Code::AllZero, "every byte is 00"),
        Foreign::AllOnes => (Code::AllOnes, "every byte is ff"),
        Foreign::Text => (Code::Text, "the file holds text"),
        Foreign::Unknown => (Code::NoSignature, "no image begins at any multiple of 512 bytes"),
    };
    findings.push(Finding::of_file(code, rom.span(), what));
}

fn size(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    if rom.cut_by_limit {
        let message = format!("the file goes on behind {} bytes", rom.window.len());
        findings.push(Finding::of_file(Code::TooLarge, rom.span(), message));
    }
    let length = rom.window.len();
    let efi = rom.images.iter().any(|image| matches!(image.body, Body::Efi(_)));
    if efi && length <= SMALLEST_BAR {
        findings.push(Finding::of_file(Code::TooSmall, rom.span(), format!("the file has {length} bytes")));
    }
    if !rom.images.is_empty() && !length.is_multiple_of(BLOCK) && !truncated(rom) {
        findings.push(Finding::of_file(Code::UnevenSize, rom.span(), format!("the file has {length} bytes")));
    }
}

fn truncated(rom: &Rom<'_>) -> bool {
    matches!(rom.end, ChainEnd::Truncated { .. })
}

fn regions(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let starts = rom.images.first().zip(rom.images.last()).map(|(first, last)| (first.span().offset, last.span().offset));
    for region in &rom.regions {
        let between = starts.is_some_and(|(first, last)| (first..last).contains(&region.span.offset));
        let length = region.span.length;
        let (code, message) = match region.kind {
            RegionKind::Container => (Code::Container, format!("the first image begins at {length:#x}")),
            RegionKind::Trailing if between && let Some(at) = region.lost => {
                (Code::ChainBroken, format!("in a gap between images, a part of one stands at {at:#x}"))
            }
            RegionKind::Padding | RegionKind::Trailing if between && legacy_behind(rom, region.span) => {
                (Code::GapBeforeLegacy, format!("{length} bytes belong to no image"))
            }
            RegionKind::Padding | RegionKind::Trailing if between => (Code::Gap, format!("{length} bytes belong to no image")),
            RegionKind::Trailing if matches!(rom.end, ChainEnd::Marked { hidden: None }) && region.lost.is_none() => {
                (Code::TrailingData, format!("{length} bytes follow the last image"))
            }
            RegionKind::Image(_) | RegionKind::Padding | RegionKind::Trailing | RegionKind::Unread => continue,
        };
        findings.push(Finding::of_file(code, region.span, message));
    }
}

fn inner(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Some(at) = image.inner else { continue };
        let message = format!("image {index} reaches over {at:#x}, where another begins");
        findings.push(Finding::of_image(Code::InnerImage, index, image.span(), message));
    }
}

/// Whether the file has all of an image that comes to memory. What is missing firmware reads as zeros, and may start all the same.
fn has_what_is_loaded(image: &Image<'_>) -> bool {
    let efi = match &image.body {
        Body::Efi(efi) => efi,
        Body::Legacy(legacy) => return legacy.checksum.is_some(),
        Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => return false,
    };
    let needed = match (&efi.payload, efi.compression) {
        (_, Some(header)) => {
            usize::try_from(header.compressed_size).ok().and_then(|size| size.checked_add(CompressionHeader::SIZE))
        }
        (Payload::Pe(pe), None) => Some(pe.loaded()),
        (Payload::Absent | Payload::NotPe | Payload::Terse(_) | Payload::Unreadable, None) => None,
    };
    efi.stored.zip(needed).is_some_and(|(stored, needed)| needed <= stored.len())
}

/// Whether a legacy image stands behind `span`.
fn legacy_behind(rom: &Rom<'_>, span: Span) -> bool {
    rom.images.iter().any(|image| image.span().offset >= span.end() && matches!(image.body, Body::Legacy(_)))
}

fn end(rom: &Rom<'_>, predictions: &Predictions<'_, '_>, findings: &mut Vec<Finding>) {
    let Some((index, image)) = rom.images.iter().enumerate().next_back() else { return };
    let end = image.span().end();
    let rest = Span::new(end, rom.window.len().saturating_sub(end));
    let data = rom.regions.iter().find(|region| region.kind == RegionKind::Trailing && region.span.offset >= end);
    let of_image = |code, message| Finding::of_image(code, index, image.span(), message);
    let finding = match rom.end {
        ChainEnd::Marked { hidden: Some(at) } => {
            let message = format!("image {index} is marked as last, but another image begins at {at:#x}");
            Finding::of_file(Code::HiddenImage, Span::new(at, rom.window.len().saturating_sub(at)), message)
        }
        ChainEnd::Marked { hidden: None } => {
            let Some((region, at)) = data.and_then(|region| Some((region, region.lost?))) else { return };
            let message = format!("image {index} is marked as last, but a part of another stands at {at:#x}");
            Finding::of_file(Code::HiddenImage, region.span, message)
        }
        ChainEnd::Truncated { missing } => {
            let needed = image.declared_length;
            let message = format!("image {index} is {needed} bytes long, and the last {missing} of them are missing");
            let filling = has_what_is_loaded(image) && predictions.some_runs(index);
            of_image(if filling { Code::TruncatedFilling } else { Code::Truncated }, message)
        }
        ChainEnd::EndOfFile => of_image(Code::NoLastImage, format!("the file ends with image {index}, which promises another")),
        ChainEnd::NothingFollows => match data {
            None => of_image(Code::NoLastImage, format!("only padding follows image {index}, which promises another")),
            Some(Region { lost: None, .. }) => {
                of_image(Code::NoLastImage, format!("only other data follows image {index}, which promises another"))
            }
            Some(Region { lost: Some(at), .. }) => {
                let message = format!("image {index} promises another, but none begins here; a part of one stands at {at:#x}");
                Finding::of_file(Code::ChainBroken, rest, message)
            }
        },
        ChainEnd::ZeroLength if image.pcir().is_some_and(|pcir| pcir.indicator.is_last()) => {
            let is_efi = matches!(image.body, Body::Efi(_));
            let code = if is_efi { Code::ZeroLength } else { Code::ZeroLengthOther };
            of_image(code, format!("image {index} says that it is 0 bytes long"))
        }
        ChainEnd::ZeroLength => {
            of_image(Code::ZeroLengthHang, format!("image {index} says that it is 0 bytes long and that another follows"))
        }
        ChainEnd::Limit => Finding::of_file(Code::TooManyImages, rest, format!("{} images were read", rom.images.len())),
        ChainEnd::NoImage | ChainEnd::Unreadable => return,
    };
    findings.push(finding);
}
