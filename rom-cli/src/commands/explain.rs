//! What a code, a check or a line of a log means.

use super::{Outcome, Report};
use crate::args;
use crate::error::{CliError, Exit};
use rom_host::explain::{self, Meaning, Occurrence};
use std::io::{self, Read as _};
use std::path::Path;

/// What was asked, and what is known of it.
pub(crate) enum Explained {
    /// One thing.
    One(Meaning),
    /// The known messages of a log.
    Log(Vec<Occurrence>),
}

/// Bytes of a log that are read.
const LONGEST_LOG: u64 = 16 << 20;

pub(super) fn run(args: &args::Explain) -> Result<Outcome, CliError> {
    if args.what == ["-"] {
        return log();
    }
    let asked = args.what.join(" ");
    let Some(meaning) = explain::explain(&asked) else {
        let what = format!("nothing is known here about {asked:?}");
        let help = "Give a code (ROM014), a check (HOST040), code-43, or a line of a log in quotes; a whole log: journalctl -b | oprom explain -";
        return Err(CliError::new(Exit::No, what, help));
    };
    Ok(Outcome::yes(Report::Explain(Explained::One(meaning))))
}

/// Explains the log on standard input.
fn log() -> Result<Outcome, CliError> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LONGEST_LOG).read_to_end(&mut bytes);
    read.map_err(|error| CliError::file("read", Path::new("-"), &error))?;
    let found = explain::in_log(&String::from_utf8_lossy(&bytes));
    let exit = if found.is_empty() { Exit::No } else { Exit::Yes };
    Ok(Outcome { report: Report::Explain(Explained::Log(found)), exit })
}
