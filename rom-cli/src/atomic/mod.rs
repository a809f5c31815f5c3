//! Puts a file in place so that nothing half-written ever has its name.
//!
//! A temporary file in the same folder is filled and synced, the old file gets a second name, one
//! rename puts the new file in place, and the folder is synced. Killed at any instant, the target
//! is the old file or the new one, whole; what else was left behind goes with the next run.
//! Everything happens in the folder that was opened at the beginning: nobody can put another in its
//! way.

mod error;
mod temp;

pub(crate) use error::SlotError;
pub(crate) use temp::TempFile;

use rom_core::Digest;
use rom_host::root::{NotAFile, Root, TooLarge, kind_at};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags, Stat};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

/// The permissions of a file that is put in place: QEMU may run as another user.
const MODE: u32 = 0o644;
/// The largest file that is replaced, or kept: 64 MiB. No ROM comes near it.
const LARGEST: u64 = 64 << 20;

/// A place for a file, in a folder that is open.
pub(crate) struct InstallSlot<'r> {
    root: &'r Root,
    /// The path under the root.
    path: PathBuf,
    /// The path as the user knows it.
    shown: PathBuf,
    name: OsString,
    folder: OwnedFd,
}

/// A file by its bytes, mode and owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState {
    /// SHA-256 of its bytes.
    pub(crate) sha256: Digest,
    /// Permission bits.
    pub(crate) mode: u32,
    /// Number of the owner.
    pub(crate) uid: u32,
    /// Number of the group.
    pub(crate) gid: u32,
}

impl<'r> InstallSlot<'r> {
    /// Opens the folder of `path` under `root` and clears what an interrupted run left there.
    /// Messages call it `shown`.
    pub(crate) fn open(root: &'r Root, path: &Path, shown: &Path) -> Result<Self, SlotError> {
        let ends_with = |end: &[u8]| shown.as_os_str().as_bytes().ends_with(end);
        let name = path.file_name().filter(|_| !ends_with(b"/") && !ends_with(b"/."));
        let name = name.ok_or_else(|| SlotError::NamesNoFile(shown.to_owned()))?.to_owned();
        let folder = root.open_folder(folder_of(path)).map_err(|source| {
            let folder = folder_of(shown).to_owned();
            match source.kind() {
                ErrorKind::NotFound => SlotError::NoFolder(folder, source),
                _ => SlotError::Io { doing: "open", path: folder, source },
            }
        })?;
        let slot = Self { root, path: path.to_owned(), shown: shown.to_owned(), name, folder };
        slot.refuse_what_is_no_file()?;
        // A leftover that stays does no harm; the next run tries again.
        drop(temp::clear_leftovers(slot.folder.as_fd(), &slot.name));
        Ok(slot)
    }

    /// A symbolic link is not followed, and a folder is not replaced.
    fn refuse_what_is_no_file(&self) -> Result<(), SlotError> {
        let kind = kind_at(&self.folder, Path::new(&self.name)).map_err(self.failed("look at"))?;
        let Some(what) = kind.and_then(NotAFile::of) else { return Ok(()) };
        if kind != Some(FileType::Symlink) {
            return Err(SlotError::NotAFile(self.shown.clone(), what));
        }
        let to = rustix::fs::readlinkat(&self.folder, &self.name, Vec::new());
        let to = to.map(|to| OsStr::from_bytes(to.to_bytes()).into()).unwrap_or_default();
        Err(SlotError::IsALink(self.shown.clone(), to))
    }

    fn failed(&self, doing: &'static str) -> impl Fn(io::Error) -> SlotError {
        let path = self.shown.clone();
        move |source| SlotError::Io { doing, path: path.clone(), source }
    }

    /// The place of a file of this name beside it, as the user knows it.
    fn beside(&self, name: &OsStr) -> PathBuf {
        folder_of(&self.shown).join(name)
    }

    /// The file that is there; `None` if none is.
    pub(crate) fn current(&self) -> Result<Option<FileState>, SlotError> {
        self.state_of(&self.name).map_err(self.failed("read"))
    }

