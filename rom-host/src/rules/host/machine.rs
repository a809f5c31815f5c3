//! The machine itself: CPU, firmware, a way in.

use super::Facts;
use crate::advice::Advice;
use crate::checks::Check;
use crate::system::Distribution;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.extend(cpu(facts));
    checks.push(firmware(facts));
    checks.push(remote(facts));
}

fn cpu(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST001";
    let processor = facts.host.processor.as_ref()?;
    let evidence = format!("/proc/cpuinfo: {}", processor.name);
    if !processor.intel && !processor.amd {
        let fix = "These checks are for hosts with an integrated GPU of Intel or AMD. They say \
            nothing about other GPUs.";
        return Some(Check::fail(ID, "the CPU is not of Intel or AMD", evidence, fix));
    }
    if processor.hypervisor {
        let fix = "Run this on the physical host: an iGPU cannot be passed through from inside a \
            VM.";
        return Some(Check::fail(
            ID,
            "this host is itself a virtual machine",
            "/proc/cpuinfo: flag hypervisor",
            fix,
        ));
    }
    if processor.amd {
        if processor.svm == Some(false) {
            let fix = "In the BIOS, enable SVM Mode (also called AMD-V).";
            let says = "virtualization (AMD-V) is off";
            return Some(Check::fail(ID, says, "/proc/cpuinfo: no flag svm", fix));
        }
        return Some(Check::pass(ID, "AMD CPU with virtualization", evidence));
    }
    match processor.vmx {
        Some(false) => {
            let fix = "In the BIOS, enable Intel Virtualization Technology (VT-x).";
            Some(Check::fail(ID, "virtualization (VT-x) is off", "/proc/cpuinfo: no flag vmx", fix))
        }
        Some(true) | None => Some(Check::pass(ID, "Intel CPU with virtualization", evidence)),
    }
}

fn firmware(facts: &Facts) -> Check {
    const ID: &str = "HOST002";
    if facts.host.boot.uefi {
        return Check::pass(ID, "the host boots with UEFI", "/sys/firmware/efi");
    }
    if facts.is_amd() {
        let fix = "In the BIOS, disable CSM (legacy boot). If the host was installed for legacy \
            boot, make it bootable with UEFI first.";
        let says = "the host boots with legacy BIOS: the firmware leaves no VBIOS in memory";
        return Check::fail(ID, says, "/sys/firmware/efi is missing", fix);
    }
    let fix = "In the BIOS, disable CSM (legacy boot) and set the video option ROM to UEFI; some \
        boards offer this only with \"OS type: Windows\". If the host was installed for legacy \
        boot, make it bootable with UEFI first.";
    Check::fail(
        ID,
        "the host boots with legacy BIOS: the GPU lacks the tables that a UEFI guest needs",
        "/sys/firmware/efi is missing",
        fix,
    )
}

fn remote(facts: &Facts) -> Check {
    const ID: &str = "HOST003";
    if facts.host.remote {
        return Check::pass(
            ID,
            "the host can be reached without its own screen",
            match facts.host.system.distribution {
                Distribution::ProxmoxVe => "SSH or the web interface of Proxmox VE",
                _ => "SSH",
            },
        );
    }
    let others = facts.host.displays.len()
        > usize::from(facts.host.gpu.is_some() || facts.host.amd.is_some());
    if others {
        return Check::pass(
            ID,
            "another GPU keeps the host's console",
            "more than one display controller",
        );
    }
    let places = facts.host.system.places();
    let how =
        if places.ssh.is_empty() { places.ssh_by_hand } else { "Install an SSH server first." };
    let fix = Advice::from(format!(
        "The host's screen goes dark when the VM starts, and stays dark. {how}"
    ));
    let fix = places.ssh.iter().fold(fix, |fix, words| fix.run(words.iter().copied()));
    Check::warn(
        ID,
        "no SSH server was found, and the iGPU is the only screen",
        "/run/sshd.pid, /run/sshd",
        fix,
    )
}
