//! What else QEMU is told: options that do harm, that are cut, or that are for something else.

use super::{Judged, VmContext, wants_display_at_boot};
use crate::checks::Check;
use crate::qemu::QemuVersion;
use crate::vm::change::Change;
use crate::vm::model::{HostDevice, Machine, Manager};

/// The arguments as a whole.
pub(super) fn whole(context: &VmContext<'_>) -> Vec<Judged> {
    let mut judged = Vec::new();
    if let Some(cut) = &context.vm.cut {
        let fix = "An editor with a narrow window cuts a long line when it is copied. Without \
            what was cut:";
        judged.push(
            Check::fail("VM002", "the arguments are cut", cut, fix)
                .fixed_by([Change::WithoutCutWord]),
        );
    }
    if let Some(cpu) = &context.vm.own_cpu {
        let fix = match context.vm.manager {
            Manager::Proxmox => {
                "It replaces Proxmox VE's, and with it what that does for Windows (hv_relaxed, hv_vapic, hv_spinlocks, hv_synic, hv_stimer). Hiding the \
                 hypervisor is no cure for Code 43; if it is wanted: cpu: host,hidden=1."
            }
            Manager::Libvirt | Manager::Qemu => {
                "It replaces libvirt's <cpu>, and with it its <features> for Windows. Hiding the \
                    hypervisor is no cure for Code 43."
            }
        };
        judged.push(
            Check::warn("VM003", "the arguments have a -cpu of their own", cpu, fix)
                .fixed_by([Change::WithoutCpu]),
        );
    }
    judged
}

/// Options of the devices.
pub(super) fn options(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<Judged> {
    let without = |device: &HostDevice, name: &str| Change::Unset {
        device: device.name.clone(),
        property: name.to_owned(),
    };
    let mut judged = Vec::new();
    let hides_rom = wants_display_at_boot(context) || gpu.legacy_igd;
    if gpu.is_off("rombar") && hides_rom {
        let fix = "The ROM goes where only SeaBIOS looks for it.";
        judged.push(
            Check::fail(
                "VM016",
                "rombar=0 hides the ROM from the firmware",
                gpu.source("rombar"),
                fix,
            )
            .fixed_by([without(gpu, "rombar")]),
        );
    }
    if gpu.is_on("x-vga") {
        let says = if gpu.legacy_igd {
            "x-vga=1 beside legacy-igd: Proxmox VE does not start this VM"
        } else {
            "x-vga=1 at the iGPU"
        };
        let fix = "It is for cards: what an iGPU needs of it, legacy mode does.";
        let check = if gpu.legacy_igd { Check::fail } else { Check::warn };
        judged.push(
            check("VM017", says.to_owned(), gpu.source("x-vga").to_owned(), fix.to_owned())
                .fixed_by([without(gpu, "x-vga")]),
        );
    }
    if context.vm.manager == Manager::Proxmox && context.vm.machine.value != Machine::Q35 {
        judged.extend(context.vm.devices.iter().filter(|device| device.is_on("pcie")).map(
            |device| {
                let fix = "It is for machine type q35, and on pc Proxmox VE does not start the VM.";
                Check::fail("VM018", "pcie=1 on machine type pc", &device.source, fix)
                    .fixed_by([without(device, "pcie")])
            },
        ));
    }
    if let Some(kind) = gpu.get("mdev").filter(|_| gpu.legacy_igd) {
        let says = format!("mdev={kind} beside legacy-igd: Proxmox VE does not start this VM");
        let fix =
            "A part of the GPU (GVT-g) or the whole of it: take mdev out to hand over the whole.";
        judged.push(Check::fail("VM025", says, &gpu.source, fix).fixed_by([without(gpu, "mdev")]));
    }
    if context.vm.manager != Manager::Proxmox
        && let Some(said) = gpu.properties.get("legacy-igd")
    {
        let fix = "It is an option of Proxmox VE, not of QEMU: the address 00:02.0 does it here.";
        judged.push(
            Check::fail(
                "VM026",
                "QEMU does not know legacy-igd, and the VM does not start",
                &said.source,
                fix,
            )
            .fixed_by([without(gpu, "legacy-igd")]),
        );
    }
    judged
}

/// Names that belong to no device.
pub(super) fn names(context: &VmContext<'_>) -> Option<Judged> {
    let unknown = context.vm.unknown_targets.first()?;
    let known: Vec<&str> = context
        .vm
        .devices
        .iter()
        .map(|device| device.name.as_str())
        .filter(|name| !name.is_empty())
        .collect();
    let says = format!("{} is not a device of this VM, and the VM does not start", unknown.value);
    let fix = format!("Use the device's own name: {}.", known.join(", "));
    Some(Check::fail("VM021", says, &unknown.source, fix).into())
}

/// `x-igd-gms`: how much graphics memory the guest is told. QEMU 10.1 and newer crash at a value
/// that is out of range, and at any where they do not know the GPU's generation.
pub(super) fn graphics_memory(context: &VmContext<'_>, gpu: &HostDevice) -> Option<Judged> {
    const ID: &str = "VM022";
    let source = gpu.source("x-igd-gms");
    let value = gpu.get("x-igd-gms")?;
    let change = Change::Unset { device: gpu.name.clone(), property: "x-igd-gms".to_owned() };
    if let (Some(device), Some(qemu)) = (context.gpu, context.qemu)
        && qemu >= QemuVersion::V10_1
    {
        let most = if device.generation.0 < 8 { 0x10 } else { 0x40 };
        let number = value
            .strip_prefix("0x")
            .map_or_else(|| value.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok());
        let known = device.is_known_to(qemu);
        if !known || number.is_none_or(|number| number > most) {
            let reason = if known {
                "the value is out of range"
            } else {
                "it does not know this GPU's generation"
            };
            let says = format!("QEMU {qemu} crashes on x-igd-gms: {reason}");
            let fix = "The host's own size of graphics memory is right; it is set in the BIOS.";
            return Some(Check::fail(ID, says, source, fix).fixed_by([change]));
        }
    }
    let says = "x-igd-gms is from guides for QEMU before 10, and does harm or nothing";
    let fix = "The host's own size of graphics memory is right; it is set in the BIOS.";
    Some(Check::warn(ID, says, source, fix).fixed_by([change]))
}

/// A virtual function has no `OpRegion` to give, and no place that matters.
pub(super) fn virtual_function(context: &VmContext<'_>, gpu: &HostDevice) -> Option<Judged> {
    const ID: &str = "VM027";
    if !gpu.is_virtual_function() {
        return None;
    }
    let host = gpu.host.as_deref().unwrap_or_default();
    let property =
        ["x-igd-opregion", "x-igd-lpc"].into_iter().find(|property| gpu.is_on(property))?;
    let change = Change::Unset { device: gpu.name.clone(), property: property.to_owned() };
    let fix = "A virtual function gets its ROM and nothing else.";
    let ignored =
        property == "x-igd-opregion" && context.qemu.is_some_and(|qemu| qemu >= QemuVersion::V10_1);
    let check = if ignored {
        let says =
            format!("{property}=on at {host}, a virtual function, which has none: QEMU ignores it");
        Check::warn(ID, says, gpu.source(property), fix)
    } else {
        let says = format!(
            "{property}=on at {host}, a virtual function, which has none: the VM does not start"
        );
        Check::fail(ID, says, gpu.source(property), fix)
    };
    Some(check.fixed_by([change]))
}
