//! What matters to a GPU in a firmware image: drivers, option ROMs, Video BIOS Tables.

use super::{Item, ItemKind, Place, Unpacked};
use crate::bytes::{Span, Window};
use crate::contents::{self, Contents, GpuIds, InFile, Vbt};
use crate::layout::{FfsFileType, Guid, SectionType, VbtHeader};
use crate::limits::Limits;
use crate::model::Payload;
use crate::read;
use crate::scan;
use std::collections::HashSet;

/// Something of use.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// Where it is.
    pub place: Place,
    /// The file of a volume that it is in: its GUID, and its name for people.
    pub file: Option<(Guid, Option<String>)>,
    /// The file of an update that it is, where it is in no volume.
    pub entry: Option<String>,
}

/// What something of use is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FoundKind {
    /// A driver: a PE or TE image, and what it is.
    Driver(Box<Contents>),
    /// An option ROM.
    OptionRom,
    /// A Video BIOS Table outside of drivers.
    Vbt(Vbt),
}

/// Everything of use in a firmware image, in its order; option ROMs that are in no item of their
/// own, such as in the data of a driver, come last. `known` tells GPU ids from chance.
#[must_use]
pub fn found(unpacked: &Unpacked<'_>, known: &GpuIds) -> Vec<Found> {
    let mut found = of_items(unpacked, known);
    add_others(unpacked, &mut found);
    found
}

/// Adds the option ROMs in the file, and in what was decoded, that are in none of `found`.
fn add_others(unpacked: &Unpacked<'_>, found: &mut Vec<Found>) {
    let of_place = |place: Place| (place.part, place.span.offset);
    let seen: HashSet<(usize, usize)> = found
        .iter()
        .filter(|found| matches!(found.kind, FoundKind::OptionRom))
        .map(|found| of_place(found.place))
        .collect();
    for (part, bytes) in unpacked.buffers.iter().enumerate() {
        for span in scan::roms(bytes) {
            let place = Place { part, span };
            if !seen.contains(&of_place(place)) {
                let file = file_around(unpacked, place);
                found.push(Found { kind: FoundKind::OptionRom, place, file, entry: None });
            }
        }
    }
}

/// The file of a volume that `place` is in.
fn file_around(unpacked: &Unpacked<'_>, place: Place) -> Option<(Guid, Option<String>)> {
    let item = unpacked.items.iter().rfind(|item| {
        let own = item.place;
        matches!(item.kind, ItemKind::File(..))
            && own.part == place.part
            && (own.span.offset..own.span.end()).contains(&place.span.offset)
    })?;
    let ItemKind::File(_, guid) = item.kind else { return None };
    Some((guid, item.name.clone()))
}

/// What the items are.
fn of_items(unpacked: &Unpacked<'_>, known: &GpuIds) -> Vec<Found> {
    let mut found = Vec::new();
    let mut file = None;
    let mut in_file = None;
    let mut entry_name = None;
    for item in &unpacked.items {
        match &item.kind {
            ItemKind::File(FfsFileType::RAW, guid) => {
                file = Some((*guid, item.name.clone()));
                raw(unpacked, item, file.as_ref(), &mut found);
            }
            ItemKind::File(file_type, guid) => {
                file = Some((*guid, item.name.clone()));
                in_file = Some(InFile { file_type: *file_type, name: *guid });
            }
            ItemKind::Section(SectionType::PE32 | SectionType::TE) => {
                let driver = contents::of_module(
                    Window::of_file(unpacked.bytes(item.place)),
                    in_file,
                    known,
                );
                found.push(Found {
                    kind: FoundKind::Driver(Box::new(driver)),
                    place: item.place,
                    file: file.clone(),
                    entry: None,
                });
            }
            ItemKind::Volume(..) => entry_name = None,
            ItemKind::Entry => {
                file = None;
                entry_name.clone_from(&item.name);
                entry(unpacked, item, known, &mut found);
            }
            ItemKind::OptionRom => {
                let entry = entry_name.clone();
                found.push(Found {
                    kind: FoundKind::OptionRom,
                    place: item.place,
                    file: None,
                    entry,
                });
            }
            ItemKind::Section(
                SectionType::RAW
                | SectionType::FREEFORM_SUBTYPE_GUID
                | SectionType::COMPATIBILITY16,
            ) => {
                raw(unpacked, item, file.as_ref(), &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Adds what a file of an update is, where it is something of use by itself.
fn entry(unpacked: &Unpacked<'_>, item: &Item, known: &GpuIds, found: &mut Vec<Found>) {
    let bytes = unpacked.bytes(item.place);
    let window = Window::of_file(bytes);
    let is_driver = || matches!(read::payload(window, &Limits::DEFAULT), Payload::Pe(pe) if pe.subsystem.is_driver());
    if bytes.starts_with(b"MZ") && is_driver() {
        let driver = contents::of_driver(window, known);
        let kind = FoundKind::Driver(Box::new(driver));
        found.push(Found { kind, place: item.place, file: None, entry: item.name.clone() });
    } else if bytes.starts_with(&VbtHeader::SIGNATURE)
        && let Some(vbt) = contents::find_vbt(window)
    {
        found.push(Found {
            kind: FoundKind::Vbt(vbt),
            place: item.place,
            file: None,
            entry: item.name.clone(),
        });
    }
}

/// Adds option ROMs and a table that are in plain bytes.
fn raw(
    unpacked: &Unpacked<'_>,
    item: &Item,
    file: Option<&(Guid, Option<String>)>,
    found: &mut Vec<Found>,
) {
    let bytes = unpacked.bytes(item.place);
    let mut add = |kind, span: Span| {
        if let Some(place) = item.place.inner(span.offset, span.length) {
            found.push(Found { kind, place, file: file.cloned(), entry: None });
        }
    };
    let roms = scan::roms(bytes);
    for span in &roms {
        add(FoundKind::OptionRom, *span);
    }
    if roms.is_empty()
        && let Some(vbt) = contents::find_vbt(Window::of_file(bytes))
    {
        let span = vbt.span;
        add(FoundKind::Vbt(vbt), span);
    }
}
