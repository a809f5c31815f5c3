//! Attacks on the whole program: files that are nearly right, changed at random, each given to the
//! commands that read such a file. What is counted is what an attacker wants: a crash, a hang,
//! time, memory.
//!
//! Needs `time` (GNU) and `timeout` (coreutils).

use crate::error::Error;
use fastrand::Rng;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Seconds after which a run hangs.
const HANGS: u32 = 20;

/// Exit statuses that are an answer: README.md lists them.
const ANSWERS: std::ops::RangeInclusive<i32> = 0..=5;

/// Files of one kind, and what is done with each. `FILE` stands for it, `OUT` for a new file.
struct Attack {
    name: &'static str,
    /// Folders with files to begin with, and how their names end.
    folders: &'static [&'static str],
    ends: &'static [&'static str],
    commands: &'static [&'static [&'static str]],
}

const ATTACKS: &[Attack] = &[
    Attack {
        name: "ROM",
        folders: &["samples", "fuzz/seeds/check", "fuzz/seeds/repair", "fuzz/seeds/contents"],
        ends: &[".rom", ".bin"],
        commands: &[
            &["check", "--json", "FILE"],
            &["show", "-v", "FILE"],
            &["extract", "--all", "FILE"],
            &["scan", "FILE"],
            &["repair", "FILE"],
        ],
    },
    Attack {
        name: "firmware, update, archive",
        folders: &["fuzz/seeds/unpack", "fuzz/seeds/updates"],
        ends: &[""],
        commands: &[
            &["check", "FILE"],
            &["extract", "--all", "--json", "FILE"],
            &["scan", "--json", "FILE"],
        ],
    },
    Attack {
        name: "specification",
        folders: &["samples"],
        ends: &[".toml"],
        commands: &[&["build", "FILE", "-o", "OUT"]],
    },
    Attack {
        name: "VM",
        folders: &["rom-host/tests/vm"],
        ends: &[".conf", ".xml", ".sh"],
        commands: &[
            &["vm", "check", "FILE", "--device", "8086:a7a8", "--qemu", "10.1"],
            &["vm", "check", "FILE", "--sysroot", "samples/hosts/nuc-13-pro", "--json"],
        ],
    },
    Attack {
        name: "catalog",
        folders: &["samples/demo"],
        ends: &[".toml"],
        commands: &[
            &["catalog", "lint", "--catalog", "FILE"],
            &["pick", "--device", "8086:a7a8", "--catalog", "FILE"],
        ],
    },
    Attack {
        name: "log",
        folders: &["rom-host/tests/explain"],
        ends: &[".log", ".tsv"],
        commands: &[&["explain", "-"]],
    },
];

/// What came of one kind of files.
#[derive(Default)]
struct Outcome {
    runs: usize,
    crashes: usize,
    hangs: usize,
    seconds: f64,
    mebibytes: f64,
    /// The worst, to be looked at: command lines, with the files that are kept.
    worst: Vec<String>,
}

/// Runs `runs` of them for each kind of file.
pub(crate) fn run(top: &Path, program: &Path, runs: usize, seed: u64) -> Result<String, Error> {
    let folder = top.join("target/redteam");
    fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
    let mut text = format!(
        "seed {seed}\n| files | runs | crashes | hangs | worst time | worst memory |\n|---|---|---|---|---|---|\n"
    );
    let mut worst = Vec::new();
    for attack in ATTACKS {
        let mut random = Rng::with_seed(seed);
        let seeds = attack.seeds(top)?;
        let mut outcome = Outcome::default();
        while outcome.runs < runs {
            let bytes = mutated(&seeds, &mut random);
            for command in attack.commands {
                attempt(top, program, &folder, command, &bytes, &mut outcome)?;
            }
        }
        let Outcome { runs, crashes, hangs, seconds, mebibytes, .. } = outcome;
        let name = attack.name;
        let _ = writeln!(
            text,
            "| {name} | {runs} | {crashes} | {hangs} | {seconds:.2} s | {mebibytes:.0} MiB |"
        );
        worst.append(&mut outcome.worst);
    }
    for line in worst {
        let _ = writeln!(text, "{line}");
    }
    Ok(text)
}

impl Attack {
    fn seeds(&self, top: &Path) -> Result<Vec<Vec<u8>>, Error> {
        let mut paths: Vec<PathBuf> = Vec::new();
        for folder in self.folders {
            let folder = top.join(folder);
            for entry in fs::read_dir(&folder).map_err(Error::file(&folder))? {
                let path = entry.map_err(Error::file(&folder))?.path();
                let name = path.to_string_lossy().into_owned();
                if path.is_file() && self.ends.iter().any(|end| name.ends_with(end)) {
                    paths.push(path);
                }
            }
        }
        paths.sort();
        paths.iter().map(|path| fs::read(path).map_err(Error::file(path))).collect()
    }
}

