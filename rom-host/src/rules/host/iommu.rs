//! The IOMMU.

use super::Facts;
use super::boot::{edit, options};
use crate::advice::Advice;
use crate::checks::Check;
use crate::qemu::QemuVersion;
use crate::system::Distribution;

/// From this kernel on VT-d is used without an option.
const ON_BY_DEFAULT: (u32, u32) = (6, 8);

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(on(facts));
    checks.extend(width(facts));
}

/// Whether a device can be passed through at all.
pub(super) fn is_on(facts: &Facts) -> bool {
    !facts.host.iommu.units.is_empty()
}

fn on(facts: &Facts) -> Check {
    const ID: &str = "HOST010";
    const SAYS: &str = "the IOMMU is off: no device can be passed through";
    if is_on(facts) {
        return Check::pass(
            ID,
            "the IOMMU is on",
            format!("/sys/class/iommu: {}", facts.host.iommu.units.join(" ")),
        );
    }
    if facts.is_amd() {
        return off_on_amd(facts, ID, SAYS);
    }
    if !facts.host.iommu.described {
        let evidence = "/sys/class/iommu is empty, and the firmware describes no IOMMU (no ACPI \
            table DMAR)";
        return Check::fail(
            ID,
            SAYS,
            evidence,
            "In the BIOS, enable VT-d (also called Intel Virtualization Technology for Directed \
            I/O).",
        );
    }
    let option = facts.host.kernel.option("intel_iommu");
    if option == Some("off") {
        let fix = edit(
            facts,
            "Remove intel_iommu=off from the kernel command line",
            &[],
            &["intel_iommu=off"],
        );
        return Check::fail(ID, SAYS, "/proc/cmdline: intel_iommu=off", fix)
            .changed_by([options(&[], &["intel_iommu=off"])]);
    }
    let old = facts.host.kernel.version().is_some_and(|version| version < ON_BY_DEFAULT);
    let evidence = "/sys/class/iommu is empty, but the firmware describes an IOMMU";
    if old && option.is_none() {
        let fix = edit(
            facts,
            "This kernel is older than 6.8 and needs the option intel_iommu=on",
            &["intel_iommu=on"],
            &[],
        );
        return Check::fail(ID, SAYS, evidence, fix)
            .changed_by([options(&["intel_iommu=on"], &[])]);
    }
    let fix = Advice::from("The kernel log has the reason.");
    Check::fail(ID, SAYS, evidence, fix.run(["journalctl", "-b", "-k", "--grep", "DMAR|IOMMU"]))
}

fn off_on_amd(facts: &Facts, id: &'static str, says: &str) -> Check {
    let off =
        ["amd_iommu", "iommu"].into_iter().find(|own| facts.host.kernel.option(own) == Some("off"));
    if let Some(option) = off {
        let word = format!("{option}=off");
        let what = format!("Remove {word} from the kernel command line");
        let fix = edit(facts, &what, &[], &[&word]);
        return Check::fail(id, says, format!("/proc/cmdline: {word}"), fix)
            .changed_by([options(&[], &[&word])]);
    }
    if !facts.host.iommu.described {
        let evidence = "/sys/class/iommu is empty, and the firmware describes no IOMMU (no ACPI \
            table IVRS)";
        let fix = "In the BIOS, set IOMMU to Enabled (often in AMD CBS, NBIO Common Options; Auto \
            is not enough).";
        return Check::fail(id, says, evidence, fix);
    }
    let evidence = "/sys/class/iommu is empty, but the firmware describes an IOMMU";
    let fix = Advice::from("The kernel log has the reason.");
    Check::fail(id, says, evidence, fix.run(["journalctl", "-b", "-k", "--grep", "AMD-Vi|IOMMU"]))
}

fn width(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST011";
    let (iommu, cpu) =
        (facts.host.iommu.address_width?, facts.host.processor.as_ref()?.physical_bits?);
    let evidence = format!(
        "IOMMU {iommu} bits (intel-iommu/cap), CPU {cpu} bits (/proc/cpuinfo: address sizes)"
    );
    if cpu <= iommu {
        return Some(Check::pass(ID, "the IOMMU has as many address bits as the CPU", evidence));
    }
    let fix = limit(facts, iommu);
    Some(Check::warn(ID, "the CPU has more address bits than the IOMMU", evidence, fix))
}

/// How the address bits of a VM are limited by what manages it here.
fn limit(facts: &Facts, bits: u32) -> Advice {
    let what = "may use addresses that the IOMMU cannot reach: it stops with \"VFIO_MAP_DMA failed: \
        Invalid argument\", or the host crashes. Limit the VM's address bits";
    if facts.host.system.distribution != Distribution::ProxmoxVe {
        return Advice::from(format!(
            "A VM with the host's CPU model and OVMF {what}: in the domain's <cpu>, or with QEMU by \
            -cpu host,host-phys-bits-limit={bits}."
        ))
        .with_line(&format!("<maxphysaddr mode='passthrough' limit='{bits}'/>"));
    }
    let what = format!("A VM with `cpu: host` and OVMF {what}");
    // QEMU has guest-phys-bits from 9.1, and qemu-server from 9.0.18, which needs a newer QEMU.
    if facts.host.qemu.as_ref().is_some_and(|qemu| qemu.version < QemuVersion::V10_0) {
        return Advice::from(format!(
            "{what}: this Proxmox VE has no option for that. Put -cpu \
            host,host-phys-bits-limit={bits} into the VM's args, or upgrade to Proxmox VE 9."
        ));
    }
    Advice::from(format!("{what}.")).run([
        "qm",
        "set",
        "VMID",
        "--cpu",
        &format!("host,guest-phys-bits={bits}"),
    ])
}
