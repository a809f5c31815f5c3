//! The temporary file that becomes the new one.

use super::SlotError;
use rom_core::Digest;
use rom_host::root;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek as _, Write};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

/// How the names of temporary files end.
const ENDING: &str = ".part";

/// A temporary file that knows the digest of what was written to it, and removes itself unless it
/// gets a name for good.
///
/// It is locked while its process lives, so that another can tell what was left behind from what is
/// being written.
pub(crate) struct TempFile {
    folder: OwnedFd,
    /// Its path, for messages.
    path: PathBuf,
    name: String,
    pub(super) file: File,
    hasher: Sha256,
    length: u64,
    pub(super) kept: bool,
}

/// How the names of all temporary files for `name` begin. A long name has no room for more than a
/// digest of it.
fn prefix(name: &OsStr) -> String {
    let digest = Digest::of(name.as_bytes()).to_string();
    format!(".oprom-{}-", digest.get(..16).unwrap_or_default())
}

/// Removes the temporary files for `name` whose process has ended.
pub(super) fn clear_leftovers(folder: BorrowedFd<'_>, name: &OsStr) -> io::Result<()> {
    let prefix = prefix(name);
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let own = entry.file_name().to_bytes();
        if !(own.starts_with(prefix.as_bytes()) && own.ends_with(ENDING.as_bytes())) {
            continue;
        }
        let path = Path::new(OsStr::from_bytes(own));
        if root::kind_at(folder, path)? != Some(FileType::RegularFile) {
            continue;
        }
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = File::from(rustix::fs::openat(folder, path, flags, Mode::empty())?);
        if file.try_lock().is_ok() {
            rustix::fs::unlinkat(folder, path, AtFlags::empty())?;
        }
    }
    Ok(())
}

impl TempFile {
    /// An empty one in `folder`, which is at `folder_path`, for `name`.
    pub(super) fn create(
        folder: BorrowedFd<'_>,
        folder_path: &Path,
        name: &OsStr,
    ) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}{}-{count}{ENDING}", prefix(name), process::id());
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let folder = folder.try_clone_to_owned()?;
        let file = File::from(rustix::fs::openat(&folder, &name, flags, Mode::RUSR | Mode::WUSR)?);
        let temp = Self {
            path: folder_path.join(&name),
            folder,
            name,
            file,
            hasher: Sha256::new(),
            length: 0,
            kept: false,
        };
        // Where the file system knows no locks, a leftover is removed at the latest by hand.
        drop(temp.file.try_lock());
        Ok(temp)
    }

    /// Its name in the folder.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its path, for a program that reads it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

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
    pub(crate) fn contents(&mut self) -> Result<Vec<u8>, SlotError> {
        let mut bytes = Vec::new();
        let read = self.file.rewind().and_then(|()| self.file.read_to_end(&mut bytes));
        read.map_err(|source| SlotError::Io { doing: "read", path: self.path.clone(), source })?;
        Ok(bytes)
    }

    /// An error in writing it.
    pub(crate) fn error(&self, source: io::Error) -> SlotError {
        SlotError::Io { doing: "write", path: self.path.clone(), source }
    }
}

impl Write for TempFile {
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

impl Drop for TempFile {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing to do about a failure here; the next run clears it.
            let _ = rustix::fs::unlinkat(self.folder.as_fd(), &self.name, AtFlags::empty());
        }
    }
}
