//! A host with an AMD iGPU: is the GPU there, can it be passed through, and are its two ROM files.

use super::{Facts, iommu};
use crate::advice::Advice;
use crate::checks::Check;
use crate::host_change::{HostChange, HostRom};
use crate::probe::Probe;
use crate::probe::amd::{AmdIgpu, VFCT};
use crate::probe::rom::{AMD_GOP_PATH, AMD_VBIOS_PATH};
use crate::rules::amd::{self, Fitness};
use rom_core::Analysis;
use rom_core::catalog::{AmdGraphics, amd_graphics};
use std::collections::BTreeSet;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(present(facts));
    let Some(gpu) = &facts.host.amd else { return };
    checks.extend(primary(gpu));
    checks.push(driver(facts, gpu));
    checks.extend(groups(facts, gpu));
    checks.push(reset(gpu));
    checks.push(vfct(gpu));
    checks.push(vbios_file(facts, gpu));
    checks.push(gop_file(facts, gpu));
}

fn present(facts: &Facts) -> Check {
    const ID: &str = "HOST020";
    if let Some(gpu) = &facts.host.amd {
        let name = gpu
            .chip
            .as_ref()
            .map_or("an AMD iGPU that is newer than the catalog", |chip| chip.name.as_str());
        return Check::pass(
            ID,
            format!("{} {name}", gpu.display.id),
            format!("{} in sysfs", gpu.display.bdf),
        );
    }
    let evidence = "no AMD display controller that is known as an iGPU";
    let cpu = facts.host.processor.as_ref().map(|processor| processor.name.as_str());
    if cpu.and_then(amd_graphics) == Some(AmdGraphics::None) {
        let fix = facts.picked.refused.clone().unwrap_or_default();
        return Check::fail(ID, "there is no iGPU to pass through", evidence, fix);
    }
    let fix = "In the BIOS, enable the iGPU (Integrated Graphics: Forced, or iGPU Configuration: \
        UMA_SPECIFIED) and make it the primary display.";
    Check::fail(ID, "the host does not see an iGPU", evidence, fix)
}

/// Whether the firmware set it up, which leaves the VBIOS in memory.
fn primary(gpu: &AmdIgpu) -> Option<Check> {
    const ID: &str = "HOST021";
    let evidence = format!("boot_vga of {}", gpu.display.bdf);
    if gpu.display.boot_vga? {
        return Some(Check::pass(ID, "the iGPU is the primary display", evidence));
    }
    let fix = "In the BIOS, make the iGPU the primary display. Otherwise the firmware may not set \
        it up, and then its VBIOS cannot be read.";
    Some(Check::warn(ID, "the host booted on another display", format!("{evidence} is 0"), fix))
}

fn driver(facts: &Facts, gpu: &AmdIgpu) -> Check {
    const ID: &str = "HOST022";
    let evidence = format!("driver of {}", gpu.display.bdf);
    let when = "Proxmox VE and libvirt bind vfio-pci when the VM starts";
    match gpu.driver.as_deref() {
        None => Check::pass(ID, format!("no driver is bound to the iGPU: {when}"), evidence),
        Some("vfio-pci") => Check::pass(ID, "vfio-pci is bound to the iGPU", evidence),
        Some(driver) => {
            let fix = format!(
                "A GPU that {driver} has used may not start in a VM, since it cannot be reset. Bind \
                vfio-pci to the iGPU and its audio function from the start: write the lines \
                \"options vfio-pci ids={}\" and \"softdep {driver} pre: vfio-pci\" into a file of \
                /etc/modprobe.d, rebuild the initramfs, and restart the host.",
                ids(gpu)
            );
            let fix = super::rebuild_initramfs(facts, Advice::from(fix));
            Check::warn(ID, format!("{driver} is bound to the iGPU"), evidence, fix)
        }
    }
}

/// The ids of both functions, as vfio-pci takes them.
fn ids(gpu: &AmdIgpu) -> String {
    let audio = gpu.audio.as_ref().map(|audio| format!(",{}", audio.id)).unwrap_or_default();
    format!("{}{audio}", gpu.display.id)
}

/// The IOMMU groups of both functions. On many boards they are alone.
fn groups(facts: &Facts, gpu: &AmdIgpu) -> Option<Check> {
    const ID: &str = "HOST023";
    if !iommu::is_on(facts) {
        return Some(Check::skip(ID, "IOMMU group", "the IOMMU is off"));
    }
    let (number, beside) = gpu.group.as_ref()?;
    let audio = gpu.audio.as_ref();
    let beside_audio = audio.and_then(|audio| audio.group.as_ref()).map(|(_, beside)| beside);
    let is_own =
        |other: &str| other == gpu.display.bdf || audio.is_some_and(|audio| other == audio.bdf);
    let others: BTreeSet<&str> = beside
        .iter()
        .chain(beside_audio.into_iter().flatten())
        .map(String::as_str)
        .filter(|other| !is_own(other))
        .collect();
    let evidence = format!("/sys/kernel/iommu_groups/{number}");
    if others.is_empty() {
        return Some(Check::pass(ID, "the iGPU is alone in its IOMMU group", evidence));
    }
    let fix = "An IOMMU group can only be passed through as a whole, to one VM. In the BIOS, \
        enable ACS (AMD CBS, NBIO), or pass the others to the same VM.";
    let others: Vec<&str> = others.into_iter().collect();
    let says = format!("the iGPU shares its IOMMU group with {}", others.join(", "));
    Some(Check::fail(ID, says, evidence, fix))
}

