//! Puts a file in place so that nothing half-written can ever stand there, and takes it back.
//!
//! Everything happens in the target's folder, under a lock on that folder: a temporary file is filled and synced, the old file gets a
//! second name, a record of both is written, then one rename puts the new file in place. Killed at any instant, the target is the
//! old file or the new one, whole; what else was left behind goes with the next run.

use crate::error::{CliError, Exit};
use rom_core::Digest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Mode of a file that was put in place: QEMU may run as another user.
const MODE: u32 = 0o644;

/// A place for a file, with its folder locked against a second oprom.
pub(crate) struct Target {
    path: PathBuf,
    name: String,
    folder_path: PathBuf,
    folder: File,
}

/// What was put in place last, and what it replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// SHA-256 of the file that was put in place.
    pub(crate) installed: String,
    /// The file that it replaced.
    pub(crate) replaced: Option<Backup>,
}

/// A file that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Backup {
    /// Its SHA-256.
    pub(crate) sha256: String,
    /// Its name now, in the same folder.
    pub(crate) backup: String,
}

impl Target {
    /// Locks the folder of `path` and clears what an interrupted run left there.
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(|| {
            CliError::new(Exit::Usage, format_args!("{} names no file", path.display()), "Name a file, for example igd.rom.")
        })?;
        let folder_path = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let folder = File::open(&folder_path).map_err(|error| no_folder(&folder_path, &error))?;
        match folder.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = format!("another oprom is at work in {}", folder_path.display());
                return Err(CliError::new(Exit::Failed, what, "Wait until it is done, then try again."));
            }
            Err(TryLockError::Error(error)) => return Err(CliError::file("lock", &folder_path, &error)),
        }
        let target = Self { path: path.to_owned(), name, folder_path, folder };
        target.refuse_what_is_no_file()?;
        target.clear_leftovers();
        Ok(target)
    }

    /// A symbolic link is not followed, and a folder is not replaced.
    fn refuse_what_is_no_file(&self) -> Result<(), CliError> {
        let Ok(metadata) = fs::symlink_metadata(&self.path) else { return Ok(()) };
        let path = self.path.display();
        if metadata.is_symlink() {
            let to = fs::read_link(&self.path).map(|to| to.display().to_string()).unwrap_or_default();
            let what = format!("{path} is a symbolic link to {to}");
            let help = "It is not followed. Give the file itself with --dest FILE, or remove the link.";
            return Err(CliError::new(Exit::Failed, what, help));
        }
        if !metadata.is_file() {
            return Err(CliError::new(
                Exit::Failed,
                format_args!("{path} is not a file"),
                "Give another place with --dest FILE.",
            ));
        }
        Ok(())
    }

    /// Removes the temporary files of runs that did not end. The lock says that none of them is still going on.
    fn clear_leftovers(&self) {
        for entry in fs::read_dir(&self.folder_path).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let ours = name.to_str().is_some_and(|name| name.starts_with(&self.partial_prefix()) && name.ends_with(PARTIAL));
            if ours {
                // A leftover that stays does no harm; the next run tries again.
                drop(fs::remove_file(entry.path()));
            }
        }
    }

    fn partial_prefix(&self) -> String {
        format!(".{}.oprom-", self.name)
    }

    fn record_path(&self) -> PathBuf {
        self.folder_path.join(format!(".{}.oprom-undo", self.name))
    }

    /// The place.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A file of this name in the target's folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder_path.join(name)
    }

    /// The digest of what stands there; `None` if nothing does.
    pub(crate) fn current(&self) -> Result<Option<Digest>, CliError> {
        digest_of(&self.path).map_err(|error| CliError::file("read", &self.path, &error))
    }

    /// An empty temporary file in the folder. It goes away unless it is put in place.
    pub(crate) fn partial(&self) -> Result<Partial, CliError> {
        self.partial_named("new").map_err(|error| CliError::file("write in", &self.folder_path, &error))
    }

    fn partial_named(&self, what: &str) -> io::Result<Partial> {
        let path = self.folder_path.join(format!("{}{what}{PARTIAL}", self.partial_prefix()));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Partial { path, file, hasher: Sha256::new(), length: 0, kept: false })
    }

    /// Puts `partial` in place; the caller has proved what is in it. Says what it replaced.
    pub(crate) fn commit(&self, mut partial: Partial) -> Result<Option<Backup>, CliError> {
        let installed = partial.digest();
        self.finish(&partial)?;
        let replaced = match self.current()? {
            None => None,
            Some(old) => Some(self.back_up(old)?),
        };
        self.write_record(&Record { installed: installed.to_string(), replaced: replaced.clone() })?;
        self.rename(&mut partial)?;
        Ok(replaced)
    }

    /// Puts `partial` in place where nothing stands yet, and keeps no record of it.
    pub(crate) fn place_new(&self, mut partial: Partial) -> Result<(), CliError> {
        self.finish(&partial)?;
        self.rename(&mut partial)
    }

    /// Makes `partial` readable for QEMU, and lets it reach the disk.
    fn finish(&self, partial: &Partial) -> Result<(), CliError> {
        let mode = fs::Permissions::from_mode(MODE);
        let finished = partial.file.set_permissions(mode).and_then(|()| partial.file.sync_all());
        finished.map_err(|error| CliError::file("write", &self.path, &error))
    }

    /// Gives `partial` the final name, and lets that reach the disk.
    fn rename(&self, partial: &mut Partial) -> Result<(), CliError> {
        let failed = |error: io::Error| CliError::file("write", &self.path, &error);
        fs::rename(&partial.path, &self.path).map_err(failed)?;
        partial.kept = true;
        self.folder.sync_all().map_err(failed)
    }

    /// Gives the file in place a second name, which has its hash in it.
    fn back_up(&self, digest: Digest) -> Result<Backup, CliError> {
        for hash in [digest.short(), digest.to_string()] {
            let backup = format!("{}.bak-{hash}", self.name);
            let path = self.folder_path.join(&backup);
            let failed = |error: io::Error| CliError::file("back up to", &path, &error);
            match digest_of(&path).map_err(failed)? {
                Some(there) if there != digest => continue,
                Some(_) => {}
                None => self.second_name(&path).map_err(failed)?,
            }
            self.folder.sync_all().map_err(failed)?;
            return Ok(Backup { sha256: digest.to_string(), backup });
        }
        let what = format!("the backup of {} cannot be made: other files have its names", self.path.display());
        Err(CliError::new(Exit::Failed, what, format!("Move {}.bak-{} away.", self.name, digest.short())))
    }

    /// A link, or a copy where the file system has no links.
    fn second_name(&self, path: &Path) -> io::Result<()> {
        if fs::hard_link(&self.path, path).is_ok() {
            return Ok(());
        }
        let mut copy = self.partial_named("backup")?;
        io::copy(&mut File::open(&self.path)?, &mut copy)?;
        copy.file.set_permissions(fs::metadata(&self.path)?.permissions())?;
        copy.file.sync_all()?;
        fs::rename(&copy.path, path)?;
        copy.kept = true;
        Ok(())
    }

    fn write_record(&self, record: &Record) -> Result<(), CliError> {
        let path = self.record_path();
        let write = || {
            let mut partial = self.partial_named("undo")?;
            serde_json::to_writer(&mut partial, record)?;
            partial.file.sync_all()?;
            fs::rename(&partial.path, &path)?;
            partial.kept = true;
            self.folder.sync_all()
        };
        write().map_err(|error| CliError::file("write", &path, &error))
    }

    /// What was put in place last; `None` if nothing was, or its record is not readable.
    pub(crate) fn record(&self) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.record_path()).ok()?).ok()
    }

    /// Takes away the file in place and the record of it.
    pub(crate) fn remove(&self) -> Result<(), CliError> {
        let failed = |error: io::Error| CliError::file("remove", &self.path, &error);
        fs::remove_file(&self.path).map_err(failed)?;
        fs::remove_file(self.record_path()).map_err(failed)?;
        self.folder.sync_all().map_err(failed)
    }
}

