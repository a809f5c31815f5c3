//! The iGPU: is it there, is it the primary one, can it be passed through.

use super::boot::{edit, options};
use super::{Facts, gvt, iommu};
use crate::address::IGPU_BDF;
use crate::advice::Advice;
use crate::checks::Check;
use crate::probe::Probe;
use crate::probe::gpu::Gpu;
use crate::system::Distribution;
use rom_core::count::Count;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(present(facts));
    let Some(gpu) = &facts.host.gpu else { return };
    checks.push(primary(facts, gpu));
    checks.push(driver(facts, gpu));
    checks.push(group(facts, gpu));
    checks.extend(reset(gpu));
    checks.extend(virtual_functions(gpu));
    checks.extend(gvt::check(facts, gpu));
    checks.push(stolen_memory(facts, gpu));
    checks.extend(monitor(gpu));
}

fn present(facts: &Facts) -> Check {
    const ID: &str = "HOST020";
    if let (Some(gpu), Some(device)) = (&facts.host.gpu, &facts.picked.device) {
        let name = match (&device.name, &device.platform) {
            (Some(name), None) => format!("{name}, unknown to the catalog"),
            (Some(name), Some(_)) => name.clone(),
            (None, _) => "unknown to the catalog".to_owned(),
        };
        return Check::pass(
            ID,
            format!("{} {name}", gpu.display.id),
            format!("{} in sysfs", gpu.display.bdf),
        );
    }
    let evidence = format!("no Intel display controller at {IGPU_BDF}");
    if let Some(reason) = &facts.picked.refused {
        return Check::fail(ID, "there is no iGPU to pass through", evidence, reason.clone());
    }
    let fix = "In the BIOS, enable the iGPU (iGPU Multi-Monitor, Internal Graphics: Enabled) and \
        make it the primary display.";
    Check::fail(ID, "the CPU has an iGPU, but the host does not see it", evidence, fix)
}

fn primary(facts: &Facts, gpu: &Gpu) -> Check {
    const ID: &str = "HOST021";
    let evidence = format!("class {} of {}", gpu.display.class, gpu.display.bdf);
    let others: Vec<String> = facts
        .host
        .displays
        .iter()
        .filter(|other| other.bdf != gpu.display.bdf)
        .map(|other| format!("{} at {}", other.id, other.bdf))
        .collect();
    let other = if others.is_empty() {
        String::new()
    } else {
        format!("; also present: {}", others.join(", "))
    };
    if gpu.display.class.sub() == 0x80 {
        let fix = "In the BIOS, set Primary Display to IGD (also called CPU Graphics, Internal \
            or iGFX). An iGPU that is not the primary display gives the VM no display at boot, \
            and no OpRegion before kernel 6.15 and QEMU 10.1.";
        return Check::fail(
            ID,
            "the iGPU is not the primary display",
            format!("{evidence}{other}"),
            fix,
        );
    }
    if gpu.display.boot_vga == Some(false) {
        let fix = "In the BIOS, set Primary Display to IGD. Otherwise the GPU may lack what the \
            firmware sets up for a display at boot.";
        return Check::warn(
            ID,
            "the host booted on another display",
            format!("boot_vga of {} is 0{other}", gpu.display.bdf),
            fix,
        );
    }
    Check::pass(ID, "the iGPU is the primary display", evidence)
}

fn driver(facts: &Facts, gpu: &Gpu) -> Check {
    const ID: &str = "HOST022";
    let evidence = format!("driver of {}", gpu.display.bdf);
    match gpu.driver.as_deref() {
        None => {
            let says = format!("no driver is bound to the iGPU{}", at_start(facts));
            Check::pass(ID, says, evidence)
        }
        Some("vfio-pci") => Check::pass(ID, "vfio-pci is bound to the iGPU", evidence),
        Some(driver) => {
            let says = format!("{driver} is bound to the iGPU{}", at_start(facts));
            Check::pass(ID, says, evidence)
        }
    }
}

/// What the manager of this host does about the driver.
const fn at_start(facts: &Facts) -> &'static str {
    match facts.host.system.distribution {
        Distribution::ProxmoxVe => ": Proxmox VE binds vfio-pci when the VM starts",
        _ => ": libvirt binds vfio-pci when the VM starts, with managed='yes'",
    }
}

fn group(facts: &Facts, gpu: &Gpu) -> Check {
    const ID: &str = "HOST023";
    if !iommu::is_on(facts) {
        return Check::skip(ID, "IOMMU group", "the IOMMU is off");
    }
    let platform = facts.picked.device.as_ref().and_then(|device| device.platform.as_ref());
    if let Some(platform) = platform.filter(|platform| platform.code == BROADWELL) {
        let says = format!("Linux keeps the GPU of {} out of the IOMMU", platform.name);
        let reason = facts.picked.refused.clone().unwrap_or_default();
        return Check::fail(ID, says, "quirk_iommu_igfx, since kernel 5.4", reason);
    }
    let Some((number, others)) = gpu.group.as_ref() else { return no_group(facts, gpu) };
    let evidence = format!("/sys/kernel/iommu_groups/{number}");
    if others.is_empty() {
        return Check::pass(ID, "the iGPU is alone in its IOMMU group", evidence);
    }
    let fix = "An IOMMU group can only be passed through as a whole, to one VM. Move the other \
        devices to another slot, or change their BIOS settings.";
    Check::fail(
        ID,
        format!("the iGPU shares its IOMMU group with {}", others.join(", ")),
        evidence,
        fix,
    )
}

