//! `cargo xtask`: what is done with this workspace beside building and testing it.

mod bench;
mod error;
mod layers;
mod man;
mod package;
mod redteam;

use clap::{Parser, Subcommand};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Tasks of the oprom workspace
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build the release of a clean work tree: .deb, tar.gz, list of contents, SHA256SUMS
    Package {
        /// Where it goes
        #[arg(long, value_name = "DIR", default_value = "target/dist")]
        out: PathBuf,
        /// Build nothing, and print the variables with which `cargo build --release` builds the
        /// program of the release
        #[arg(long)]
        environment: bool,
    },
    /// Write the man pages
    Man {
        /// Where they go
        #[arg(long, value_name = "DIR", default_value = "target/man")]
        out: PathBuf,
    },
    /// Run the benchmarks, and measure the whole program as it is packaged
    Bench {
        /// Measure the whole program only
        #[arg(long)]
        whole_program_only: bool,
    },
    /// Give files that were changed at random to the program: crashes, hangs, worst time and memory
    Redteam {
        /// The program
        #[arg(long, value_name = "FILE", default_value = "target/release/oprom")]
        program: PathBuf,
        /// Runs for each kind of files
        #[arg(long, value_name = "N", default_value_t = 5000)]
        runs: usize,
        /// The same files again [default: another each time]
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
    /// Check that no import runs upwards and no modules form a cycle
    Layers,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Package { environment: true, .. } => package::environment(top()),
        Task::Package { out, .. } => package::run(top(), &top().join(out)),
        Task::Man { out } => man::write(&top().join(&out))
            .map(|names| format!("{} pages in {}\n", names.len(), out.display())),
        Task::Bench { whole_program_only } => bench::run(top(), whole_program_only),
        Task::Redteam { program, runs, seed } => {
            let seed = seed.unwrap_or_else(|| fastrand::u64(..));
            redteam::run(top(), &top().join(program), runs, seed)
        }
        Task::Layers => layers::run(top()),
    };
    let (text, code) = match done {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(error) => (format!("xtask: {error}\n"), ExitCode::FAILURE),
    };
    if io::stdout().write_all(text.as_bytes()).is_err() { ExitCode::FAILURE } else { code }
}

/// The top of the repository.
fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
