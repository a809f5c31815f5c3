//! The journal: what was changed on a host, written down before it is done.
//!
//! `/var/lib/oprom/journal` of the host is text, one JSON object a line, which is only ever added
//! to; the first line says the version. A run has steps. Each step is written and synced with what
//! was there before it is done, and a further line says that it was done. What was interrupted
//! between the two is settled by the next run from what is there. A last line without an end was
//! cut off, and did not happen.
//!
//! The folder has mode 0700 and the file 0600, and they belong to whoever runs this: root on a
//! host. The file is also the lock that keeps a second run away, so that nobody else can hold it.

mod history;
mod lock;

pub(crate) use history::{History, Run, Step};
pub(crate) use lock::Holder;

use rom_host::root::{self, NotAFile, Root};
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// The folder of the journal on a host.
const FOLDER: &str = "/var/lib/oprom";
/// The journal in its folder.
const NAME: &str = "journal";
/// The largest journal that is read: some ten thousand runs.
const LARGEST: u64 = 16 << 20;
/// The form that is written here.
const VERSION: u32 = 1;

/// Why the journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// A call failed.
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another run has the lock.
    #[error("another oprom is running{}", .0.as_ref().map_or_else(String::new, |holder| format!(": {holder}")))]
    Busy(Option<Holder>),
    /// Somebody else could write to the folder.
    #[error("other users can write to {}: mode {mode:04o}, owner {uid}", .path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// Its owner.
        uid: u32,
    },
    /// A line cannot be read.
    #[error("line {line} of {} cannot be read: {reason}", .path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// Why not.
        reason: String,
    },
    /// It was written by a newer oprom.
    #[error("{} has version {version}, but this oprom reads version {VERSION}", .path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    journal: String,
    version: u32,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A run begins.
    Run {
        /// Its number.
        run: u32,
        /// What was asked for, in words without secrets.
        command: String,
        /// When, in UTC.
        at: String,
        /// The run that it takes back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undoes: Option<u32>,
        /// The run that it does again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        redoes: Option<u32>,
        /// What tells the start of the host in which it was from the next one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        boot: Option<String>,
    },
    /// A step is about to be done.
    Step {
        /// The run.
        run: u32,
        /// Its number in the run, from 1.
        step: u32,
        /// What it changes.
        change: Change,
    },
    /// A step is done.
    Done {
        /// The run.
        run: u32,
        /// The step.
        step: u32,
        /// SHA-256 of what it left, where that is not known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<String>,
    },
    /// A step was not done.
    Failed {
        /// The run.
        run: u32,
        /// The step.
        step: u32,
    },
    /// All steps of a run are done.
    End {
        /// The run.
        run: u32,
    },
}

/// What a step changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A file comes, goes or becomes another.
    File {
        /// The path, as the host names it.
        path: String,
        /// What was there; `None` if nothing was.
        before: Option<RecordedFile>,
        /// What is there then; `None` if nothing is.
        after: Option<RecordedFile>,
    },
    /// A program is run.
    Tool {
        /// Its name and arguments.
        command: Vec<String>,
        /// What undoes it; without that it makes files of its own of those that were changed, and
        /// is run again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undo: Option<Vec<String>>,
    },
    /// Settings of a VM of Proxmox VE change.
    ProxmoxVm {
        /// Its number.
        vmid: u32,
        /// The settings by their keys.
        settings: Settings,
    },
    /// A domain of libvirt is defined again.
    Domain {
        /// Its name.
        name: String,
        /// Its XML, as libvirt kept it.
        before: String,
        /// The XML that libvirt is given.
        after: String,
    },
}

/// Settings of a VM by their keys.
pub(crate) type Settings = BTreeMap<String, Setting>;

/// A setting of a VM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    /// Its value; `None` if it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// Its value then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<String>,
}

