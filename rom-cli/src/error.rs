//! Trouble with the world, and what the process says to its caller.

use crate::address::AddressError;
use crate::atomic::SlotError;
use crate::changes::ChangeError;
use crate::fetch::{FetchError, PinnedBy};
use crate::journal::JournalError;
use crate::meant;
use crate::programs::ProgramError;
use crate::text::{Advice, Line, file_or_placeholder};
use rom_host::root::{NoOpenat2, NotAFile, TooLarge};
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

impl Exit {
    /// What the process ends with.
    pub(crate) const fn status(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Network => 4,
            Self::Refused => 5,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

/// What went wrong, where, and what to type next.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct CliError {
    /// Exit status.
    pub(crate) exit: Exit,
    /// What happened, and where.
    pub(crate) what: Line,
    /// What to do.
    pub(crate) advice: Advice,
}

impl CliError {
    pub(crate) fn new(exit: Exit, what: impl fmt::Display, advice: impl Into<Advice>) -> Self {
        Self { exit, what: Line::new(what.to_string()), advice: advice.into() }
    }

    /// It with a command to type, after those that it has.
    pub(crate) fn run<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.advice = self.advice.run(words);
        self
    }

    /// An operation on a file that failed.
    pub(crate) fn file(doing: &str, path: &Path, error: &io::Error) -> Self {
        let is_root = rustix::process::geteuid().is_root();
        let (reason, mut advice) = reason(path, error, is_root);
        let missing = path.to_str().filter(|_| error.kind() == ErrorKind::NotFound);
        if let Some(command) = missing.and_then(meant::command_for_no_file) {
            advice = Advice::from("If it is not meant as a file:").and(command);
        }
        Self::new(Exit::Failed, format_args!("cannot {doing} {}: {reason}", path.display()), advice)
    }
}

/// What the operating system refused, and what to do about it, for root or somebody else.
fn reason(path: &Path, error: &io::Error, is_root: bool) -> (String, Advice) {
    if let Some(what) = NotAFile::in_error(error) {
        let help = match what {
            NotAFile::Pipe => "Name a file, or pipe it in and give - as the name.",
            _ => "Name a file.",
        };
        return (what.to_string(), help.into());
    }
    if error.get_ref().is_some_and(|inner| inner.is::<TooLarge>() || inner.is::<NoOpenat2>()) {
        return (error.to_string(), "Check the path.".into());
    }
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    let typed = file_or_placeholder(path);
    let (reason, help) = match (error.kind(), errno) {
        (ErrorKind::NotFound, _) => ("there is no such file", "Check the path."),
        (_, Some(Errno::PERM)) if is_root => {
            let advice = Advice::from(
                "An i in the output of the first command means that it is immutable; the second \
                command removes that.",
            );
            let advice = advice.run(["lsattr", &typed]).run(["chattr", "-i", &typed]);
            return ("it is immutable, even for root".to_owned(), advice);
        }
        (ErrorKind::PermissionDenied, _) if is_root => (
            "permission denied, although this is root",
            "A network file system, a container or a security module forbids it. Check the mount \
            and the kernel log.",
        ),
        (ErrorKind::PermissionDenied, _) => ("permission denied", "Run it as root."),
        (ErrorKind::IsADirectory, _) => ("it is a folder", "Name a file."),
        (ErrorKind::NotADirectory, _) => {
            ("a part of its path is a file, not a folder", "Check the path.")
        }
        (ErrorKind::AlreadyExists, _) => {
            ("a file of this name already exists", "Give another name, or move it away.")
        }
        (ErrorKind::InvalidFilename, _) => {
            ("the name is too long for the file system", "Give a shorter name.")
        }
        (_, Some(Errno::LOOP)) => ("its symbolic links form a loop", "Check the path."),
        (ErrorKind::StorageFull, _) => ("the disk is full", "Free some space, then try again."),
        (ErrorKind::QuotaExceeded, _) => {
            ("the quota of this user is used up", "Free some space, then try again.")
        }
        (ErrorKind::FileTooLarge, _) => {
            ("the file is too large for the file system", "Choose another folder.")
        }
        (ErrorKind::ReadOnlyFilesystem, _) => {
            ("the file system is read-only", "Choose another folder, or remount the file system.")
        }
        (_, Some(Errno::IO)) => {
            let advice = Advice::from("Check the kernel log, then try again.").run(["dmesg"]);
            return ("the disk reports an error".to_owned(), advice);
        }
        _ => return (plain(error), "Try again.".into()),
    };
    (reason.to_owned(), help.into())
}