    fn state_of(&self, name: &OsStr) -> io::Result<Option<FileState>> {
        match self.open_beside(name) {
            Ok(file) => Ok(Some(state(file)?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a regular file of the folder. Links are not followed.
    fn open_beside(&self, name: &OsStr) -> io::Result<File> {
        if let Some(what) = kind_at(&self.folder, Path::new(name))?.and_then(NotAFile::of) {
            return Err(what.into_error());
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        Ok(File::from(rustix::fs::openat(&self.folder, name, flags, Mode::empty())?))
    }

    /// An empty temporary file in the folder. It goes away unless it is put in place.
    pub(crate) fn temp_file(&self) -> Result<TempFile, SlotError> {
        let folder = folder_of(&self.shown);
        let created = TempFile::create(self.folder.as_fd(), folder, &self.name);
        created.map_err(|source| SlotError::Io {
            doing: "write in",
            path: folder.to_owned(),
            source,
        })
    }

    /// A temporary file with the bytes of `backup` beside the place, which have to be those of
    /// `state`; it gets their mode and owner too.
    pub(crate) fn restored(
        &self,
        backup: &OsStr,
        state: &FileState,
    ) -> Result<TempFile, SlotError> {
        let path = self.beside(backup);
        let failed =
            |source: io::Error| SlotError::Io { doing: "read", path: path.clone(), source };
        let mut temp = self.temp_file()?;
        let kept = self.open_beside(backup).map_err(failed)?;
        let copied = io::copy(&mut kept.take(LARGEST), &mut temp);
        copied.map_err(|error| temp.error(error))?;
        if temp.digest() != state.sha256 {
            return Err(SlotError::BackupChanged(path));
        }
        self.finished_like(&temp, state)?;
        Ok(temp)
    }

    /// Gives `temp` the mode and the owner of `state`, and lets it reach the disk. Says what it is.
    pub(crate) fn finished_like(
        &self,
        temp: &TempFile,
        state: &FileState,
    ) -> Result<FileState, SlotError> {
        let made = temp.file.metadata().and_then(|made| {
            // Only root may give a file away, and most are not.
            if (made.uid(), made.gid()) == (state.uid, state.gid) {
                return Ok(());
            }
            fchown(&temp.file, Some(state.uid), Some(state.gid))
        });
        made.map_err(|source| SlotError::Io {
            doing: "give the owner back to",
            path: self.shown.clone(),
            source,
        })?;
        self.finish(temp, state.mode)?;
        Ok(FileState { sha256: temp.digest(), ..*state })
    }

    /// Makes `temp` readable for QEMU, and lets it reach the disk. Says what it is.
    pub(crate) fn finished(&self, temp: &TempFile) -> Result<FileState, SlotError> {
        self.finish(temp, MODE)?;
        let metadata = temp.file.metadata().map_err(self.failed("write"))?;
        Ok(FileState {
            sha256: temp.digest(),
            mode: MODE,
            uid: metadata.uid(),
            gid: metadata.gid(),
        })
    }

    fn finish(&self, temp: &TempFile, mode: u32) -> Result<(), SlotError> {
        let permissions = fs::Permissions::from_mode(mode);
        let finished = temp.file.set_permissions(permissions).and_then(|()| temp.file.sync_all());
        finished.map_err(self.failed("write"))
    }

    /// Gives the file in place, which is `state`, a second name that has its hash in it. Says
    /// which.
    pub(crate) fn back_up(&self, state: &FileState) -> Result<String, SlotError> {
        let own = self.name.to_str().ok_or_else(|| SlotError::NotUtf8(self.shown.clone()))?;
        for hash in [state.sha256.short(), state.sha256.to_string()] {
            let backup = format!("{own}.bak-{hash}");
            let path = self.beside(OsStr::new(&backup));
            let failed = |source: io::Error| SlotError::Io {
                doing: "back up to",
                path: path.clone(),
                source,
            };
            match self.state_of(OsStr::new(&backup)).map_err(failed)? {
                Some(there) if there.sha256 != state.sha256 => continue,
                Some(_) => {}
                None => self.second_name(&backup).map_err(failed)?,
            }
            rustix::fs::fsync(&self.folder).map_err(|error| failed(error.into()))?;
            return Ok(backup);
        }
        let name = format!("{own}.bak-{}", state.sha256.short());
        Err(SlotError::NoBackupName { path: self.shown.clone(), name })
    }

    /// A link, or a copy where the file system has no links.
    fn second_name(&self, backup: &str) -> io::Result<()> {
        let folder = &self.folder;
        if rustix::fs::linkat(folder, &self.name, folder, backup, AtFlags::empty()).is_ok() {
            return Ok(());
        }
        let mut copy = TempFile::create(folder.as_fd(), folder_of(&self.shown), &self.name)?;
        let file = self.open_beside(&self.name)?;
        let permissions = file.metadata()?.permissions();
        io::copy(&mut file.take(LARGEST), &mut copy)?;
        copy.file.set_permissions(permissions)?;
        copy.file.sync_all()?;
        self.rename_new(&mut copy, OsStr::new(backup))
    }

    /// Gives `temp` the final name, over the file that is there, and lets that reach the disk.
    pub(crate) fn replace(&self, mut temp: TempFile) -> Result<(), SlotError> {
        self.refuse_another_folder()?;
        let renamed = rustix::fs::renameat(&self.folder, temp.name(), &self.folder, &self.name);
        renamed.map_err(|error| self.failed("write")(error.into()))?;
        temp.kept = true;
        self.sync_folder()
    }

    /// Gives `temp` the final name if nothing has it, and lets that reach the disk.
    pub(crate) fn place_new(&self, mut temp: TempFile) -> Result<(), SlotError> {
        self.refuse_another_folder()?;
        self.rename_new(&mut temp, &self.name).map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => SlotError::Exists(self.shown.clone()),
            _ => self.failed("write")(source),
        })?;
        self.sync_folder()
    }

    /// Puts these bytes there; nothing may be there yet.
    pub(crate) fn write_new(&self, bytes: &[u8]) -> Result<(), SlotError> {
        if kind_at(&self.folder, Path::new(&self.name)).map_err(self.failed("look at"))?.is_some() {
            return Err(SlotError::Exists(self.shown.clone()));
        }
        let mut temp = self.temp_file()?;
        let written = temp.write_all(bytes);
        written.map_err(|error| temp.error(error))?;
        self.finished(&temp)?;
        self.place_new(temp)
    }

    /// Gives `temp` a name that nothing has: `AlreadyExists` otherwise. Not every file system has
    /// each of the ways.
    fn rename_new(&self, temp: &mut TempFile, name: &OsStr) -> io::Result<()> {
        let folder = &self.folder;
        let own = temp.name().to_owned();
        match rustix::fs::renameat_with(folder, &own, folder, name, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                temp.kept = true;
                return Ok(());
            }
        }
        match rustix::fs::linkat(folder, &own, folder, name, AtFlags::empty()) {
            // The temporary name goes with the temporary file.
            Ok(()) => return Ok(()),
            Err(Errno::PERM | Errno::NOSYS | Errno::OPNOTSUPP | Errno::MLINK) => {}
            Err(error) => return Err(error.into()),
        }
        // An empty file of ours holds the name until the rename.
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        drop(rustix::fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)?);
        rustix::fs::renameat(folder, &own, folder, name)?;
        temp.kept = true;
        Ok(())
    }

    /// Removes the file that is there.
    pub(crate) fn remove(&self) -> Result<(), SlotError> {
        self.refuse_another_folder()?;
        let removed = rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty());
        removed.map_err(|error| self.failed("remove")(error.into()))?;
        self.sync_folder()
    }