/// A file in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RecordedFile {
    /// SHA-256 of its bytes, in hex.
    pub(crate) sha256: String,
    /// Permission bits, in octal.
    pub(crate) mode: String,
    /// Number of the owner.
    pub(crate) uid: u32,
    /// Number of the group.
    pub(crate) gid: u32,
    /// The name in the same folder under which it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) backup: Option<String>,
}

/// Where the journal of `root` is for whoever runs this: root has that of the host, others their
/// own.
pub(crate) fn folder(root: &Root) -> PathBuf {
    if !root.is_this_host() || rustix::process::geteuid().is_root() {
        return FOLDER.into();
    }
    let own =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = own("XDG_STATE_HOME").or_else(|| own("HOME").map(|home| home.join(".local/state")));
    state.map_or_else(|| FOLDER.into(), |state| state.join("oprom"))
}

/// Opens the folder of the journal. What is above it belongs to everybody on a host.
fn open_folder(root: &Root, folder: &Path) -> io::Result<OwnedFd> {
    if let Some(above) = folder.parent() {
        root.make_folder(above, 0o755)?;
    }
    root.make_folder(folder, 0o700)
}

/// Whether this user's journal is another than that of `root`'s host, which is there.
pub(crate) fn is_of_another(root: &Root) -> bool {
    folder(root) != Path::new(FOLDER) && root.exists(Path::new(FOLDER))
}

/// The journal of a host, locked.
pub(crate) struct Journal {
    /// Its path, for messages.
    path: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
    history: History,
}

impl Journal {
    /// Opens the journal of `root` and locks it; makes it where there is none.
    pub(crate) fn open(root: &Root) -> Result<Self, JournalError> {
        let folder = folder(root);
        let shown = root.shown(&folder);
        let failed = |doing, source| JournalError::Io { doing, path: shown.clone(), source };
        let open = open_folder(root, &folder).map_err(|error| failed("make the folder", error))?;
        let stat = rustix::fs::fstat(&open).map_err(|error| failed("look at", error.into()))?;
        if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & 0o022 != 0 {
            return Err(JournalError::NotOurs {
                path: shown,
                mode: stat.st_mode & 0o7777,
                uid: stat.st_uid,
            });
        }
        let path = shown.join(NAME);
        let failed = |doing, source| JournalError::Io { doing, path: path.clone(), source };
        let open_file = || -> io::Result<File> {
            if let Some(what) = root::kind_at(&open, Path::new(NAME))?.and_then(NotAFile::of) {
                return Err(what.into_error());
            }
            let flags = OFlags::RDWR | OFlags::CREATE | OFlags::APPEND | OFlags::CLOEXEC;
            let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK;
            Ok(File::from(rustix::fs::openat(&open, NAME, flags, Mode::RUSR | Mode::WUSR)?))
        };
        let file = open_file().map_err(|error| failed("open", error))?;
        match lock::take(&file) {
            Ok(()) => {}
            Err(lock::NotTaken::Held(holder)) => return Err(JournalError::Busy(holder)),
            Err(lock::NotTaken::Failed(error)) => return Err(failed("lock", error)),
        }
        let mut journal = Self { path, file, length: 0, history: History::default() };
        journal.read()?;
        if journal.length == 0 {
            journal.write(&Header { journal: "oprom".to_owned(), version: VERSION })?;
            rustix::fs::fsync(&open).map_err(|error| journal.failed("write", error.into()))?;
        }
        Ok(journal)
    }

    /// The history of `root`, without a lock and without making anything; `None` if there is no
    /// journal.
    pub(crate) fn look(root: &Root) -> Result<Option<History>, JournalError> {
        let path = folder(root).join(NAME);
        let shown = root.shown(&path);
        match root.read(&path, LARGEST) {
            Ok(bytes) => Ok(Some(parse(&bytes, &shown)?.0)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(JournalError::Io { doing: "read", path: shown, source }),
        }
    }

    fn failed(&self, doing: &'static str, source: io::Error) -> JournalError {
        JournalError::Io { doing, path: self.path.clone(), source }
    }

    fn read(&mut self) -> Result<(), JournalError> {
        let mut bytes = Vec::new();
        let read = (&self.file).take(LARGEST.saturating_add(1)).read_to_end(&mut bytes);
        read.map_err(|error| self.failed("read", error))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
            return Err(self.failed("read", root::TooLarge { most: LARGEST }.into()));
        }
        let (history, length) = parse(&bytes, &self.path)?;
        if length < bytes.len() {
            self.cut(length)?;
        }
        self.history = history;
        self.length = u64::try_from(length).unwrap_or(u64::MAX);
        Ok(())
    }