/// No AMD iGPU has a function level reset (docs/amd.md has what people report).
fn reset(gpu: &AmdIgpu) -> Check {
    const ID: &str = "HOST024";
    if gpu.vendor_reset {
        let fix = "vendor-reset has no AMD iGPU in its list. Remove it: it does nothing here.";
        let says = "the module vendor-reset does not reset this GPU";
        return Check::warn(ID, says, "/sys/module/vendor_reset", fix);
    }
    let evidence = format!(
        "reset_method of {}: {}",
        gpu.display.bdf,
        gpu.reset.as_deref().filter(|methods| !methods.is_empty()).unwrap_or("none")
    );
    let fix = "If the VM shows no display or Code 43 at its second start, restart the host. \
        Windows guests can disable the GPU at shutdown to avoid it.";
    Check::warn(ID, "AMD iGPUs cannot be reset: a second start of the VM may fail", evidence, fix)
}

/// The table from which the VBIOS is read.
fn vfct(gpu: &AmdIgpu) -> Check {
    const ID: &str = "HOST070";
    let facts = match &gpu.vfct {
        Probe::Denied => return Check::skip(ID, "the VBIOS in memory", "only root can read VFCT"),
        Probe::Absent => {
            let fix = "The firmware leaves this table only where it boots with UEFI and sets the \
                iGPU up. In the BIOS, disable CSM and make the iGPU the primary display, then \
                start the host once.";
            let says = "the firmware left no VBIOS in memory";
            return Check::warn(ID, says, format!("{VFCT} is missing"), fix);
        }
        Probe::Is(facts) => facts,
    };
    let Some(table) = &facts.table else {
        let fix = "The board's firmware is at fault: look for a BIOS update.";
        return Check::warn(ID, "the VFCT table cannot be read", VFCT, fix);
    };
    let Some(vbios) = &facts.vbios else {
        let named: Vec<String> = table.images.iter().map(|image| image.id.to_string()).collect();
        let says = if named.is_empty() {
            "the VFCT table has no whole VBIOS".to_owned()
        } else {
            format!("the VFCT table has no VBIOS of this GPU, but of {}", named.join(", "))
        };
        let fix = "In the BIOS, make the iGPU the primary display, then start the host once.";
        return Check::warn(ID, says, VFCT, fix);
    };
    let part = vbios.part_number.as_deref().map(|part| format!(", {part}")).unwrap_or_default();
    if let Some(damage) = &vbios.damage {
        let fix = "Read it again after a restart of the host. If it stays, the board's firmware \
            is at fault.";
        return Check::warn(ID, format!("the VBIOS in memory is damaged: {damage}"), VFCT, fix);
    }
    Check::pass(ID, format!("the VBIOS is in memory: {} bytes{part}", vbios.size), VFCT)
}

fn vbios_file(facts: &Facts, gpu: &AmdIgpu) -> Check {
    const ID: &str = "HOST071";
    let is_there = gpu.vfct.as_ref().is_some_and(|facts| facts.vbios.is_some());
    let get = if is_there {
        Advice::command(["oprom", "install"])
    } else {
        Advice::from("It has to be read from this machine: see HOST070.")
    };
    let fitness = facts.amd_vbios.as_ref().map(|rom| amd::vbios(rom, gpu.display.id));
    let check = file(ID, "the VBIOS", AMD_VBIOS_PATH, &facts.amd_vbios, fitness, get);
    if is_there { check.changed_by([HostChange::InstallRom(HostRom::AmdVbios)]) } else { check }
}

fn gop_file(facts: &Facts, gpu: &AmdIgpu) -> Check {
    const ID: &str = "HOST072";
    let get = Advice::from(
        "AMD's GOP driver is in the BIOS update of this board. Download that from the board's \
        maker, and give its file.",
    );
    let get = get.run(["oprom", "install", "--bios", "BIOS_UPDATE"]);
    let fitness = facts.amd_gop.as_ref().map(|rom| amd::gop(rom, gpu.chip.as_ref()));
    file(ID, "the GOP driver", AMD_GOP_PATH, &facts.amd_gop, fitness, get)
        .changed_by([HostChange::InstallRom(HostRom::AmdGop)])
}

/// A ROM file in its place. Only what is there and wrong is worth more than a hint: a VM names the
/// file that it uses.
fn file(
    id: &'static str,
    what: &str,
    path: &str,
    rom: &Probe<Analysis>,
    fitness: Option<Fitness>,
    get: Advice,
) -> Check {
    match (rom, fitness) {
        (Probe::Denied, _) => Check::skip(id, what, format!("only root can read {path}")),
        (_, Some(Fitness::Fits(is))) => Check::pass(id, format!("{what} is in place: {is}"), path),
        (_, Some(Fitness::Doubtful(why))) => {
            Check::warn(id, format!("{what} in place may not work: {why}"), path, get)
        }
        (_, Some(Fitness::Wrong(why))) => {
            Check::warn(id, format!("the file in place of {what} does not work: {why}"), path, get)
        }
        (_, None) => {
            Check::warn(id, format!("{what} is not in place"), format!("{path} is missing"), get)
        }
    }
}
