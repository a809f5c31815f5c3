//! What keeps a VM from starting, whatever it is for.

use super::{RuleResult, VmContext};
use crate::advice::Advice;
use crate::checks::Check;
use crate::qemu::{QemuVersion, Vga};
use crate::vm::change::Change;
use crate::vm::model::{HostDevice, Machine, Manager};

/// Lines that the manager ignores.
pub(super) fn ignored(context: &VmContext<'_>) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    for line in &context.vm.ignored {
        let says = format!("Proxmox VE ignores a line: {}", line.value);
        let fix = "The VM starts without it. Correct the line, or remove it.";
        let source = line.source.clone();
        checks.push(if is_of_missing_gpu(context, &line.source) {
            let check = Check::fail("VM007", says, source, fix);
            check.fixed_by([super::pass_through()])
        } else {
            Check::warn("VM007", says, source, fix).into()
        });
    }
    checks
}

/// Whether a line would have passed the GPU through, had it been accepted.
pub(super) fn is_of_missing_gpu(context: &VmContext<'_>, line: &str) -> bool {
    context.vm.gpu().is_none() && line.trim_start().starts_with("hostpci")
}

/// What the manager or QEMU refuses.
pub(super) fn refusals(context: &VmContext<'_>) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    for refusal in &context.vm.refusals {
        let who = match (refusal.by_qemu, context.vm.manager) {
            (true, _) | (false, Manager::Qemu) => "QEMU",
            (false, Manager::Proxmox) => "Proxmox VE",
            (false, Manager::Libvirt) => "libvirt",
        };
        let says = format!("{who} does not start this VM: {}", refusal.reason);
        let check = Check::fail("VM005", says, refusal.source.clone(), "Correct this setting.");
        checks.push(check.fixed_by(refusal.changes.clone()));
    }
    checks
}

/// What makes QEMU 10.0 and newer crash (QEMU, `hw/vfio/igd.c`, `vfio_pci_igd_config_quirk`):
/// legacy mode that is tried and cannot be.
pub(super) fn crashes(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    const ID: &str = "VM029";
    let (device, qemu) = (context.gpu?, context.qemu?);
    let tries = qemu >= QemuVersion::V10_0
        && device.automatic_legacy_mode(qemu)
        && context.vm.machine.value == Machine::I440fx
        && context.vm.at_2_0(gpu)
        && !gpu.mdev
        && !gpu.is_virtual_function()
        && !gpu.is_off("x-igd-legacy-mode");
    if !tries {
        return None;
    }
    let off = Change::Set {
        device: gpu.name.clone(),
        property: "x-igd-legacy-mode",
        value: "off".to_owned(),
    };
    if let Some(taken) = context.vm.at_lpc.as_ref().filter(|_| !gpu.legacy_igd) {
        let says = format!(
            "QEMU {qemu} crashes at start: it tries legacy mode, but {taken} is at 00:1f.0"
        );
        let fix =
            "legacy-igd=1 of Proxmox VE frees 00:1f.0. x-igd-legacy-mode=off disables legacy mode.";
        let change = match (context.vm.manager, gpu.by_arguments()) {
            (Manager::Proxmox, false) if super::wants_display_at_boot(context) => {
                Change::AtSlot2 { device: gpu.name.clone() }
            }
            _ => off,
        };
        return Some(Check::fail(ID, says, gpu.source("addr"), fix).fixed_by([change]));
    }
    (context.disable_vga && device.vga == Vga::Served).then(|| {
        let says = format!(
            "QEMU {qemu} crashes at start: it tries legacy mode, but vfio-pci runs with \
            disable_vga=1"
        );
        let fix = Advice::from("Remove disable_vga=1 on the host.").run(["oprom", "doctor"]);
        Check::fail(ID, says, gpu.source("addr"), fix).fixed_by([off])
    })
}
