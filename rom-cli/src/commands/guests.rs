//! The guests that use the GPU, each with what `vm check` says of it.

use super::vm;
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::Check;
use crate::report::guests::{Guest, State};
use crate::text::{Line, ShellCommand};
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{self, Status as CheckStatus};
use rom_host::probe::Host;
use rom_host::probe::guests::{self, GuestName};

/// All guests of the host whose configuration has the GPU.
pub(super) fn read(host: &Host, env: &Env<'_>) -> Result<Vec<Guest>, CliError> {
    let (files, catalog) = (env.files(), env.catalog()?);
    let mut all = Vec::new();
    for guest in guests::with_gpu(&files) {
        let vmid = match guest.name {
            GuestName::Vm(number) => Some(number),
            GuestName::Domain(_) | GuestName::Container(_) => None,
        };
        let goal = vm::remembered(vmid, env);
        let target = VmTarget { vmid, goal, ..VmTarget::default() };
        let assessment = guest.configuration.as_ref().map(|configuration| {
            Assessor::read(target, host.clone(), &files, &catalog).assess(configuration)
        });
        all.push(assessed(&guest, assessment));
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
