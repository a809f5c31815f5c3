//! Changes of files on a host that can be taken back: the atomic install and the journal together.
//!
//! A step is in the journal, synced, before the rename that makes it true. What was interrupted in
//! between is settled when the journal is opened next, by what is there: the new file, or the one
//! before it.

use crate::atomic::{FileState, InstallSlot, SlotError, TempFile};
use crate::journal::{Change, Journal, JournalError, RecordedFile, Run, Step};
use rom_core::Digest;
use rom_host::root::Root;
use serde::Serialize;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

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
    #[error("there is nothing to {verb}: no installation {} is recorded", .path.as_ref().map_or_else(|| "on this host".to_owned(), |path| format!("of {path}")))]
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
    /// The journal holds a step that nobody could have written.
    #[error("the record of {path} in the journal is damaged: {what}")]
    BadRecord {
        /// The file, as the host names it.
        path: String,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// A file that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Backup {
    /// Its SHA-256.
    pub(crate) sha256: String,
    /// Its name now, in the same folder.
    pub(crate) backup: String,
}

/// What was taken back, or done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reversed {
    /// The file, as the host names it.
    pub(crate) path: String,
    /// Digest of what is in place now; `None` if nothing is.
    pub(crate) restored: Option<Digest>,
    /// The file that was in place until now.
    pub(crate) replaced: Option<Backup>,
    /// Whether anything was changed.
    pub(crate) changed: bool,
}

/// Which way to go in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Undo the last change.
    Undo,
    /// Do again what was taken back last.
    Redo,
}

/// A file of a host, by its path there.
pub(crate) struct HostFile {
    root: Root,
    /// The path under the root.
    path: PathBuf,
    /// The path as the user knows it.
    shown: PathBuf,
}

impl HostFile {
    /// The file at `path` as the user wrote it: of the host below `sysroot` if it is written as
    /// one, else of this host.
    pub(crate) fn new(sysroot: &Path, path: &Path) -> Self {
        let root = Root::new(sysroot);
        let shown = path.to_owned();
        let goes_up = path.components().any(|part| part == Component::ParentDir);
        if !root.is_this_host()
            && !goes_up
            && let Some(inner) = root.inner(path)
        {
            return Self { root, path: inner, shown };
        }
        // The file of the same folder has the same name in the journal, however it is written. A
        // folder that cannot be found is an error when it is opened.
        let folder =
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name =
            path.file_name().filter(|_| !path.as_os_str().as_encoded_bytes().ends_with(b"/"));
        let (Ok(folder), Some(name)) = (folder.canonicalize(), name) else {
            return Self { root: Root::host(), path: path.to_owned(), shown };
        };
        // A folder below the root can be written in another way: relative, or through a link.
        let inner = sysroot
            .canonicalize()
            .ok()
            .and_then(|root| folder.strip_prefix(root).map(Path::to_owned).ok());
        match inner.filter(|_| !root.is_this_host()) {
            Some(inner) => Self { root, path: Path::new("/").join(inner).join(name), shown },
            None => Self { root: Root::host(), path: folder.join(name), shown },
        }
    }

    /// Makes its folder, where that is missing.
    pub(crate) fn make_folder(&self) -> Result<(), SlotError> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        let made = self.root.make_folder(folder, 0o755).map(drop);
        made.map_err(|source| SlotError::Io {
            doing: "make the folder",
            path: self.root.shown(folder),
            source,
        })
    }

    /// Opens its place.
    pub(crate) fn slot(&self) -> Result<InstallSlot<'_>, SlotError> {
        InstallSlot::open(&self.root, &self.path, &self.shown)
    }

    /// The host's journal, locked, with everything in it settled.
    pub(crate) fn journal(&self) -> Result<Journal, ChangeError> {
        open_journal(&self.root)
    }

    fn recorded_path(&self) -> Result<String, SlotError> {
        self.path.to_str().map(str::to_owned).ok_or_else(|| SlotError::NotUtf8(self.shown.clone()))
    }
}

/// Opens the journal of `root`, and settles what was interrupted.
fn open_journal(root: &Root) -> Result<Journal, ChangeError> {
    let mut journal = Journal::open(root)?;
    for (run, step) in journal.history().unsettled() {
        let path = Path::new(step.path());
        let Ok(slot) = InstallSlot::open(root, path, &root.shown(path)) else { continue };
        let Ok(there) = slot.current() else { continue };
        let there = there.map(|state| state.sha256.to_string());
        let Change::File { after, .. } = &step.change;
        let done = there.as_deref() == after.as_ref().map(|after| after.sha256.as_str());
        journal.settle(run, step.number, done);
    }
    Ok(journal)
}

