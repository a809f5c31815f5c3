//! The completions of a shell.

use super::{Outcome, Report};
use crate::args::{Cli, Completions};
use clap::CommandFactory as _;

pub(super) fn run(args: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "oprom", &mut script);
    Outcome::yes(Report::Completions(script))
}
