//! What to do: `doctor`, `vm check`, `vm plan` and `explain`.

use super::super::{Style, sanitize};
use super::text::{step, wrapped, wrapped_below};
use crate::args::PlanTarget;
use crate::commands::doctor::Diagnosis;
use crate::commands::explain::Explained;
use crate::commands::vm_check::Mended;
use crate::commands::vm_plan::Planned;
use rom_host::advice::Advice;
use rom_host::advice::quoted;
use rom_host::checks::Status;
use rom_host::explain::{Entry, Manager, Matters, Meaning, manager};
use rom_host::recipe::Setting;
use std::io::{self, Write};

/// One line a check; what is not well has its evidence and what to do below it.
pub(super) fn checks(diagnosis: &Diagnosis, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let count = |status| diagnosis.checks.iter().filter(|check| check.status == status).count();
    for check in &diagnosis.checks {
        let (word, well) = match check.status {
            Status::Pass => (style.green("PASS"), true),
            Status::Warn => (style.yellow("WARN"), false),
            Status::Fail => (style.red("FAIL"), false),
            Status::Skip => ("SKIP".to_owned(), false),
        };
        if style.quiet && (well || check.status == Status::Skip) {
            continue;
        }
        writeln!(out, "{word}  {}", wrapped_below("      ", &format!("{} ({})", sanitize::text(&check.says), check.id)))?;
        if !well || style.verbose {
            writeln!(out, "{}", wrapped("      ", &sanitize::text(&check.evidence)))?;
        }
        check.advice.iter().try_for_each(|advice| what_to_do(advice, out))?;
    }
    let (failed, warned) = (count(Status::Fail), count(Status::Warn));
    if !style.quiet {
        let summary = match (failed, warned) {
            (0, 0) => format!("{} is ready.", diagnosis.subject),
            (0, 1) => format!("{} is ready; 1 thing is worth a look.", diagnosis.subject),
            (0, _) => format!("{} is ready; {warned} things are worth a look.", diagnosis.subject),
            (_, _) => format!("{} is not ready: mend the first FAIL, then ask again.", diagnosis.subject),
        };
        let at_once = diagnosis.at_once.as_ref().map_or_else(String::new, |command| format!(" All changes at once: {command}"));
        writeln!(out, "\n{}", wrapped("", &format!("{summary}{at_once}")))?;
    }
    Ok(())
}

/// Prose, and below it what to type: a command is one line, however long.
fn what_to_do(advice: &Advice, out: &mut dyn Write) -> io::Result<()> {
    if !advice.text.is_empty() {
        writeln!(out, "{}", wrapped("      > ", &sanitize::text(&advice.text)))?;
    }
    advice.commands.iter().try_for_each(|command| writeln!(out, "      > {command}"))?;
    advice.diff.iter().try_for_each(|line| writeln!(out, "      > {}", sanitize::text(line)))
}

/// What to type, and what is left after that.
pub(super) fn mended(mended: &Mended, style: Style, out: &mut dyn Write) -> io::Result<()> {
    mended.steps.lines().iter().try_for_each(|step| writeln!(out, "{}", sanitize::text(step)))?;
    if style.quiet {
        return Ok(());
    }
    if mended.steps.is_empty() {
        writeln!(out, "There is nothing to change in the configuration.")?;
    }
    for check in &mended.left {
        writeln!(out, "{}", wrapped("# not mended by this: ", &format!("{} ({})", sanitize::text(&check.says), check.id)))?;
    }
    Ok(())
}

pub(super) fn explain(explained: &Explained, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match explained {
        Explained::One(Meaning::Entry(entry, manager)) => known_entry(entry, *manager, style, out),
        Explained::One(Meaning::Page(heading, text)) => {
            writeln!(out, "{}", style.bold(heading))?;
            text.split("\n\n").try_for_each(|paragraph| writeln!(out, "{}", wrapped("  ", &paragraph.replace('*', ""))))
        }
        Explained::Log(summary) => {
            for (index, occurrence) in summary.found.iter().enumerate() {
                let again = if occurrence.count > 1 { format!(", {} times", occurrence.count) } else { String::new() };
                let line = format!("line {}{again}: ", occurrence.line);
                let text = wrapped(&line, &sanitize::text(&occurrence.text));
                writeln!(out, "{}{}", if index == 0 { "" } else { "\n" }, style.bold(&text))?;
                known_entry(occurrence.message, manager(&occurrence.text), style, out)?;
            }
            if summary.found.is_empty() {
                writeln!(out, "No line of the log is known here: it says nothing about the GPU, or something new.")?;
            }
            if summary.cut {
                let limit = rom_host::explain::LONGEST_LOG >> 20;
                writeln!(out, "\nThe log is longer than {limit} MiB; what comes after that was not read.")?;
            }
            Ok(())
        }
    }
}

fn known_entry(entry: &Entry, manager: Option<Manager>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let matters = match entry.matters {
        Matters::Good => style.green("a good sign"),
        Matters::No => style.green("no fault"),
        Matters::Perhaps => style.yellow("may matter"),
        Matters::Yes => style.red("matters"),
    };
    writeln!(out, "  {} ({}): {matters}", entry.id, entry.layer.name())?;
    writeln!(out, "{}", wrapped("  ", entry.means))?;
    for advice in entry.advice(manager) {
        writeln!(out, "{}", wrapped("  > ", &advice.text))?;
        advice.commands.iter().try_for_each(|command| writeln!(out, "      {command}"))?;
    }
    if style.verbose {
        entry.examples.iter().try_for_each(|example| writeln!(out, "{}", wrapped("  seen as: ", example)))?;
    }
    Ok(())
}

/// Lines to paste, on lines of their own; with `-v` each with its reason.
pub(super) fn vm_plan(planned: &Planned, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let qemu = planned.qemu.as_ref().map_or_else(String::new, |version| format!(", QEMU {version}"));
    step(out, style, "For", &format!("{}{qemu}", planned.device))?;
    match planned.target {
        PlanTarget::Proxmox => {
            let vmid = planned.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string());
            let which = if planned.vmid.is_some() { "" } else { " (VMID is the number of the VM)" };
            step(out, style, "Set", &format!("shut the VM down, then, as root{which}:"))?;
            for setting in &planned.settings {
                writeln!(out, "  qm set {vmid} --{} {}", setting.key, quoted(&sanitize::text(&setting.value)))?;
                reason(setting, style, out)?;
            }
            step(out, style, "Or", "the same as lines of its .conf:")?;
            for setting in &planned.settings {
                writeln!(out, "  {}: {}", setting.key, sanitize::text(&setting.value))?;
            }
        }
        PlanTarget::Libvirt => {
            step(
                out,
                style,
                "Set",
                "shut the VM down, then `virsh edit NAME`; each of these replaces what is there of its kind:",
            )?;
            for setting in &planned.settings {
                sanitize::text(&setting.value).lines().try_for_each(|line| writeln!(out, "  {line}"))?;
                reason(setting, style, out)?;
            }
        }
        PlanTarget::Qemu => {
            step(out, style, "Set", "arguments of QEMU, beside OVMF and the rest:")?;
            for setting in &planned.settings {
                writeln!(out, "  {} {}", setting.key, quoted(&sanitize::text(&setting.value)))?;
                reason(setting, style, out)?;
            }
        }
    }
    planned.notes.iter().try_for_each(|note| step(out, style, "Note", note))
}

fn reason(setting: &Setting, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.verbose { writeln!(out, "{}", wrapped("      ", &setting.reason)) } else { Ok(()) }
}
