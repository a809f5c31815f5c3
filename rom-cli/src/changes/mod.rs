//! Changes of a host that can be taken back.
//!
//! A step is in the journal, synced, before what makes it true. What was interrupted in between is
//! settled when the journal is opened next, by what is there: the new file, or the one before it.

mod file;
mod reverse;
mod vm;
mod work;

pub(crate) use file::{Backup, HostFile, install};
pub(crate) use reverse::{Direction, Part, Reversed, Which, reverse};
pub(crate) use work::Work;

use crate::atomic::{InstallSlot, SlotError};
use crate::journal::{Change, Journal, JournalError};
use crate::programs::ProgramError;
use rom_core::Digest;
use rom_host::root::Root;
use std::io;
use std::path::{Path, PathBuf};

/// Why a change was not made, or not taken back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The file could not be put in place.
    #[error(transparent)]
    Slot(#[from] SlotError),
    /// The journal could not be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No run is there to be taken back, or done again.
    #[error("there is nothing to {verb}: no change {} is recorded", .path.as_ref().map_or_else(|| "on this host".to_owned(), |path| format!("of {path}")))]
    Nothing {
        /// "undo" or "redo".
        verb: &'static str,
        /// The file that was asked for.
        path: Option<String>,
        /// A journal of root is there, which this user cannot read.
        of_root: bool,
    },
    /// The file is another one than the run left.
    #[error("{path} is no longer the file that {} left", .run)]
    ChangedSince {
        /// The file, as the host names it.
        path: String,
        /// What the run was.
        run: String,
        /// Where the file that would be brought back is kept.
        kept: Option<String>,
    },
    /// Something is not what it was when the steps were made.
    #[error("{0} was changed after the steps were shown")]
    NotAsShown(String),
    /// A value cannot be given to a program.
    #[error("a setting of {0} cannot be typed on one line")]
    NotTypable(String),
    /// A configuration cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// Where it is.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program did not do its work.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// No run of this number can be undone.
    #[error("there is no change {0} that could be undone")]
    NoSuchRun(u32),
    /// The journal holds a step that nobody could have written.
    #[error("the record of {path} in the journal is damaged: {what}")]
    BadRecord {
        /// The file, as the host names it.
        path: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Opens the journal of `root`, and settles what was interrupted.
pub(crate) fn open_journal(root: &Root) -> Result<Journal, ChangeError> {
    let mut journal = Journal::open(root)?;
    for (run, step) in journal.history().unsettled() {
        match &step.change {
            Change::File { path, after, .. } => {
                let path = Path::new(path);
                let Ok(slot) = InstallSlot::open(root, path, &root.shown(path)) else { continue };
                let Ok(there) = slot.current() else { continue };
                let there = there.map(|state| state.sha256.to_string());
                let after = after.as_ref().map(|after| after.sha256.as_str());
                journal.settle(run, step.number, there.as_deref() == after, None);
            }
            // Whether it came to its end is not known: it is run again.
            Change::Tool { .. } => journal.settle(run, step.number, false, None),
            Change::ProxmoxVm { vmid, settings } => {
                let Ok(there) = vm::Proxmox::read(root, *vmid) else { continue };
                let done = !there.has(settings, |own| &own.before);
                journal.settle(run, step.number, done, None);
            }
            Change::Domain { name, before, .. } => {
                let Ok(now) = vm::domain(root, name) else { continue };
                let left = Digest::of(now.as_bytes()).to_string();
                journal.settle(run, step.number, now != *before, Some(left));
            }
        }
    }
    Ok(journal)
}

/// What tells one start of a host from the next.
pub(crate) fn boot_id(root: &Root) -> Option<String> {
    let bytes = root.read(Path::new("/proc/sys/kernel/random/boot_id"), 64).ok()?;
    Some(String::from_utf8_lossy(&bytes).trim().to_owned())
}
