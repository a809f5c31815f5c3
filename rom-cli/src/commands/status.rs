//! Where this host stands: its GPU, whether it is ready, the ROM, the guests that use the GPU, and
//! what to do next.

use super::{Outcome, Report, doctor, guests, pick};
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::Check;
use crate::report::guests::{Guest, State};
use crate::report::status::{Host, Status};
use crate::text::{Sentence, ShellCommand};
use rom_host::assess;
use rom_host::checks::Status as CheckStatus;

/// The checks of the ROMs that are in place, of which one has a line of its own.
const ROMS: [&str; 3] = ["HOST060", "HOST071", "HOST072"];

pub(super) fn run(env: &Env<'_>) -> Result<Outcome, CliError> {
    let facts = doctor::facts(doctor::host(env), env)?;
    let (mut roms, host): (Vec<_>, Vec<_>) =
        assess::host(&facts).into_iter().partition(|check| ROMS.contains(&check.id));
    // What is missing comes first.
    roms.sort_by_key(|check| check.status == CheckStatus::Pass);
    let guests = guests::assess_all(&facts, env)?;
    let host = Host::new(host);
    let rom = roms.into_iter().next().map(Check::new);
    let refused = facts.picked.refused.clone().filter(|_| facts.host.amd.is_none());
    let next = next(&host, rom.as_ref(), &guests, refused.is_some());
    let found = pick::found(&facts.picked);
    let refused = refused.map(|reason| Sentence(reason).into());
    Ok(Outcome::yes(Report::Status(Box::new(Status {
        found,
        refused,
        host,
        rom,
        guests,
        guests_unread: facts.guests.unread,
        next,
    }))))
}

/// What to type next: what comes first in the order of causes.
fn next(host: &Host, rom: Option<&Check>, guests: &[Guest], refused: bool) -> Option<ShellCommand> {
    if !host.ready {
        return ShellCommand::new(["oprom", "doctor"]);
    }
    if rom.is_some_and(|rom| wants_a_rom(rom, guests)) {
        return rom.and_then(|rom| rom.advice.as_ref()?.commands.first().cloned());
    }
    if let Some(guest) = guests.iter().find(|guest| guest.state == State::NotReady) {
        return guest.check.clone();
    }
    let none = guests.iter().all(|guest| guest.state == State::Shares);
    if none && !refused { ShellCommand::new(["oprom", "vm", "plan"]) } else { None }
}

/// Whether a ROM comes next: a guest needs one, or no guest has the GPU yet and the catalog has
/// one.
fn wants_a_rom(rom: &Check, guests: &[Guest]) -> bool {
    let installs = rom.advice.as_ref().is_some_and(|advice| !advice.commands.is_empty());
    rom.status.0 == CheckStatus::Fail
        || (rom.status.0 == CheckStatus::Warn && installs && guests.is_empty())
}
