//! Undoes the last change, and redoes it.

use super::Outcome;
use crate::args;
use crate::changes::{self, Backup, Direction, HostFile};
use crate::env::Env;
use crate::error::CliError;
use crate::report::Report;
use crate::report::install::{Replaced, Undo};

pub(super) fn undo(args: &args::Undo, env: &Env<'_>) -> Result<Outcome, CliError> {
    Ok(Outcome::yes(Report::Undo(Box::new(reversed(Direction::Undo, args, env)?))))
}

pub(super) fn redo(args: &args::Undo, env: &Env<'_>) -> Result<Outcome, CliError> {
    Ok(Outcome::yes(Report::Undo(Box::new(reversed(Direction::Redo, args, env)?))))
}

fn reversed(direction: Direction, args: &args::Undo, env: &Env<'_>) -> Result<Undo, CliError> {
    let file = args.dest.as_ref().map(|dest| HostFile::new(&env.sysroot, dest));
    let reversed = changes::reverse(direction, &env.sysroot, file.as_ref())?;
    Ok(Undo {
        dest: reversed.path.into(),
        restored: reversed.restored.map(Into::into),
        replaced: reversed.replaced.map(Into::into),
        changed: reversed.changed,
    })
}

impl From<Backup> for Replaced {
    fn from(backup: Backup) -> Self {
        Self { sha256: backup.sha256.into(), backup: backup.backup.into() }
    }
}