/// The catalog's code of the platform whose GPUs Linux takes out of the IOMMU
/// (drivers/iommu/intel/iommu.c, `quirk_iommu_igfx`).
const BROADWELL: &str = "BDW";

/// The IOMMU is on, and the GPU is not behind it.
fn no_group(facts: &Facts, gpu: &Gpu) -> Check {
    const ID: &str = "HOST023";
    const SAYS: &str = "the iGPU is not behind the IOMMU: it cannot be passed through";
    let words = facts.host.kernel.command_line.iter().map(String::as_str);
    let cause = words
        .filter_map(|word| Some((word, word.strip_prefix("intel_iommu=")?)))
        .find(|(_, values)| values.split(',').any(|value| value == "igfx_off"));
    if let Some((word, values)) = cause {
        let kept: Vec<&str> = values.split(',').filter(|value| *value != "igfx_off").collect();
        let kept = (!kept.is_empty()).then(|| format!("intel_iommu={}", kept.join(",")));
        let what = "igfx_off keeps the IOMMU away from the iGPU. Remove it";
        let kept: Vec<&str> = kept.as_deref().into_iter().collect();
        let fix = edit(facts, what, &kept, &[word]);
        return Check::fail(ID, SAYS, format!("/proc/cmdline: {word}"), fix)
            .changed_by([options(&kept, &[word])]);
    }
    let evidence = format!("{} has no iommu_group", gpu.display.bdf);
    let fix = Advice::from("The kernel log has the reason.");
    Check::fail(ID, SAYS, evidence, fix.run(["journalctl", "-b", "-k", "--grep", "DMAR|IOMMU"]))
}

fn reset(gpu: &Gpu) -> Option<Check> {
    const ID: &str = "HOST024";
    let methods = gpu.reset.as_ref()?;
    let evidence = format!("reset_method of {}", gpu.display.bdf);
    if methods.is_empty() {
        let fix = "Without a reset the GPU may hang when the VM starts a second time. Restart \
            the host between two starts of the VM.";
        return Some(Check::warn(ID, "the iGPU cannot be reset", evidence, fix));
    }
    Some(Check::pass(ID, format!("the iGPU can be reset ({methods})"), evidence))
}

fn virtual_functions(gpu: &Gpu) -> Option<Check> {
    const ID: &str = "HOST025";
    let count = gpu.display.virtual_functions;
    if count == 0 {
        return None;
    }
    let path = format!("/sys/bus/pci/devices/{}/sriov_numvfs", gpu.display.bdf);
    let off = format!("echo 0 > {path}");
    let fix = Advice::from(
        "To pass the whole GPU through, disable them with the first command. To pass one of them \
        through, see with the second command which ROM it needs.",
    );
    let fix = fix.run(["sh", "-c", &off]).run(["oprom", "pick", "--bdf", "00:02.1"]);
    let functions = Count(count, "virtual function");
    Some(Check::fail(ID, format!("the iGPU has {functions} enabled (SR-IOV)"), path, fix))
}

fn stolen_memory(facts: &Facts, gpu: &Gpu) -> Check {
    const ID: &str = "HOST026";
    let evidence = match gpu.ggc {
        Probe::Denied => {
            return Check::skip(ID, "graphics memory (GGC register)", "only root can read it");
        }
        Probe::Absent => {
            return Check::skip(
                ID,
                "graphics memory (GGC register)",
                "the GPU is suspended, or its registers cannot be read",
            );
        }
        Probe::Is(ggc) => format!("GGC = {ggc:#06x} (config space 0x50)"),
    };
    let generation = facts.picked.major_generation().unwrap_or(12);
    if gpu.has_stolen_memory(generation) == Some(false) {
        let fix = "In the BIOS, set DVMT Pre-Allocated (also called IGD Minimum Memory) to 64 MB \
            or more.";
        return Check::fail(ID, "the firmware reserves no memory for the iGPU", evidence, fix);
    }
    Check::pass(ID, "the firmware reserves memory for the iGPU", evidence)
}

fn monitor(gpu: &Gpu) -> Option<Check> {
    const ID: &str = "HOST027";
    let evidence = "/sys/class/drm/card*/status";
    if gpu.monitor? {
        return Some(Check::pass(ID, "a monitor is connected", evidence));
    }
    let fix = "Only connected outputs show a display. Before the VM starts, connect a monitor or \
        a dummy plug, or enable display emulation in the BIOS.";
    Some(Check::warn(ID, "no monitor is connected to the iGPU", evidence, fix))
}