/// How the names of temporary files end.
const PARTIAL: &str = ".part";

fn no_folder(folder: &Path, error: &io::Error) -> CliError {
    if error.kind() != ErrorKind::NotFound {
        return CliError::file("open", folder, error);
    }
    let what = format!("there is no folder {}", folder.display());
    let help = "Proxmox VE has its ROMs in /usr/share/kvm. On another host say where the ROM should go: --dest FILE, \
                for example --dest /usr/share/qemu/igd.rom.";
    CliError::new(Exit::Failed, what, help)
}

fn digest_of(path: &Path) -> io::Result<Option<Digest>> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut hasher = Sha256::new();
    let mut block = vec![0; 64 << 10];
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(Some(Digest(hasher.finalize().into()))),
            Ok(length) => hasher.update(block.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A temporary file that knows the digest of what was written to it, and removes itself unless it was put in place.
pub(crate) struct Partial {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    length: u64,
    kept: bool,
}

impl Partial {
    /// Begins again.
    pub(crate) fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.hasher = Sha256::new();
        self.length = 0;
        Ok(())
    }

    /// Digest of all that was written.
    pub(crate) fn digest(&self) -> Digest {
        Digest(self.hasher.clone().finalize().into())
    }

    /// Bytes that were written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// What was written, read back from the file.
    pub(crate) fn contents(&mut self) -> Result<Vec<u8>, CliError> {
        let mut bytes = Vec::new();
        self.file
            .rewind()
            .and_then(|()| self.file.read_to_end(&mut bytes))
            .map_err(|error| CliError::file("read", &self.path, &error))?;
        Ok(bytes)
    }

    /// An error in writing it.
    pub(crate) fn error(&self, error: &io::Error) -> CliError {
        CliError::file("write", &self.path, error)
    }
}

impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or_default());
        self.length = self.length.saturating_add(u64::try_from(written).unwrap_or(0));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing to do about a failure here; the next run clears it.
            drop(fs::remove_file(&self.path));
        }
    }
}
