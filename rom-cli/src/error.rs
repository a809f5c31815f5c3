//! Trouble with the world, and what the process says to its caller.

use std::fmt;
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
    pub(crate) fn file(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let (reason, help) = match error.kind() {
            ErrorKind::NotFound => ("there is no such file".to_owned(), "Check the path."),
            ErrorKind::PermissionDenied => ("permission denied".to_owned(), "Run it as root: put sudo in front."),
            ErrorKind::IsADirectory => ("it is a folder".to_owned(), "Name a file."),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                ("the disk is full".to_owned(), "Make room there and try again.")
            }
            ErrorKind::ReadOnlyFilesystem => {
                ("the file system is read-only".to_owned(), "Give another place with --dest FILE, or remount it.")
            }
            _ => (plain(error), "Look at the disk it is on (dmesg) and try again."),
        };
        Self::new(Exit::Failed, format_args!("cannot {doing} {}: {reason}", path.display()), help)
    }
}

/// An operating system error in its own words, without the number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}
