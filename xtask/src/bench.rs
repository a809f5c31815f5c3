//! Benchmarks: those of rom-core, and the whole program from its start to its exit.

use crate::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each command line is run.
const RUNS: usize = 200;

/// Command lines that people wait for.
const COMMANDS: &[&[&str]] = &[
    &["--version"],
    &["check", "samples/good-three-images.rom"],
    &["pick", "--device", "8086:a7a8"],
    &["doctor", "--sysroot", "samples/hosts/nuc-13-pro"],
];

/// Runs all of it. Numbers mean something on an idle machine only.
pub(crate) fn run(top: &Path) -> Result<String, Error> {
    cargo(top, &["bench", "--locked", "-p", "rom-core"])?;
    cargo(top, &["build", "--release", "--locked", "-p", "rom-cli"])?;
    let program = top.join("target/release/oprom");
    let mut text = String::new();
    for arguments in COMMANDS {
        let mut times = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            times.push(time(&program, arguments, top)?);
        }
        times.sort();
        let (least, median) = (
            times.first().copied().unwrap_or_default(),
            times.get(RUNS / 2).copied().unwrap_or_default(),
        );
        let line = arguments.join(" ");
        let _ = writeln!(
            text,
            "{:>9.3} ms median {:>9.3} ms least  oprom {line}",
            millis(median),
            millis(least)
        );
    }
    Ok(text)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn time(program: &Path, arguments: &[&str], top: &Path) -> Result<Duration, Error> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(top)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    command.status().map_err(Error::file(program))?;
    Ok(start.elapsed())
}

/// Runs cargo in `top`.
pub(crate) fn cargo(top: &Path, arguments: &[&str]) -> Result<(), Error> {
    let status = Command::new(env!("CARGO")).args(arguments).current_dir(top).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Error::Program(format!("cargo {}: {status}", arguments.join(" ")))),
        Err(error) => Err(Error::Program(format!("cargo: {error}"))),
    }
}
