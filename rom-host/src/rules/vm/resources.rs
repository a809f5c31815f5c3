//! Memory, addresses and neighbours: what a VM with a device of the host needs of the host.

use super::{Judged, VmContext};
use crate::checks::Check;
use crate::vm::change::Change;
use crate::vm::model::GuestOs;
use crate::vm::model::Manager;

/// MiB below which Windows is no pleasure, and what is proposed.
const LITTLE: u64 = 4096;
const ENOUGH: u64 = 8192;

pub(super) fn judge(context: &VmContext<'_>) -> Vec<Judged> {
    let mut judged = Vec::new();
    if let Some(said) = &context.vm.ballooning {
        let fix = "All memory of a VM with a device is locked: ballooning gives nothing back.";
        judged.push(
            Check::warn("VM030", "ballooning is on", said, fix).fixed_by([Change::NoBallooning]),
        );
    }
    if let Some(memory) = context
        .vm
        .memory
        .as_ref()
        .filter(|memory| context.vm.guest_os == GuestOs::Windows && memory.value < LITTLE)
    {
        let check = Check::warn(
            "VM031",
            "little memory for Windows",
            &memory.source,
            "8 GB is a good start.",
        );
        judged.push(check.fixed_by([Change::Memory(ENOUGH)]));
    }
    if let Some(said) = &context.vm.forgets {
        let fix = match context.vm.manager {
            Manager::Proxmox => {
                "Add an EFI disk (Hardware, Add, EFI Disk): without it the VM forgets its \
                    firmware settings at each stop."
            }
            Manager::Libvirt | Manager::Qemu => "Give the firmware a file for its settings.",
        };
        judged.push(Check::warn("VM032", "the VM has no EFI disk", said, fix).into());
    }
    if let (Some(bits), Some(said)) = (context.narrow_iommu, &context.vm.all_address_bits) {
        let says = format!(
            "the CPU has more address bits than the IOMMU's {bits}: the VM can crash, or the host"
        );
        judged.push(
            Check::warn("VM033", says, said, "Let the VM have no more:")
                .fixed_by([Change::AddressBits(bits)]),
        );
    }
    if let (Some(host), Some(memory)) = (context.host_memory, &context.vm.memory)
        && memory.value > host
    {
        let says = format!("the VM locks {} MiB, and the host has {host} MiB", memory.value);
        let fix = "All memory of a VM with a device is locked, from the start: give it less.";
        judged.push(Check::warn("VM034", says, &memory.source, fix).into());
    }
    if let Some(first) = context.other_users.first() {
        let fix = "Only one can have it at a time: do not start both, and let only one start with \
            the host.";
        judged.push(
            Check::warn(
                "VM040",
                format!("another guest uses the same GPU: {first}"),
                context.other_users.join("; "),
                fix,
            )
            .into(),
        );
    }
    judged
}
