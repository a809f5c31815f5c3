//! vfio-pci and the kernel's part in handing over an Intel GPU.

use super::boot::edit;
use super::{Facts, rebuild_initramfs};
use crate::advice::Advice;
use crate::checks::Check;
use crate::host_change::HostChange;
use crate::qemu::{self, Grade, QemuVersion};

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    if facts.host.gpu.is_none() {
        return;
    }
    checks.push(disable_vga(facts));
    checks.push(kernel(facts));
}

fn disable_vga(facts: &Facts) -> Check {
    const ID: &str = "HOST040";
    let line = facts.host.modprobe.disable_vga_line();
    let by_option =
        matches!(facts.host.kernel.option("vfio-pci.disable_vga"), Some("1" | "Y" | "y"));
    let running = facts.host.modprobe.running_disable_vga;
    let mut evidence = Vec::new();
    if let Some(running) = running {
        evidence.push(format!(
            "/sys/module/vfio_pci/parameters/disable_vga = {}",
            if running { "Y" } else { "N" }
        ));
    }
    evidence.extend(line.map(|line| format!("{}: {}", line.file, line.text)));
    if by_option {
        evidence.push("/proc/cmdline: vfio-pci.disable_vga=1".to_owned());
    }
    let configured = line.is_some() || by_option;
    if !configured && running != Some(true) {
        let evidence = if evidence.is_empty() {
            "not in the module's parameters, /etc/modprobe.d or /proc/cmdline".to_owned()
        } else {
            evidence.join("; ")
        };
        return Check::pass(ID, "vfio-pci runs without disable_vga=1", evidence);
    }
    let evidence = evidence.join("; ");
    let gpu = facts.igd();
    // Without a version or a known GPU the stricter rule counts.
    let version = facts.host.qemu.as_ref().map_or(QemuVersion::V10_0, |qemu| qemu.version);
    let grade = gpu.map_or(Grade::Fail, |gpu| qemu::disable_vga(gpu, version));
    if !configured {
        let fix = Advice::from(
            "No file sets it any more, but the running module was loaded with it. Rebuild the \
            initramfs, then restart the host.",
        );
        let fix = rebuild_initramfs(facts, fix);
        return Check::warn(ID, "vfio-pci still runs with disable_vga=1", evidence, fix)
            .changed_by([HostChange::RebuildInitramfs]);
    }
    let fix = match line {
        Some(line) => {
            let fix = Advice::from(format!(
                "Remove disable_vga=1 from {}, rebuild the initramfs, and restart the host.",
                line.file
            ));
            rebuild_initramfs(facts, fix)
        }
        None => edit(facts, "Remove vfio-pci.disable_vga=1"),
    };
    let change = if let Some(line) = line {
        let (module, option) = ("vfio-pci", "disable_vga");
        HostChange::WithoutModuleOption { file: line.file.clone(), module, option }
    } else {
        let own = |word: &&String| word.replace('-', "_").starts_with("vfio_pci.disable_vga=");
        let remove = facts.host.kernel.command_line.iter().filter(own).cloned().collect();
        HostChange::KernelOptions { add: Vec::new(), remove }
    };
    let check = match grade {
        Grade::Fail => Check::fail(
            ID,
            "disable_vga=1 prevents legacy mode: there is no display at boot",
            evidence,
            fix,
        ),
        Grade::Warn => Check::warn(
            ID,
            "disable_vga=1 is set: harmless with this GPU and this QEMU, but not with others",
            evidence,
            fix,
        ),
    };
    check.changed_by([change])
}

fn kernel(facts: &Facts) -> Check {
    const ID: &str = "HOST041";
    let release = facts.host.kernel.release.as_deref().unwrap_or_default();
    let evidence = format!("/boot/config-{release}");
    let Some(igd) = facts.host.kernel.configured("CONFIG_VFIO_PCI_IGD") else {
        return Check::skip(ID, "kernel configuration", format!("{evidence} is missing"));
    };
    if !igd {
        let evidence = format!("{evidence}: no CONFIG_VFIO_PCI_IGD");
        let fix = "Use the distribution's kernel, or build yours with CONFIG_VFIO_PCI_IGD=y.";
        return Check::fail(
            ID,
            "the kernel cannot pass the OpRegion of an Intel GPU through",
            evidence,
            fix,
        );
    }
    Check::pass(
        ID,
        "the kernel can pass the OpRegion of an Intel GPU through",
        format!("{evidence}: CONFIG_VFIO_PCI_IGD"),
    )
}
