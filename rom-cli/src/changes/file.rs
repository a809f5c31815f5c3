//! A file that is changed and written down: the atomic install and the journal together.

use super::{ChangeError, boot_id, open_journal};
use crate::atomic::{FileState, InstallSlot, SlotError, TempFile};
use crate::journal::{Change, Journal, RecordedFile};
use rom_core::Digest;
use rom_host::root::Root;
use serde::Serialize;
use std::path::{Component, Path, PathBuf};

/// A file that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Backup {
    /// Its SHA-256.
    pub(crate) sha256: String,
    /// Its name now, in the same folder.
    pub(crate) backup: String,
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

    /// The host.
    pub(super) fn root(&self) -> &Root {
        &self.root
    }

    /// Opens its place.
    pub(crate) fn slot(&self) -> Result<InstallSlot<'_>, SlotError> {
        InstallSlot::open(&self.root, &self.path, &self.shown)
    }

    /// The host's journal, locked, with everything in it settled.
    pub(crate) fn journal(&self) -> Result<Journal, ChangeError> {
        open_journal(&self.root)
    }

    /// Its path in the journal.
    pub(super) fn recorded_path(&self) -> Result<String, SlotError> {
        self.path.to_str().map(str::to_owned).ok_or_else(|| SlotError::NotUtf8(self.shown.clone()))
    }
}

/// A file as the journal has it.
pub(super) fn recorded(state: &FileState, backup: Option<String>) -> RecordedFile {
    let FileState { sha256, mode, uid, gid } = *state;
    RecordedFile { sha256: sha256.to_string(), mode: format!("{mode:04o}"), uid, gid, backup }
}

/// A file of the journal, as it was.
pub(super) fn recorded_state(file: &RecordedFile) -> Result<FileState, &'static str> {
    file.state()
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
    pub(super) fn plain_backup(&self) -> Result<&str, &'static str> {
        let backup = self.backup.as_deref().ok_or("it names no backup")?;
        let plain =
            !backup.is_empty() && backup != "." && backup != ".." && !backup.contains(['/', '\0']);
        if plain { Ok(backup) } else { Err("the backup's name is a path") }
    }
}

/// Puts `temp` in place of `file` as a step of `run`, or of a run of its own that is called
/// `command`; the caller has proved what is in it. Says what it replaced.
pub(crate) fn install(
    file: &HostFile,
    slot: &InstallSlot<'_>,
    journal: &mut Journal,
    temp: TempFile,
    command: &str,
    within: Option<u32>,
) -> Result<Option<Backup>, ChangeError> {
    let path = file.recorded_path()?;
    let after = slot.finished(&temp)?;
    let before = keep(slot)?;
    let run = match within {
        Some(run) => run,
        None => journal.begin(command, None, None, boot_id(&file.root))?,
    };
    let replaced = replace(slot, journal, run, path, before, after, temp)?;
    if within.is_none() {
        journal.end(run);
    }
    Ok(replaced)
}

/// The file in place, and the name under which it is kept from now on.
pub(super) fn keep(slot: &InstallSlot<'_>) -> Result<Option<(FileState, String)>, SlotError> {
    slot.current()?.map(|state| Ok((state, slot.back_up(&state)?))).transpose()
}

/// Puts `temp` in place of `before` as a step of `run`.
pub(super) fn replace(
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
pub(super) fn finish(
    slot: &InstallSlot<'_>,
    journal: &mut Journal,
    run: u32,
    step: u32,
    after: Option<Digest>,
    result: Result<(), SlotError>,
) -> Result<(), SlotError> {
    match (&result, slot.current()) {
        (Ok(()), _) => journal.settle(run, step, true, None),
        (Err(_), Ok(there)) => {
            journal.settle(run, step, there.map(|state| state.sha256) == after, None);
        }
        // The next run settles it.
        (Err(_), Err(_)) => {}
    }
    result
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
