//! Brings back the file that the last install replaced.

use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Pinned};
use crate::place::{Backup, Target};
use rom_core::Digest;
use rom_host::probe::rom::DEFAULT_PATH;

/// What was brought back.
pub(crate) struct Undone {
    pub(crate) dest: String,
    /// Digest of the file that is in place again; `None` if there was none before.
    pub(crate) restored: Option<Digest>,
    /// The file that was in place until now, and where it is kept.
    pub(crate) replaced: Option<Backup>,
    pub(crate) changed: bool,
}

pub(super) fn run(args: &args::Undo, env: &Env<'_>) -> Result<Outcome, CliError> {
    let dest = args.dest.clone().unwrap_or_else(|| env.host(DEFAULT_PATH));
    let target = Target::open(&dest)?;
    let shown = env.host_name(target.path());
    let Some(record) = target.record() else {
        let what = format!("there is nothing to undo: no install of {shown} is recorded");
        return Err(CliError::new(Exit::No, what, "Name the file that was installed with --dest FILE."));
    };
    let current = target.current()?.map(|digest| digest.to_string());
    let before = record.replaced.as_ref();
    let is_in_place = current.as_deref() == Some(record.installed.as_str());
    if !is_in_place {
        return not_ours(shown, current.as_deref(), before);
    }
    let Some(backup) = before else {
        target.remove()?;
        return Ok(undone(shown, None, None, true));
    };
    let digest = Digest::read(&backup.sha256).ok_or_else(|| unreadable(&shown))?;
    let pinned = Pinned { name: &backup.backup, sha256: digest, size: None };
    let mut partial = target.partial()?;
    fetch::copy(&target.beside(&backup.backup), &pinned, &mut partial, env.reporter)?;
    let replaced = target.commit(partial)?;
    Ok(undone(shown, Some(digest), replaced, true))
}

/// The file in place is not the one that the last install put there.
fn not_ours(shown: String, current: Option<&str>, before: Option<&Backup>) -> Result<Outcome, CliError> {
    match before {
        Some(backup) if current == Some(backup.sha256.as_str()) => Ok(undone(shown, Digest::read(&backup.sha256), None, false)),
        None if current.is_none() => Ok(undone(shown, None, None, false)),
        _ => {
            let kept = before
                .map_or_else(String::new, |backup| format!(" The file before it is {} in the same folder.", backup.backup));
            let what = format!("{shown} is no longer the file that was installed");
            let help = format!("It was changed since, so it is left alone.{kept}");
            Err(CliError::new(Exit::No, what, help))
        }
    }
}

fn unreadable(shown: &str) -> CliError {
    CliError::new(
        Exit::Failed,
        format_args!("the record of the install of {shown} is damaged"),
        "Copy the .bak file back by hand.",
    )
}

fn undone(dest: String, restored: Option<Digest>, replaced: Option<Backup>, changed: bool) -> Outcome {
    Outcome::yes(Report::Undo(Undone { dest, restored, replaced, changed }))
}
