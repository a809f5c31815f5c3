//! The VM, and what it is for, where nobody said it: asked for, or listed.

use super::target::Target;
use crate::args;
use crate::commands::{Outcome, doctor, guests};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::Report;
use crate::report::setup::{Choice, Phase, Setup};
use crate::text::{Line, ShellCommand, block};
use rom_host::files::HostFiles as _;
use rom_host::goal::Goal;
use rom_host::probe::Probe;
use rom_host::vm::proxmox::{self, Config};
use std::fmt::Write as _;

/// Where libvirt keeps the domains of the system.
const DOMAINS: &str = "/etc/libvirt/qemu";

/// The VM that was named, or that somebody at the terminal names.
pub(super) fn vm(args: &args::Setup, env: &Env<'_>) -> Result<Option<String>, CliError> {
    if let Some(name) = &args.vm {
        return Ok(Some(name.clone()));
    }
    if args.yes || args.dry_run || !env.reporter.can_ask() {
        return Ok(None);
    }
    env.reporter.show(&list_vms(env)?.report);
    env.reporter.ask("Which VM is the GPU for (number or name)?")
}

/// All VMs, and the guests that use the GPU.
pub(super) fn list_vms(env: &Env<'_>) -> Result<Outcome, CliError> {
    let facts = doctor::facts(doctor::host(env), env)?;
    let files = env.files();
    let mut report = Setup {
        phase: Phase::Choice,
        guests: guests::assess_all(&facts, env)?,
        guests_unread: facts.guests.unread,
        ..empty()
    };
    let mut vms: Vec<(u32, String)> = Vec::new();
    for file in files.names(proxmox::FOLDER) {
        let Some(vmid) = file.strip_suffix(".conf").and_then(|name| name.parse().ok()) else {
            continue;
        };
        let text = Probe::file(&files, &format!("{}/{file}", proxmox::FOLDER));
        let name = text.as_ref().and_then(|text| Config::read(text).get("name").map(str::to_owned));
        vms.push((vmid, name.unwrap_or_default()));
    }
    vms.sort();
    for (vmid, name) in vms {
        let text = block!["VM ", vmid, " ", Line::from(name)];
        let command = ShellCommand::new(["oprom", "setup", &vmid.to_string()]);
        report.choices.push(Choice { text, command });
    }
    for file in files.names(DOMAINS) {
        let Some(name) = file.strip_suffix(".xml") else { continue };
        let text = block!["VM ", Line::from(name)];
        report.choices.push(Choice { text, command: ShellCommand::new(["oprom", "setup", name]) });
    }
    Ok(Outcome { exit: Exit::No, report: Report::Setup(Box::new(report)) })
}

/// What each goal means.
const GOALS: [(Goal, &str); 3] = [
    (Goal::DisplayAtBoot, "a monitor shows the VM from the firmware on"),
    (Goal::Display, "a monitor shows the VM once the guest's driver runs"),
    (Goal::Compute, "transcoding, compute, remote desktop: no monitor"),
];

/// What somebody at the terminal says that the VM is for.
pub(super) fn goal(
    args: &args::Setup,
    name: &str,
    env: &Env<'_>,
) -> Result<Option<Goal>, CliError> {
    if args.yes || args.dry_run || !env.reporter.can_ask() {
        return Ok(None);
    }
    let mut question = format!("What is VM {name} for?");
    for (goal, means) in GOALS {
        let _ = write!(question, " {} ({means}),", goal.name());
    }
    let question = question.trim_end_matches(',').to_owned() + ":";
    let Some(answer) = env.reporter.ask(&question)? else { return Ok(None) };
    let unknown = |error| CliError::new(Exit::Usage, error, "Run it again and give one of them.");
    answer.parse().map(Some).map_err(unknown)
}

/// The commands for each goal.
pub(super) fn list_goals(target: &Target) -> Outcome {
    let choice = |(goal, means): (Goal, &'static str)| Choice {
        text: block![goal.name(), ": ", means],
        command: ShellCommand::new(["oprom", "setup", &target.asked, "--goal", goal.name()]),
    };
    let report = Setup {
        phase: Phase::Choice,
        vm: Some(Line::from(target.asked.as_str())),
        vmid: target.vmid,
        manager: Some(target.configuration.manager().into()),
        choices: GOALS.map(choice).into(),
        ..empty()
    };
    Outcome { exit: Exit::No, report: Report::Setup(Box::new(report)) }
}

/// A report that says nothing yet.
pub(super) fn empty() -> Setup {
    Setup {
        phase: Phase::Planned,
        vm: None,
        vmid: None,
        manager: None,
        goal: None,
        ready: false,
        steps: Vec::new(),
        reboot_required: false,
        pending: false,
        manual_steps: Vec::new(),
        notes: Vec::new(),
        dropped: Vec::new(),
        logins: Vec::new(),
        goes_dark: false,
        interrupted: None,
        run: None,
        guests: Vec::new(),
        guests_unread: 0,
        choices: Vec::new(),
        next: Vec::new(),
    }
}
