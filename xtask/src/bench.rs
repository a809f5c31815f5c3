//! Benchmarks: those of rom-core, and the whole program from its start to its exit.

use crate::error::Error;
use crate::package;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often each command line is run.
const RUNS: usize = 200;

/// What is measured beside `oprom`: a program that does nothing, then what one would type instead.
const OTHERS: &[&[&str]] = &[
    &["/bin/true"],
    &["sha256sum", "samples/good-three-images.rom"],
    &["file", "samples/good-three-images.rom"],
    &["binwalk", "samples/good-three-images.rom"],
    &["rom-parser", "samples/good-three-images.rom"],
    &["EfiRom", "-d", "samples/good-three-images.rom"],
    &["UEFIExtract", "samples/good-three-images.rom", "report"],
];

/// Command lines that people wait for.
const COMMANDS: &[&[&str]] = &[
    &["--version"],
    &["check", "samples/good-three-images.rom"],
    &["pick", "--device", "8086:a7a8"],
    &["doctor", "--sysroot", "samples/hosts/nuc-13-pro"],
];

/// Runs all of it. Numbers mean something on an idle machine only.
pub(crate) fn run(top: &Path, whole_program_only: bool) -> Result<String, Error> {
    if !whole_program_only {
        cargo(top, &["bench", "--locked", "-p", "rom-core"])?;
    }
    let program = package::program(top)?;
    let mut lines: Vec<(Vec<&Path>, String)> = Vec::new();
    for line in OTHERS {
        lines.push((line.iter().map(Path::new).collect(), line.join(" ")));
    }
    for arguments in COMMANDS {
        let words = std::iter::once(program.as_path()).chain(arguments.iter().map(Path::new));
        lines.push((words.collect(), format!("oprom {}", arguments.join(" "))));
    }
    table(&lines, top)
}

/// Runs each command line in turn, so that what slows the machine slows all of them, and compares
/// their medians with that of the first.
fn table(lines: &[(Vec<&Path>, String)], top: &Path) -> Result<String, Error> {
    let mut times = vec![Vec::with_capacity(RUNS); lines.len()];
    for _ in 0..RUNS {
        for ((words, _), times) in lines.iter().zip(&mut times) {
            // What is not on this machine is not in the table.
            times.extend(time(words, top)?);
        }
    }
    let mut text = String::from("   median     least   ratio\n");
    let mut first = None;
    for ((_, line), mut times) in lines.iter().zip(times) {
        times.sort();
        let (Some(least), Some(median)) = (times.first(), times.get(times.len() / 2)) else {
            continue;
        };
        let first = first.get_or_insert(*median).as_secs_f64();
        let (median, least) = (median.as_secs_f64(), least.as_secs_f64());
        let ratio = median / first;
        let _ = writeln!(
            text,
            "{:>6.2} ms {:>6.2} ms {ratio:>7.1}  {line}",
            median * 1000.0,
            least * 1000.0
        );
    }
    Ok(text)
}

/// How long a command line takes; `None` if its program is not on this machine.
fn time(words: &[&Path], top: &Path) -> Result<Option<Duration>, Error> {
    let Some((program, arguments)) = words.split_first() else { return Ok(None) };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(top)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    match command.status() {
        Ok(_) => Ok(Some(start.elapsed())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(program)(error)),
    }
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
