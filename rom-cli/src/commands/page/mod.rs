//! The page of a file: what `show` and `extract` write with `--html`.

mod firmware;
mod rom;

use super::check;
use crate::env::Env;
use crate::error::CliError;
use crate::files::FileBytes;
use crate::report::file::File;
use crate::report::page::{Band, Excerpt, FilePage, Part};
use crate::text::{Block, Line, block};
use rom_core::file_kind::{OpenLimits, reach};
use rom_core::inside::taken_apart;
use rom_core::{Context, parse_at};
use std::path::Path;

/// Parts that are listed.
const MOST_PARTS: usize = 3000;
/// Bytes that are shown of a part, where there are few parts and where there are many.
const MOST_BYTES: [usize; 2] = [512, 64];
/// Parts that are few.
const FEW: usize = 150;
/// Bytes that are shown before and after those of a finding.
const AROUND: usize = 32;
/// Bytes that are shown of a finding.
const MOST_OF_FINDING: usize = 256;

/// Writes the page of the file at `path` to `page`.
pub(super) fn write(
    page: &Path,
    path: &Path,
    file: &FileBytes,
    context: &Context<'_>,
    env: &Env<'_>,
) -> Result<Line, CliError> {
    env.reporter.page(page, &of(path, file, context))?;
    Ok(Line::from(page))
}

/// What is found of a file while its page is made.
#[derive(Default)]
struct Found {
    bands: Vec<Band>,
    parts: Vec<Part>,
    notes: Vec<Block>,
}

fn of(path: &Path, file: &FileBytes, context: &Context<'_>) -> FilePage {
    // Where the file is says who has it.
    let name = path
        .file_name()
        .map_or_else(|| Line::from("standard input"), |name| Line::from(Path::new(name)));
    let name = if path == Path::new("-") { Line::from("standard input") } else { name };
    let analysis = check::of_file(file, context);
    let report = File::new(name.clone(), &analysis);
    let reached = reach(&file.bytes, &OpenLimits::default());
    let rom = parse_at(&reached.bytes, reached.first_image(), context.limits());
    let mut found = Found::default();
    let is_firmware = rom.images.is_empty() && reached.inner().holds_firmware();
    let bytes: &[u8] =
        if is_firmware { taken_apart(&file.bytes, &reached) } else { &reached.bytes };
    let title = match report.opened.last() {
        Some(opened) if bytes.len() != file.bytes.len() => {
            block!["What was opened in the file: ", &opened.kind_text]
        }
        _ => block!["The file"],
    };
    found.bands.push(Band { title, length: bytes.len() });
    if is_firmware {
        firmware::add(&mut found, bytes, &file.bytes, &reached, context.gpu_ids());
    }
    // Of firmware in which nothing is found the regions are left.
    if found.parts.is_empty() {
        rom::add(&mut found, &report, &rom);
    }
    if found.parts.len() > MOST_PARTS {
        let more = found.parts.len().saturating_sub(MOST_PARTS);
        found.notes.push(block![more, " more parts are not listed"]);
        found.parts.truncate(MOST_PARTS);
    }
    let excerpts = report.findings.iter().map(|finding| {
        let end = finding.offset.saturating_add(finding.length);
        let from = finding.offset.saturating_sub(AROUND) & !0xF;
        Excerpt::new(bytes, from, end.saturating_add(AROUND), MOST_OF_FINDING)
    });
    FilePage {
        excerpts: excerpts.collect(),
        name,
        file: report,
        bands: found.bands,
        parts: found.parts,
        notes: found.notes,
    }
}

/// Bytes that are shown of each of so many parts.
const fn shown(parts: usize) -> usize {
    let [of_few, of_many] = MOST_BYTES;
    if parts <= FEW { of_few } else { of_many }
}
