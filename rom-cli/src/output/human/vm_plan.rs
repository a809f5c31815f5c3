//! `vm plan`.

use super::super::page::Page;
use super::Text;
use crate::report::vm_plan::{Setting, Target, VmPlan};
use crate::text::{Line, block};
use std::io;

/// Lines to paste, on lines of their own; with `-v` each with its reason.
impl Text for VmPlan {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let qemu = self.qemu.as_ref().map(|version| block![", QEMU ", version]);
        page.step("For", &block![&self.device, qemu])?;
        match self.target {
            Target::Proxmox => {
                let which = self.vmid.is_none().then_some(" (VMID is the number of the VM)");
                page.step("Set", &block!["shut the VM down, then, as root", which, ":"])?;
                self.settings.iter().try_for_each(|setting| command(setting, page))?;
                page.step("Alternative", &block!["the same as lines of its .conf:"])?;
                self.settings
                    .iter()
                    .try_for_each(|own| page.line(&block!["  ", own.key, ": ", &own.value]))?;
            }
            Target::Libvirt => {
                let how = "shut the VM down, then `virsh edit NAME`; each of these replaces the \
                    element of the same kind:";
                page.step("Set", &block![how])?;
                for setting in &self.settings {
                    setting
                        .value
                        .raw()
                        .lines()
                        .try_for_each(|line| page.line(&block!["  ", Line::from(line)]))?;
                    reason(setting, page)?;
                }
            }
            Target::Qemu => {
                page.step(
                    "Set",
                    &block!["arguments of QEMU, in addition to OVMF and the others:"],
                )?;
                self.settings.iter().try_for_each(|setting| command(setting, page))?;
            }
        }
        self.notes.iter().try_for_each(|note| page.advice("Note", note))
    }
}

fn command(setting: &Setting, page: &mut Page<'_>) -> io::Result<()> {
    if let Some(command) = &setting.command {
        page.command_at(2, command)?;
    }
    reason(setting, page)
}

fn reason(setting: &Setting, page: &mut Page<'_>) -> io::Result<()> {
    if page.look.verbose { page.prose(6, &setting.reason) } else { Ok(()) }
}
