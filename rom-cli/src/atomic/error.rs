//! What can go wrong when a file is put in place.

use rom_host::root::NotAFile;
use std::io;
use std::path::PathBuf;

/// Why a file was not put in place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SlotError {
    /// The path ends with a slash or with `..`: it does not name a file.
    #[error("{} does not name a file", .0.display())]
    NamesNoFile(PathBuf),
    /// The folder is missing.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf, #[source] io::Error),
    /// A symbolic link is at the path, and where it leads.
    #[error("{} is a symbolic link to {}", .0.display(), .1.display())]
    IsALink(PathBuf, PathBuf),
    /// Something else than a file is at the path.
    #[error("{} cannot be replaced: {}", .0.display(), .1)]
    NotAFile(PathBuf, NotAFile),
    /// A file is at the path that must not be there.
    #[error("{} already exists", .0.display())]
    Exists(PathBuf),
    /// The names that a backup could have are those of other files.
    #[error("the backup of {} cannot be made: other files already have the backup names", .path.display())]
    NoBackupName {
        /// The file.
        path: PathBuf,
        /// One of the names.
        name: String,
    },
    /// The file that was kept is no longer what it was.
    #[error("{} is not the file that was backed up", .0.display())]
    BackupChanged(PathBuf),
    /// The folder is not where it was when the work began.
    #[error("{} was moved or replaced while this ran", .0.display())]
    FolderMoved(PathBuf),
    /// The name cannot be written into a record.
    #[error("the name of {} is not UTF-8, and cannot be recorded", .0.display())]
    NotUtf8(PathBuf),
    /// A call failed.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried: "write", "read", "back up to".
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}
