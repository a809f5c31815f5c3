//! Undoes changes, and redoes them.

use super::Outcome;
use crate::args;
use crate::changes::{self, Backup, ChangeError, Direction, HostFile, Reversed, Which};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::programs::Programs;
use crate::report::Report;
use crate::report::undo::{Replaced, Undo, UndonePart, UndoneRun};
use crate::text::Line;

pub(super) fn undo(args: &args::Undo, env: &Env<'_>) -> Result<Outcome, CliError> {
    let file = args.which.dest.as_ref().map(|dest| HostFile::new(&env.sysroot, dest));
    let which = match (&file, args.run) {
        (Some(file), _) => Which::OfFile(file),
        (None, Some(run)) => Which::Run(run),
        (None, None) => Which::Last,
    };
    let mut runs = vec![reversed(Direction::Undo, which, args.which.yes, env)?];
    if args.all {
        loop {
            match reversed(Direction::Undo, Which::Last, args.which.yes, env) {
                Ok(run) => runs.push(run),
                Err(Failure::Change(ChangeError::Nothing { .. })) => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(report(runs))
}

pub(super) fn redo(args: &args::Redo, env: &Env<'_>) -> Result<Outcome, CliError> {
    let file = args.which.dest.as_ref().map(|dest| HostFile::new(&env.sysroot, dest));
    let which = file.as_ref().map_or(Which::Last, Which::OfFile);
    Ok(report(vec![reversed(Direction::Redo, which, args.which.yes, env)?]))
}

fn report(runs: Vec<Reversed>) -> Outcome {
    let runs: Vec<UndoneRun> = runs.into_iter().map(Into::into).collect();
    let failed = |part: &UndonePart| matches!(part, UndonePart::Command { failure: Some(_), .. });
    let exit =
        if runs.iter().flat_map(|run| &run.parts).any(failed) { Exit::No } else { Exit::Yes };
    Outcome { exit, report: Report::Undo(Box::new(Undo { runs })) }
}

/// Why nothing was reversed.
enum Failure {
    Change(ChangeError),
    Other(CliError),
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Change(error) => error.into(),
            Failure::Other(error) => error,
        }
    }
}

/// Reverses a run; asks where something was changed since.
fn reversed(
    direction: Direction,
    which: Which<'_>,
    yes: bool,
    env: &Env<'_>,
) -> Result<Reversed, Failure> {
    let programs = Programs::new(&env.sysroot);
    let reverse = |anyway| changes::reverse(direction, &env.sysroot, which, &programs, anyway);
    match reverse(yes) {
        Err(error @ ChangeError::ChangedSince { .. }) if env.reporter.can_ask() => {
            let question = format!("{error}. Go back all the same?");
            if env.reporter.confirm(&question).map_err(Failure::Other)? {
                reverse(true).map_err(Failure::Change)
            } else {
                Err(Failure::Change(error))
            }
        }
        other => other.map_err(Failure::Change),
    }
}

impl From<Backup> for Replaced {
    fn from(backup: Backup) -> Self {
        Self { sha256: backup.sha256.into(), backup: backup.backup.into() }
    }
}

impl From<Reversed> for UndoneRun {
    fn from(reversed: Reversed) -> Self {
        let parts = reversed.parts.into_iter().map(|part| match part {
            changes::Part::File { path, restored, replaced, changed } => UndonePart::File {
                dest: path.into(),
                restored: restored.map(Into::into),
                replaced: replaced.map(Into::into),
                changed,
            },
            changes::Part::Vm { name, changed } => UndonePart::Vm { vm: name.into(), changed },
            changes::Part::Tool { command, failure } => {
                UndonePart::Command { command: command.into(), failure: failure.map(Into::into) }
            }
        });
        Self { run: reversed.run, command: Line::from(reversed.command), parts: parts.collect() }
    }
}
