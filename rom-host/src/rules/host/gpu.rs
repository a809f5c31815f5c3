//! The iGPU: is it there, is it the primary one, can it be handed over.

use super::{Facts, iommu};
use crate::address::IGPU_BDF;
use crate::advice::Advice;
use crate::checks::Check;
use crate::probe::Probe;
use crate::probe::gpu::Gpu;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(present(facts));
    let Some(gpu) = &facts.host.gpu else { return };
    checks.push(primary(facts, gpu));
    checks.push(driver(gpu));
    checks.extend(group(facts, gpu));
    checks.extend(reset(gpu));
    checks.extend(virtual_functions(gpu));
    checks.push(stolen_memory(facts, gpu));
    checks.extend(monitor(gpu));
}

fn present(facts: &Facts) -> Check {
    const ID: &str = "HOST020";
    if let (Some(gpu), Some(device)) = (&facts.host.gpu, &facts.picked.device) {
        let name = device.name.as_deref().unwrap_or("unknown to the catalog");
        return Check::pass(
            ID,
            format!("{} {name}", gpu.display.id),
            format!("{} in sysfs", gpu.display.bdf),
        );
    }
    let evidence = format!("no Intel display controller at {IGPU_BDF}");
    if let Some(reason) = &facts.picked.refused {
        return Check::fail(ID, "there is no iGPU to hand over", evidence, reason.clone());
    }
    let fix = "BIOS: switch the iGPU on (iGPU Multi-Monitor, Internal Graphics: Enabled) and make \
        it the primary display.";
    Check::fail(ID, "the iGPU is not there, though the CPU has one", evidence, fix)
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
        format!("; the other display controller: {}", others.join(", "))
    };
    if gpu.display.class.sub() == 0x80 {
        let fix = "BIOS: Primary Display = IGD (also called CPU Graphics, Internal, iGFX). With it as a secondary display there is no OpRegion \
                   before kernel 6.15 and QEMU 10.1, and no picture at boot.";
        return Check::fail(
            ID,
            "the iGPU is not the primary display",
            format!("{evidence}{other}"),
            fix,
        );
    }
    if gpu.display.boot_vga == Some(false) {
        let fix = "BIOS: Primary Display = IGD. Otherwise the GPU may lack what the firmware sets \
            up for a picture at boot.";
        return Check::warn(
            ID,
            "the host started on another display",
            format!("boot_vga of {} is 0{other}", gpu.display.bdf),
            fix,
        );
    }
    Check::pass(ID, "the iGPU is the primary display", evidence)
}

fn driver(gpu: &Gpu) -> Check {
    const ID: &str = "HOST022";
    let evidence = format!("driver of {}", gpu.display.bdf);
    match gpu.driver.as_deref() {
        None => Check::pass(ID, "no driver has the iGPU: it is taken when the VM starts", evidence),
        Some("vfio-pci") => Check::pass(ID, "vfio-pci has the iGPU", evidence),
        Some(driver) => Check::pass(
            ID,
            format!(
                "{driver} has the iGPU until the VM starts: Proxmox VE and libvirt take it by \
                    themselves"
            ),
            evidence,
        ),
    }
}

fn group(facts: &Facts, gpu: &Gpu) -> Option<Check> {
    const ID: &str = "HOST023";
    if !iommu::is_on(facts) {
        return Some(Check::skip(ID, "IOMMU group", "the IOMMU is off"));
    }
    let (number, others) = gpu.group.as_ref()?;
    let evidence = format!("/sys/kernel/iommu_groups/{number}");
    if others.is_empty() {
        return Some(Check::pass(ID, "the iGPU is alone in its IOMMU group", evidence));
    }
    let fix = "All of a group goes to one VM, or none of it. Try another slot or BIOS setting for \
        the others.";
    Some(Check::fail(
        ID,
        format!("the iGPU shares its IOMMU group with {}", others.join(", ")),
        evidence,
        fix,
    ))
}

fn reset(gpu: &Gpu) -> Option<Check> {
    const ID: &str = "HOST024";
    let methods = gpu.reset.as_ref()?;
    let evidence = format!("reset_method of {}", gpu.display.bdf);
    if methods.is_empty() {
        let fix = "Restart the host rather than the VM: without a reset the GPU may hang at the \
            second start.";
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
        "The first command switches them off, to pass the whole GPU through. The second one is \
            for passing one of them.",
    );
    let fix = fix.run(["sh", "-c", &off]).run(["oprom", "pick", "--bdf", "00:02.1"]);
    Some(Check::fail(ID, format!("{count} virtual functions are switched on (SR-IOV)"), path, fix))
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
                "the GPU sleeps, or its registers cannot be read",
            );
        }
        Probe::Is(ggc) => format!("GGC = {ggc:#06x} (config space 0x50)"),
    };
    let generation = facts.picked.major_generation().unwrap_or(12);
    if gpu.has_stolen_memory(generation) == Some(false) {
        let fix = "BIOS: DVMT Pre-Allocated (IGD Minimum Memory) = 64 MB or more.";
        return Check::fail(ID, "the firmware keeps no memory for the iGPU", evidence, fix);
    }
    Check::pass(ID, "the firmware keeps memory for the iGPU", evidence)
}

fn monitor(gpu: &Gpu) -> Option<Check> {
    const ID: &str = "HOST027";
    let evidence = "/sys/class/drm/card*/status";
    if gpu.monitor? {
        return Some(Check::pass(ID, "a monitor is connected", evidence));
    }
    let fix = "Plug one in (or a dummy plug, or the BIOS's display emulation) before the VM \
        starts: only connected outputs are lit.";
    Some(Check::warn(ID, "no monitor is connected to the iGPU", evidence, fix))
}