impl From<SlotError> for CliError {
    fn from(error: SlotError) -> Self {
        let help = match &error {
            SlotError::Io { doing, path, source } => return Self::file(doing, path, source),
            SlotError::NoFolder(folder, _) if folder.ends_with("usr/share/kvm") => {
                "Proxmox VE has its ROMs there. On another host give the target with --dest \
                FILE, for example --dest /usr/share/qemu/igd.rom."
                    .to_owned()
            }
            SlotError::NoFolder(..) => "Make the folder first, or name another one.".to_owned(),
            SlotError::NamesNoFile(_) => {
                return Self::new(Exit::Usage, error, "Name a file, for example igd.rom.");
            }
            SlotError::IsALink(..) => "Links are not followed. Name the file itself, or remove \
                the link."
                .to_owned(),
            SlotError::NotAFile(..) => "Name another file.".to_owned(),
            SlotError::Exists(_) => "Give another name with -o, or move it away.".to_owned(),
            SlotError::NoBackupName { name, .. } => format!("Move {name} away."),
            SlotError::BackupChanged(_) => {
                return Self::new(
                    Exit::Refused,
                    error,
                    "Nothing was changed. Restore the file by hand.",
                );
            }
            SlotError::FolderMoved(_) => "Nothing was installed. Try again.".to_owned(),
            SlotError::NotUtf8(_) => "Give it a name of letters and digits.".to_owned(),
        };
        Self::new(Exit::Failed, error, help)
    }
}

impl From<JournalError> for CliError {
    fn from(error: JournalError) -> Self {
        let help = match &error {
            JournalError::Io { doing, path, source } => return Self::file(doing, path, source),
            JournalError::Busy(_) => "Wait until it has finished, then try again.".to_owned(),
            JournalError::NotOurs { path, .. } => {
                let folder = file_or_placeholder(path);
                let help = "Nothing was changed. Check its contents, then run:";
                return Self::new(Exit::Failed, error, help).run(["chmod", "0700", &folder]);
            }
            JournalError::Damaged { path, .. } => {
                format!(
                    "Nothing was changed, and the .bak files are kept. To start a new journal, \
                    move {} away.",
                    path.display()
                )
            }
            JournalError::Newer { .. } => "Nothing was changed. Use the newer version of oprom \
                that wrote it."
                .to_owned(),
        };
        Self::new(Exit::Failed, error, help)
    }
}

impl From<ChangeError> for CliError {
    fn from(error: ChangeError) -> Self {
        let help = match &error {
            ChangeError::Slot(_) | ChangeError::Journal(_) | ChangeError::Program(_) => {
                String::new()
            }
            ChangeError::Nothing { of_root: true, .. } => {
                return Self::new(
                    Exit::No,
                    error,
                    "Only root can undo what root did: run it as root.",
                );
            }
            ChangeError::Nothing { .. } => {
                return Self::new(
                    Exit::No,
                    error,
                    "Name the file that was installed with --dest FILE.",
                );
            }
            ChangeError::NotAsShown(_) => {
                "What was shown no longer fits. Run the same command again to see what it would do \
                now."
                    .to_owned()
            }
            ChangeError::NotTypable(_) => "Change it by hand.".to_owned(),
            ChangeError::Read { path, source } => return Self::file("read", path, source),
            ChangeError::NoSuchRun(_) => {
                return Self::new(Exit::No, error, "This lists them:").run(["oprom", "history"]);
            }
            ChangeError::ChangedSince { kept, .. } => {
                let kept = kept
                    .as_ref()
                    .map(|kept| format!(" The previous file is {kept} in the same folder."));
                let help = format!(
                    "It was changed since then, so it is not touched; --yes goes back anyway.{}",
                    kept.unwrap_or_default()
                );
                return Self::new(Exit::No, error, help);
            }
            ChangeError::BadRecord { .. } => {
                "Nothing was changed. Copy the .bak file back by hand.".to_owned()
            }
        };
        match error {
            ChangeError::Slot(error) => error.into(),
            ChangeError::Journal(error) => error.into(),
            ChangeError::Program(error) => error.into(),
            other => Self::new(Exit::Failed, other, help),
        }
    }
}

