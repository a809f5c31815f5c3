//! What the file is, where that is not a ROM from its first byte on.

use super::{Code, FileFact, Finding};
use crate::bytes::Window;
use crate::contents::find_vbt;
use crate::file_kind::{Before, FileKind, Reached};
use crate::layout::BLOCK;
use crate::model::{Rom, TableState};
use crate::read;

/// Adds what there is to say about the kind of a file to the findings about the `rom` in it.
pub fn file_kind(reached: &Reached<'_>, rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let kinds = [&reached.kind].into_iter().chain(reached.steps.iter().map(|step| &step.kind));
    let innermost = reached.steps.len();
    for (depth, kind) in kinds.enumerate() {
        let is_rom = depth == innermost && has_rules_of_its_own(kind, rom);
        if !is_rom {
            findings.push(Finding::of_file(rom.span(), fact(reached, kind, rom)));
        }
    }
    // What is before the ROM of a table or of a program is the table or the program, and before the
    // next image of a damaged ROM it is the damaged one.
    if matches!(
        reached.inner(),
        FileKind::Vfct | FileKind::UpdateProgram(_) | FileKind::DamagedRom { .. }
    ) {
        findings.retain(|finding| finding.code != Code::Container);
    }
    // How long a ROM may be says nothing of what is none.
    if !reached.inner().is_rom() {
        findings.retain(|finding| !matches!(finding.code, Code::TooLarge | Code::UnevenSize));
    }
    // Each ROM of a table is one by itself.
    if *reached.inner() == FileKind::Vfct {
        findings.retain(|finding| finding.code != Code::HiddenImage);
    }
    // What looks like the rest of an image in another kind of file belongs to that.
    if !matches!(reached.inner(), FileKind::DamagedRom { .. }) {
        findings.retain(|finding| finding.code != Code::LostFirstImage);
    }
    if let FileKind::OptionRomAt { at, before: Before::Data, .. } = reached.inner()
        && at.is_multiple_of(BLOCK)
    {
        for finding in findings.iter_mut().filter(|finding| finding.code == Code::Container) {
            finding.fact = FileFact::MayBeImage { first_image: *at }.into();
        }
    }
    findings.sort_by_key(|finding| (finding.span.offset, finding.code));
}

/// Whether the rules about images and regions say what is wrong with it.
fn has_rules_of_its_own(kind: &FileKind, rom: &Rom<'_>) -> bool {
    match kind {
        FileKind::OptionRom | FileKind::IsaRom(_) | FileKind::OptionRomAt { .. } => {
            !rom.images.is_empty()
        }
        FileKind::DamagedRom { .. } => rom.regions.iter().any(|region| region.lost.is_some()),
        _ => false,
    }
}

/// What the table in `window` says of itself.
fn state(window: Window<'_>, kind: &FileKind) -> TableState {
    if *kind == FileKind::Vfct {
        return read::vfct(window).map_or_else(TableState::default, |table| TableState {
            images: Some(table.images.len()),
            missing: table.missing,
            checksum: table.checksum,
            ..TableState::default()
        });
    }
    find_vbt(window).map_or_else(TableState::default, |table| TableState {
        is_inner: *kind == FileKind::OpRegion,
        missing: table.size.saturating_sub(table.span.length),
        product: Some(table.product),
        version: table.bdb_version,
        checksum: table.checksum,
        ..TableState::default()
    })
}

/// What to say of one of the kinds that a file is.
fn fact(reached: &Reached<'_>, kind: &FileKind, rom: &Rom<'_>) -> FileFact {
    let kind = kind.clone();
    let has_rom = !rom.images.is_empty();
    match kind {
        FileKind::VideoBiosTable | FileKind::OpRegion | FileKind::Vfct => {
            let state = state(rom.window, &kind);
            FileFact::Table { kind, state }
        }
        FileKind::Archive(_) | FileKind::ByteText(_) if has_rom => FileFact::Packed { kind },
        FileKind::Archive(_) | FileKind::ByteText(_) => match reached.closed {
            Some(error) => FileFact::NotOpened { kind, error },
            None => FileFact::Kind { kind },
        },
        _ => FileFact::Kind { kind },
    }
}
