//! Lists what was changed on this host, and what was taken back.

use super::Outcome;
use crate::env::Env;
use crate::error::CliError;
use crate::journal::{self, Journal, Step};
use crate::report::Report;
use crate::report::undo::{History, PastRun, RunState};
use crate::text::Line;
use rom_host::root::Root;

pub(super) fn run(env: &Env<'_>) -> Result<Outcome, CliError> {
    let history = Journal::look(&Root::new(&env.sysroot))?.unwrap_or_default();
    let runs = history.runs().iter().map(|run| entry(&history, run));
    Ok(Outcome::yes(Report::History(Box::new(History { runs: runs.collect() }))))
}

fn entry(history: &journal::History, run: &journal::Run) -> PastRun {
    let state = if run.steps.iter().any(|step| step.done.is_none()) {
        RunState::Interrupted
    } else if run.done().next().is_none() {
        RunState::Failed
    } else if history.undone_by(run.number).is_some() {
        RunState::Undone
    } else {
        RunState::Done
    };
    let mut subjects: Vec<String> = Vec::new();
    for subject in run.done().filter_map(Step::subject) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let files = subjects.into_iter().map(Line::from).collect();
    let line = |text: &String| Line::from(text.as_str());
    PastRun { run: run.number, at: line(&run.at), command: line(&run.command), files, state }
}
