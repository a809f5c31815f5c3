//! The parts of a ROM, by region, and of a file that is none.

use super::{Found, shown};
use crate::commands::structures::structures;
use crate::report::file::{self, File, Structure, TableKind};
use crate::report::page::{Band, Class, Excerpt, Part};
use crate::text::{Block, Hex, block};
use rom_core::count::Count;
use rom_core::model::{ImageKind, Payload};
use rom_core::{Body, Image, Rom, Span};

pub(super) fn add(found: &mut Found, report: &File, rom: &Rom<'_>) {
    let bytes = rom.window.bytes();
    let mut decoded: Vec<(usize, &[u8])> = Vec::new();
    for region in &report.regions {
        let span = Span::new(region.offset, region.length);
        let image = region.image.and_then(|index| rom.images.get(index));
        let own = region.image.and_then(|index| report.images.get(index));
        let (Some(image), Some(own)) = (image, own) else {
            found.parts.push(other(region, report));
            continue;
        };
        found.parts.push(of_image(own, span));
        let first = found.parts.len();
        for structure in merged(structures(image, rom.window)) {
            found.parts.extend(of_structure(structure));
        }
        match &image.body {
            Body::Efi(efi) => {
                let Some(stored) = efi.stored else { continue };
                let compressed = efi.compression.is_some();
                let length = match &efi.payload {
                    Payload::Pe(pe) if !compressed => pe.extent.min(stored.len()),
                    _ => stored.len(),
                };
                let span = Span::new(stored.span().offset, length);
                found.parts.push(driver(own, span, compressed));
                if compressed && !efi.driver.is_empty() {
                    let band = found.bands.len();
                    let title = block!["The driver of image ", own.index, ", decompressed"];
                    found.bands.push(Band { title, length: efi.driver.len() });
                    decoded.push((band, &efi.driver));
                } else {
                    tables(found, own, 0, 2, span.offset);
                }
            }
            Body::Legacy(_) => tables(found, own, 0, 1, 0),
            Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => {}
        }
        padding(found, first, image);
    }
    let most = shown(found.parts.len());
    for part in &mut found.parts {
        let end = part.offset.saturating_add(part.length);
        part.excerpt = Some(Excerpt::new(bytes, part.offset, end, most));
    }
    let compressed =
        report.images.iter().filter(|image| image.efi.as_ref().is_some_and(|efi| efi.compressed));
    for ((band, driver_bytes), own) in decoded.into_iter().zip(compressed) {
        let from = found.parts.len();
        let span = Span::new(0, driver_bytes.len());
        found.parts.push(Part { band, depth: 0, ..driver(own, span, false) });
        tables(found, own, band, 1, 0);
        for part in found.parts.iter_mut().skip(from) {
            let end = part.offset.saturating_add(part.length);
            part.excerpt = Some(Excerpt::new(driver_bytes, part.offset, end, most));
        }
    }
}

/// A part at `span` of the file of which nothing more is known.
fn part(depth: usize, class: Class, span: Span, title: Block, meaning: Block) -> Part {
    let Span { offset, length } = span;
    let (facts, fields) = (Vec::new(), Vec::new());
    Part { band: 0, depth, class, title, meaning, offset, length, facts, fields, excerpt: None }
}

/// A region that is not an image.
fn other(region: &file::Region, report: &File) -> Part {
    let span = Span::new(region.offset, region.length);
    let (class, title, meaning) = match region.kind {
        file::Part::Container => (
            Class::Unknown,
            block!["container"],
            block!["What is before the first image. Firmware does not look past it."],
        ),
        file::Part::Padding => {
            (Class::Padding, block!["padding"], block!["Bytes that fill space and say nothing."])
        }
        file::Part::Unread => {
            (Class::Unknown, block![&report.kind_text], block!["It is not an option ROM."])
        }
        file::Part::Image | file::Part::Trailing => (
            Class::Unknown,
            block!["other data"],
            block!["Data that belongs to no image. Firmware does not read it."],
        ),
    };
    let mut part = part(0, class, span, title, meaning);
    part.facts.extend(region.lost.as_ref().map(|lost| ("damaged image", block![lost])));
    part
}

fn of_image(image: &file::Image, span: Span) -> Part {
    let kind = match image.kind.0 {
        ImageKind::Efi => "EFI",
        ImageKind::Legacy => "legacy",
        ImageKind::OpenFirmware => "Open Firmware",
        ImageKind::HpPaRisc => "HP PA-RISC",
        ImageKind::Unknown => "unknown",
    };
    let driver = image.contents.as_ref().and_then(|contents| contents.driver);
    let title =
        block!["image ", image.index, ": ", kind, driver.map(|kind| block![", ", kind.0.name()])];
    let meaning = match image.kind.0 {
        ImageKind::Efi => "An image that UEFI firmware can start: a header, and a driver.",
        ImageKind::Legacy => {
            "An image for a legacy BIOS: 16-bit code. UEFI firmware does not start it; guest drivers \
             may read tables in it."
        }
        ImageKind::OpenFirmware | ImageKind::HpPaRisc => "An image for another kind of machine.",
        ImageKind::Unknown => "An image that nothing known starts.",
    };
    let mut part = part(0, Class::Container, span, title, block![meaning]);
    if let (Some(vendor), Some(device)) = (&image.vendor, &image.device) {
        let name = image.name.as_ref().map(|name| block![" (", name, ")"]);
        part.facts.push(("ids", block![vendor, ":", device, name]));
    }
    part.facts.extend(image.class.as_ref().map(|class| ("class", block![class])));
    let last = if image.last { "yes" } else { "no" };
    part.facts.push(("marked as the last", block![last]));
    part
}

