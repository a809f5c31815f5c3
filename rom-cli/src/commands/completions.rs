//! The completions of a shell.

use super::Outcome;
use crate::args::{self, Completions};
use crate::report::{self, Report};

pub(super) fn run(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::definition(), "oprom", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    Outcome::yes(Report::Completions(Box::new(report::completions::Completions { script })))
}
