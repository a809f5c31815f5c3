//! Whether this host is ready to hand over its iGPU.

use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::tools;
use rom_host::assess;
use rom_host::checks::{Check, Status};
use rom_host::probe::Host;
use rom_host::rules::host::Facts;

/// What was found.
pub(crate) struct Diagnosis {
    /// What it is about, for a sentence: "this host", "VM 101".
    pub(crate) subject: String,
    pub(crate) checks: Vec<Check>,
    /// What does all of the advice at once.
    pub(crate) at_once: Option<String>,
}

impl Diagnosis {
    /// The exit status that goes with it.
    pub(super) fn exit(&self, strict: bool) -> Exit {
        let any = |status| self.checks.iter().any(|check| check.status == status);
        if any(Status::Fail) || (strict && any(Status::Warn)) { Exit::No } else { Exit::Yes }
    }
}

pub(super) fn run(args: &args::Doctor, env: &Env<'_>) -> Result<Outcome, CliError> {
    let checks = assess::host(&facts(env)?);
    let diagnosis = Diagnosis { subject: "This host".to_owned(), checks, at_once: None };
    Ok(Outcome { exit: diagnosis.exit(args.strict), report: Report::Doctor(diagnosis) })
}

/// The host under the sysroot.
pub(super) fn host(env: &Env<'_>) -> Host {
    Host::read(&env.files(), tools::qemu(env))
}

/// Reads everything that the checks look at.
pub(super) fn facts(env: &Env<'_>) -> Result<Facts, CliError> {
    let catalog = env.catalog()?;
    Ok(assess::facts(host(env), &env.files(), &catalog))
}