/// Structures, those of a list as one.
fn merged(structures: Vec<Structure>) -> Vec<Structure> {
    let mut merged: Vec<Structure> = Vec::new();
    for structure in structures {
        match merged.last_mut().filter(|last| last.name == structure.name) {
            Some(last) => last.fields.extend(structure.fields),
            None => merged.push(structure),
        }
    }
    merged
}

fn of_structure(structure: Structure) -> Option<Part> {
    let first = structure.fields.first()?;
    let last = structure.fields.last()?;
    let end = last.offset.saturating_add(last.bytes.0.len());
    let span = Span::new(first.offset, end.saturating_sub(first.offset));
    let meaning = match structure.name {
        "EFI ROM header" => {
            "Marks the image as an option ROM (55 AA) with an EFI driver, and says where the driver \
             begins and whether it is compressed."
        }
        "legacy ROM header" => {
            "Marks the image as an option ROM (55 AA) for a legacy BIOS, and says how long it is."
        }
        "ROM header" => "Marks the image as an option ROM (55 AA).",
        "PCI data structure" => {
            "Says which device the image is for, what kind of code it holds, how long it is and \
             whether it is the last."
        }
        "PCI data structure, revision 3" => "What later versions of the structure added.",
        "device list" => "Further devices that the image is for.",
        "NVIDIA PCI data extension" => "Where NVIDIA's next image is.",
        "compressed data" => "How long the driver is before and after compression.",
        "$PnP header" => "How a legacy BIOS starts the code.",
        _ => "A structure of the format.",
    };
    let title = block![structure.name];
    let mut part = part(1, Class::Header, span, title, block![meaning]);
    part.fields = structure.fields;
    Some(part)
}

/// The driver of an image, at `span` of its band.
fn driver(image: &file::Image, span: Span, compressed: bool) -> Part {
    let contents = image.contents.as_ref();
    let kind = contents.and_then(|contents| contents.driver).map(|kind| kind.0.name());
    let title = block![kind.unwrap_or("driver"), compressed.then_some(", compressed")];
    let meaning = if compressed {
        "The driver, compressed. Firmware decompresses it before it starts it."
    } else {
        "A program that firmware starts, in the format of Windows programs (PE)."
    };
    let mut part = part(1, Class::Driver, span, title, block![meaning]);
    if let Some(efi) = &image.efi {
        part.facts.push(("machine", block![&efi.machine]));
        part.facts.push(("subsystem", block![&efi.subsystem]));
        for signer in efi.signature.iter().flat_map(|signature| &signature.signers) {
            part.facts.push(("signed by", block![&signer.subject]));
        }
    }
    let Some(contents) = contents.filter(|_| !compressed) else { return part };
    part.facts.extend(contents.gop_version.as_ref().map(|version| ("version", block![version])));
    if let [first, .., last] = contents.devices.as_slice() {
        let count = Count(contents.devices.len(), "GPU");
        part.facts.push(("lists", block![count, ", from ", *first, " to ", *last]));
    }
    part.facts.extend(contents.evidence.iter().map(|line| ("identified by", block![line])));
    part
}

/// The tables of a driver or of a legacy image, whose places count from `base` of the band.
fn tables(found: &mut Found, image: &file::Image, band: usize, depth: usize, base: usize) {
    let Some(contents) = &image.contents else { return };
    for table in &contents.tables {
        let span = Span::new(base.saturating_add(table.offset), table.length);
        let title = match table.kind {
            TableKind::AssignmentTable => block!["table of the IGD assignment driver"],
            TableKind::GopList => block!["list of the GOP driver"],
        };
        let meaning =
            block!["The GPUs that the driver starts for: ", Count(table.devices.len(), "id"), "."];
        let mut part = part(depth, Class::Table, span, title, meaning);
        part.band = band;
        let ids = table.devices.iter().enumerate().fold(Block::default(), |ids, (index, id)| {
            block![ids, (index > 0).then_some(" "), *id]
        });
        part.facts.push(("GPUs", ids));
        found.parts.push(part);
    }
    if let Some(vbt) = &contents.vbt {
        let span = Span::new(base.saturating_add(vbt.offset), vbt.length);
        let title = block!["Video BIOS Table of ", &vbt.product];
        let meaning = block!["Says which connectors the board has and how they are wired."];
        let mut part = part(depth, Class::Table, span, title, meaning);
        part.band = band;
        part.facts.push(("version", block![usize::from(vbt.version)]));
        let sum = vbt.checksum_matches.map(|matches| if matches { "matches" } else { "differs" });
        part.facts.extend(sum.map(|sum| ("checksum", block![sum])));
        found.parts.push(part);
    }
}

/// Adds the end of an image that says nothing, after what is known of it.
fn padding(found: &mut Found, first: usize, image: &Image<'_>) {
    let end = image.span().end();
    let last = found.parts.iter().skip(first).map(|part| part.offset.saturating_add(part.length));
    let Some(from) = last.max().filter(|from| *from < end) else { return };
    let bytes = image.window.bytes();
    let rest = from.checked_sub(image.span().offset).and_then(|from| bytes.get(from..));
    let is_padding = |rest: &[u8]| rest.iter().all(|byte| Some(byte) == rest.first());
    if rest.is_some_and(is_padding) {
        let span = Span::new(from, end.saturating_sub(from));
        let title = block!["padding"];
        let meaning = block!["Fills the image up to ", Hex(end), "."];
        found.parts.push(part(1, Class::Padding, span, title, meaning));
    }
}
