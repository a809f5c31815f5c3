//! The parts of a firmware image, and what of it was not understood.

use super::empty;
use super::parts::{Taken, driver_piece, inner, part, vbt_text};
use crate::commands::tree::{leaf, not_understood, opaque_bytes};
use crate::report::extract::{Extract, Kind, Place};
use crate::text::{Block, block};
use rom_core::contents::{self, DriverKind, GpuIds};
use rom_core::layout::Guid;
use rom_core::unpack::{self, Found, FoundKind, Unpacked};
use rom_core::{Image, Limits, Window, parse};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Parts that are listed. Real images hold a tenth of that.
const MOST_PARTS: usize = 20_000;

pub(super) fn of_firmware<'a>(
    unpacked: &'a Unpacked<'_>,
    all: bool,
    known: &GpuIds,
) -> (Extract, Vec<Taken<'a>>) {
    let found = unpack::found(unpacked, known);
    let mut extracted = empty(Kind::FirmwareImage);
    extracted.other_drivers = found.iter().filter(|found| !matters(found)).count();
    let mut taken: Vec<Taken<'_>> = Vec::new();
    // Two halves of a chip may hold the same BIOS: each part is listed once.
    let mut seen: HashMap<&[u8], usize> = HashMap::new();
    for found in found.iter().filter(|found| all || matters(found)) {
        if taken.len() > MOST_PARTS {
            break;
        }
        match seen.entry(unpacked.bytes(found.place)) {
            Entry::Vacant(place) => {
                place.insert(taken.len());
                taken.extend(of_found(unpacked, found));
            }
            Entry::Occupied(first) => {
                if let Some(Taken { part, .. }) = taken.get_mut(*first.get()) {
                    part.copies = part.copies.saturating_add(1);
                }
            }
        }
    }
    let too_many = taken.len() > MOST_PARTS;
    taken.truncate(MOST_PARTS);
    extracted.opaque = not_understood(unpacked);
    extracted.opaque_bytes = opaque_bytes(unpacked);
    if unpacked.cut_by_limit || too_many {
        extracted.opaque.push(block!["it contains more than is read"]);
    }
    if unpacked.items.is_empty() {
        extracted.kind = Kind::Nothing;
    }
    if all {
        extracted.items = unpacked.items.iter().map(leaf).collect();
    }
    (extracted, taken)
}

/// Whether something has to do with graphics or option ROMs. Half of a firmware image uses Graphics
/// Output or a network: what drives a device on PCI counts.
fn matters(found: &Found) -> bool {
    let FoundKind::Driver(contents) = &found.kind else { return true };
    match contents.driver {
        None | Some(DriverKind::Unknown) => contents.vbt.is_some(),
        Some(DriverKind::Network) => {
            contents.protocols.iter().any(|protocol| protocol.name == "PCI I/O")
        }
        Some(_) => true,
    }
}

fn of_found<'a>(unpacked: &'a Unpacked<'_>, found: &Found) -> Vec<Taken<'a>> {
    let bytes = unpacked.bytes(found.place);
    let stem = stem_of(found);
    let decoded = Some(found.place.part).filter(|part| *part > 0);
    let place = Place { offset: found.place.span.offset, length: found.place.span.length, decoded };
    match &found.kind {
        FoundKind::Driver(contents) => {
            let driver = driver_piece(&stem, bytes, Some(contents), place);
            [driver].into_iter().chain(inner(&stem, bytes, 0, contents, true)).collect()
        }
        FoundKind::OptionRom => {
            vec![part(format!("{stem}.rom"), rom_text(bytes), Some(place), bytes)]
        }
        FoundKind::Vbt(vbt) => vec![part(format!("{stem}.vbt"), vbt_text(vbt), Some(place), bytes)],
        _ => Vec::new(),
    }
}

/// An option ROM in words: what its images are, for which device, and whether it holds a table for
/// the screens.
fn rom_text(bytes: &[u8]) -> Block {
    let rom = parse(bytes, &Limits::default());
    let device = rom.images.iter().find_map(Image::device).map(|device| block![" for ", device]);
    let mut text = block!["option ROM", device, ", "];
    for (index, image) in rom.images.iter().enumerate() {
        text = block![text, (index > 0).then_some(" + "), image.body.kind().name()];
    }
    let vbt = contents::find_vbt(Window::of_file(bytes)).map(|vbt| block![", ", vbt_text(&vbt)]);
    block![text, vbt]
}

/// The name of something that was found, without an ending.
pub(super) fn stem_of(found: &Found) -> String {
    match (&found.file, &found.entry) {
        (Some((guid, name)), _) => file_name(name.as_deref(), *guid),
        (None, Some(entry)) => entry_stem(entry),
        (None, None) => "unnamed".to_owned(),
    }
}

/// The name of a file of an update as a stem: without its folder and its ending.
fn entry_stem(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = own.rsplit_once('.').map_or(own, |(stem, _)| stem);
    file_name(Some(stem), Guid([0; 16]))
}

/// A name that is safe as a file's: of a firmware image's own, only letters that no file system
/// minds.
fn file_name(name: Option<&str>, guid: Guid) -> String {
    /// Bytes of a name, so that numbers and endings fit into what every file system takes (143
    /// bytes under eCryptfs).
    const LONGEST: usize = 96;
    let safe = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-_+".contains(letter) { letter } else { '_' }
    };
    match name.map(|name| name.chars().map(safe).take(LONGEST).collect::<String>()) {
        // A leading minus would make it an option of the next command.
        Some(name) if name.starts_with('-') => format!("_{name}"),
        Some(name) if name.chars().any(|letter| letter.is_ascii_alphanumeric()) => name,
        Some(_) | None => guid.to_string(),
    }
}
