//! `doctor`, `vm check` and `vm verify`.

use super::super::page::{Page, bad, doubtful, good};
use super::Text;
use super::guests::write_guests;
use crate::report::checks::{Check, Goal, Results, VmCheck, VmVerify};
use crate::report::doctor::Doctor;
use crate::text::{Block, Line, block};
use rom_core::count::Count;
use rom_host::checks::Status;
use std::io;

/// Columns of what is said of a check, below its status.
const BELOW: usize = 6;

impl Text for Doctor {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let purpose = self.qemu.as_ref().map(|version| block![" for QEMU ", version]);
        let purpose = purpose.unwrap_or_default();
        answer(&block!["This host"], &purpose, &self.results, page)?;
        if let (Some(version), false) = (&self.qemu, self.breaks.is_empty()) {
            let mut text = block!["QEMU ", version, " breaks what works now:"];
            for name in &self.breaks {
                text = block![text, " ", name];
            }
            page.prose(0, &text)?;
        }
        checks(&self.results, page)?;
        if (self.guests.is_empty() && self.guests_unread == 0) || page.look.quiet {
            return Ok(());
        }
        page.blank()?;
        write_guests(&self.guests, self.guests_unread, page)
    }
}

impl Text for VmCheck {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let subject = self.vmid.map_or_else(|| block!["This VM"], |vmid| block!["VM ", vmid]);
        answer(&subject, &purpose(self.vm.goal.as_ref()), &self.results, page)?;
        if self.results.ready && !page.look.quiet && stays_dark(self.vm.goal.as_ref()) {
            page.prose(0, &block!["It has no display on a monitor."])?;
        }
        checks(&self.results, page)?;
        if page.look.quiet {
            return Ok(());
        }
        if let Some(command) = &self.plan {
            page.blank()?;
            page.prose(0, &block!["All changes at once:"])?;
            page.command_at(2, command)?;
        }
        remember(&self.remember, page)
    }
}

/// How the goal that was asked for becomes the VM's own.
pub(super) fn remember(lines: &[Line], page: &mut Page<'_>) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.prose(0, &block!["To remember this goal for the VM, change the configuration file:"])?;
    lines.iter().try_for_each(|line| page.line(&block!["  ", line]))
}

impl Text for VmVerify {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if !page.look.quiet {
            let of = |status| self.results.checks.iter().find(|check| check.status.0 == status);
            let text = match (of(Status::Fail), of(Status::Skip)) {
                _ if self.results.ready => block![&self.name, " has the GPU."],
                (Some(first), _) => block![&self.name, " is not right yet: ", &first.says, "."],
                (None, Some(first)) => {
                    block!["It is unknown whether ", &self.name, " has the GPU: ", &first.says, "."]
                }
                (None, None) => block!["It is unknown whether ", &self.name, " has the GPU."],
            };
            page.prose(0, &text)?;
        }
        checks(&self.results, page)
    }
}

/// One line a check, what fails first; what is not well has its evidence and what to do below it.
/// What passed is a number, unless more is asked for.
fn checks(results: &Results, page: &mut Page<'_>) -> io::Result<()> {
    if !page.look.quiet {
        page.blank()?;
    }
    let of = |status| results.checks.iter().filter(move |check| check.status.0 == status);
    for check in of(Status::Fail).chain(of(Status::Warn)) {
        one(check, page)?;
    }
    if page.look.quiet {
        return Ok(());
    }
    of(Status::Skip).try_for_each(|check| one(check, page))?;
    if page.look.verbose {
        return of(Status::Pass).try_for_each(|check| one(check, page));
    }
    match results.counts.pass {
        0 => Ok(()),
        passed => {
            let text = block![Count(passed, "check"), " passed; -v shows what"];
            page.row(&block![good("PASS"), "  "], &text)
        }
    }
}

fn one(check: &Check, page: &mut Page<'_>) -> io::Result<()> {
    let (word, well) = match check.status.0 {
        Status::Pass => (block![good("PASS")], true),
        Status::Warn => (block![doubtful("WARN")], false),
        Status::Fail => (block![bad("FAIL")], false),
        Status::Skip => (block!["SKIP"], false),
    };
    page.row(&block![word, "  "], &title(check))?;
    if !well || page.look.verbose {
        page.prose(BELOW, &check.evidence)?;
    }
    let Some(advice) = &check.advice else { return Ok(()) };
    if !advice.text.is_empty() {
        page.row(&block!["      > "], &advice.text)?;
    }
    let mut commands = advice.commands.iter();
    commands.try_for_each(|command| page.row_command(&block!["      > "], command))?;
    advice.diff.iter().try_for_each(|line| page.line(&block!["      > ", line]))
}

pub(super) fn title(check: &Check) -> Block {
    block![&check.says, " (", check.id, ")"]
}

/// What a VM is or is not ready for, after the word "ready".
fn purpose(goal: Option<&Goal>) -> Block {
    match goal.map(|goal| goal.name) {
        Some("display-at-boot") => block![" for a display at boot"],
        Some("display") => block![" for a display once the guest's driver runs"],
        Some("compute") => block![" for compute"],
        Some("vf") => block![" with its virtual function"],
        Some("mdev") => block![" with its mediated device"],
        Some(_) | None => block![""],
    }
}

/// The answer, before what leads to it.
fn answer(
    subject: &Block,
    purpose: &Block,
    results: &Results,
    page: &mut Page<'_>,
) -> io::Result<()> {
    if page.look.quiet {
        return Ok(());
    }
    let text = match (results.counts.fail, results.counts.warn) {
        (0, _) if !results.ready => block![subject, " is not ready", purpose, "."],
        (0, 0) => block![subject, " is ready", purpose, "."],
        (0, warned) => {
            block![subject, " is ready", purpose, ", with ", Count(warned, "warning"), "."]
        }
        (1, _) => block![subject, " is not ready", purpose, ": 1 check fails."],
        (failed, _) => block![
            subject,
            " is not ready",
            purpose,
            ": ",
            failed,
            " checks fail. Begin with the first."
        ],
    };
    page.prose(0, &text)
}

/// Whether no monitor will show anything, and that is meant.
fn stays_dark(goal: Option<&Goal>) -> bool {
    goal.is_some_and(|goal| matches!(goal.name, "compute" | "vf" | "mdev"))
}
