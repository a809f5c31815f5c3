//! One file a command: arguments and world in, a report out. No command prints.

pub(crate) mod amd_roms;
mod build;
pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
mod download;
pub(crate) mod explain;
pub(crate) mod extract;
pub(crate) mod fetch;
pub(crate) mod guests;
mod history;
pub(crate) mod install;
pub(crate) mod list;
mod page;
pub(crate) mod pick;
pub(crate) mod repair;
pub(crate) mod report;
pub(crate) mod scan;
mod setup;
pub(crate) mod show;
pub(crate) mod status;
mod structures;
pub(crate) mod test;
mod tree;
pub(crate) mod undo;
mod vm;
pub(crate) mod vm_check;
pub(crate) mod vm_plan;
mod vm_verify;

use crate::args::{CatalogCommand, Command, VmCommand};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::Report;

/// What a command found or did, and the exit status that goes with it.
pub(crate) struct Outcome {
    pub(crate) report: Report,
    pub(crate) exit: Exit,
}

impl Outcome {
    fn yes(report: Report) -> Self {
        Self { report, exit: Exit::Yes }
    }
}

/// Runs `command`.
pub(crate) fn run(command: &Command, env: &Env<'_>) -> Result<Outcome, CliError> {
    match command {
        Command::Status => status::run(env),
        Command::Setup(args) => setup::run(args, env),
        Command::Pick(args) => pick::run(args, env),
        Command::List => list::run(env),
        Command::Check(args) => check::run(args, env),
        Command::Show(args) => show::run(args, env),
        Command::Fetch(args) => fetch::run(args, env),
        Command::Install(args) => install::run(args, env),
        Command::Undo(args) => undo::undo(args, env),
        Command::History => history::run(env),
        Command::Redo(args) => undo::redo(args, env),
        Command::Doctor(args) => doctor::run(args, env),
        Command::Explain(args) => explain::run(args),
        Command::Scan(args) => scan::run(args, env),
        Command::Build(args) => build::run(args, env),
        Command::Repair(args) => repair::run(args, env),
        Command::Test(args) => test::run(args, env),
        Command::Extract(args) => extract::run(args, env),
        Command::Report(args) => report::run(args, env),
        Command::Vm(VmCommand::Plan(args)) => vm_plan::run(args, env),
        Command::Vm(VmCommand::Check(args)) => vm_check::run(args, env),
        Command::Vm(VmCommand::Verify(args)) => vm_verify::run(args, env),
        Command::Catalog(CatalogCommand::Lint) => catalog::lint(env),
        Command::Catalog(CatalogCommand::Diff(args)) => catalog::release::diff(args, env),
        Command::Catalog(CatalogCommand::Update(args)) => catalog::release::update(args, env),
        Command::Config => Ok(config::run(env)),
        Command::Completions(args) => Ok(completions::run(args)),
    }
}