fn recorded(state: &FileState, backup: Option<String>) -> RecordedFile {
    let FileState { sha256, mode, uid, gid } = *state;
    RecordedFile { sha256: sha256.to_string(), mode: format!("{mode:04o}"), uid, gid, backup }
}

impl RecordedFile {
    fn state(&self) -> Result<FileState, &'static str> {
        let sha256 = self.sha256.parse().map_err(|_| "the digest is not valid")?;
        let mode = u32::from_str_radix(&self.mode, 8).ok().filter(|mode| *mode <= 0o7777);
        Ok(FileState {
            sha256,
            mode: mode.ok_or("the mode is not valid")?,
            uid: self.uid,
            gid: self.gid,
        })
    }

    /// The name under which it is kept: a plain one, in the same folder.
    fn plain_backup(&self) -> Result<&str, &'static str> {
        let backup = self.backup.as_deref().ok_or("it names no backup")?;
        let plain =
            !backup.is_empty() && backup != "." && backup != ".." && !backup.contains(['/', '\0']);
        if plain { Ok(backup) } else { Err("the backup's name is a path") }
    }
}

/// Puts `temp` in place of `file` as a run of its own, called `command`; the caller has proved what
/// is in it. Says what it replaced.
pub(crate) fn install(
    file: &HostFile,
    slot: &InstallSlot<'_>,
    journal: &mut Journal,
    temp: TempFile,
    command: &str,
) -> Result<Option<Backup>, ChangeError> {
    let path = file.recorded_path()?;
    let after = slot.finished(&temp)?;
    let before = keep(slot)?;
    let run = journal.begin(command, None, None)?;
    let replaced = replace(slot, journal, run, path, before, after, temp)?;
    journal.end(run);
    Ok(replaced)
}

/// The file in place, and the name under which it is kept from now on.
fn keep(slot: &InstallSlot<'_>) -> Result<Option<(FileState, String)>, SlotError> {
    slot.current()?.map(|state| Ok((state, slot.back_up(&state)?))).transpose()
}

fn replace(
    slot: &InstallSlot<'_>,
    journal: &mut Journal,
    run: u32,
    path: String,
    before: Option<(FileState, String)>,
    after: FileState,
    temp: TempFile,
) -> Result<Option<Backup>, ChangeError> {
    let old = before.as_ref().map(|(state, backup)| recorded(state, Some(backup.clone())));
    let change = Change::File { path, before: old, after: Some(recorded(&after, None)) };
    let step = journal.step(run, change)?;
    let placed = if before.is_some() { slot.replace(temp) } else { slot.place_new(temp) };
    finish(slot, journal, run, step, Some(after.sha256), placed)?;
    Ok(before.map(|(state, backup)| Backup { sha256: state.sha256.to_string(), backup }))
}

/// Writes down what came of a step: what is there says it, not the error.
fn finish(
    slot: &InstallSlot<'_>,
    journal: &mut Journal,
    run: u32,
    step: u32,
    after: Option<Digest>,
    result: Result<(), SlotError>,
) -> Result<(), SlotError> {
    match (&result, slot.current()) {
        (Ok(()), _) => journal.settle(run, step, true),
        (Err(_), Ok(there)) => journal.settle(run, step, there.map(|state| state.sha256) == after),
        // The next run settles it.
        (Err(_), Err(_)) => {}
    }
    result
}

/// Undoes the last change, or redoes the last one that was undone: of `file` if one is
/// named, else of the host under `sysroot`. Nothing is changed unless all files are what the run
/// left.
pub(crate) fn reverse(
    direction: Direction,
    sysroot: &Path,
    file: Option<&HostFile>,
) -> Result<Reversed, ChangeError> {
    let host = Root::new(sysroot);
    let root = file.map_or(&host, |file| &file.root);
    let path = file.map(HostFile::recorded_path).transpose()?;
    // An opened folder says at once what is wrong with a name.
    if let Some(file) = file {
        file.slot()?;
    }
    let nothing = |verb| {
        let of_root = crate::journal::is_of_another(root);
        ChangeError::Nothing { verb, path: path.clone(), of_root }
    };
    // Where nothing was done nothing is made.
    let verb = if direction == Direction::Undo { "undo" } else { "redo" };
    if Journal::look(root)?.is_none() {
        return Err(nothing(verb));
    }
    let mut journal = open_journal(root)?;
    let history = journal.history();
    // The run to be reversed says what to put back; a redo is the undo of an undo.
    let (reversed, undoes, redoes) = match direction {
        Direction::Undo => {
            let run = history.to_undo(path.as_deref()).ok_or_else(|| nothing(verb))?;
            (run.clone(), Some(run.number), None)
        }
        Direction::Redo => {
            let (change, undo) = history.to_redo(path.as_deref()).ok_or_else(|| nothing(verb))?;
            (undo.clone(), None, Some(change.number))
        }
    };
    let steps: Vec<Step> = reversed.done().rev().cloned().collect();
    let places =
        steps.iter().map(|step| place(root, &reversed, step)).collect::<Result<Vec<_>, _>>()?;
    let run = journal.begin(&format!("{verb} of: {}", reversed.command), undoes, redoes)?;
    let mut brought_back = Vec::new();
    for place in places {
        brought_back.push(place.bring_back(&mut journal, run)?);
    }
    journal.end(run);
    // An install has one file.
    brought_back.pop().ok_or_else(|| nothing(verb))
}

