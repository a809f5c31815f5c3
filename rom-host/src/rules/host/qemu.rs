//! QEMU: is it one that can do this with this GPU.

use super::Facts;
use crate::checks::Check;
use crate::qemu::{BootDisplay, QemuVersion};

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    const ID: &str = "HOST030";
    let Some(qemu) = &facts.host.qemu else {
        let says = "QEMU was not found";
        checks.push(Check::skip(
            ID,
            says,
            "no package database that is known has it, and no QEMU program reports its version",
        ));
        return;
    };
    let evidence = format!("{}: {} {}", qemu.source, qemu.package, qemu.text);
    let Some(gpu) = facts.igd() else {
        checks.push(Check::pass(ID, format!("QEMU {}", qemu.version), evidence));
        return;
    };
    if matches!(gpu.boot_display(qemu.version), BootDisplay::Supported | BootDisplay::Doubtful) {
        let says = if gpu.needs_lpc(qemu.version) {
            format!(
                "QEMU {} supports a display at boot with this GPU; the VM needs x-igd-lpc=on",
                qemu.version
            )
        } else {
            format!("QEMU {} supports a display at boot with this GPU", qemu.version)
        };
        checks.push(Check::pass(ID, says, evidence));
        return;
    }
    let newest = QemuVersion::V10_1;
    let says = format!(
        "QEMU {} does not support this GPU: there is no display before the guest's driver starts",
        qemu.version
    );
    let fix = if qemu.proxmox {
        format!("Upgrade to Proxmox VE 9.1 or newer (QEMU {}.{}).", newest.major, newest.minor)
    } else {
        format!("Upgrade QEMU to {}.{} or newer.", newest.major, newest.minor)
    };
    checks.push(if qemu.own_build {
        Check::warn(ID, format!("{says}, unless this build has its own changes"), evidence, fix)
    } else {
        Check::fail(ID, says, evidence, fix)
    });
}