/// One of the files with some changes: bits, numbers, pieces that go, come twice or come from
/// another file, an end that is cut.
fn mutated(seeds: &[Vec<u8>], random: &mut Rng) -> Vec<u8> {
    const NUMBERS: [&[u8]; 8] = [
        &[0],
        &[0xFF],
        &[0x7F],
        &[0x80],
        &[0xFF, 0xFF],
        &[0xFF, 0xFF, 0xFF, 0x7F],
        &[0xFF, 0xFF, 0xFF, 0xFF],
        b"9223372036854775807",
    ];
    let any = |random: &mut Rng| seeds.get(random.usize(..seeds.len().max(1))).cloned();
    let mut bytes = any(random).unwrap_or_default();
    for _ in 0..random.usize(1..=6) {
        let at = random.usize(..=bytes.len());
        let end = at.saturating_add(random.usize(..64)).min(bytes.len());
        match random.u8(..7) {
            0 => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << random.u8(..8)),
            1 => {
                let number = NUMBERS.get(random.usize(..NUMBERS.len())).copied().unwrap_or(&[0]);
                let to = at.saturating_add(number.len()).min(bytes.len());
                bytes.splice(at..to, number.iter().copied());
            }
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes.get(at..end).unwrap_or_default().repeat(random.usize(1..64));
                bytes.splice(at..at, piece);
            }
            4 => {
                let other = any(random).unwrap_or_default();
                let from = random.usize(..=other.len());
                let piece = other.get(from..).unwrap_or_default().iter().copied().take(512);
                bytes.splice(at..end, piece);
            }
            5 => {
                for byte in bytes.get_mut(at..end).unwrap_or_default() {
                    *byte = random.u8(..);
                }
            }
            _ => bytes.truncate(bytes.len().saturating_sub(random.usize(..256))),
        }
    }
    bytes
}

fn attempt(
    top: &Path,
    program: &Path,
    folder: &Path,
    words: &[&str],
    bytes: &[u8],
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let (input, output, measured) =
        (folder.join("input"), folder.join("output"), folder.join("measured"));
    fs::write(&input, bytes).map_err(Error::file(&input))?;
    drop(fs::remove_file(&output));
    let word = |word: &&str| match *word {
        "FILE" => input.clone(),
        "OUT" => output.clone(),
        plain => PathBuf::from(plain),
    };
    let stdin = fs::File::open(&input).map_err(Error::file(&input))?;
    let status = Command::new("time")
        .args(["-q", "-f", "%e %M", "-o"])
        .arg(&measured)
        .args(["timeout", &HANGS.to_string()])
        .arg(program)
        .args(words.iter().map(word))
        .current_dir(top)
        .stdin(stdin)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| Error::Program(format!("time: {error}")))?;
    let text = fs::read_to_string(&measured).map_err(Error::file(&measured))?;
    let mut numbers = text.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    let (seconds, kibibytes) = (numbers.next().unwrap_or(0.0), numbers.next().unwrap_or(0.0));
    outcome.runs = outcome.runs.saturating_add(1);
    outcome.seconds = outcome.seconds.max(seconds);
    outcome.mebibytes = outcome.mebibytes.max(kibibytes / 1024.0);
    let code = status.code().unwrap_or(-1);
    let what = match code {
        124 => {
            outcome.hangs = outcome.hangs.saturating_add(1);
            "hang"
        }
        code if ANSWERS.contains(&code) => return Ok(()),
        _ => {
            outcome.crashes = outcome.crashes.saturating_add(1);
            "crash"
        }
    };
    let command = words.first().copied().unwrap_or_default();
    let kept = folder.join(format!("{what}-{command}-{}", outcome.runs));
    fs::write(&kept, bytes).map_err(Error::file(&kept))?;
    outcome.worst.push(format!(
        "{what} ({code}): oprom {} with {}",
        words.join(" "),
        kept.display()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_the_same_files_again_and_they_differ() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for attack in ATTACKS {
            let seeds = attack.seeds(&top).unwrap();
            assert!(!seeds.is_empty(), "{}", attack.name);
            let some = |seed| {
                let mut random = Rng::with_seed(seed);
                (0..50).map(|_| mutated(&seeds, &mut random)).collect::<Vec<Vec<u8>>>()
            };
            assert_eq!(some(1), some(1));
            assert!(some(1) != some(2));
            assert!(some(1).iter().filter(|own| !seeds.contains(own)).count() > 30);
        }
    }
}