/// What a step left, and what was there before it.
struct Place<'r> {
    slot: InstallSlot<'r>,
    path: String,
    /// What is brought back, and the name under which it is kept.
    wanted: Option<(FileState, String)>,
    /// Whether it is there already.
    is_back: bool,
}

/// Looks at the file of `step`: it has to be what the step left, or what was there before it.
fn place<'r>(root: &'r Root, run: &Run, step: &Step) -> Result<Place<'r>, ChangeError> {
    let path = step.path().to_owned();
    let bad = |what| ChangeError::BadRecord { path: path.clone(), what };
    let Change::File { before, after, .. } = &step.change;
    let wanted = before.as_ref().map(|file| Ok((file.state()?, file.plain_backup()?.to_owned())));
    let wanted = wanted.transpose().map_err(bad)?;
    let left = after.as_ref().map(RecordedFile::state).transpose().map_err(bad)?;
    let slot = InstallSlot::open(root, Path::new(&path), &root.shown(Path::new(&path)))?;
    let there = slot.current()?.map(|state| state.sha256);
    let is_back = there == wanted.as_ref().map(|(state, _)| state.sha256);
    if !is_back && there != left.map(|state| state.sha256) {
        let kept = wanted.map(|(_, backup)| backup);
        return Err(ChangeError::ChangedSince { path, run: format!("`{}`", run.command), kept });
    }
    Ok(Place { slot, path, wanted, is_back })
}

impl Place<'_> {
    fn bring_back(self, journal: &mut Journal, run: u32) -> Result<Reversed, ChangeError> {
        let Self { slot, path, wanted, is_back } = self;
        let restored = wanted.as_ref().map(|(state, _)| state.sha256);
        if is_back {
            return Ok(Reversed { path, restored, replaced: None, changed: false });
        }
        let replaced = match wanted {
            Some((state, backup)) => {
                let temp = slot.restored(OsStr::new(&backup), &state)?;
                let before = keep(&slot)?;
                replace(&slot, journal, run, path.clone(), before, state, temp)?
            }
            None => remove(&slot, journal, run, path.clone())?,
        };
        Ok(Reversed { path, restored, replaced, changed: true })
    }
}

/// Takes the file away; it stays under its backup's name.
fn remove(
    slot: &InstallSlot<'_>,
    journal: &mut Journal,
    run: u32,
    path: String,
) -> Result<Option<Backup>, ChangeError> {
    let Some((state, backup)) = keep(slot)? else { return Ok(None) };
    let before = Some(recorded(&state, Some(backup.clone())));
    let step = journal.step(run, Change::File { path, before, after: None })?;
    let removed = slot.remove();
    finish(slot, journal, run, step, None, removed)?;
    Ok(Some(Backup { sha256: state.sha256.to_string(), backup }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    #[test]
    fn a_file_below_the_root_is_the_hosts_own_however_it_is_written() {
        let folder = TempDir::new().unwrap();
        let root = folder.path().join("root");
        fs::create_dir_all(root.join("usr/share/kvm")).unwrap();
        symlink(&root, folder.path().join("link")).unwrap();
        for written in [
            "root/usr/share/kvm/igd.rom",
            "link/usr/share/kvm/igd.rom",
            "root/../root/usr/share/kvm/igd.rom",
        ] {
            let file = HostFile::new(&root, &folder.path().join(written));
            let own = (file.root.is_this_host(), file.path.as_path());
            assert_eq!(own, (false, Path::new("/usr/share/kvm/igd.rom")), "{written}");
        }
        let file = HostFile::new(&root, &folder.path().join("igd.rom"));
        assert!(file.root.is_this_host());
    }
}
