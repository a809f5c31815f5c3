//! The guests that use the GPU, each with what `vm check` says of it.

use super::vm;
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::Check;
use crate::report::guests::{Guest, State};
use crate::text::{Line, ShellCommand};
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{self, Status as CheckStatus};
use rom_host::probe::guests::{self, GuestName};
use rom_host::rules::host::Facts;

/// All guests of a host that use the GPU.
pub(super) fn assess_all(facts: &Facts, env: &Env<'_>) -> Result<Vec<Guest>, CliError> {
    let (files, catalog) = (env.files(), env.catalog()?);
    let mut assessor = Assessor::of_facts(facts, &files, &catalog);
    let mut all = Vec::new();
    for guest in &facts.guests.found {
        let vmid = guest.name.vmid();
        let goal = vm::remembered(vmid, env);
        assessor.retarget(VmTarget { vmid, goal, ..VmTarget::default() });
        let assessment = guest.configuration.as_ref().map(|own| assessor.assess(own));
        all.push(assessed(guest, assessment));
    }
    Ok(all)
}

/// A guest in a line.
fn assessed(guest: &guests::Guest, assessment: Option<assess::Assessment>) -> Guest {
    let first = |status| {
        let checks = assessment.iter().flat_map(|own: &assess::Assessment| &own.checks);
        checks.into_iter().find(|check: &&checks::Check| check.status == status).cloned()
    };
    let failure = first(CheckStatus::Fail);
    let state = match (&assessment, &failure) {
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
        goal: assessment.and_then(|own| own.vm.goal).map(|(name, _)| name),
    }
}
