//! Boots the real OVMF, AAVMF and SeaBIOS with ROMs that say when they run, and holds rom-core's
//! predictions to that; has the real libvirt make command lines of domains, and holds what rom-host
//! reads to them.
//!
//! ```text
//! conformance                      the fixed table, signatures, Debian's ROMs, libvirt, and 600 variations of today's seed
//! conformance --count 3000         more of them
//! conformance --seed 7 --only 42   one of them again
//! conformance --seed 20783 --count 3000 --record conformance/recorded.txt
//! conformance --count 100000 --predicted   verdicts held to predictions, without a machine
//! ```
#![expect(
    clippy::print_stdout,
    reason = "this program is a test and its output is for whoever runs it"
)]

mod boot;
mod debian;
mod libvirt;
mod record;
mod repairs;
mod signed;
mod signing;
mod table;
mod trial;
mod usable;
mod variation;
mod verdict;

use clap::Parser;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[derive(Debug, Parser)]
struct Args {
    /// How many variations
    #[arg(long, default_value_t = 600)]
    count: u64,
    /// The seed that they are drawn from [default: the number of the day]
    #[arg(long)]
    seed: Option<u64>,
    /// Only this variation
    #[arg(long)]
    only: Option<u64>,
    /// Write down here what the machines did
    #[arg(long)]
    record: Option<PathBuf>,
    /// Only libvirt
    #[arg(long, conflicts_with_all = ["record", "only", "predicted"])]
    libvirt: bool,
    /// Boot nothing: hold verdicts to predictions
    #[arg(long, conflicts_with_all = ["record", "only"])]
    predicted: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let seed = args.seed.unwrap_or_else(today);
    let mut disagreements = 0;
    let start = Instant::now();
    if args.libvirt {
        let found = report("libvirt's command lines of domains", libvirt::run(seed));
        println!("{found} disagreements in {} s", start.elapsed().as_secs());
        return if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if args.only.is_none() && !args.predicted {
        disagreements += report("the fixed table", table::run());
        disagreements += report("signatures, with Secure Boot", signed::run());
        disagreements += report("a driver out of a BIOS", repairs::from_a_bios());
        disagreements += report("ROMs before and after a repair", repairs::repairs());
        disagreements +=
            report("Debian's ROMs, as the UEFI shell lists their drivers", debian::run());
        disagreements += report("libvirt's command lines of domains", libvirt::run(seed));
    }
    let numbers = args.only.map_or(0..args.count, |only| only..only + 1);
    println!("seed {seed}, variations {numbers:?}");
    let trials = match trial::variations(seed, numbers) {
        Ok(trials) => trials,
        Err(error) => {
            println!("not run: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut seen_by = verdict::SeenBy::new();
    for firmware in trial::MACHINES {
        if args.predicted {
            seen_by.push((firmware, trial::predicted(&trials, firmware)));
            continue;
        }
        let mut found = trial::run(&trials, firmware);
        if let Ok(found) = &mut found {
            seen_by.push((firmware, std::mem::take(&mut found.seen)));
        }
        disagreements += report(firmware.name(), found);
    }
    if let Some(path) = &args.record
        && let Err(error) = fs::write(path, record::write(seed, &seen_by))
    {
        println!("{}: {error}", path.display());
        disagreements += 1;
    }
    disagreements += verdict::verdicts(&trials, &seen_by).report();
    disagreements += usable::report(&usable::disagreements(&trials, &seen_by));
    println!("{disagreements} disagreements in {} s", start.elapsed().as_secs());
    if disagreements == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints what a part of the suite found; returns how many disagreements that are.
fn report(part: &str, found: Result<trial::Result, std::io::Error>) -> usize {
    match found {
        Ok(found) => {
            println!(
                "{part}: {} compared, {} disagreements",
                found.compared,
                found.disagreements.len()
            );
            found.disagreements.iter().for_each(|disagreement| println!("  {disagreement}"));
            found.disagreements.len()
        }
        Err(error) => {
            println!("{part}: not run: {error}");
            1
        }
    }
}

/// Days since 1970.
fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400)
}
