//! Taking apart, making and mending, and the catalog against its release.

use super::file::{FileRow, file};
use crate::commands::build::Built;
use crate::commands::catalog::release::{Compared, Differences, State};
use crate::commands::extract::{Extracted, Leaf, Piece};
use crate::commands::fix::Fixed;
use crate::commands::scan::Hit;
use rom_core::Digest;
use rom_core::analysis::ImageSummary;
use rom_core::repair::{Edit, RepairError};
use serde::Serialize;

pub(super) fn build(built: &Built) -> BuildRow<'_> {
    BuildRow { steps: &built.steps, file: file(&built.checked) }
}

pub(super) fn fix(fixed: &Fixed) -> FixRow<'_> {
    let edit = |(repair, edit): &(&'static str, Edit)| EditRow { repair, edit: edit_row(edit) };
    let refusal = |refusal: &RepairError| RefusalRow { repair: refusal.repair.name(), reason: refusal.to_string() };
    FixRow {
        kind: fixed.kind.name(),
        path: &fixed.path,
        edits: fixed.edits.iter().map(edit).collect(),
        refused: fixed.refused.iter().map(refusal).collect(),
        file: fixed.written.as_ref().map(file),
    }
}

pub(super) fn differences(found: &Differences) -> DifferenceRow<'_> {
    DifferenceRow {
        catalog: &found.catalog,
        source: &found.source,
        roms: found.assets.iter().map(asset_row).collect(),
        written: found.written.as_deref(),
    }
}

/// How a catalog and a release differ.
#[derive(Serialize)]
pub(super) struct DifferenceRow<'a> {
    catalog: &'a str,
    source: &'a str,
    roms: Vec<AssetRow<'a>>,
    written: Option<&'a str>,
}

#[derive(Serialize)]
struct AssetRow<'a> {
    rom: &'a str,
    state: &'static str,
    pinned: Option<String>,
    there: Option<String>,
    size: Option<u64>,
}

fn asset_row(asset: &Compared) -> AssetRow<'_> {
    let row = |state, pinned: Option<&Digest>, there: Option<&Digest>, size| AssetRow {
        rom: &asset.name,
        state,
        pinned: pinned.map(ToString::to_string),
        there: there.map(ToString::to_string),
        size,
    };
    match &asset.state {
        State::Same => row("same", None, None, None),
        State::Changed { pinned, there } => row("changed", Some(pinned), Some(there), None),
        State::New { sha256, size, .. } => row("new", None, Some(sha256), Some(*size)),
        State::Gone => row("gone", None, None, None),
        State::Undigested => row("undigested", None, None, None),
    }
}

/// A ROM that was made.
#[derive(Serialize)]
pub(super) struct BuildRow<'a> {
    steps: &'a [String],
    file: FileRow<'a>,
}

/// What was mended.
#[derive(Serialize)]
pub(super) struct FixRow<'a> {
    path: &'a str,
    /// What the file is.
    kind: &'static str,
    edits: Vec<EditRow>,
    refused: Vec<RefusalRow>,
    file: Option<FileRow<'a>>,
}

#[derive(Serialize)]
struct EditRow {
    repair: &'static str,
    #[serde(flatten)]
    edit: EditKind,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum EditKind {
    Overwritten { what: &'static str, offset: usize, old: String, new: String },
    Cut { offset: usize, length: usize },
    Filled { length: usize },
    Wrapped { length: usize },
}

#[derive(Serialize)]
struct RefusalRow {
    repair: &'static str,
    reason: String,
}

fn edit_row(edit: &Edit) -> EditKind {
    match edit {
        Edit::Overwritten { what, at, old, new } => {
            EditKind::Overwritten { what, offset: *at, old: hex::encode(old), new: hex::encode(new) }
        }
        Edit::Cut(span) => EditKind::Cut { offset: span.offset, length: span.length },
        Edit::Filled(length) => EditKind::Filled { length: *length },
        Edit::Wrapped(length) => EditKind::Wrapped { length: *length },
    }
}

/// A ROM inside of something; each is an object on a line of its own.
#[derive(Serialize)]
pub(super) struct HitRow<'a> {
    path: &'a str,
    offset: u64,
    length: usize,
    missing: usize,
    sha256: Option<String>,
    rom: Option<&'a str>,
    verdict: &'static str,
    images: Vec<HitImage>,
}

#[derive(Serialize)]
struct HitImage {
    kind: &'static str,
    vendor: Option<String>,
    device: Option<String>,
    length: usize,
}

pub(super) fn hit_row(hit: &Hit) -> HitRow<'_> {
    HitRow {
        path: &hit.path,
        offset: hit.offset,
        length: hit.length,
        missing: hit.missing,
        sha256: hit.analysis.sha256.map(|digest| digest.to_string()),
        rom: hit.analysis.known.as_ref().map(|known| known.rom.as_str()),
        verdict: hit.analysis.verdict.name(),
        images: hit.analysis.images.iter().map(hit_image).collect(),
    }
}

fn hit_image(image: &ImageSummary) -> HitImage {
    HitImage {
        kind: image.kind.name(),
        vendor: image.device.map(|id| format!("{:04x}", id.vendor)),
        device: image.device.map(|id| format!("{:04x}", id.device)),
        length: image.span.length,
    }
}

/// What was taken out of a file.
#[derive(Serialize)]
pub(super) struct ExtractRow<'a> {
    path: &'a str,
    kind: &'static str,
    parts: Vec<PartRow<'a>>,
    items: Vec<ItemRow<'a>>,
    sealed: &'a [String],
    folder: Option<&'a str>,
}

#[derive(Serialize)]
struct PartRow<'a> {
    name: &'a str,
    what: &'a str,
    place: &'a str,
    length: usize,
    devices: &'a [String],
    evidence: &'a [String],
    copies: usize,
}

#[derive(Serialize)]
struct ItemRow<'a> {
    depth: usize,
    what: &'a str,
    guid: Option<&'a str>,
    name: Option<&'a str>,
    offset: usize,
    length: usize,
}

pub(super) fn extract(extracted: &Extracted) -> ExtractRow<'_> {
    fn part(piece: &Piece) -> PartRow<'_> {
        PartRow {
            name: &piece.name,
            what: &piece.what,
            place: &piece.place,
            length: piece.length,
            devices: &piece.devices,
            evidence: &piece.evidence,
            copies: piece.copies,
        }
    }
    fn item(leaf: &Leaf) -> ItemRow<'_> {
        ItemRow {
            depth: leaf.depth,
            what: &leaf.what,
            guid: leaf.guid.as_deref(),
            name: leaf.name.as_deref(),
            offset: leaf.offset,
            length: leaf.length,
        }
    }
    ExtractRow {
        path: &extracted.path,
        kind: extracted.kind,
        parts: extracted.pieces.iter().map(part).collect(),
        items: extracted.tree.iter().map(item).collect(),
        sealed: &extracted.sealed,
        folder: extracted.folder.as_deref(),
    }
}
