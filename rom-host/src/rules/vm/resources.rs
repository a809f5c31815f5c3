//! Memory, addresses and neighbours: what a VM with a device of the host needs of the host.

use super::{RuleResult, VmContext};
use crate::checks::Check;
use crate::goal::Goal;
use crate::vm::change::Change;
use crate::vm::model::GuestOs;
use crate::vm::model::Manager;

/// MiB below which Windows is no pleasure, and what is proposed.
const LITTLE: u64 = 4096;
const ENOUGH: u64 = 8192;

pub(super) fn checks(context: &VmContext<'_>) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    if let Some(said) = &context.vm.ballooning {
        let fix = "All memory of a VM with a passed-through device is locked, so ballooning \
            frees nothing.";
        checks.push(
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
            "the VM has little memory for Windows",
            &memory.source,
            "Give it 8 GB or more.",
        );
        checks.push(check.fixed_by([Change::Memory(ENOUGH)]));
    }
    if let Some(said) = &context.vm.forgets {
        let fix = match context.vm.manager {
            Manager::Proxmox => {
                "Add an EFI disk (Hardware, Add, EFI Disk): without it the VM forgets its \
                    firmware settings at each stop."
            }
            Manager::Libvirt | Manager::Qemu => {
                "Without a file for its variables (NVRAM) the \
                firmware forgets its settings. Add one."
            }
        };
        checks.push(Check::warn("VM032", "the VM has no EFI disk", said, fix).into());
    }
    if let (Some(bits), Some(said)) = (context.narrow_iommu, &context.vm.all_address_bits) {
        let says = format!(
            "the VM has more address bits than the IOMMU ({bits}): the VM or the host can crash"
        );
        checks.push(
            Check::warn("VM033", says, said, "Limit the VM's address bits.")
                .fixed_by([Change::AddressBits(bits)]),
        );
    }
    if let (Some(host), Some(memory)) = (context.host_memory, &context.vm.memory)
        && memory.value > host
    {
        let says =
            format!("the VM locks {} MiB of memory, but the host has {host} MiB", memory.value);
        let fix = "All memory of a VM with a passed-through device is locked from the start. \
            Give the VM less.";
        checks.push(Check::warn("VM034", says, &memory.source, fix).into());
    }
    if let Some(first) = context.other_users.first() {
        let fix = "Only one guest can use it at a time. Do not run both, and let only one start \
            with the host.";
        checks.push(
            Check::warn(
                "VM040",
                format!("another guest uses the same GPU: {first}"),
                context.other_users.join("; "),
                fix,
            )
            .into(),
        );
    }
    checks.extend(sound(context));
    checks
}

/// Sound over HDMI and `DisplayPort`, which is a device of its own. Nothing is wrong without it.
fn sound(context: &VmContext<'_>) -> Option<RuleResult> {
    const ID: &str = "VM035";
    let audio = context.audio.as_ref()?;
    if !context.is_for(Goal::DisplayAtBoot) && !context.is_for(Goal::Display) {
        return None;
    }
    let bdf = audio.bdf;
    let of_it = |host: &str| host == bdf || bdf.split_once('.').is_some_and(|(all, _)| all == host);
    let given = context.vm.devices.iter().find(|own| own.host.as_deref().is_some_and(of_it));
    if let Some(device) = given {
        let says = "the audio function of the host is passed through";
        return Some(Check::pass(ID, says, &device.source).into());
    }
    if audio.beside.is_empty() {
        let says = format!("sound over HDMI and DisplayPort is not passed through ({bdf})");
        let change = Change::PassThrough { host: bdf.to_owned() };
        return Some(Check::pass(ID, says, "no device of the VM").fixed_by([change]));
    }
    let says = format!(
        "sound over HDMI and DisplayPort cannot be passed through: {bdf} shares its IOMMU group"
    );
    Some(Check::pass(ID, says, audio.beside.join(", ")).into())
}
