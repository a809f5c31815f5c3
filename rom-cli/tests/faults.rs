//! Every system call of `install` and `undo` fails once, and the process is killed at every one: the target is the old file or the new one, whole, and
//! what stays behind the next run cleans up.
//!
//! With strace; `OPROM_TEST_FAULTS=1` makes its absence a failure, and tries every occurrence of a call instead of a few.

mod support;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use support::{Host, ROM_NAME, exit, text};

/// Calls that touch files, locks or memory for them.
const CALLS: [&str; 22] = [
    "openat",
    "read",
    "write",
    "pread64",
    "lseek",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "fchmod",
    "chmod",
    "flock",
    "statx",
    "mkdir",
    "getdents64",
    "ftruncate",
    "close",
];

/// What a call fails with; the last is no failure but the end.
const FAULTS: [&str; 4] = ["error=EIO", "error=ENOSPC", "error=EINTR", "signal=KILL"];

fn strace(host: &Host, command: &[&str], options: &[String]) -> Output {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-q", "-o"]).arg(host.root.path().join("trace")).args(options);
    strace.arg(env!("CARGO_BIN_EXE_oprom")).arg("--sysroot").arg(host.root.path());
    strace.arg("--catalog").arg(host.root.path().join("catalog.toml")).args(command).stdin(Stdio::null()).output().unwrap()
}

/// A host with an old file at the target, and the new one beside it.
fn host() -> Host {
    let host = Host::new();
    fs::write(host.target(), old()).unwrap();
    fs::write(host.root.path().join(ROM_NAME), &host.rom).unwrap();
    host
}

fn old() -> Vec<u8> {
    support::sample("good-one-image.rom")
}

/// How often a command makes each call.
fn counts(command: &[&str], prepare: impl Fn(&Host)) -> BTreeMap<&'static str, usize> {
    let host = host();
    prepare(&host);
    let output = strace(&host, command, &[format!("-etrace={}", CALLS.join(","))]);
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    let trace = fs::read_to_string(host.root.path().join("trace")).unwrap();
    let count = |call: &'static str| {
        let begins = |line: &&str| line.split_whitespace().nth(1).is_some_and(|word| word.starts_with(&format!("{call}(")));
        (call, trace.lines().filter(begins).count())
    };
    CALLS.into_iter().map(count).filter(|(_, count)| *count > 0).collect()
}

/// The first occurrences of a call, and the last ones: in between they are alike. All of them if that is asked for.
fn occurrences(count: usize) -> Vec<usize> {
    let all = env::var_os("OPROM_TEST_FAULTS").is_some();
    (1..=count).filter(|number| all || *number <= 2 || *number + 4 > count).collect()
}

/// What came of all the faults of a command.
#[derive(Default)]
struct Tally {
    failed: usize,
    killed: usize,
    old: usize,
    new: usize,
}

/// Runs `command` with every fault. `from` is what is there before it, `to` what it puts there.
fn torture(command: &[&str], prepare: impl Fn(&Host), from: &[u8], to: &[u8]) -> Tally {
    let mut tally = Tally::default();
    for (call, count) in counts(command, &prepare) {
        for number in occurrences(count) {
            for fault in FAULTS {
                let host = host();
                prepare(&host);
                let output = strace(&host, command, &[format!("-einject={call}:{fault}:when={number}")]);
                let place = format!("{call} {number} of {count}, {fault}: {}", text(&output.stderr));
                if fault == "signal=KILL" {
                    tally.killed += 1;
                } else {
                    tally.failed += 1;
                }
                let there = fs::read(host.target()).unwrap_or_default();
                assert!(
                    there == from || there == to,
                    "{place}: neither the old file nor the new one, but {} bytes",
                    there.len()
                );
                if there == to {
                    tally.new += 1;
                } else {
                    tally.old += 1;
                }
                if exit(&output) == 0 {
                    assert!(there == to, "{place}: it says that it is done");
                }
                recovers(&host, &place);
            }
        }
    }
    tally
}

/// The next install puts the new file in place, and nothing half-done is left.
fn recovers(host: &Host, place: &str) {
    let rom = host.root.path().join(ROM_NAME);
    let output = host.oprom(&["install", "--from", rom.to_str().unwrap()]).output().unwrap();
    assert_eq!(exit(&output), 0, "{place}: then {}", text(&output.stderr));
    assert!(fs::read(host.target()).unwrap() == host.rom, "{place}");
    let stray: Vec<String> =
        host.files().into_iter().filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "part")).collect();
    assert!(stray.is_empty(), "{place}: {stray:?}");
}

fn has_strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    assert!(there || env::var_os("OPROM_TEST_FAULTS").is_none(), "strace is missing");
    there
}

/// The table's line for a command, which must have been tortured enough.
fn line(name: &str, tally: &Tally) -> String {
    let Tally { failed, killed, old, new } = tally;
    let line = format!("{name}: {failed} calls failed, {killed} kills; {old} times the old file, {new} times the new one");
    assert!(*failed > 100 && *killed > 30 && *old > 0 && *new > 0, "{line}");
    line
}

#[test]
fn install() {
    if !has_strace() {
        return;
    }
    // Paths are of the host: the same in every run, since each is in a folder of its own.
    let folder = tempfile::tempdir().unwrap();
    let rom = folder.path().join(ROM_NAME);
    fs::write(&rom, support::sample("good-three-images.rom")).unwrap();
    let command = ["install", "--from", rom.to_str().unwrap()];
    let new = support::sample("good-three-images.rom");
    println!("{}", line("install", &torture(&command, |_| {}, &old(), &new)));
}

#[test]
fn undo() {
    if !has_strace() {
        return;
    }
    let installed = |host: &Host| {
        let rom: &Path = &host.root.path().join(ROM_NAME);
        let output = host.oprom(&["install", "--from", rom.to_str().unwrap()]).output().unwrap();
        assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    };
    let new = support::sample("good-three-images.rom");
    println!("{}", line("undo", &torture(&["undo"], installed, &new, &old())));
}
