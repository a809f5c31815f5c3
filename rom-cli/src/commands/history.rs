//! Lists what was changed on this host, and what was taken back.

use super::{Outcome, Report};
use crate::env::Env;
use crate::error::CliError;
use crate::journal::{History, Journal, Run};
use rom_host::root::Root;
use serde::Serialize;

/// A run.
#[derive(Serialize)]
pub(crate) struct Entry {
    /// Its number.
    pub(crate) run: u32,
    /// When, in UTC.
    pub(crate) at: String,
    /// What was asked for.
    pub(crate) command: String,
    /// The files that it changed, as the host names them.
    pub(crate) files: Vec<String>,
    /// What became of it.
    pub(crate) state: State,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It was done, and holds.
    Done,
    /// It was done, and taken back.
    Undone,
    /// Nothing came of it.
    Failed,
    /// It ended in the middle; the next change settles whether it was done.
    Interrupted,
}

pub(super) fn run(env: &Env<'_>) -> Result<Outcome, CliError> {
    let history = Journal::look(&Root::new(&env.sysroot))?.unwrap_or_default();
    let entries = history.runs().iter().map(|run| entry(&history, run));
    Ok(Outcome::yes(Report::History(entries.collect())))
}

fn entry(history: &History, run: &Run) -> Entry {
    let state = if run.steps.iter().any(|step| step.done.is_none()) {
        State::Interrupted
    } else if run.done().next().is_none() {
        State::Failed
    } else if history.undone_by(run.number).is_some() {
        State::Undone
    } else {
        State::Done
    };
    let files = run.done().map(|step| step.path().to_owned()).collect();
    Entry { run: run.number, at: run.at.clone(), command: run.command.clone(), files, state }
}

impl State {
    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Undone => "undone",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}
