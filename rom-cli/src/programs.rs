//! Programs of the host that are run: found by absolute path, given a time limit, their output
//! kept.
//!
//! They act on the host that they run on, so that they are run for this host alone. Tests of other
//! roots name a folder of stand-ins in `OPROM_TOOLS`, which is not looked at for `/`.

use rom_host::advice::ShellCommand;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::VecDeque;
use std::env;
use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Where programs of the system are.
const FOLDERS: [&str; 7] = [
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
    "/run/current-system/sw/bin",
];
/// How long a program may take: building an initramfs for many kernels takes minutes.
const LIMIT: Duration = Duration::from_mins(15);
/// How often it is looked whether a program has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// How long its output is waited for once it has ended: something that it started may hold it open.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes of output that are kept: the last ones.
const KEPT: usize = 64 << 10;
/// Lines of output that an error shows: the last ones.
const SHOWN: usize = 8;

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProgramError {
    /// It is in none of the folders.
    #[error("{0} is not installed")]
    NotFound(String),
    /// The root is not that of this host.
    #[error("{0} would act on this host, not on the one under the given root")]
    OtherHost(String),
    /// It could not be started.
    #[error("cannot start {}: {source}", .path.display())]
    NotStarted {
        /// The program.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It said that it failed.
    #[error("`{command}` failed ({status}){}", shown(.output))]
    Failed {
        /// What was run.
        command: String,
        /// How it ended, in words.
        status: String,
        /// The end of what it printed.
        output: Vec<String>,
    },
    /// It was ended, since it took too long.
    #[error("`{command}` did not end within {seconds} s and was stopped{}", shown(.output))]
    TooLong {
        /// What was run.
        command: String,
        /// The limit.
        seconds: u64,
        /// The end of what it printed.
        output: Vec<String>,
    },
}

/// The last line of an output, for an error of one line; the others are shown below it.
fn shown(output: &[String]) -> String {
    output.last().map(|last| format!(": {last}")).unwrap_or_default()
}

/// The programs of a host.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    sysroot: PathBuf,
    /// Stand-ins, for a root that is not `/`.
    stand_ins: Option<PathBuf>,
    limit: Duration,
}

impl Programs {
    /// Those of the host under `sysroot`.
    pub(crate) fn new(sysroot: &Path) -> Self {
        let variable = |name: &str| env::var_os(name).filter(|_| sysroot != Path::new("/"));
        let seconds = variable("OPROM_TOOLS_SECONDS");
        let seconds = seconds.and_then(|text| text.to_str()?.parse().ok());
        Self {
            sysroot: sysroot.to_owned(),
            stand_ins: variable("OPROM_TOOLS").map(PathBuf::from),
            limit: seconds.map_or(LIMIT, Duration::from_secs),
        }
    }

    /// Where the program `name` is.
    fn find(&self, name: &str) -> Result<PathBuf, ProgramError> {
        let is_this_host = self.sysroot == Path::new("/");
        let found = match &self.stand_ins {
            Some(folder) => Some(folder.join(name)).filter(|path| path.exists()),
            None if is_this_host => FOLDERS
                .iter()
                .map(|folder| Path::new(folder).join(name))
                .find(|path| path.is_file()),
            None => return Err(ProgramError::OtherHost(name.to_owned())),
        };
        found.ok_or_else(|| ProgramError::NotFound(name.to_owned()))
    }

    /// Whether `command` can be run.
    pub(crate) fn check(&self, command: &ShellCommand) -> Result<(), ProgramError> {
        self.find(command.words().first().map_or("", String::as_str)).map(drop)
    }