    fn sync_folder(&self) -> Result<(), SlotError> {
        rustix::fs::fsync(&self.folder).map_err(|error| self.failed("write")(error.into()))
    }

    /// What is done in a folder that was moved away meanwhile would not be where it is said to be.
    fn refuse_another_folder(&self) -> Result<(), SlotError> {
        let identity = |stat: Stat| (stat.st_dev, stat.st_ino);
        let own = rustix::fs::fstat(&self.folder).map(identity).map_err(io::Error::from);
        let there = self
            .root
            .open_folder(folder_of(&self.path))
            .and_then(|folder| Ok(rustix::fs::fstat(folder)?));
        match (own.map_err(self.failed("write in the folder of"))?, there.map(identity)) {
            (own, Ok(there)) if own == there => Ok(()),
            _ => Err(SlotError::FolderMoved(folder_of(&self.shown).to_owned())),
        }
    }
}

/// The folder that holds `path`; the current one for a plain name.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn state(mut file: File) -> io::Result<FileState> {
    let metadata = file.metadata()?;
    if metadata.len() > LARGEST {
        return Err(TooLarge { most: LARGEST }.into());
    }
    let mut hasher = Sha256::new();
    let mut block = vec![0; 64 << 10];
    let mut total = 0_u64;
    loop {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(length) => {
                hasher.update(block.get(..length).unwrap_or_default());
                total = total.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if total > LARGEST {
            return Err(TooLarge { most: LARGEST }.into());
        }
    }
    let sha256 = Digest(hasher.finalize().into());
    Ok(FileState {
        sha256,
        mode: metadata.mode() & 0o7777,
        uid: metadata.uid(),
        gid: metadata.gid(),
    })
}

/// Writes a file that must not be there yet.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), SlotError> {
    InstallSlot::open(&Root::host(), path, path)?.write_new(bytes)
}
