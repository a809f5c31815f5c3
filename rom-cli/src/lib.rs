//! `oprom`: finds, verifies, checks and installs the option ROM that a passed-through Intel iGPU
//! needs.
//!
//! Arguments become a value, a command turns it and the world into a report, the output words the
//! report. This is a library only so that the man pages can be made from it and that conformance
//! boots what `oprom test` boots; it promises nothing to anybody.
//!
//! # Layers
//! Lowest first. No module uses one that is further down in this list.
//!
//! 1. `text`: text from outside, our own, and commands, kept apart; `address`: where a ROM is
//!    downloaded from; `meant`: the command that takes a word.
//! 2. `atomic`: one file that is replaced in one step; `journal`: what was changed before;
//!    `programs`: programs of the host that are run;
//!    `crew`: threads that share files, with answers in their order.
//! 3. `changes`: what is changed on a host and written down; `fetch`: bytes from the network,
//!    verified.
//! 4. `error`: what went wrong, what to do, and the exit status.
//! 5. `args`: what was typed; `files`: files that are read; `settings`: what is
//!    configured; `report`: what a command has to say, as values.
//! 6. `env`: what a command may look at and talk to; `rights`: what a process may do from now
//!    on; `shareable`: what may be shown to strangers.
//! 7. `programs`: programs of the host that are run; `tools`: what programs of this machine say of themselves; [`emulator`]: machines that boot a
//!    ROM.
//! 8. `commands`: arguments in, a report out; `output`: a report as text or JSON.

mod address;
mod args;
mod atomic;
mod changes;
mod commands;
mod crew;
pub mod emulator;
mod env;
mod error;
mod fetch;
mod files;
mod journal;
mod meant;
mod output;
mod programs;
mod report;
mod rights;
mod settings;
mod shareable;
mod text;
mod tools;

use args::Cli;
use env::Env;
use error::{CliError, Exit};
use output::usage::Typed;
use rights::Rights;
use settings::Settings;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

/// The command line as clap has it, for man pages and completions.
#[must_use]
pub fn command() -> clap::Command {
    args::definition()
}

/// Runs the program: arguments in, exit status out.
#[must_use]
pub fn run() -> ExitCode {
    let words = args::words(std::env::args_os());
    let Typed { cli, command } = match Typed::read(&words) {
        Ok(typed) => typed,
        Err(error) => {
            let (exit, printed) = output::usage::print(error, &words);
            return after_printing(exit, printed).into();
        }
    };
    let reporter = output::Terminal::new(&cli.options, &command);
    let answer = Settings::read(&cli.options).and_then(|settings| {
        let sysroot = cli.options.sysroot.clone();
        let env = Env { sysroot, settings, reporter: &reporter, said_catalog: false.into() };
        restricted(&cli, &env).and_then(|()| commands::run(cli.asked(), &env))
    });
    match answer {
        Ok(outcome) => {
            after_printing(outcome.exit, output::print(&outcome.report, &command, &cli.options))
        }
        Err(error) => {
            // Where the failure cannot be told, its status still can.
            drop(output::print_error(&error, &command, &cli.options));
            error.exit
        }
    }
    .into()
}

/// Takes the rights away that the command does not need.
fn restricted(cli: &Cli, env: &Env<'_>) -> Result<(), CliError> {
    let Some(rights) = Rights::of(cli.asked(), &env.files()) else { return Ok(()) };
    let kept = rights.keep_only()?;
    if cli.options.verbose && !kept.is_empty() {
        env.reporter.say(&format!(
            "this command could not drop rights that it does not need: {}",
            kept.join(", ")
        ));
    }
    Ok(())
}

/// The exit status of an answer that was printed, as far as that went. A reader that has seen
/// enough, as `head` does, is not a failure and does not change the answer.
fn after_printing(exit: Exit, printed: io::Result<()>) -> Exit {
    match printed {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Failed,
        Ok(()) | Err(_) => exit,
    }
}
