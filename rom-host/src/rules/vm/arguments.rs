//! What else QEMU is told: options that do harm, that are cut, or that are for something else.

use super::{Judged, Vm};
use crate::address::IGPU_BDF;
use crate::checks::Check;
use crate::vm::change::Change;
use crate::vm::guest::{HostDevice, Machine, Manager};

/// The arguments as a whole.
pub(super) fn whole(vm: &Vm<'_>) -> Vec<Judged> {
    let mut judged = Vec::new();
    if let Some(cut) = &vm.guest.cut {
        let fix = "An editor with a narrow window cuts a long line when it is copied. Without what was cut:";
        judged.push(Check::fail("VM002", "the arguments are cut", cut, fix).mended_by([Change::WithoutCutWord]));
    }
    if let Some(cpu) = &vm.guest.own_cpu {
        let fix = match vm.guest.manager {
            Manager::Proxmox => {
                "It replaces Proxmox VE's, and with it what that does for Windows (hv_relaxed, hv_vapic, hv_spinlocks, hv_synic, hv_stimer). Hiding the \
                 hypervisor is no cure for Code 43; if it is wanted: cpu: host,hidden=1."
            }
            Manager::Libvirt | Manager::Qemu => {
                "It replaces libvirt's <cpu>, and with it its <features> for Windows. Hiding the hypervisor is no cure for Code 43."
            }
        };
        judged.push(Check::warn("VM003", "the arguments have a -cpu of their own", cpu, fix).mended_by([Change::WithoutCpu]));
    }
    judged
}

/// Options of the devices.
pub(super) fn options(vm: &Vm<'_>, gpu: &HostDevice) -> Vec<Judged> {
    let without = |device: &HostDevice, name: &str| Change::Unset { device: device.name.clone(), property: name.to_owned() };
    let mut judged = Vec::new();
    if gpu.is_off("rombar") {
        let fix = "The ROM goes where only SeaBIOS looks for it.";
        judged.push(
            Check::fail("VM016", "rombar=0 hides the ROM from the firmware", gpu.said("rombar"), fix)
                .mended_by([without(gpu, "rombar")]),
        );
    }
    if gpu.is_on("x-vga") {
        let says =
            if gpu.legacy_igd { "x-vga=1 beside legacy-igd: Proxmox VE does not start this VM" } else { "x-vga=1 at the iGPU" };
        let fix = "It is for cards: what an iGPU needs of it, legacy mode does.";
        let check = if gpu.legacy_igd { Check::fail } else { Check::warn };
        judged.push(
            check("VM017", says.to_owned(), gpu.said("x-vga").to_owned(), fix.to_owned()).mended_by([without(gpu, "x-vga")]),
        );
    }
    if vm.guest.manager == Manager::Proxmox && vm.guest.machine.value != Machine::Q35 {
        judged.extend(vm.guest.devices.iter().filter(|device| device.is_on("pcie")).map(|device| {
            let fix = "It is for machine type q35, and on pc Proxmox VE does not start the VM.";
            Check::fail("VM018", "pcie=1 on machine type pc", &device.said, fix).mended_by([without(device, "pcie")])
        }));
    }
    if let Some(kind) = gpu.get("mdev").filter(|_| gpu.legacy_igd) {
        let says = format!("mdev={kind} beside legacy-igd: Proxmox VE does not start this VM");
        let fix = "A part of the GPU (GVT-g) or the whole of it: take mdev out to hand over the whole.";
        judged.push(Check::fail("VM025", says, &gpu.said, fix).mended_by([without(gpu, "mdev")]));
    }
    if vm.guest.manager != Manager::Proxmox
        && let Some(said) = gpu.properties.get("legacy-igd")
    {
        let fix = "It is an option of Proxmox VE, not of QEMU: the address 00:02.0 does it here.";
        judged.push(
            Check::fail("VM026", "QEMU does not know legacy-igd, and the VM does not start", &said.said, fix)
                .mended_by([without(gpu, "legacy-igd")]),
        );
    }
    judged
}

/// Names that belong to no device.
pub(super) fn names(vm: &Vm<'_>) -> Option<Judged> {
    let stray = vm.guest.strays.first()?;
    let known: Vec<&str> = vm.guest.devices.iter().map(|device| device.name.as_str()).filter(|name| !name.is_empty()).collect();
    let says = format!("{} is not a device of this VM, and the VM does not start", stray.value);
    let fix = format!("Use the device's own name: {}.", known.join(", "));
    Some(Check::fail("VM021", says, &stray.said, fix).into())
}

/// Properties that old guides set.
pub(super) fn old(gpu: &HostDevice) -> Option<Judged> {
    let said = gpu.properties.get("x-igd-gms")?;
    let says = "x-igd-gms is from guides for QEMU before 10, and does harm or nothing";
    let fix = "The host's own size of graphics memory is right; it is set in the BIOS.";
    let change = Change::Unset { device: gpu.name.clone(), property: "x-igd-gms".to_owned() };
    Some(Check::warn("VM022", says, &said.said, fix).mended_by([change]))
}

/// A virtual function has no `OpRegion` to give.
pub(super) fn virtual_function(gpu: &HostDevice) -> Option<Judged> {
    let host = gpu.host.as_deref().filter(|host| host.contains('.') && *host != IGPU_BDF)?;
    let property = ["x-igd-opregion", "x-igd-lpc"].into_iter().find(|property| gpu.is_on(property))?;
    let says = format!("{property}=on at {host}, a virtual function, which has none: the VM does not start");
    let change = Change::Unset { device: gpu.name.clone(), property: property.to_owned() };
    Some(
        Check::fail("VM027", says, gpu.said(property), "A virtual function gets its ROM and nothing else.").mended_by([change]),
    )
}
