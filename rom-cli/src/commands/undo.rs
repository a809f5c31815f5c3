//! Takes the last change back, and does it again.

use super::{Outcome, Report};
use crate::args;
use crate::changes::{self, Backup, Direction, HostFile};
use crate::env::Env;
use crate::error::CliError;
use rom_core::Digest;

/// What was brought back.
pub(crate) struct Undone {
    pub(crate) dest: String,
    /// Digest of the file that is in place again; `None` if there was none before.
    pub(crate) restored: Option<Digest>,
    /// The file that was in place until now, and where it is kept.
    pub(crate) replaced: Option<Backup>,
    pub(crate) changed: bool,
}

pub(super) fn undo(args: &args::Undo, env: &Env<'_>) -> Result<Outcome, CliError> {
    Ok(Outcome::yes(Report::Undo(reversed(Direction::Undo, args, env)?)))
}

pub(super) fn redo(args: &args::Undo, env: &Env<'_>) -> Result<Outcome, CliError> {
    Ok(Outcome::yes(Report::Redo(reversed(Direction::Redo, args, env)?)))
}

fn reversed(direction: Direction, args: &args::Undo, env: &Env<'_>) -> Result<Undone, CliError> {
    let file = args.dest.as_ref().map(|dest| HostFile::new(&env.sysroot, dest));
    let reversed = changes::reverse(direction, &env.sysroot, file.as_ref())?;
    let changes::Reversed { path, restored, replaced, changed } = reversed;
    Ok(Undone { dest: path, restored, replaced, changed })
}
