//! The parts of a firmware image: its tree.

use super::{Found, MOST_PARTS, shown};
use crate::commands::tree;
use crate::report::page::{Band, Class, Excerpt, Part};
use crate::text::{Block, Line, block};
use rom_core::contents::GpuIds;
use rom_core::count::Count;
use rom_core::file_kind::Reached;
use rom_core::inside::unpack_limits;
use rom_core::layout::SectionType;
use rom_core::unpack::{self, FoundKind, Item, ItemKind, Place};
use std::collections::HashMap;

/// Bands that are drawn: those of the file, and of what was decoded first.
const MOST_BANDS: usize = 24;

pub(super) fn add(
    found: &mut Found,
    bytes: &[u8],
    file: &[u8],
    reached: &Reached<'_>,
    known: &GpuIds,
) {
    let unpacked = unpack::unpack(bytes, &unpack_limits(file, reached));
    found.notes.extend(tree::not_understood(&unpacked));
    let useful = unpack::found(&unpacked, known);
    let useful: HashMap<(usize, usize), &unpack::Found> =
        useful.iter().map(|found| (key(found.place), found)).collect();
    let most = shown(unpacked.items.len());
    for item in &unpacked.items {
        let place = item.place;
        while found.bands.len() <= place.part.min(MOST_BANDS) && place.part > 0 {
            let part = found.bands.len();
            let length = unpacked.length(part);
            found.bands.push(Band { title: block!["Decoded part ", part], length });
        }
        if found.parts.len() >= MOST_PARTS {
            let more = unpacked.items.len().saturating_sub(MOST_PARTS);
            found.notes.push(block![more, " more parts are not listed"]);
            break;
        }
        let own = useful.get(&key(place)).copied();
        let mut part = of_item(item, own);
        let end = place.span.length;
        let excerpt = Excerpt::new(unpacked.bytes(place), 0, end, most);
        part.excerpt = Some(Excerpt { offset: place.span.offset, ..excerpt });
        found.parts.push(part);
    }
}

/// What tells places apart.
const fn key(place: Place) -> (usize, usize) {
    (place.part, place.span.offset)
}

fn of_item(item: &Item, found: Option<&unpack::Found>) -> Part {
    let leaf = tree::leaf(item);
    let name = leaf.name.as_ref().map(|name| block![" ", name]);
    let mut title = block![&leaf.what, name];
    let (mut class, mut meaning) = class(&item.kind);
    let mut facts: Vec<(&'static str, Block)> = Vec::new();
    facts.extend(leaf.guid.map(|guid| ("GUID", block![guid])));
    match found.map(|found| &found.kind) {
        Some(FoundKind::Driver(contents)) if is_program(&item.kind) => {
            class = Class::Driver;
            let kind = contents.driver.unwrap_or(rom_core::contents::DriverKind::Unknown);
            title = block![kind.name()];
            meaning = "A program of the firmware.";
            let devices = contents.devices();
            if let [first, .., last] = devices.as_slice() {
                let count = Count(devices.len(), "GPU");
                facts.push(("lists", block![count, ", from ", *first, " to ", *last]));
            }
            let evidence = contents.evidence.iter().map(|evidence| Line::new(evidence.to_string()));
            facts.extend(evidence.map(|line| ("identified by", block![line])));
        }
        Some(FoundKind::OptionRom) if item.kind == ItemKind::OptionRom => class = Class::OptionRom,
        Some(FoundKind::Vbt(vbt)) => {
            class = Class::Table;
            facts.push(("Video BIOS Table of", block![Line::new(vbt.product.as_str())]));
        }
        _ => {}
    }
    Part {
        band: item.place.part,
        depth: item.depth,
        class,
        title,
        meaning: block![meaning],
        offset: item.place.span.offset,
        length: item.place.span.length,
        facts,
        fields: Vec::new(),
        excerpt: None,
    }
}

const fn is_program(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Section(SectionType::PE32 | SectionType::TE) | ItemKind::Entry)
}

fn class(kind: &ItemKind) -> (Class, &'static str) {
    match kind {
        ItemKind::Region(_) => (Class::Container, "A region of the flash chip."),
        ItemKind::Capsule(_) => (Class::Container, "The envelope of an update."),
        ItemKind::Volume(..) => (Class::Container, "A firmware volume: files, as on a disk."),
        ItemKind::Container(_) => (Class::Container, "An update file, or an archive."),
        ItemKind::Program => (Class::Header, "A program that something was put behind."),
        ItemKind::Entry => (Class::Firmware, "A file of the update."),
        ItemKind::OptionRom => (Class::OptionRom, "An option ROM that is in no file of a volume."),
        ItemKind::File(..) => (Class::Firmware, "A file of the volume."),
        ItemKind::Section(_) => (Class::Firmware, "A section of a file."),
        ItemKind::Opaque(_) => (Class::Unknown, "Nothing in it is known."),
        _ => (Class::Unknown, ""),
    }
}
