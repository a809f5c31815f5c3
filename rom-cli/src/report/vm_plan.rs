//! `oprom vm plan`.

use super::Name;
use super::checks::{Check, Goal};
use crate::text::{Block, Line, Sentence, ShellCommand};
use rom_host::checks::Status;
use rom_host::steps::{Plan, Risk, Step};
use rom_host::vm::model::Manager;
use schemars::JsonSchema;
use serde::Serialize;

/// What would make a VM ready.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VmPlan {
    /// What starts the VM: `proxmox`, `libvirt` or `qemu`.
    #[serde(rename = "for")]
    pub(crate) manager: Name<Manager>,
    /// The VM as it was named; absent for a new one.
    pub(crate) vm: Option<Line>,
    /// Number of the VM of Proxmox VE, where that is known.
    pub(crate) vmid: Option<u32>,
    /// What the VM is for then, if it has a GPU.
    pub(crate) goal: Option<Goal>,
    /// The GPU that it is for, where that is known.
    pub(crate) device: Option<Line>,
    /// The QEMU that it is for, where that is known.
    pub(crate) qemu: Option<Line>,
    /// Whether the VM is ready once all steps are done.
    pub(crate) ready: bool,
    /// What to do, in this order.
    pub(crate) steps: Vec<PlanStep>,
    /// Whether the host has to be restarted for them.
    pub(crate) reboot_required: bool,
    /// Whether they wait until the VM, which runs, is shut down and started again.
    pub(crate) pending: bool,
    /// What no step can do and the VM needs: for a person.
    pub(crate) manual_steps: Vec<Check>,
    /// What else is good to know once all steps are done.
    pub(crate) notes: Vec<Check>,
    /// Lines of the configuration file that would remember the goal that was asked for: `+ ` comes,
    /// `- ` goes.
    pub(crate) remember: Vec<Line>,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlanStep {
    /// What it changes, such as `firmware` or `x-igd-lpc-hostpci0`.
    pub(crate) id: Line,
    /// What it does.
    pub(crate) text: Block,
    /// What is wrong without it.
    pub(crate) reason: Block,
    /// The check that asks for it; docs/checks.md has a heading for each.
    pub(crate) check: &'static str,
    /// `safe`; `guest-visible`: the guest sees other hardware; `reinstall`: an installed guest no
    /// longer boots.
    pub(crate) risk: Name<Risk>,
    /// Whether the VM is ready without it.
    pub(crate) optional: bool,
    /// Commands to type, in this order, where the VM has a manager with commands for it.
    pub(crate) commands: Vec<ShellCommand>,
    /// Lines of the configuration that go, with `- ` before them, and that come, with `+ `.
    pub(crate) diff: Vec<Line>,
    /// What undoes it.
    pub(crate) undo: Vec<ShellCommand>,
}

impl VmPlan {
    pub(crate) fn new(plan: Plan, vmid: Option<u32>, vm: Option<&str>, runs: bool) -> Self {
        let ready = plan.is_whole();
        let (manual, notes): (Vec<_>, Vec<_>) =
            plan.left.into_iter().partition(|check| check.status == Status::Fail);
        Self {
            manager: plan.manager.into(),
            vm: vm.map(Line::from),
            vmid,
            goal: plan.inferred.map(|inferred| Goal {
                name: inferred.purpose.name(),
                reason: Line::from(inferred.reason),
            }),
            device: plan.device.map(Line::from),
            qemu: plan.qemu.map(|qemu| Line::from(qemu.to_string())),
            ready,
            pending: runs && !plan.steps.is_empty(),
            steps: plan.steps.into_iter().map(PlanStep::new).collect(),
            reboot_required: false,
            manual_steps: manual.into_iter().map(Check::new).collect(),
            notes: notes.into_iter().map(Check::new).collect(),
            remember: Vec::new(),
        }
    }
}

impl PlanStep {
    fn new(step: Step) -> Self {
        let commands = |commands: Vec<rom_host::advice::ShellCommand>| {
            commands.into_iter().map(ShellCommand::from).collect()
        };
        Self {
            id: Line::from(step.id),
            text: Sentence(step.text).into(),
            reason: Sentence(step.reason).into(),
            check: step.check,
            risk: step.risk.into(),
            optional: step.optional,
            commands: commands(step.commands),
            diff: step.diff.into_iter().map(Line::from).collect(),
            undo: commands(step.undo),
        }
    }
}