    /// Runs `command` to its end, and gives what it printed, the last of it if that is long. It holds
    /// the lock on `held` too: where this process is killed, the next one waits for it.
    pub(crate) fn run(
        &self,
        command: &ShellCommand,
        held: Option<BorrowedFd<'_>>,
    ) -> Result<Vec<String>, ProgramError> {
        let Some((name, arguments)) = command.words().split_first() else { return Ok(Vec::new()) };
        let path = self.find(name)?;
        let not_started = |source| ProgramError::NotStarted { path: path.clone(), source };
        let (reader, writer) = io::pipe().map_err(not_started)?;
        let other = writer.try_clone().map_err(not_started)?;
        let mut process = Command::new(&path);
        process.args(arguments).stdin(Stdio::null()).stdout(writer).stderr(other);
        process.env_clear().env("PATH", FOLDERS.join(":")).env("LC_ALL", "C").env("HOME", "/root");
        if self.stand_ins.is_some() {
            process.env("OPROM_SYSROOT", &self.sysroot);
        }
        // A duplicate is inherited, and goes here once the program has it.
        let held = held.map(rustix::io::dup).transpose();
        let held = held.map_err(|error| not_started(error.into()))?;
        // Before the program: where there is no thread for it, nothing was begun.
        let (output, reading) = read_end(reader).map_err(not_started)?;
        // A group of its own: all of it is ended if it takes too long.
        let mut child = process.current_dir("/").process_group(0).spawn().map_err(not_started)?;
        // Our ends of the pipe are closed, so that its end is seen.
        drop((process, held));
        let begun = Instant::now();
        let status = loop {
            // Where it cannot be asked for it may still be at work.
            if let Ok(Some(status)) = child.try_wait() {
                break Some(status);
            }
            if begun.elapsed() >= self.limit {
                break None;
            }
            thread::sleep(PAUSE);
        };
        if status.is_none() {
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                // It may be gone by now.
                let _ = kill_process_group(group, Signal::KILL);
            }
            drop(child.wait());
        }
        let waiting = Instant::now();
        while !reading.is_finished() && waiting.elapsed() < GRACE {
            thread::sleep(PAUSE);
        }
        let output = lines(&output.lock().unwrap_or_else(PoisonError::into_inner));
        let command = command.to_string();
        match status {
            Some(status) if status.success() => Ok(output),
            Some(status) => {
                Err(ProgramError::Failed { command, status: words(status), output: last(output) })
            }
            None => {
                let seconds = self.limit.as_secs();
                Err(ProgramError::TooLong { command, seconds, output: last(output) })
            }
        }
    }
}

type Output = Arc<Mutex<VecDeque<u8>>>;

/// Reads all of it in the background, and keeps the end.
fn read_end(mut source: impl Read + Send + 'static) -> io::Result<(Output, JoinHandle<()>)> {
    let output = Output::default();
    let kept = output.clone();
    let reading = thread::Builder::new().spawn(move || {
        let mut block = [0; 4096];
        loop {
            let length = match source.read(&mut block) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(block.get(..length).unwrap_or_default());
            let over = kept.len().saturating_sub(KEPT);
            kept.drain(..over);
        }
    })?;
    Ok((output, reading))
}

fn lines(output: &VecDeque<u8>) -> Vec<String> {
    let bytes: Vec<u8> = output.iter().copied().collect();
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().map(|line| line.trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

fn last(mut output: Vec<String>) -> Vec<String> {
    output.split_off(output.len().saturating_sub(SHOWN))
}

fn words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "without a status".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use tempfile::TempDir;

    /// A program of this text, run with a limit of a second.
    fn run(script: &str) -> Result<Vec<String>, ProgramError> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("tool");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let programs = Programs {
            sysroot: folder.path().to_owned(),
            stand_ins: Some(folder.path().to_owned()),
            limit: Duration::from_secs(1),
        };
        programs.run(&ShellCommand::new(["tool", "a b"]).unwrap(), None)
    }

    #[test]
    fn what_it_printed_is_kept_and_how_it_ended_is_said() {
        assert_eq!(run("echo \"$1\"; echo c >&2").unwrap(), ["a b", "c"]);
        let error = run("echo 'no space'; exit 3").unwrap_err().to_string();
        assert_eq!(error, "`tool 'a b'` failed (exit status 3): no space");
        let error = run("kill -9 $$").unwrap_err().to_string();
        assert_eq!(error, "`tool 'a b'` failed (signal 9)");
    }

    #[test]
    fn one_that_hangs_or_prints_much_is_no_trouble() {
        let begun = Instant::now();
        let error = run("echo started; sleep 60 & sleep 60").unwrap_err();
        let ProgramError::TooLong { seconds: 1, output, .. } = &error else { panic!("{error}") };
        assert_eq!(output, &["started"]);
        let much = run("dd if=/dev/zero bs=1048576 count=10 2>/dev/null | tr '\\0' 'x'").unwrap();
        assert_eq!(much.iter().map(String::len).sum::<usize>(), KEPT);
        // What it left in the background is not waited for.
        assert_eq!(run("echo done; sleep 60 >&2 &").unwrap(), ["done"]);
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn nothing_is_run_for_another_root() {
        let programs = Programs { sysroot: "/mnt".into(), stand_ins: None, limit: LIMIT };
        let command = ShellCommand::new(["true"]).unwrap();
        assert!(matches!(programs.run(&command, None), Err(ProgramError::OtherHost(_))));
        let host = Programs { sysroot: "/".into(), stand_ins: None, limit: LIMIT };
        assert!(host.run(&command, None).is_ok());
        let missing = ShellCommand::new(["no-such-program"]).unwrap();
        assert!(matches!(host.check(&missing), Err(ProgramError::NotFound(_))));
    }
}
