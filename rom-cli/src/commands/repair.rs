//! Repairs what can be repaired of a ROM without inventing bytes.

use super::check::shown;
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::file::{File, next};
use crate::report::repair::{Edit, Refusal, Repair as RepairReport};
use crate::text::{Line, Sentence, ShellCommand, file_or_placeholder};
use rom_core::file_kind::{FileKind, identify};
use rom_core::firmware::SMALLEST_SEEN;
use rom_core::model::{ChainEnd, PcirFault};
use rom_core::repair::{self as repairs, Reason, Repair, RepairError};
use rom_core::{Context, Limits, Verdict, analyze, parse_at};
use std::path::Path;
pub(super) fn run(args: &args::Repair, env: &Env<'_>) -> Result<Outcome, CliError> {
    let limits = Limits::default();
    let file = files::read_rom(&args.file, &limits)?;
    if file.bytes.len() > limits.file {
        return Err(CliError::new(
            Exit::Refused,
            format!("{} is larger than any ROM", shown(&args.file)),
            "This finds a ROM inside it:",
        )
        .run(["oprom", "scan", &file_or_placeholder(&args.file)]));
    }
    let repairs = args.repairs();
    let path = shown(&args.file);
    if repairs.is_empty() {
        return Ok(Outcome::yes(Report::Repair(Box::new(proposed(
            &args.file,
            &file.bytes,
            &limits,
        )))));
    }
    let Some(output) = &args.output else {
        return Err(CliError::new(
            Exit::Usage,
            "no file was given for the repaired ROM",
            "Add -o FILE: the file itself is not changed.",
        ));
    };
    let repaired = repairs::repair(&file.bytes, &repairs, &limits)
        .map_err(|refusal| refused(&path, refusal))?;
    files::write_new(output, &repaired.bytes)?;
    let catalog = env.catalog()?;
    let file_report =
        File::new(Line::from(output), &analyze(&repaired.bytes, &Context::new(&catalog)));
    let exit = if file_report.verdict.0 == Verdict::Bad { Exit::No } else { Exit::Yes };
    let edits = repaired.edits.iter().map(|(repair, edit)| Edit::new(repair, edit)).collect();
    let proposed = RepairReport {
        edits,
        file: Some(file_report),
        ..of_kind(&args.file, &identify(&file.bytes))
    };
    Ok(Outcome { exit, report: Report::Repair(Box::new(proposed)) })
}

/// A file of this kind, of which nothing is changed.
fn of_kind(path: &Path, kind: &FileKind) -> RepairReport {
    let kind_text = Sentence(kind.to_string()).into();
    let next = next(kind.next_step(), path);
    RepairReport {
        path: path.into(),
        kind: kind.name(),
        kind_text,
        next,
        edits: Vec::new(),
        refused: Vec::new(),
        file: None,
    }
}

/// What each repair by itself would change.
fn proposed(path: &Path, bytes: &[u8], limits: &Limits) -> RepairReport {
    let kind = identify(bytes);
    let rom = parse_at(bytes, kind.rom_at(bytes), limits);
    let mut proposed = of_kind(path, &kind);
    let mut refused = Vec::new();
    let isa = rom.images.iter().any(|image| matches!(image.pcir, Err(PcirFault::Isa)));
    let is_cut = matches!(rom.end, ChainEnd::Truncated { .. });
    let is_wanted = |repair: &Repair| match repair {
        // Filling up to a size is optional, unless firmware does not see the ROM as it is, or an ISA ROM has to
        // be.
        Repair::Pad => isa && is_cut || !rom.images.is_empty() && bytes.len() <= SMALLEST_SEEN / 2,
        // What is after the last image does no harm, and can be something of the vendor's; whether
        // it is another ROM or the rest of this one nobody but the owner knows.
        Repair::CutTrailing | Repair::Link => false,
        _ => true,
    };
    for repair in Repair::ALL.into_iter().filter(is_wanted) {
        match repairs::repair(bytes, &[repair], limits) {
            Ok(repaired) => proposed
                .edits
                .extend(repaired.edits.iter().map(|(repair, edit)| Edit::new(repair, edit))),
            Err(refusal) => refused.push(refusal),
        }
    }
    // What holds no image has that one reason for all, and its kind says so.
    let of_kind = [Reason::NoImage, Reason::NoDriver, Reason::Packed];
    refused.retain(|refusal: &RepairError| !of_kind.contains(&refusal.reason));
    proposed.refused = refused.iter().map(Refusal::new).collect();
    if !proposed.edits.is_empty() {
        let mut options: Vec<String> =
            proposed.edits.iter().map(|edit| format!("--{}", edit.repair)).collect();
        options.dedup();
        let words = ["oprom".into(), "repair".into(), file_or_placeholder(path)];
        let output = ["-o".into(), "repaired.rom".into()];
        proposed.next = ShellCommand::new(words.into_iter().chain(options).chain(output));
    }
    proposed
}

fn refused(path: &str, refusal: RepairError) -> CliError {
    let what = format!("--{} of {path} is refused: {refusal}", refusal.repair.name());
    CliError::new(Exit::Refused, what, "Nothing was written: this repair would be a guess.")
}
