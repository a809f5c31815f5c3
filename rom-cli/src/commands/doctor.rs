//! Whether this host is ready to hand over its iGPU.

use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::{Doctor, Results};
use crate::tools;
use rom_host::assess;
use rom_host::probe::Host;
use rom_host::rules::host::Facts;

pub(super) fn run(args: &args::Doctor, env: &Env<'_>) -> Result<Outcome, CliError> {
    let results = Results::new(assess::host(&facts(env)?));
    Ok(Outcome {
        exit: results.exit(args.strict),
        report: Report::Doctor(Box::new(Doctor { results })),
    })
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
