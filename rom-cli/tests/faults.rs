//! Every system call of `install` and `undo` fails once, and the process is killed at every one:
//! the target is the old file or the new one, whole, and what stays behind the next run cleans up.
//!
//! With strace, at every occurrence of every call. What strace cannot do, calls
//! that do half of their work and clocks that jump, a small library does that is loaded before the
//! C library.

mod support;

use rom_core::Digest;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{Host, ROM_NAME, Reply, Server, exit, text};
use tempfile::TempDir;

/// Calls that touch files, locks or memory for them.
const CALLS: [&str; 27] = [
    "openat",
    "openat2",
    "newfstatat",
    "fstat",
    "fchown",
    "readlinkat",
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
    strace
        .arg("--catalog")
        .arg(host.root.path().join("catalog.toml"))
        .args(command)
        .stdin(Stdio::null())
        .output()
        .unwrap()
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
        let begins = |line: &&str| {
            line.split_whitespace().nth(1).is_some_and(|word| word.starts_with(&format!("{call}(")))
        };
        (call, trace.lines().filter(begins).count())
    };
    CALLS.into_iter().map(count).filter(|(_, count)| *count > 0).collect()
}

/// What came of all the faults of a command.
#[derive(Default)]
struct Tally {
    failed: usize,
    killed: usize,
    old: usize,
    new: usize,
}

/// What is done with the host after a fault, by what is there: the place for messages, and whether
/// the command came to its end.
type After<'a> = &'a dyn Fn(&Host, &str, bool);

/// Runs `command` with every fault. `from` is what is there before it, `to` what it puts there.
fn torture(
    command: &[&str],
    prepare: impl Fn(&Host),
    from: &[u8],
    to: &[u8],
    after: After<'_>,
) -> Tally {
    let mut tally = Tally::default();
    for (call, count) in counts(command, &prepare) {
        for number in 1..=count {
            for fault in FAULTS {
                let host = host();
                prepare(&host);
                let output =
                    strace(&host, command, &[format!("-einject={call}:{fault}:when={number}")]);
                let place =
                    format!("{call} {number} of {count}, {fault}: {}", text(&output.stderr));
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
                after(&host, &place, there == to);
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
    let unknown: Vec<String> = host
        .files()
        .into_iter()
        .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "part"))
        .collect();
    assert!(unknown.is_empty(), "{place}: {unknown:?}");
}

/// The table's line for a command, which must have been tortured enough.
fn line(name: &str, tally: &Tally) -> String {
    let Tally { failed, killed, old, new } = tally;
    let line = format!(
        "{name}: {failed} calls failed, {killed} kills; {old} times the old file, {new} times the \
            new one"
    );
    assert!(*failed > 100 && *killed > 30 && *old > 0 && *new > 0, "{line}");
    line
}

/// Installs the bytes of a sample as a file of the user's own.
fn install_sample(host: &Host, name: &str) {
    let file = support::samples(name);
    let hash = Digest::of(&support::sample(name)).to_string();
    let output = host
        .oprom(&["install", "--allow-unusable", "--expect-sha256", &hash, "--from"])
        .arg(file)
        .output()
        .unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
}

/// Runs `oprom undo` or `redo`, after which these bytes are there.
fn goes_to(host: &Host, command: &str, bytes: &[u8], place: &str) {
    let output = host.oprom(&[command]).output().unwrap();
    assert_eq!(exit(&output), 0, "{place}: then {command}: {}", text(&output.stderr));
    assert!(
        fs::read(host.target()).unwrap() == bytes,
        "{place}: {command} brings back another file"
    );
}

/// The ROM that an install puts there before the one that is tried.
const FIRST: &str = "good-device-list.rom";

/// No fault of an install takes the undo away: neither its own, nor that of the one before.
#[test]
#[ignore = "needs strace"]
fn install() {
    // Paths are of the host: the same in every run, since each is in a folder of its own.
    let folder = tempfile::tempdir().unwrap();
    let rom = folder.path().join(ROM_NAME);
    fs::write(&rom, support::sample("good-three-images.rom")).unwrap();
    let command = ["install", "--from", rom.to_str().unwrap()];
    let (first, new) = (support::sample(FIRST), support::sample("good-three-images.rom"));
    let undone = |host: &Host, place: &str, is_new: bool| {
        if is_new {
            goes_to(host, "undo", &first, place);
        }
        goes_to(host, "undo", &old(), place);
    };
    let tally = torture(&command, |host| install_sample(host, FIRST), &first, &new, &undone);
    println!("{}", line("install", &tally));
}

/// No fault of an undo loses the file that it takes away, or the undo itself.
#[test]
#[ignore = "needs strace"]
fn undo() {
    let new = support::sample("good-three-images.rom");
    let redone = |host: &Host, place: &str, is_old: bool| {
        if is_old {
            goes_to(host, "redo", &new, place);
        }
        goes_to(host, "undo", &old(), place);
    };
    let tally = torture(
        &["undo"],
        |host| install_sample(host, "good-three-images.rom"),
        &new,
        &old(),
        &redone,
    );
    println!("{}", line("undo", &tally));
}

/// A library that stands between the program and the C library; it goes with the folder.
fn preload() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let library = folder.path().join("preload.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/preload.c");
    let output = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    (folder, library)
}

