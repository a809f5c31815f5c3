//! vfio-pci and the kernel's part in handing over an Intel GPU.

use super::boot::{edit, options};
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
    checks.extend(unknown_ids(facts));
    checks.push(kernel(facts));
    checks.extend(vga_ranges(facts));
}

fn disable_vga(facts: &Facts) -> Check {
    const ID: &str = "HOST040";
    let line = facts.host.modprobe.disable_vga_line();
    let option = by_option(facts);
    let running = facts.host.modprobe.running_disable_vga;
    let mut evidence = Vec::new();
    if let Some(running) = running {
        evidence.push(format!(
            "/sys/module/vfio_pci/parameters/disable_vga = {}",
            if running { "Y" } else { "N" }
        ));
    }
    evidence.extend(line.map(|line| format!("{}: {}", line.file, line.text)));
    evidence.extend(option.map(|word| format!("/proc/cmdline: {word}")));
    let configured = line.is_some() || option.is_some();
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
        let says = "vfio-pci still runs with disable_vga=1";
        let check = match grade {
            Grade::Fail => Check::fail(ID, says, evidence, fix),
            Grade::Warn => Check::warn(ID, says, evidence, fix),
        };
        return check.changed_by([HostChange::RebuildInitramfs]);
    }
    let fix = match line {
        Some(line) => {
            let fix = Advice::from(format!(
                "Remove disable_vga=1 from {}, rebuild the initramfs, and restart the host.",
                line.file
            ));
            rebuild_initramfs(facts, fix)
        }
        None => edit(facts, "Remove that option", &[], &option.into_iter().collect::<Vec<&str>>()),
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

/// The word of the command line that gives vfio-pci `disable_vga=1`.
fn by_option(facts: &Facts) -> Option<&str> {
    let mut words = facts.host.kernel.command_line.iter().rev().map(String::as_str);
    words.find(|word| {
        let own = word.split_once('=').map(|(name, value)| (name.replace('-', "_"), value));
        own.is_some_and(|(name, value)| {
            name == "vfio_pci.disable_vga" && matches!(value, "1" | "Y" | "y")
        })
    })
}

/// Devices that vfio-pci is to bind, and that this host does not have.
fn unknown_ids(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST042";
    let words = facts.host.kernel.command_line.iter();
    let by_option = words.filter_map(|word| {
        let (name, ids) = word.split_once('=')?;
        let is_ids = name.replace('-', "_") == "vfio_pci.ids";
        is_ids.then(|| ("/proc/cmdline".to_owned(), Some(word.as_str()), ids))
    });
    let by_line = facts
        .host
        .modprobe
        .options_of("vfio_pci")
        .filter_map(|(line, word)| Some((line.file.clone(), None, word.strip_prefix("ids=")?)));
    for (place, option, ids) in by_option.chain(by_line) {
        // Vendor and device; what may come after them narrows it further.
        let is_here = |entry: &&str| {
            let id = entry.splitn(3, ':').take(2).collect::<Vec<&str>>().join(":");
            let id = id.to_ascii_lowercase();
            entry.contains("ffffffff") || facts.host.devices.contains(&id)
        };
        let absent: Vec<&str> = ids.split(',').filter(|id| !is_here(id)).collect();
        if absent.is_empty() || facts.host.devices.is_empty() {
            continue;
        }
        let what = "It was copied from a guide for other hardware, or the hardware is gone. Remove \
            the id";
        let fix = match option {
            Some(word) => edit(facts, what, &[], &[word]),
            None => rebuild_initramfs(facts, Advice::from(format!("{what} from {place}."))),
        };
        let says = "vfio-pci is told to bind a device that this host does not have";
        let check = Check::warn(ID, says, format!("{place}: {}", absent.join(", ")), fix);
        return Some(match option {
            Some(word) => check.changed_by([options(&[], &[word])]),
            None => check,
        });
    }
    None
}

/// A kernel that offers no VGA ranges is like `disable_vga=1` for every device.
fn vga_ranges(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST043";
    let offered = facts.host.kernel.configured("CONFIG_VFIO_PCI_VGA")?;
    let release = facts.host.kernel.release.as_deref().unwrap_or_default();
    let evidence = format!("/boot/config-{release}");
    let version = facts.host.qemu.as_ref().map_or(QemuVersion::V10_0, |qemu| qemu.version);
    if offered {
        let says = "the kernel can pass VGA ranges through";
        return Some(Check::pass(ID, says, format!("{evidence}: CONFIG_VFIO_PCI_VGA")));
    }
    let grade = qemu::disable_vga(facts.igd()?, version);
    let evidence = format!("{evidence}: no CONFIG_VFIO_PCI_VGA");
    if grade == Grade::Warn {
        let says = "the kernel passes no VGA ranges through, and this GPU does not need them";
        return Some(Check::pass(ID, says, evidence));
    }
    let fix = "Legacy mode takes the VGA ranges of this GPU. Use the distribution's kernel, or build \
        yours with CONFIG_VFIO_PCI_VGA=y.";
    let says = "the kernel cannot pass VGA ranges through: there is no display at boot";
    Some(Check::fail(ID, says, evidence, fix))
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
