//! `vm plan`.

use super::super::page::{Page, spaces};
use super::Text;
use super::checks::{remember, title};
use super::steps::{BELOW, by_hand, risk, typed};
use crate::report::vm_plan::VmPlan;
use crate::text::{Block, block};
use std::io;

/// The answer, then the steps, each with what is typed for it; with `-q` nothing but that.
impl Text for VmPlan {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return self
                .steps
                .iter()
                .try_for_each(|step| typed(&step.commands, &step.diff, 0, page));
        }
        page.prose(0, &self.answer())?;
        let device = self.device.as_ref().map(|device| block![device]);
        let qemu = self.qemu.as_ref().map(|version| block!["QEMU ", version]);
        let both = (device.is_some() && qemu.is_some()).then_some(", ");
        if device.is_some() || qemu.is_some() {
            page.prose(0, &block!["For ", device, both, qemu, "."])?;
        }
        for (index, step) in self.steps.iter().enumerate() {
            page.blank()?;
            let number = index.saturating_add(1);
            let optional = step.optional.then_some(" [optional]");
            page.row(&block![number, "  "], &block![&step.text, risk(step.risk.0), optional])?;
            page.prose(BELOW, &block!["Because ", &step.reason, " (", step.check, ")"])?;
            typed(&step.commands, &step.diff, BELOW, page)?;
            if page.look.verbose && !step.commands.is_empty() {
                step.diff.iter().try_for_each(|line| page.line(&block![spaces(BELOW), line]))?;
            }
        }
        by_hand(&self.manual_steps, page)?;
        for note in &self.notes {
            page.row(&block!["Note     "], &title(note))?;
        }
        self.last(page)?;
        remember(&self.remember, page)
    }
}

impl VmPlan {
    /// What the VM is for, and how much there is to do.
    fn answer(&self) -> Block {
        let subject = match (&self.vm, self.vmid) {
            (None, _) => block!["A new VM"],
            (Some(_), Some(vmid)) => block!["VM ", vmid],
            (Some(name), None) => block!["The VM of ", name],
        };
        let goal = self.goal.as_ref().map(|goal| block![" for ", goal.name]);
        let reason = self.goal.as_ref().map(|goal| block![" (", &goal.reason, ")"]);
        let optional = self.steps.iter().filter(|step| step.optional).count();
        let also = (optional > 0).then(|| block![", ", optional, " of them optional"]);
        match (self.steps.len(), self.ready) {
            (0, true) => block!["Nothing to change: ", subject, " is ready", goal, reason, "."],
            (0, false) => block![subject, goal, reason, ": no step leads there."],
            (1, _) => block![subject, goal, reason, ": 1 step", also, "."],
            (count, _) => block![subject, goal, reason, ": ", count, " steps", also, "."],
        }
    }

    /// What comes after the steps.
    fn last(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.steps.is_empty() {
            return Ok(());
        }
        page.blank()?;
        let dark = "The host's screen goes dark when the VM starts: have another way in.";
        if self.pending {
            let waits = "The VM runs: what is changed counts once it was shut down and started \
                again. ";
            return page.prose(0, &block![waits, dark]);
        }
        page.prose(0, &block!["Shut the VM down before. ", dark])
    }
}
