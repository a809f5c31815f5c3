//! Whether this host is ready to pass its iGPU through.

use super::{Outcome, Report, guests};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::checks::Results;
use crate::report::doctor::Doctor;
use crate::report::guests::State;
use crate::text::Line;
use crate::tools;
use rom_host::assess;
use rom_host::probe::Host;
use rom_host::probe::qemu::Qemu;
use rom_host::rules::host::Facts;

pub(super) fn run(args: &args::Doctor, env: &Env<'_>) -> Result<Outcome, CliError> {
    let mut facts = facts(env)?;
    if let Some(version) = args.qemu {
        facts.host.qemu = Some(Qemu::upgraded(facts.host.qemu.take(), version));
    }
    let guests = guests::read(&facts.host, env)?;
    let results = Results::new(assess::host(&facts));
    // An upgrade is asked about for what it breaks, and that is the VMs.
    let breaks = args.qemu.is_some() && guests.iter().any(|guest| guest.state == State::NotReady);
    let exit = if breaks { Exit::No } else { results.exit(args.strict) };
    let qemu = args.qemu.map(|version| Line::new(version.to_string()));
    Ok(Outcome { exit, report: Report::Doctor(Box::new(Doctor { qemu, results, guests })) })
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