    /// Cuts off a line without an end.
    fn cut(&self, length: usize) -> Result<(), JournalError> {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.file.set_len(length).map_err(|error| self.failed("write", error))
    }

    /// Adds a line, and lets it reach the disk.
    fn write(&mut self, line: &impl Serialize) -> Result<(), JournalError> {
        let mut text =
            serde_json::to_vec(line).map_err(|error| self.failed("write", error.into()))?;
        text.push(b'\n');
        if let Err(error) = self.file.write_all(&text).and_then(|()| self.file.sync_all()) {
            // What stays of the line has no end, or says of a step that it is about to be done:
            // neither is believed.
            drop(self.file.set_len(self.length));
            return Err(self.failed("write", error));
        }
        let added = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(added);
        Ok(())
    }

    fn add(&mut self, event: Event) -> Result<(), JournalError> {
        self.write(&event)?;
        // What was just made is well formed.
        let _ = self.history.add(event);
        Ok(())
    }

    /// What the lock is on, for a program that goes on if this process is killed.
    pub(crate) fn lock(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// What was done so far.
    pub(crate) fn history(&self) -> &History {
        &self.history
    }

    /// Begins a run; its number.
    pub(crate) fn begin(
        &mut self,
        command: &str,
        undoes: Option<u32>,
        redoes: Option<u32>,
        boot: Option<String>,
    ) -> Result<u32, JournalError> {
        let run = self.history.next_run();
        let at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        self.add(Event::Run { run, command: command.to_owned(), at, undoes, redoes, boot })?;
        Ok(run)
    }

    /// Writes down what is about to be done; the step's number.
    pub(crate) fn step(&mut self, run: u32, change: Change) -> Result<u32, JournalError> {
        let step = self.history.next_step(run);
        self.add(Event::Step { run, step, change })?;
        Ok(step)
    }

    /// Says of a step whether it was done. Where that cannot be written, the next run sees it by
    /// what is there. `left` is the SHA-256 of what it left, where that was not known before.
    pub(crate) fn settle(&mut self, run: u32, step: u32, done: bool, left: Option<String>) {
        let event =
            if done { Event::Done { run, step, left } } else { Event::Failed { run, step } };
        drop(self.add(event));
    }

    /// All steps of a run are done.
    pub(crate) fn end(&mut self, run: u32) {
        drop(self.add(Event::End { run }));
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // What a program left running in the background has inherited does not hold it.
        drop(self.file.unlock());
    }
}

/// The history in the bytes of a journal, and how many of them are whole lines.
fn parse(bytes: &[u8], path: &Path) -> Result<(History, usize), JournalError> {
    let length = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1));
    let damaged = |line: usize, reason: String| {
        let line = line.saturating_add(1);
        JournalError::Damaged { path: path.to_owned(), line, reason }
    };
    let mut history = History::default();
    let whole = bytes.get(..length).unwrap_or_default();
    for (number, line) in whole.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number == 0 {
            let header: Header =
                serde_json::from_slice(line).map_err(|error| damaged(number, error.to_string()))?;
            if header.version > VERSION {
                return Err(JournalError::Newer { path: path.to_owned(), version: header.version });
            }
            continue;
        }
        let event =
            serde_json::from_slice(line).map_err(|error| damaged(number, error.to_string()))?;
        history.add(event).map_err(|reason| damaged(number, reason.to_owned()))?;
    }
    Ok((history, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use tempfile::TempDir;

    fn file(sha256: &str) -> RecordedFile {
        let (mode, backup) = ("0644".to_owned(), Some("igd.rom.bak-1".to_owned()));
        RecordedFile { sha256: sha256.to_owned(), mode, uid: 0, gid: 0, backup }
    }

    fn change() -> Change {
        Change::File {
            path: "/usr/share/kvm/igd.rom".to_owned(),
            before: None,
            after: Some(file("aa")),
        }
    }

    fn text(folder: &TempDir) -> String {
        fs::read_to_string(folder.path().join("var/lib/oprom/journal")).unwrap()
    }

    #[test]
    fn it_is_text_for_its_owner_alone_and_read_as_written() {
        let folder = TempDir::new().unwrap();
        let root = Root::new(folder.path());
        let mut journal = Journal::open(&root).unwrap();
        let run = journal.begin("install", None, None, None).unwrap();
        let step = journal.step(run, change()).unwrap();
        journal.settle(run, step, true, None);
        journal.end(run);
        let written = journal.history().clone();
        drop(journal);
        assert_eq!(*Journal::open(&root).unwrap().history(), written);
        assert_eq!(Journal::look(&root).unwrap().unwrap(), written);
        let own = folder.path().join("var/lib/oprom");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&own), mode(&own.join("journal"))), (0o700, 0o600));
        assert!(
            text(&folder).starts_with("{\"journal\":\"oprom\",\"version\":1}\n"),
            "{}",
            text(&folder)
        );
        assert_eq!(text(&folder).lines().count(), 5);
    }

    #[test]
    fn a_line_that_was_cut_off_did_not_happen() {
        let folder = TempDir::new().unwrap();
        let root = Root::new(folder.path());
        let mut journal = Journal::open(&root).unwrap();
        let run = journal.begin("install", None, None, None).unwrap();
        drop(journal);
        let whole = text(&folder);
        let own = folder.path().join("var/lib/oprom/journal");
        fs::write(&own, format!("{whole}{{\"event\":\"step\",\"run\":1,\"st")).unwrap();
        let journal = Journal::open(&root).unwrap();
        assert_eq!(text(&folder), whole);
        assert_eq!(journal.history().runs().last().unwrap().number, run);
    }

    #[test]
    fn damage_in_the_middle_and_a_newer_version_are_errors() {
        let folder = TempDir::new().unwrap();
        let root = Root::new(folder.path());
        drop(Journal::open(&root).unwrap());
        let own = folder.path().join("var/lib/oprom/journal");
        let header = text(&folder);
        let orphan = "{\"event\":\"done\",\"run\":7,\"step\":1}\n";
        for line in ["nonsense\n", "{\"event\":\"other\"}\n", orphan] {
            fs::write(&own, format!("{header}{line}")).unwrap();
            assert!(
                matches!(Journal::open(&root), Err(JournalError::Damaged { line: 2, .. })),
                "{line}"
            );
        }
        fs::write(&own, header.replace(":1}", ":2}")).unwrap();
        assert!(matches!(Journal::open(&root), Err(JournalError::Newer { version: 2, .. })));
    }

    #[test]
    fn a_folder_that_others_can_write_to_is_refused() {
        let folder = TempDir::new().unwrap();
        let root = Root::new(folder.path());
        drop(Journal::open(&root).unwrap());
        let own = folder.path().join("var/lib/oprom");
        fs::set_permissions(&own, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(Journal::open(&root), Err(JournalError::NotOurs { mode: 0o777, .. })));
    }

    #[test]
    fn a_second_one_is_told_who_has_it() {
        let folder = TempDir::new().unwrap();
        let root = Root::new(folder.path());
        let _first = Journal::open(&root).unwrap();
        let Err(JournalError::Busy(Some(holder))) = Journal::open(&root) else {
            panic!("not locked")
        };
        assert_eq!(holder.process, std::process::id());
    }
}
