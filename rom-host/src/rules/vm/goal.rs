//! What the VM is for, and what it is not ready for.

use super::{RuleResult, VmContext};
use crate::advice::Advice;
use crate::checks::Check;
use crate::goal::{Goal, Purpose};

const ID: &str = "VM006";

/// A line on what the VM is for, why that is thought, and what it does not give.
pub(super) fn check(context: &VmContext<'_>) -> RuleResult {
    let inferred = &context.inferred;
    // legacy-igd beside it is a fault of its own.
    let has_legacy_igd = context.vm.gpu().is_some_and(|gpu| gpu.legacy_igd);
    let says = match inferred.purpose {
        Purpose::Goal(Goal::DisplayAtBoot) => "the VM is for a display at boot",
        Purpose::Goal(Goal::Display) => {
            "the VM is for a display once the guest's driver runs; the boot screen is not shown"
        }
        Purpose::Goal(Goal::Compute) => "the VM is for compute; a monitor stays dark",
        Purpose::VirtualFunction => {
            "the VM gets a virtual function, for compute and remote desktop; a monitor stays dark"
        }
        Purpose::Mdev if context.has_mdev == Some(false) && !has_legacy_igd => {
            let fix = "GVT-g works on Broadwell to Comet Lake, with i915.enable_gvt=1 on the \
                kernel command line and the module kvmgt.";
            return Check::fail(
                ID,
                "the host offers no mediated devices (GVT-g) of this GPU",
                inferred.reason.clone(),
                fix,
            )
            .into();
        }
        Purpose::Mdev => "the VM gets a part of the GPU (GVT-g); a monitor stays dark",
        Purpose::Unclear => {
            let ask = |goal: Goal| ["oprom", "vm", "check", &context.name, "--goal", goal.name()];
            let fix = "It is treated as a VM for compute: it has an emulated display, so a \
                monitor at the GPU may stay dark. Choose the goal with one of these commands.";
            let fix = Advice::from(fix)
                .run(ask(Goal::DisplayAtBoot))
                .run(ask(Goal::Display))
                .run(ask(Goal::Compute));
            return Check::warn(ID, "the goal of the VM is unclear", inferred.reason.clone(), fix)
                .into();
        }
    };
    Check::pass(ID, says, inferred.reason.clone()).into()
}
