//! Mends what can be mended of a ROM without inventing bytes.

use super::check::{AnalyzedFile, shown};
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use rom_core::file_kind::{FileKind, identify};
use rom_core::firmware::SMALLEST_SEEN;
use rom_core::model::{ChainEnd, PcirFault};
use rom_core::repair::{self, Edit, Reason, Repair, RepairError};
use rom_core::{Context, Limits, Verdict, analyze, parse_at};

/// What was mended, or could be.
pub(crate) struct Fixed {
    pub(crate) path: String,
    /// What each repair changed, or would.
    pub(crate) edits: Vec<(&'static str, Edit)>,
    /// What it is.
    pub(crate) kind: FileKind,
    /// Repairs that are refused, where none was asked for.
    pub(crate) refused: Vec<RepairError>,
    /// The file that was written, and what it is now.
    pub(crate) written: Option<AnalyzedFile>,
}

pub(super) fn run(args: &args::Fix, env: &Env<'_>) -> Result<Outcome, CliError> {
    let limits = Limits::default();
    let file = files::read_rom(&args.file, &limits)?;
    if file.bytes.len() > limits.file {
        return Err(CliError::new(
            Exit::Refused,
            format!("{} is larger than any ROM", shown(&args.file)),
            "oprom scan finds a ROM inside of it.",
        ));
    }
    let repairs = args.repairs();
    let path = shown(&args.file);
    if repairs.is_empty() {
        return Ok(Outcome::yes(Report::Fix(Box::new(proposed(path, &file.bytes, &limits)))));
    }
    let Some(output) = &args.output else {
        return Err(CliError::new(
            Exit::Usage,
            "nothing says where the mended ROM goes",
            "Add -o FILE: the file itself is never changed.",
        ));
    };
    let mended = repair::repair(&file.bytes, &repairs, &limits).map_err(|refusal| refused(&path, refusal))?;
    files::write_new(output, &mended.bytes)?;
    let catalog = env.catalog()?;
    let analysis = analyze(&mended.bytes, &Context::new(&catalog));
    let exit = if analysis.verdict == Verdict::Bad { Exit::No } else { Exit::Yes };
    let fixed = Fixed {
        path,
        edits: mended.edits,
        kind: identify(&file.bytes),
        refused: Vec::new(),
        written: Some(AnalyzedFile { path: shown(output), analysis }),
    };
    Ok(Outcome { exit, report: Report::Fix(Box::new(fixed)) })
}

/// What each repair by itself would change.
fn proposed(path: String, bytes: &[u8], limits: &Limits) -> Fixed {
    let kind = identify(bytes);
    let rom = parse_at(bytes, kind.rom_at(bytes), limits);
    let mut fixed = Fixed { path, edits: Vec::new(), kind, refused: Vec::new(), written: None };
    let isa = rom.images.iter().any(|image| matches!(image.pcir, Err(PcirFault::Isa)));
    let is_cut = matches!(rom.end, ChainEnd::Truncated { .. });
    let is_wanted = |repair: &Repair| match repair {
        // Filling up is a wish, unless firmware does not see the ROM as it is, or an ISA ROM has to be.
        Repair::Pad => isa && is_cut || !rom.images.is_empty() && bytes.len() <= SMALLEST_SEEN / 2,
        // What is after the last image does no harm, and can be something of the vendor's; whether it
        // is another ROM or the rest of this one nobody but the owner knows.
        Repair::CutTrailing | Repair::Link => false,
        _ => true,
    };
    for repair in Repair::ALL.into_iter().filter(is_wanted) {
        match repair::repair(bytes, &[repair], limits) {
            Ok(mended) => fixed.edits.extend(mended.edits),
            Err(refusal) => fixed.refused.push(refusal),
        }
    }
    // What holds no image has that one reason for all, and its kind says so.
    let of_kind = [Reason::NoImage, Reason::NoDriver, Reason::Packed];
    fixed.refused.retain(|refusal| !of_kind.contains(&refusal.reason));
    fixed
}

fn refused(path: &str, refusal: RepairError) -> CliError {
    let what = format!("--{} of {path} is refused: {refusal}", refusal.repair.name());
    CliError::new(Exit::Refused, what, "Nothing was written. It would be a guess, and a guess is not mending.")
}