#[test]
fn calls_that_do_less_than_they_are_asked_for_change_nothing() {
    let (_folder, library) = preload();
    let host = host();
    let run = |command: &[&str]| {
        let output = host
            .oprom(command)
            .env("LD_PRELOAD", &library)
            .env("FAULTS_SHORT", "1")
            .output()
            .unwrap();
        assert_eq!(exit(&output), 0, "{command:?}: {}", text(&output.stderr));
        fs::read(host.target()).unwrap()
    };
    let rom = host.root.path().join(ROM_NAME);
    assert!(run(&["install", "--from", rom.to_str().unwrap()]) == host.rom);
    assert!(run(&["undo"]) == old());
    let server = Server::http(Reply::Whole("200 OK", "application/octet-stream", host.rom.clone()));
    assert!(run(&["install", "--mirror", &server.url]) == host.rom);
}

#[test]
fn a_clock_that_jumps_leaves_the_old_file_or_the_new_one() {
    let (_folder, library) = preload();
    for (clock, step) in [
        ("WALL", "1"),
        ("WALL", "86400"),
        ("WALL", "1000000000"),
        ("UPTIME", "1"),
        ("UPTIME", "100000000"),
    ] {
        let host = host();
        let server =
            Server::http(Reply::Whole("200 OK", "application/octet-stream", host.rom.clone()));
        let mut command = host.oprom(&["install", "--retries", "0", "--mirror", &server.url]);
        let output = command
            .env("LD_PRELOAD", &library)
            .env(format!("FAULTS_{clock}"), step)
            .output()
            .unwrap();
        let (status, there) = (exit(&output), fs::read(host.target()).unwrap());
        let place = format!("{clock}, {step} s: exit {status}, {}", text(&output.stderr));
        assert!(
            if status == 0 { there == host.rom } else { status == 4 && there == old() },
            "{place}"
        );
        // Nothing that is waited for is measured by the wall clock.
        assert!(status == 0 || clock == "UPTIME", "{place}");
        recovers(&host, &place);
    }
}

/// A certificate is good from one day to another; a host whose battery is empty lives in another
/// century.
#[test]
fn a_clock_that_is_wrong_is_named_where_a_certificate_is_not_valid() {
    let (_folder, library) = preload();
    let host = host();
    let server =
        Server::https(Reply::Whole("200 OK", "application/octet-stream", host.rom.clone()));
    host.pin(&server.url, Some(host.rom.len()));
    let mut command =
        host.oprom(&["install", "--retries", "0", "--cacert", server.ca.to_str().unwrap()]);
    let output =
        command.env("LD_PRELOAD", &library).env("FAULTS_WALL", "80000000000").output().unwrap();
    assert_eq!(exit(&output), 4, "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("Is the clock of this host right?"),
        "{}",
        text(&output.stderr)
    );
    assert!(fs::read(host.target()).unwrap() == old());
}

#[test]
fn a_folder_that_vanishes_keeps_the_old_file_wherever_it_went() {
    let host = host();
    let server = Server::http(Reply::Slow(host.rom.clone(), 1024, Duration::from_millis(50)));
    let child = host
        .oprom(&["install", "--mirror", &server.url])
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while host.files().len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never began");
        sleep(Duration::from_millis(5));
    }
    let gone = host.folder().with_extension("gone");
    fs::rename(host.folder(), &gone).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(exit(&output), 3, "{told}");
    assert!(told.contains(host.folder().to_str().unwrap()), "{told}");
    assert!(!host.folder().exists());
    assert!(fs::read(gone.join("igd.rom")).unwrap() == old());
    fs::rename(gone, host.folder()).unwrap();
    recovers(&host, "the folder is back");
}
