//! What else QEMU is told: options that do harm, that are cut, or that are for something else.

use super::{RuleResult, VmContext, wants_display_at_boot, without};
use crate::checks::Check;
use crate::goal::Purpose;
use crate::vm::change::Change;
use crate::vm::model::{GuestOs, HostDevice, Machine, Manager};
use rom_core::count::Count;

/// The arguments as a whole.
pub(super) fn whole(context: &VmContext<'_>) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    if let Some(cut) = &context.vm.cut {
        let fix = "The line was probably copied from an editor that showed only a part of it. \
            Remove the incomplete option.";
        checks.push(
            Check::fail("VM002", "the arguments are cut off", cut, fix)
                .fixed_by([Change::WithoutCutWord]),
        );
    }
    // A guest with macOS needs its own, and for virtual functions it is reported to help.
    let needs_own = context.vm.guest_os == GuestOs::MacOs
        || matches!(context.inferred.purpose, Purpose::VirtualFunction | Purpose::Mdev);
    if let Some(cpu) = context.vm.own_cpu.as_ref().filter(|_| !needs_own) {
        let fix = match context.vm.manager {
            Manager::Proxmox => {
                "It replaces the -cpu of Proxmox VE and its settings for Windows (hv_relaxed, \
                hv_vapic, hv_spinlocks, hv_synic, hv_stimer). Hiding the hypervisor does not fix \
                Code 43. To hide it anyway, use cpu: host,hidden=1."
            }
            Manager::Libvirt | Manager::Qemu => {
                "It replaces libvirt's <cpu> and its <features> for Windows. Hiding the \
                hypervisor does not fix Code 43."
            }
        };
        checks.push(
            Check::warn("VM003", "the arguments contain a -cpu option", cpu, fix)
                .fixed_by([Change::WithoutCpu]),
        );
    }
    checks
}

/// Options of the devices.
pub(super) fn options(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    let hides_rom = wants_display_at_boot(context) || gpu.legacy_igd;
    if gpu.is_off("rombar") && hides_rom {
        let fix = "With rombar=0 only SeaBIOS finds the ROM. OVMF does not.";
        checks.push(
            Check::fail(
                "VM016",
                "rombar=0 hides the ROM from the firmware",
                gpu.source("rombar"),
                fix,
            )
            .fixed_by([without(gpu, "rombar")]),
        );
    }
    if gpu.is_on("x-vga") && !gpu.is_virtual_function() {
        let says = if gpu.legacy_igd {
            "x-vga=1 together with legacy-igd: Proxmox VE does not start this VM"
        } else {
            "x-vga=1 is set for the iGPU"
        };
        let fix = "x-vga is for graphics cards. For an iGPU, legacy mode does what is needed.";
        let check = if gpu.legacy_igd { Check::fail } else { Check::warn };
        checks.push(
            check("VM017", says.to_owned(), gpu.source("x-vga").to_owned(), fix.to_owned())
                .fixed_by([without(gpu, "x-vga")]),
        );
    }
    checks.extend(pcie(context));
    if let Some(kind) = gpu.get("mdev").filter(|_| gpu.legacy_igd) {
        let says = format!(
            "mdev={kind} together with legacy-igd: Proxmox VE does not start this \
            VM"
        );
        let fix = "A VM gets a part of the GPU (mdev, GVT-g) or the whole GPU. To pass the whole \
            GPU \
            through, remove mdev.";
        checks.push(Check::fail("VM025", says, &gpu.source, fix).fixed_by([without(gpu, "mdev")]));
    }
    if context.vm.manager != Manager::Proxmox
        && let Some(said) = gpu.properties.get("legacy-igd")
    {
        let fix = "legacy-igd is an option of Proxmox VE. With QEMU alone, the guest address \
            00:02.0 does the same.";
        checks.push(
            Check::fail(
                "VM026",
                "QEMU has no property legacy-igd: the VM does not start",
                &said.source,
                fix,
            )
            .fixed_by([without(gpu, "legacy-igd")]),
        );
    }
    checks
}

/// `pcie=1`, which is for q35 alone.
pub(super) fn pcie(context: &VmContext<'_>) -> Vec<RuleResult> {
    if context.vm.manager != Manager::Proxmox || context.vm.machine.value == Machine::Q35 {
        return Vec::new();
    }
    let devices = context.vm.devices.iter().filter(|device| device.is_on("pcie"));
    let refused = devices.map(|device| {
        let fix = "pcie=1 needs machine type q35. With machine type pc, Proxmox VE does not start \
            the VM.";
        let without = Change::Unset { device: device.name.clone(), property: "pcie".to_owned() };
        Check::fail("VM018", "pcie=1 is set on machine type pc", &device.source, fix)
            .fixed_by([without])
    });
    refused.collect()
}

/// Devices that are named for one to choose from.
const CHOICES: usize = 16;

/// Names that belong to no device.
pub(super) fn names(context: &VmContext<'_>) -> Option<RuleResult> {
    let unknown = context.vm.unknown_targets.first()?;
    let more = context.vm.unknown_targets.len().saturating_sub(1);
    let known: Vec<&str> = context
        .vm
        .devices
        .iter()
        .map(|device| device.name.as_str())
        .filter(|name| !name.is_empty())
        .take(CHOICES)
        .collect();
    let says = format!("{} is not a device of this VM: the VM does not start", unknown.value);
    let fix = if known.is_empty() {
        "No device of this VM has a name. Remove the option.".to_owned()
    } else {
        format!("Use the name of one of its devices: {}.", known.join(", "))
    };
    if more > CHOICES {
        let fix = format!("{fix} {} name no device either.", Count(more, "more option"));
        return Some(Check::fail("VM021", says, &unknown.source, fix).into());
    }
    let change = Change::UnsetAll { device: unknown.value.clone() };
    Some(Check::fail("VM021", says, &unknown.source, fix).fixed_by([change]))
}
