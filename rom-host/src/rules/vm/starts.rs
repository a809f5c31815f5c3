//! What keeps a VM from starting, whatever it is for.

use super::{RuleResult, VmContext};
use crate::checks::Check;
use crate::vm::model::{IgnoredLines, Manager, Sourced};
use rom_core::count::Count;

/// Lines that the manager ignores: each of a few, or how many there are with the first of them.
pub(super) fn ignored(context: &VmContext<'_>) -> Vec<RuleResult> {
    const ID: &str = "VM007";
    const FIX: &str = "The VM starts without it. Correct the line, or remove it.";
    let ignored = &context.vm.ignored;
    let says = |line: &Sourced<String>| format!("Proxmox VE ignores a line: {}", line.value);
    let (lost, others): (Vec<_>, Vec<_>) =
        ignored.first.iter().partition(|line| is_of_missing_gpu(context, &line.source));
    let lost = lost.into_iter().map(|line| {
        Check::fail(ID, says(line), &line.source, FIX).fixed_by([super::pass_through(context)])
    });
    let mut checks: Vec<RuleResult> = lost.collect();
    if ignored.more == 0 {
        let each = |line: &Sourced<String>| Check::warn(ID, says(line), &line.source, FIX).into();
        checks.extend(others.into_iter().map(each));
    } else {
        let count = others.len().saturating_add(ignored.more);
        let quoted = |line: &&Sourced<String>| format!("{} ({})", line.source, line.value);
        let first: Vec<String> = others.iter().take(FIRST_LINES).map(quoted).collect();
        let evidence = format!("the first of them: {}", first.join("; "));
        let fix = "The VM starts without them. Correct the lines, or remove them.";
        let says = format!("Proxmox VE ignores {}", Count(count, "line"));
        checks.push(Check::warn(ID, says, evidence, fix).into());
    }
    checks
}

/// Lines that are quoted of many.
const FIRST_LINES: usize = 3;

/// A part of a configuration, of which not everything can be said.
pub(super) fn part(context: &VmContext<'_>) -> Option<RuleResult> {
    let part = context.vm.is_part.as_ref()?;
    let says = "this is a part of a configuration: UEFI and machine type pc are assumed";
    let fix = "Give the whole configuration.";
    Some(Check::warn("VM008", says, part, fix).into())
}

/// Whether a line would have passed the GPU through, had it been accepted.
pub(super) fn is_of_missing_gpu(context: &VmContext<'_>, line: &str) -> bool {
    context.vm.gpu().is_none() && IgnoredLines::is_of_device(line)
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
