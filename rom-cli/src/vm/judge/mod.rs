//! Whether a VM is set up for its Intel GPU: rules over what QEMU is told, in the order of causes.

mod arguments;
mod place;
mod rom;
mod room;

use super::change::Change;
use super::guest::{Firmware, Guest, HostDevice, Manager};
use super::igd::{Gpu, QemuVersion};
use crate::checks::{Check, Status};
use crate::commands::check::Checked;
use crate::host::pci::IGPU_BDF;
use crate::host::reading::Reading;

/// A VM and what is known of where it runs.
pub(crate) struct Vm<'a> {
    pub(crate) guest: &'a Guest,
    /// The GPU that it gets, as QEMU sees it; `None` where it is not known.
    pub(crate) gpu: Option<Gpu>,
    /// The host's QEMU.
    pub(crate) qemu: Option<QemuVersion>,
    /// The file that the GPU's `romfile` names.
    pub(crate) rom: Reading<Checked>,
    /// Whether that file has a driver that draws; yes where it is not known.
    pub(crate) has_gop: bool,
    /// Whether that file can be read by everybody; libvirt's QEMU is not root.
    pub(crate) rom_readable: bool,
    /// Bits of the IOMMU's addresses, where the CPU has more.
    pub(crate) narrow_iommu: Option<u32>,
    /// MiB of memory that the host has.
    pub(crate) host_memory: Option<u64>,
    /// Who else has the GPU, in words.
    pub(crate) rivals: Vec<String>,
}

/// What a rule found, and what would mend it.
pub(crate) struct Judged {
    pub(crate) check: Check,
    pub(crate) changes: Vec<Change>,
}

impl From<Check> for Judged {
    fn from(check: Check) -> Self {
        Self { check, changes: Vec::new() }
    }
}

impl Check {
    /// It with what mends it.
    fn mended_by(self, changes: impl IntoIterator<Item = Change>) -> Judged {
        Judged { check: self, changes: changes.into_iter().collect() }
    }
}

/// Every check.
pub(crate) fn judge(vm: &Vm<'_>) -> Vec<Judged> {
    let Some(gpu) = vm.guest.gpu() else { return vec![no_gpu(vm)] };
    let mut judged = arguments::whole(vm);
    judged.push(firmware(vm));
    judged.extend(place::judge(vm, gpu));
    judged.extend(arguments::options(vm, gpu));
    judged.push(rom::judge(vm, gpu));
    judged.extend(rom::second(vm, gpu));
    judged.extend(arguments::names(vm));
    judged.extend(arguments::old(gpu));
    judged.extend(arguments::virtual_function(gpu));
    judged.extend(room::judge(vm));
    judged
}

fn no_gpu(vm: &Vm<'_>) -> Judged {
    const ID: &str = "VM001";
    let mapped = vm.guest.devices.iter().find(|device| device.host.is_none() && device.mapping.is_some());
    if let Some(mapped) = mapped {
        let says = "the VM has a device by a mapping of the cluster that is not found here";
        return Check::skip(ID, says, &mapped.said).into();
    }
    let evidence = match vm.guest.manager {
        Manager::Proxmox => format!("no hostpci line with {IGPU_BDF}, and none in args"),
        Manager::Libvirt => format!("no <hostdev> with {IGPU_BDF}"),
        Manager::Qemu => format!("no -device vfio-pci,host={IGPU_BDF}"),
    };
    let fix = match vm.guest.manager {
        Manager::Proxmox => "oprom vm plan VMID",
        Manager::Libvirt => "oprom vm plan --for libvirt",
        Manager::Qemu => "oprom vm plan --for qemu",
    };
    Check::fail(ID, "the VM does not have the iGPU", evidence, fix).into()
}

fn firmware(vm: &Vm<'_>) -> Judged {
    const ID: &str = "VM010";
    let said = &vm.guest.firmware.said;
    match vm.guest.firmware.value {
        Firmware::Uefi => Check::pass(ID, "the VM starts by UEFI", said).into(),
        Firmware::SeaBios => {
            let fix = "A guest that was installed under SeaBIOS has to be installed anew, or converted first.";
            Check::fail(ID, "the VM starts by SeaBIOS, which runs no UEFI driver of the ROM", said, fix)
                .mended_by([Change::Uefi])
        }
        Firmware::Own => {
            let fix = "Look what it is: a UEFI firmware that holds option ROMs to Secure Boot refuses an unsigned ROM. OVMF as distributions build it \
                       does not.";
            Check::warn(ID, "the VM starts by a firmware of your own", said, fix).into()
        }
    }
}

/// Whether the VM is meant to have a picture before the guest's own driver runs: by Proxmox VE's legacy-igd, elsewhere by a ROM that can draw.
fn wants_boot_picture(vm: &Vm<'_>, gpu: &HostDevice) -> bool {
    if vm.guest.manager == Manager::Proxmox { gpu.legacy_igd } else { vm.has_gop }
}

/// Whether the first of these failed, so that what depends on it is not said too.
fn failed(judged: &Judged) -> bool {
    judged.check.status == Status::Fail
}
