//! Opens files of strangers: nothing is waited for, and nothing leads out of the folder that is the
//! root.
//!
//! A path may lead to a FIFO, a device or a socket. Opening one of them can wait for its other end,
//! or do something (a watchdog starts to count), so what a path leads to is looked at first. Under
//! a root other than `/` the kernel resolves each path as the host itself would: symbolic links,
//! absolute ones and `..` too, end inside (`openat2`, Linux 5.6).

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// What a path leads to where a regular file is needed. It is inside of the [`io::Error`] that
/// opening it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAFile {
    /// A folder.
    #[error("it is a folder")]
    Folder,
    /// A FIFO.
    #[error("it is a named pipe (FIFO), not a file")]
    Pipe,
    /// A socket of the file system.
    #[error("it is a socket, not a file")]
    Socket,
    /// A device of characters or of blocks, or of no known kind.
    #[error("it is a device, not a file")]
    Device,
    /// A symbolic link, where it is not followed.
    #[error("it is a symbolic link")]
    Link,
}

/// A file is longer than what is read of its kind. It is inside of the [`io::Error`] that reading
/// it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is larger than {most} bytes")]
pub struct TooLarge {
    /// The most bytes that such a file may have.
    pub most: u64,
}

impl From<TooLarge> for io::Error {
    fn from(error: TooLarge) -> Self {
        Self::new(io::ErrorKind::FileTooLarge, error)
    }
}

/// The kernel has no `openat2`, which a root other than `/` needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this kernel cannot keep paths inside of a folder (openat2, Linux 5.6)")]
pub struct NoOpenat2;

impl NotAFile {
    /// What `kind` is; `None` for a regular file.
    #[must_use]
    pub fn of(kind: FileType) -> Option<Self> {
        Some(match kind {
            FileType::RegularFile => return None,
            FileType::Directory => Self::Folder,
            FileType::Fifo => Self::Pipe,
            FileType::Socket => Self::Socket,
            FileType::Symlink => Self::Link,
            FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => Self::Device,
        })
    }

    /// The one that `error` carries.
    #[must_use]
    pub fn in_error(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }

    /// An error that carries it.
    #[must_use]
    pub fn into_error(self) -> io::Error {
        let kind = if self == Self::Folder {
            io::ErrorKind::IsADirectory
        } else {
            io::ErrorKind::InvalidInput
        };
        io::Error::new(kind, self)
    }
}

/// What may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    RegularFile,
    /// A disk too: `scan` reads whole ones.
    FileOrDisk,
    /// A flash chip too: it holds the machine's firmware.
    FileOrFlash,
}

impl Wanted {
    /// The major number of flash chips among the devices of characters (Linux,
    /// `include/uapi/linux/major.h`: `MTD_CHAR_MAJOR`).
    const FLASH: u32 = 90;

    /// Whether it takes this device.
    fn takes(self, device: &Stat) -> bool {
        let kind = FileType::from_raw_mode(device.st_mode);
        match self {
            Self::RegularFile => false,
            Self::FileOrDisk => kind == FileType::BlockDevice,
            Self::FileOrFlash => {
                kind == FileType::CharacterDevice
                    && rustix::fs::major(device.st_rdev) == Self::FLASH
            }
        }
    }
}

/// For reading: never waits, is not inherited, makes no terminal ours.
const READ: OFlags =
    OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
/// For writing to what is there: nothing is made and nothing is cut.
const WRITE: OFlags =
    OFlags::WRONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);
/// A place, opened without touching what is there.
const PLACE: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);
/// How often a path is resolved again while somebody renames what it goes through.
const TRIES: usize = 16;

/// Opens a path of the user's for reading. It has to be a regular file.
///
/// # Errors
/// What the operating system says, or [`NotAFile`].
pub fn open(path: &Path) -> io::Result<File> {
    Root::host().open(path)
}

/// Opens a path of the user's for reading: a regular file or a disk.
///
/// # Errors
/// What the operating system says, or [`NotAFile`].
pub fn open_disk(path: &Path) -> io::Result<File> {
    Root::host().open_wanted(path, Wanted::FileOrDisk)
}

/// All of a regular file, which may have `most` bytes.
///
/// # Errors
/// What the operating system says, or [`NotAFile`], or [`TooLarge`].
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_whole(open(path)?, most)
}

/// All of `file`, or [`TooLarge`].
///
/// # Errors
/// What reading it gives, or [`TooLarge`].
pub fn read_whole(source: impl io::Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        Ok(bytes)
    } else {
        Err(TooLarge { most }.into())
    }
}

