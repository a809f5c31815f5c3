//! What is in a firmware image, item by item, in words.

use crate::report::extract as report;
use crate::text::{Block, Hex, Line, block};
use rom_core::layout::{FfsFileType, Guid};
use rom_core::unpack::{Item, ItemKind, Opaque, Place, Unpacked};

/// Places that are listed of what was not understood. The count is that of all.
const MOST_PLACES: usize = 20;

/// What was not understood, in words: how much of it there is, and where.
pub(super) fn not_understood(unpacked: &Unpacked<'_>) -> Vec<Block> {
    let places = unpacked.opaque().count();
    if places == 0 {
        return Vec::new();
    }
    let bytes = opaque_bytes(unpacked);
    let mut lines: Vec<Block> =
        unpacked.opaque().take(MOST_PLACES).map(|(item, why)| opaque(item, why)).collect();
    if places > MOST_PLACES {
        lines.push(block![places.saturating_sub(MOST_PLACES), " more places"]);
    }
    lines.push(block![bytes, " bytes in ", places, " places were not understood"]);
    lines
}

/// Bytes that were not understood, of the file and of what was decoded.
pub(super) fn opaque_bytes(unpacked: &Unpacked<'_>) -> usize {
    unpacked.opaque().fold(0, |sum, (item, _)| sum.saturating_add(item.place.span.length))
}

fn opaque(item: &Item, why: &Opaque) -> Block {
    let at = block![item.place.span.length, " bytes at ", place_text(item.place), ": "];
    let guid = |guid: &Guid| Line::new(guid.to_string());
    match why {
        Opaque::Guid(own) => {
            block![at, "encoded as ", guid(own), " says, which is not known; often encryption"]
        }
        Opaque::FileSystem(own) => {
            block![at, "a volume with the file system ", guid(own), ", which is not known"]
        }
        Opaque::Damaged => block![at, "damaged"],
        Opaque::TooLarge => block![at, "too large once decoded"],
        Opaque::Password => block![at, "encrypted with a password"],
        Opaque::Named(name) => block![at, *name, ", which is not opened"],
        Opaque::Cut(missing) => block![at, *missing, " bytes after them are missing"],
        _ => block![at, "not known"],
    }
}

/// A place in words.
fn place_text(place: Place) -> Block {
    let decoded = (place.part > 0).then(|| block![" of decoded part ", place.part]);
    block![Hex(place.span.offset), decoded]
}

pub(super) fn leaf(item: &Item) -> report::Item {
    let (what, guid) = match &item.kind {
        ItemKind::Region(name) => (block!["region: ", *name], None),
        ItemKind::Capsule(name) => (block![*name], None),
        ItemKind::Volume(system, name) => (block!["volume"], Some(name.unwrap_or(*system))),
        ItemKind::File(FfsFileType(code), guid) => {
            let name = FfsFileType(*code).name();
            (
                name.map_or_else(
                    || block!["file of type ", Line::new(format!("{code:#04x}"))],
                    |name| block![name],
                ),
                Some(*guid),
            )
        }
        ItemKind::Section(kind) => (block!["section: ", kind.name().unwrap_or("unknown")], None),
        ItemKind::Program => (block!["program"], None),
        ItemKind::Container(format) => (block![format.name()], None),
        ItemKind::Entry => (block!["part"], None),
        ItemKind::OptionRom => (block!["option ROM"], None),
        _ => (block!["not understood"], None),
    };
    report::Item {
        depth: item.depth,
        what,
        guid: guid.map(|guid| guid.to_string().into()),
        name: item.name.as_deref().map(Line::from),
        offset: item.place.span.offset,
        length: item.place.span.length,
    }
}
