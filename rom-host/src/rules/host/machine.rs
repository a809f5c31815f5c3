//! The machine itself: CPU, firmware, a way in.

use super::Facts;
use crate::advice::Advice;
use crate::checks::Check;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.extend(cpu(facts));
    checks.push(firmware(facts));
    checks.push(remote(facts));
}

fn cpu(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST001";
    let processor = facts.host.processor.as_ref()?;
    let evidence = format!("/proc/cpuinfo: {}", processor.name);
    if !processor.intel {
        let fix =
            "This program is about Intel's integrated GPUs; for another GPU nothing here applies.";
        return Some(Check::fail(ID, "the CPU is not Intel's", evidence, fix));
    }
    if processor.hypervisor {
        let fix = "Run it on the machine itself: an iGPU cannot be handed on from inside a VM.";
        return Some(Check::fail(
            ID,
            "this host is itself a virtual machine",
            "/proc/cpuinfo: flag hypervisor",
            fix,
        ));
    }
    match processor.vmx {
        Some(false) => {
            let fix = "BIOS: switch on Intel Virtualization Technology (VT-x).";
            Some(Check::fail(ID, "virtualization is off", "/proc/cpuinfo: no flag vmx", fix))
        }
        Some(true) | None => Some(Check::pass(ID, "Intel CPU with virtualization", evidence)),
    }
}

fn firmware(facts: &Facts) -> Check {
    const ID: &str = "HOST002";
    if facts.host.boot.uefi {
        return Check::pass(ID, "the host starts by UEFI", "/sys/firmware/efi");
    }
    let fix = "BIOS: switch CSM (legacy boot) off and the video option ROM to UEFI; some boards offer that only with \
               \"OS type: Windows\". A host that was installed for legacy boot has to be set up \
                   for UEFI first.";
    Check::fail(
        ID,
        "the host starts by legacy BIOS, so the GPU has no UEFI tables to hand on",
        "/sys/firmware/efi is missing",
        fix,
    )
}

fn remote(facts: &Facts) -> Check {
    const ID: &str = "HOST003";
    if facts.host.remote {
        return Check::pass(
            ID,
            "the host can be reached when its screen is gone",
            "SSH or the web interface of Proxmox VE",
        );
    }
    let others = facts.host.displays.len() > usize::from(facts.host.gpu.is_some());
    if others {
        return Check::pass(
            ID,
            "another GPU keeps the host's console",
            "more than one display controller",
        );
    }
    let fix = Advice::from("The screen goes dark when the VM starts, and stays so.").run([
        "apt",
        "install",
        "openssh-server",
    ]);
    Check::warn(
        ID,
        "no SSH server was found, and the iGPU is the only screen",
        "/run/sshd.pid, /run/sshd, pveproxy",
        fix,
    )
}
