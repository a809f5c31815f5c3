//! What matters to a GPU in a firmware image: drivers, option ROMs, Video BIOS Tables.

use super::{Item, ItemKind, Place, Unpacked};
use crate::bytes::{Span, Window};
use crate::contents::{self, Contents, GpuIds, Vbt};
use crate::layout::{FfsFileType, Guid, SectionType};
use crate::scan;

/// Something of use.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// Where it is.
    pub place: Place,
    /// The file that it is in: its GUID, and its name for people.
    pub file: Option<(Guid, Option<String>)>,
}

/// What something of use is.
#[derive(Clone, Debug)]
pub enum FoundKind {
    /// A driver: a PE or TE image, and what it is.
    Driver(Box<Contents>),
    /// An option ROM.
    OptionRom,
    /// A Video BIOS Table outside of drivers.
    Vbt(Vbt),
}

/// Everything of use in a firmware image, in its order. `known` tells GPU ids from chance.
#[must_use]
pub fn found(unpacked: &Unpacked<'_>, known: &GpuIds) -> Vec<Found> {
    let mut found = Vec::new();
    let mut file = None;
    for item in &unpacked.items {
        match &item.kind {
            ItemKind::File(FfsFileType::RAW, guid) => {
                file = Some((*guid, item.name.clone()));
                raw(unpacked, item, file.as_ref(), &mut found);
            }
            ItemKind::File(_, guid) => file = Some((*guid, item.name.clone())),
            ItemKind::Section(SectionType::PE32 | SectionType::TE) => {
                let driver = contents::of_driver(Window::of_file(unpacked.bytes(item.place)), known);
                found.push(Found { kind: FoundKind::Driver(Box::new(driver)), place: item.place, file: file.clone() });
            }
            ItemKind::Section(SectionType::RAW | SectionType::FREEFORM_SUBTYPE_GUID | SectionType::COMPATIBILITY16) => {
                raw(unpacked, item, file.as_ref(), &mut found);
            }
            _ => {}
        }
    }
    found
}

/// Adds option ROMs and a table that stand in plain bytes.
fn raw(unpacked: &Unpacked<'_>, item: &Item, file: Option<&(Guid, Option<String>)>, found: &mut Vec<Found>) {
    let bytes = unpacked.bytes(item.place);
    let mut add = |kind, span: Span| {
        if let Some(place) = item.place.inner(span.offset, span.length) {
            found.push(Found { kind, place, file: file.cloned() });
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
