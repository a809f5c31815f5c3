//! `oprom`: finds, proves, checks and installs the option ROM that a passed-through Intel iGPU needs.
//!
//! Arguments become a value, a command turns it and the world into a report, the output words the report. This is a library only so that what reads
//! other people's text can be fuzzed; it promises nothing to anybody.

mod args;
mod checks;
mod commands;
mod doctor;
mod env;
mod error;
mod explain;
mod fetch;
mod files;
mod host;
pub mod hostile;
mod output;
mod place;
mod vm;

use args::Cli;
use clap::Parser as _;
use env::Env;
use error::Exit;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

/// Runs the program: arguments in, exit status out.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let talk = output::Terminal::new(&cli.options);
    let env = Env { sysroot: cli.options.sysroot.clone(), catalog_file: cli.options.catalog.clone(), talk: &talk };
    let (exit, printed) = match commands::run(&cli.command, &env) {
        Ok(outcome) => (outcome.exit, output::print(&outcome.report, &cli.options)),
        Err(error) => (error.exit, output::print_error(&error, &cli.options)),
    };
    match printed {
        Ok(()) => exit.into(),
        Err(error) => cannot_print(&error).into(),
    }
}

/// A reader that has seen enough, as `head` does, is no failure.
fn cannot_print(error: &io::Error) -> Exit {
    if error.kind() == ErrorKind::BrokenPipe { Exit::Yes } else { Exit::Failed }
}
