//! Where this host stands: its GPU, whether it is ready, the ROM, the guests that use the GPU, and
//! what to do next.

use super::{Outcome, Report, doctor, pick};
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::Check;
use crate::report::status::{Guest, Host, State, Status};
use crate::text::{Line, Sentence, ShellCommand};
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{self, Status as CheckStatus};
use rom_host::probe::guests::{self, GuestName};

/// The check of the ROM that is in place, which has a line of its own.
const ROM: &str = "HOST060";

pub(super) fn run(env: &Env<'_>) -> Result<Outcome, CliError> {
    let facts = doctor::facts(env)?;
    let (rom, host): (Vec<_>, Vec<_>) =
        assess::host(&facts).into_iter().partition(|check| check.id == ROM);
    let catalog = env.catalog()?;
    let files = env.files();
    let guests: Vec<Guest> = guests::with_gpu(&files)
        .iter()
        .map(|guest| {
            let vmid = match guest.name {
                GuestName::Vm(number) => Some(number),
                GuestName::Domain(_) | GuestName::Container(_) => None,
            };
            let target = VmTarget { vmid, ..VmTarget::default() };
            let assessed = guest.configuration.as_ref().map(|configuration| {
                Assessor::read(target, facts.host.clone(), &files, &catalog).assess(configuration)
            });
            judged(guest, assessed)
        })
        .collect();
    let host = Host::new(host);
    let rom = rom.into_iter().next().map(Check::new);
    let next = next(&host, rom.as_ref(), &guests, facts.picked.refused.is_some());
    let found = pick::found(&facts.picked);
    let refused = facts.picked.refused.map(|reason| Sentence(reason).into());
    Ok(Outcome::yes(Report::Status(Box::new(Status { found, refused, host, rom, guests, next }))))
}

/// A guest in a line.
fn judged(guest: &guests::Guest, assessed: Option<assess::Assessment>) -> Guest {
    let first = |status| {
        let checks = assessed.iter().flat_map(|assessed: &assess::Assessment| &assessed.checks);
        checks.into_iter().find(|check: &&checks::Check| check.status == status).cloned()
    };
    let failure = first(CheckStatus::Fail);
    let state = match (&assessed, &failure) {
        (None, _) => State::Shares,
        (Some(_), None) => State::Ready,
        (Some(_), Some(_)) => State::NotReady,
    };
    Guest {
        name: Line::new(guest.name.to_string()),
        running: guest.running,
        state,
        first: failure.map(Check::new),
        check: match &guest.name {
            GuestName::Vm(number) => {
                ShellCommand::new(["oprom", "vm", "check", &number.to_string()])
            }
            GuestName::Domain(name) => ShellCommand::new([
                "oprom",
                "vm",
                "check",
                &format!("/etc/libvirt/qemu/{name}.xml"),
            ]),
            GuestName::Container(_) => None,
        },
        goal: assessed.and_then(|assessed| assessed.vm.goal).map(|(name, _)| name),
    }
}

/// What to type next: what comes first in the order of causes.
fn next(host: &Host, rom: Option<&Check>, guests: &[Guest], refused: bool) -> Option<ShellCommand> {
    if !host.ready {
        return ShellCommand::new(["oprom", "doctor"]);
    }
    if rom.is_some_and(|rom| wants_a_rom(rom, guests)) {
        return ShellCommand::new(["oprom", "install"]);
    }
    if let Some(guest) = guests.iter().find(|guest| guest.state == State::NotReady) {
        return guest.check.clone();
    }
    let none = guests.iter().all(|guest| guest.state == State::Shares);
    if none && !refused { ShellCommand::new(["oprom", "vm", "plan"]) } else { None }
}

/// Whether a ROM comes next: a guest needs one, or no guest has the GPU yet and the catalog has one.
fn wants_a_rom(rom: &Check, guests: &[Guest]) -> bool {
    let installs = rom.advice.as_ref().is_some_and(|advice| !advice.commands.is_empty());
    rom.status.0 == CheckStatus::Fail
        || (rom.status.0 == CheckStatus::Warn && installs && guests.is_empty())
}
