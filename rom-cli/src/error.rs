//! Trouble with the world, and what the process says to its caller.

use crate::root::{NoOpenat2, NotAFile, TooLarge};
use rustix::io::Errno;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::ExitCode;

/// Exit status of the program. README.md lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Yes, or done.
    Yes,
    /// The answer is no.
    No,
    /// The command line was wrong.
    Usage,
    /// A file, a permission, the disk.
    Failed,
    /// The network.
    Network,
    /// Hash, size or content is not what the catalog says.
    Refused,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
            Exit::Network => 4,
            Exit::Refused => 5,
        })
    }
}

/// What went wrong, where, and what to type next.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct CliError {
    /// Exit status.
    pub(crate) exit: Exit,
    /// What happened, and where.
    pub(crate) what: String,
    /// What to do.
    pub(crate) help: String,
}

impl CliError {
    pub(crate) fn new(exit: Exit, what: impl fmt::Display, help: impl Into<String>) -> Self {
        Self { exit, what: what.to_string(), help: help.into() }
    }

    /// An operation on a file that failed.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        let (reason, help) = reason(error, rustix::process::geteuid().is_root());
        Self::new(Exit::Failed, format_args!("cannot {doing} {}: {reason}", path.display()), help)
    }
}

/// What the operating system refused, and what to do about it, for root or somebody else.
fn reason(error: &io::Error, is_root: bool) -> (String, &'static str) {
    if let Some(what) = NotAFile::in_error(error) {
        let help = match what {
            NotAFile::Pipe => "Name a file, or pipe it in and give - as the name.",
            _ => "Name a file.",
        };
        return (what.to_string(), help);
    }
    if error.get_ref().is_some_and(|inner| inner.is::<TooLarge>() || inner.is::<NoOpenat2>()) {
        return (error.to_string(), "Check the path.");
    }
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    let (reason, help) = match (error.kind(), errno) {
        (ErrorKind::NotFound, _) => ("there is no such file", "Check the path."),
        (_, Some(Errno::PERM)) if is_root => {
            ("it may not be changed, not even by root", "`lsattr` shows whether it is immutable; `chattr -i` takes that off.")
        }
        (ErrorKind::PermissionDenied, _) if is_root => (
            "permission denied, although this is root",
            "A network file system, a container or a security module forbids it: look at its mount and at the kernel log.",
        ),
        (ErrorKind::PermissionDenied, _) => ("permission denied", "Run it as root: put sudo before it."),
        (ErrorKind::IsADirectory, _) => ("it is a folder", "Name a file."),
        (ErrorKind::NotADirectory, _) => ("a part of its path is a file, not a folder", "Check the path."),
        (ErrorKind::AlreadyExists, _) => ("there is a file of this name already", "Give another name, or move it away."),
        (ErrorKind::InvalidFilename, _) => ("the name is longer than the file system takes", "Give a shorter name."),
        (_, Some(Errno::LOOP)) => ("its symbolic links lead in a circle", "Check the path."),
        (ErrorKind::StorageFull, _) => ("the disk is full", "Make room there and try again."),
        (ErrorKind::QuotaExceeded, _) => ("the quota of this user is used up", "Make room there and try again."),
        (ErrorKind::FileTooLarge, _) => ("the file system takes no file of this size", "Give another place."),
        (ErrorKind::ReadOnlyFilesystem, _) => ("the file system is read-only", "Give another place, or remount it."),
        (_, Some(Errno::IO)) => ("the disk gives an error", "Look at the kernel log (dmesg) and try again."),
        _ => return (plain(error), "Try again."),
    };
    (reason.to_owned(), help)
}

/// An operating system error in its own words, without the number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_really_was() {
        let told = |errno: Errno, is_root| {
            let (reason, help) = reason(&errno.into(), is_root);
            format!("{reason}. {help}")
        };
        for (errno, words, never) in [
            (Errno::PERM, "immutable", "sudo"),
            (Errno::ACCESS, "although this is root", "sudo"),
            (Errno::NAMETOOLONG, "shorter name", "dmesg"),
            (Errno::EXIST, "a file of this name already", "dmesg"),
            (Errno::NOTDIR, "not a folder", "dmesg"),
            (Errno::LOOP, "in a circle", "dmesg"),
            (Errno::DQUOT, "quota", "disk is full"),
            (Errno::ROFS, "read-only", "dmesg"),
            (Errno::IO, "dmesg", "sudo"),
        ] {
            let told = told(errno, true);
            assert!(told.contains(words) && !told.contains(never), "{errno:?}: {told}");
        }
        assert!(told(Errno::ACCESS, false).contains("sudo"));
    }
}