impl From<ProgramError> for CliError {
    fn from(error: ProgramError) -> Self {
        let help = match &error {
            ProgramError::NotFound(_) => "Install it, or do this step by hand.".to_owned(),
            ProgramError::OtherHost(_) => {
                "Run oprom inside of that root, for example with chroot.".to_owned()
            }
            ProgramError::NotStarted { .. } => "Check the program and its rights.".to_owned(),
            ProgramError::Failed { output, .. } | ProgramError::TooLong { output, .. } => {
                let before = output.len().saturating_sub(1);
                let rest: Vec<&str> = output.iter().take(before).map(String::as_str).collect();
                if rest.is_empty() {
                    "Run it by hand to see more.".to_owned()
                } else {
                    format!("It printed before that: {}", rest.join(" | "))
                }
            }
        };
        Self::new(Exit::Failed, error, help)
    }
}

impl From<AddressError> for CliError {
    fn from(error: AddressError) -> Self {
        let help = "An address begins with https://. A mirror is the folder of the ROMs, and may \
            also begin with http://, or be a path.";
        Self::new(Exit::Usage, error, help)
    }
}

impl From<FetchError> for CliError {
    fn from(error: FetchError) -> Self {
        let refused = |name: &str| {
            let help = format!(
                "Nothing was installed. The source has another file, or the file was changed \
                there: do not use it. The first command shows the pinned hash of {name}, the \
                second installs a file that you made yourself."
            );
            let own = ["oprom", "install", "--from", "FILE", "--expect-sha256", "HEX"];
            Advice::from(help).run(["oprom", "list"]).run(own)
        };
        let (exit, help) = match &error {
            FetchError::Read(path, source) => return Self::file("read", path, source),
            FetchError::Mismatch(mismatch) if mismatch.pinned_by == PinnedBy::User => {
                let advice = "Nothing was installed. The file is not the one whose SHA-256 was \
                    given with --expect-sha256.";
                return Self::new(Exit::Refused, error, advice);
            }
            FetchError::Mismatch(mismatch) => {
                let advice = refused(&mismatch.name);
                return Self::new(Exit::Refused, error, advice);
            }
            FetchError::TooLong { name, .. } => {
                let advice = refused(name);
                return Self::new(Exit::Refused, error, advice);
            }
            FetchError::NoSource { name, .. } => (
                Exit::Network,
                format!(
                    "Check the connection and try again, or name another source with --mirror URL. \
                        Without a network: download {name} elsewhere, then: oprom install --from FILE"
                ),
            ),
            FetchError::Offline(_) => (
                Exit::Network,
                "Name a folder with the file: --mirror DIR, or mirror in the configuration. \
                    `oprom config` shows where offline is set."
                    .to_owned(),
            ),
            FetchError::NoCertificate(_) => (
                Exit::Failed,
                "Name a file with PEM blocks, which begin with -----BEGIN \
                    CERTIFICATE-----."
                    .to_owned(),
            ),
            FetchError::NoAuthorities(_) => {
                let help = "Install the package ca-certificates, or give the authorities with \
                    --cacert FILE.";
                (Exit::Failed, help.to_owned())
            }
            FetchError::NoAnswer(..) | FetchError::Source(_) => (
                Exit::Network,
                "Check the connection and try again. Without a network, save the answer \
                elsewhere and use --from file:PATH."
                    .to_owned(),
            ),
            FetchError::Address(_) | FetchError::Write(_) => (Exit::Failed, String::new()),
        };
        match error {
            FetchError::Address(error) => error.into(),
            FetchError::Write(error) => error.into(),
            other => Self::new(exit, other, help),
        }
    }
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
            let (reason, advice) = reason(Path::new("/a"), &errno.into(), is_root);
            let commands = advice.commands.iter().map(ToString::to_string);
            format!("{reason}. {} {}", advice.text.raw(), commands.collect::<Vec<_>>().join(" "))
        };
        for (errno, words, never) in [
            (Errno::PERM, "immutable", "sudo"),
            (Errno::ACCESS, "although this is root", "sudo"),
            (Errno::NAMETOOLONG, "shorter name", "dmesg"),
            (Errno::EXIST, "a file of this name already", "dmesg"),
            (Errno::NOTDIR, "not a folder", "dmesg"),
            (Errno::LOOP, "form a loop", "dmesg"),
            (Errno::DQUOT, "quota", "disk is full"),
            (Errno::ROFS, "read-only", "dmesg"),
            (Errno::IO, "dmesg", "sudo"),
        ] {
            let told = told(errno, true);
            assert!(told.contains(words) && !told.contains(never), "{errno:?}: {told}");
        }
        assert!(told(Errno::ACCESS, false).contains("Run it as root"));
    }
}
