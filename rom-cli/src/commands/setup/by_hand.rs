//! What setup leaves to a person.

use super::target::Target;
use crate::args;
use rom_host::advice::Advice;
use rom_host::checks::Check;
use rom_host::host_steps::HostStep;
use rom_host::probe::Host;
use rom_host::probe::guests::{Guest, GuestName};
use rom_host::steps::{Risk, Step};

/// The check of ways into the host.
pub(super) const LOGIN: &str = "HOST003";
/// The check of what setup does not do by itself.
pub(super) const NOT_ACCEPTED: &str = "VM041";

/// No way into the host is known but its screen.
pub(super) fn no_login(host: &Host) -> Check {
    let places = host.system.places();
    let text = "The host's screen goes dark when the VM starts. Install an SSH server first.";
    let fix =
        places.ssh.iter().fold(Advice::from(text), |fix, words| fix.run(words.iter().copied()));
    let evidence = "/proc/net/tcp: nothing listens for SSH or the web interface";
    Check::fail(LOGIN, "there is no login from elsewhere", evidence, fix)
}

/// A step of the host that was left out.
pub(super) fn not_done(step: HostStep) -> Check {
    let fix = Advice::from("Run it without --no-host.");
    Check::fail(step.check, step.reason, step.text, fix)
}

/// A step whose risk was not accepted.
pub(super) fn not_accepted(step: &Step) -> Check {
    let risk = step.risk.name();
    let text = match step.risk {
        Risk::Reinstall => format!(
            "An installed guest no longer boots after it. With --accept {risk} this step is done too."
        ),
        Risk::Safe | Risk::GuestVisible => format!(
            "The guest sees other hardware after it. With --accept {risk} this step is done too."
        ),
    };
    let says = format!("a step is needed whose risk was not accepted: {}", step.text);
    Check::fail(NOT_ACCEPTED, says, step.reason.clone(), Advice::from(text))
}

/// Containers that use the GPU of the host, unless they were named.
pub(super) fn other_users(args: &args::Setup, guests: &[Guest]) -> Vec<Check> {
    let mut users = Vec::new();
    for guest in guests {
        let GuestName::Container(number) = guest.name else { continue };
        if args.without_container.contains(&number) {
            continue;
        }
        let text = format!(
            "It loses the GPU while the VM runs. For transcoding a container alone is enough, and \
            the host keeps its screen. To give the GPU to the VM all the same, add \
            --without-container {number}."
        );
        let says = format!("container {number} uses the GPU by /dev/dri");
        let evidence = format!("/etc/pve/lxc/{number}.conf");
        users.push(Check::fail("VM040", says, evidence, Advice::from(text)));
    }
    users
}

/// A file that somebody starts QEMU with is changed by them.
pub(super) fn file(target: &Target) -> Check {
    let text = "Change its lines as shown, then run this again.";
    let says = "this configuration is a file, which no manager changes";
    Check::fail("VM042", says, target.asked.clone(), Advice::from(text))
}