/// A folder that stands for `/` of a host. A path is the host's own, absolute; what it leads to is
/// inside.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    folder: OnceLock<OwnedFd>,
}

impl Root {
    /// The host under `path`. Nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), folder: OnceLock::new() }
    }

    /// The host that this runs on.
    #[must_use]
    pub fn host() -> Self {
        Self::new("/")
    }

    /// Whether it is the host that this runs on.
    #[must_use]
    pub fn is_this_host(&self) -> bool {
        self.path == Path::new("/")
    }

    /// Where `path` of the host is on this one, for messages.
    #[must_use]
    pub fn shown(&self, path: &Path) -> PathBuf {
        if self.is_this_host() {
            path.to_owned()
        } else {
            self.path.join(path.strip_prefix("/").unwrap_or(path))
        }
    }

    /// `path` as the host itself names it, if it is written as one below the root.
    #[must_use]
    pub fn inner(&self, path: &Path) -> Option<PathBuf> {
        Some(Path::new("/").join(path.strip_prefix(&self.path).ok()?))
    }

    /// Opens a regular file for reading.
    ///
    /// # Errors
    /// What the operating system says, or [`NotAFile`].
    pub fn open(&self, path: &Path) -> io::Result<File> {
        self.open_wanted(path, Wanted::RegularFile)
    }

    fn open_wanted(&self, path: &Path, wanted: Wanted) -> io::Result<File> {
        self.open_as(path, READ, |there| wanted.takes(there))
    }

    fn open_as(
        &self,
        path: &Path,
        flags: OFlags,
        takes: impl Fn(&Stat) -> bool,
    ) -> io::Result<File> {
        let check = |there: Stat| match NotAFile::of(FileType::from_raw_mode(there.st_mode)) {
            Some(NotAFile::Device) if takes(&there) => Ok(()),
            Some(other) => Err(other.into_error()),
            None => Ok(()),
        };
        check(rustix::fs::fstat(self.at(path, PLACE)?)?)?;
        // Another file can be there by now: it is looked at again.
        let file = self.at(path, flags)?;
        check(rustix::fs::fstat(&file)?)?;
        Ok(File::from(file))
    }

    /// Opens a flash chip for reading, as Linux's MTD has it, or a regular file in its place.
    ///
    /// # Errors
    /// What the operating system says, or [`NotAFile`].
    pub fn open_flash(&self, path: &Path) -> io::Result<File> {
        self.open_wanted(path, Wanted::FileOrFlash)
    }

    /// Opens an attribute of sysfs for writing.
    ///
    /// # Errors
    /// What the operating system says, or [`NotAFile`].
    pub fn open_attribute(&self, path: &Path) -> io::Result<File> {
        self.open_as(path, WRITE, |_| false)
    }

    /// All of a regular file, which may have `most` bytes.
    ///
    /// # Errors
    /// What the operating system says, or [`NotAFile`], or [`TooLarge`].
    pub fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        read_whole(self.open(path)?, most)
    }

    /// Opens a folder, to read it or to work in it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open_folder(&self, path: &Path) -> io::Result<OwnedFd> {
        self.at(path, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY)
    }

    /// The names in a folder, sorted.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(self.open_folder(folder)?)? {
            let name = OsString::from_vec(entry?.file_name().to_bytes().to_vec());
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// What the symbolic link at `path` holds.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn link(&self, path: &Path) -> io::Result<PathBuf> {
        let link = self.at(path, PLACE | OFlags::NOFOLLOW)?;
        let target = rustix::fs::readlinkat(link, "", Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()).into())
    }

    /// Whether something is at `path`: a link that leads nowhere is nothing.
    #[must_use]
    pub fn exists(&self, path: &Path) -> bool {
        self.at(path, PLACE).is_ok()
    }

    /// The permission bits of what is at `path`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn mode(&self, path: &Path) -> io::Result<u32> {
        Ok(rustix::fs::fstat(self.at(path, PLACE)?)?.st_mode & 0o7777)
    }

    /// Opens a folder, and makes it and those above it where they are missing, with these
    /// permissions.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn make_folder(&self, path: &Path, mode: u32) -> io::Result<OwnedFd> {
        match self.open_folder(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else {
            return self.open_folder(path);
        };
        let above = self.make_folder(above, mode)?;
        match rustix::fs::mkdirat(&above, name, Mode::from_raw_mode(mode)) {
            Ok(()) | Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        self.open_folder(path)
    }

    /// Resolves `path` as this host would.
    fn at(&self, path: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        if self.is_this_host() {
            return Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?);
        }
        // An absolute path is taken from the root by the kernel; an empty one is the root.
        let inner = path.as_os_str().as_bytes();
        let inner = if inner.is_empty() { b"/" } else { inner };
        for _ in 0..TRIES {
            match rustix::fs::openat2(
                self.folder()?,
                inner,
                flags,
                Mode::empty(),
                ResolveFlags::IN_ROOT,
            ) {
                Ok(file) => return Ok(file),
                Err(rustix::io::Errno::AGAIN) => {}
                Err(rustix::io::Errno::NOSYS) => {
                    return Err(io::Error::new(io::ErrorKind::Unsupported, NoOpenat2));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    fn folder(&self) -> io::Result<&OwnedFd> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let folder = rustix::fs::openat(CWD, &self.path, PLACE | OFlags::DIRECTORY, Mode::empty())?;
        Ok(self.folder.get_or_init(|| folder))
    }
}

/// What is at `name` in `folder`, without following a link; `None` if nothing is.
///
/// # Errors
/// What the operating system says.
pub fn kind_at(folder: impl AsFd, name: &Path) -> io::Result<Option<FileType>> {
    match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::mknodat;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use tempfile::TempDir;

    fn refusal<T: std::fmt::Debug>(result: io::Result<T>) -> NotAFile {
        NotAFile::in_error(&result.unwrap_err()).unwrap()
    }

    #[test]
    fn what_is_not_a_file_is_an_error_at_once() {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        symlink(at("pipe"), at("link")).unwrap();
        assert_eq!(refusal(open(&at("pipe"))), NotAFile::Pipe);
        assert_eq!(refusal(open(&at("link"))), NotAFile::Pipe);
        assert_eq!(refusal(open(&at("socket"))), NotAFile::Socket);
        assert_eq!(refusal(open(folder.path())), NotAFile::Folder);
        assert_eq!(refusal(open(Path::new("/dev/zero"))), NotAFile::Device);
        assert_eq!(refusal(open_disk(Path::new("/dev/zero"))), NotAFile::Device);
        let flash = Root::host().open_flash(Path::new("/dev/zero"));
        assert_eq!(refusal(flash), NotAFile::Device);
        let root = Root::new(folder.path());
        assert_eq!(refusal(root.read(Path::new("/pipe"), 1)), NotAFile::Pipe);
    }

    #[test]
    fn a_file_may_have_as_many_bytes_as_are_allowed() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, [7; 100]).unwrap();
        assert_eq!(read(&file, 100).unwrap(), [7; 100]);
        let error = read(&file, 99).unwrap_err();
        assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&TooLarge { most: 99 }));
    }

    #[test]
    fn no_link_leads_out_of_the_root() {
        let outside = TempDir::new().unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        let folder = TempDir::new().unwrap();
        let inside = |name: &str| folder.path().join(name);
        fs::create_dir_all(inside("etc/deep")).unwrap();
        fs::write(inside("etc/hostname"), "inside").unwrap();
        symlink(outside.path(), inside("absolute")).unwrap();
        symlink(
            format!("../../../../../../../..{}", outside.path().display()),
            inside("etc/deep/up"),
        )
        .unwrap();
        symlink("/etc/hostname", inside("name")).unwrap();
        let root = Root::new(folder.path());
        let read = |path: &str| root.read(Path::new(path), 100);
        assert_eq!(read("/name").unwrap(), b"inside", "an absolute link is the host's own");
        assert_eq!(read("/etc/../../../etc/hostname").unwrap(), b"inside");
        for path in ["/absolute/secret", "/etc/deep/up/secret"] {
            assert_eq!(read(path).unwrap_err().kind(), io::ErrorKind::NotFound, "{path}");
        }
        assert!(!root.exists(Path::new("/absolute")) && root.exists(Path::new("/name")));
        assert!(root.names(Path::new("/absolute")).is_err());
        assert_eq!(root.names(Path::new("/etc")).unwrap(), ["deep", "hostname"]);
        assert_eq!(root.link(Path::new("/name")).unwrap(), Path::new("/etc/hostname"));
    }

    #[test]
    fn folders_are_made_inside_of_the_root() {
        let outside = TempDir::new().unwrap();
        let folder = TempDir::new().unwrap();
        symlink(outside.path(), folder.path().join("var")).unwrap();
        let root = Root::new(folder.path());
        root.make_folder(Path::new("/lib/oprom"), 0o700).unwrap();
        assert!(folder.path().join("lib/oprom").is_dir());
        assert_eq!(root.mode(Path::new("/lib/oprom")).unwrap(), 0o700);
        assert!(root.make_folder(Path::new("/var/lib"), 0o755).is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }
}
