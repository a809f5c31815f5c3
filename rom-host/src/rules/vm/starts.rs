//! What keeps a VM from starting, whatever it is for.

use super::{RuleResult, VmContext};
use crate::checks::Check;
use crate::vm::model::Manager;

/// Lines that the manager ignores.
pub(super) fn ignored(context: &VmContext<'_>) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    for line in &context.vm.ignored {
        let says = format!("Proxmox VE ignores a line: {}", line.value);
        let fix = "The VM starts without it. Correct the line, or remove it.";
        let source = line.source.clone();
        checks.push(if is_of_missing_gpu(context, &line.source) {
            let check = Check::fail("VM007", says, source, fix);
            check.fixed_by([super::pass_through(context)])
        } else {
            Check::warn("VM007", says, source, fix).into()
        });
    }
    checks
}

/// A part of a configuration, of which not everything can be said.
pub(super) fn part(context: &VmContext<'_>) -> Option<RuleResult> {
    let part = context.vm.is_part.as_ref()?;
    let says = "this is a part of a configuration: UEFI and machine type pc are assumed";
    let fix = "Give the whole configuration.";
    Some(Check::warn("VM008", says, part, fix).into())
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
        let advice = refusal.advice.clone().unwrap_or_else(|| "Correct this setting.".into());
        let check = Check::fail("VM005", says, refusal.source.clone(), advice);
        checks.push(check.fixed_by(refusal.changes.clone()));
    }
    checks
}
