//! Prints the targets for `fuzz/run`: name, longest input, folders of seeds.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for target in fuzz_targets::TARGETS {
        writeln!(out, "{} {} {}", target.name, target.longest, target.seeds.join(" "))?;
    }
    Ok(())
}
