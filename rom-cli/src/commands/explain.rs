//! What a code, a check, a symptom or a line of a log means.

use super::{Outcome, Report};
use crate::args;
use crate::error::{CliError, Exit};
use rom_host::explain::{self, LogSummary, Meaning};
use std::io;
use std::path::Path;

/// What was asked, and what is known of it.
pub(crate) enum Explained {
    /// One thing.
    One(Meaning),
    /// The known messages of a log.
    Log(LogSummary),
}

pub(super) fn run(args: &args::Explain) -> Result<Outcome, CliError> {
    if args.what == ["-"] {
        return log();
    }
    let asked = args.what.join(" ");
    let Some(meaning) = explain::explain(&asked) else {
        let what = format!("nothing is known here about {asked:?}");
        let help = "Give a code (ROM014), a check (HOST040), a symptom (black screen), or a line of a log in quotes; a whole log: \
                    journalctl -b | oprom explain -";
        return Err(CliError::new(Exit::No, what, help));
    };
    Ok(Outcome::yes(Report::Explain(Explained::One(meaning))))
}

/// Explains the log on standard input, while it is read.
fn log() -> Result<Outcome, CliError> {
    let read = explain::read_log(&mut io::stdin().lock());
    let summary = read.map_err(|error| CliError::file("read", Path::new("-"), &error))?;
    let exit = if summary.found.is_empty() { Exit::No } else { Exit::Yes };
    Ok(Outcome { report: Report::Explain(Explained::Log(summary)), exit })
}
