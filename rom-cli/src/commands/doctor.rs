//! Whether this host is ready to pass its iGPU through.

use super::{Outcome, Report, guests};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::Results;
use crate::report::doctor::Doctor;
use crate::report::guests::{Guest, State};
use crate::text::Line;
use crate::tools;
use rom_host::assess;
use rom_host::probe::Host;
use rom_host::probe::qemu::Qemu;
use rom_host::rules::host::Facts;

pub(super) fn run(args: &args::Doctor, env: &Env<'_>) -> Result<Outcome, CliError> {
    let mut facts = facts(host(env), env)?;
    let mut guests = guests::assess_all(&facts, env)?;
    let mut breaks = Vec::new();
    if let Some(version) = args.qemu {
        let before = guests;
        let qemu = Some(Qemu::upgraded(facts.host.qemu.take(), version));
        facts = self::facts(Host { qemu, ..facts.host }, env)?;
        guests = guests::assess_all(&facts, env)?;
        let broken = |(own, was): &(&Guest, &Guest)| {
            was.state == State::Ready && own.state == State::NotReady
        };
        breaks.extend(guests.iter().zip(&before).filter(broken).map(|(own, _)| own.name.clone()));
    }
    let mut results = Results::new(assess::host(&facts));
    results.ready &= breaks.is_empty();
    let guests_unread = facts.guests.unread;
    let qemu = args.qemu.map(|version| Line::new(version.to_string()));
    let exit = results.exit(args.strict);
    let doctor = Box::new(Doctor { qemu, results, breaks, guests, guests_unread });
    if args.prometheus {
        // Whoever collects it wants the numbers, whatever they are.
        return Ok(Outcome::yes(Report::Metrics(doctor)));
    }
    Ok(Outcome { exit, report: Report::Doctor(doctor) })
}

/// The host under the sysroot.
pub(super) fn host(env: &Env<'_>) -> Host {
    Host::read(&env.files(), tools::qemu(env))
}

/// Reads everything that the checks look at, for a host that was read.
pub(super) fn facts(host: Host, env: &Env<'_>) -> Result<Facts, CliError> {
    let catalog = env.catalog()?;
    let facts = assess::facts(host, &env.files(), &catalog);
    Ok(Facts { goals: env.settings.goals.clone(), ..facts })
}
