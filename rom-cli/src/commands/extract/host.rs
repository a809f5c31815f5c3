//! What this machine has: each source as a file of its own, and why the others cannot be read.

use super::super::Outcome;
use super::parts::part;
use super::{Job, Sum, empty};
use crate::error::CliError;
use crate::report::extract::{Extract, Kind, Missing, Source};
use crate::report::scan::FoundRom;
use crate::text::{Advice, Block, Line, Sentence, block};
use rom_core::analyze;
use rom_host::probe::rom_source::{self, RomSource, SourceBytes, rom_sources};
use std::path::PathBuf;

pub(super) fn run(job: &Job<'_>) -> Result<Outcome, CliError> {
    let files = job.env.files();
    let mut sum = Sum::new(job.env);
    let mut advised = Vec::new();
    for source in rom_sources(&files, job.args.bdf.as_deref()) {
        let extracted = match source.read(&files, job.args.in_use) {
            Ok(read) => of_source(job, &source, read)?,
            Err(missing) => of_missing(&source, missing, &mut advised),
        };
        if !sum.add(Extract { alone: false, ..extracted }) {
            break;
        }
    }
    Ok(sum.outcome(job.args))
}

/// The parts of what was read, with the whole of it before them.
fn of_source(job: &Job<'_>, source: &RomSource, read: SourceBytes) -> Result<Extract, CliError> {
    let name = name(source);
    let file = format!("{name}.{}", source.kind.ending());
    let folder = job.args.output.as_ref().map(|folder: &PathBuf| folder.join(&name));
    let rom = found_rom(job, &read.bytes);
    let what = block!["all of it, as it was read"];
    let whole = vec![part(file, what, None, read.bytes.as_slice())];
    let path = Line::new(source.path.as_str());
    let mut extracted = job.taken(&read.bytes, path, whole, folder.as_deref())?;
    let gaps = read.gaps.into_iter().map(|gap| Sentence(gap).into());
    extracted.opaque.splice(0..0, gaps.collect::<Vec<Block>>());
    extracted.source = Some(of(source, rom));
    Ok(extracted)
}

/// What is thought of a ROM that was read: no more and no less than of a file.
fn found_rom(job: &Job<'_>, bytes: &[u8]) -> Option<FoundRom> {
    let analysis = analyze(bytes, job.context);
    // A table is none, whatever is in it.
    analysis.kind.is_rom().then(|| FoundRom::plain(0, bytes.len(), 0, &analysis))
}

/// A source that cannot be read. What helps with several is said once.
fn of_missing(
    source: &RomSource,
    missing: rom_source::Missing,
    advised: &mut Vec<Advice>,
) -> Extract {
    let advice = Advice::from(missing.advice);
    let is_empty = advice.text.is_empty() && advice.commands.is_empty();
    let is_new = !is_empty && !advised.contains(&advice);
    if is_new {
        advised.push(advice.clone());
    }
    let why = Sentence(missing.why).into();
    Extract {
        path: Line::new(source.path.as_str()),
        source: Some(of(source, None)),
        missing: Some(Missing { why, advice: is_new.then_some(advice) }),
        ..empty(Kind::NotRead)
    }
}

fn of(source: &RomSource, rom: Option<FoundRom>) -> Source {
    Source {
        kind: source.kind.name(),
        what: Sentence(source.kind.to_string()).into(),
        device: source.bdf().map(Line::from),
        rom,
    }
}

/// The name of the folder for a source: with the address of the device where there may be several.
fn name(source: &RomSource) -> String {
    let kind = source.kind.name();
    match source.bdf().filter(|_| source.switch().is_some()) {
        Some(bdf) => format!("{kind}-{}", bdf.replace(':', "_")),
        None => kind.to_owned(),
    }
}
