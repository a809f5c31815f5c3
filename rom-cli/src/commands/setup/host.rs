//! The steps of the host.

use super::by_hand::not_done;
use super::target::Target;
use crate::args;
use crate::changes;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::journal::{History, Run, Step};
use crate::settings;
use rom_core::Analysis;
use rom_host::checks::Check;
use rom_host::edit::goals;
use rom_host::goal::Goal;
use rom_host::host_change::HostRom;
use rom_host::host_steps::{self, HostAction, HostPlan, HostStep, Restart};
use rom_host::probe::rom::DEFAULT_PATH;
use rom_host::probe::{Host, Probe};
use rom_host::root::Root;
use rom_host::rules::host::Facts;
use rom_host::vm::model::Manager;
use std::path::Path;

/// The steps of a host whose checks are `checks`, and whether it has to be restarted before the VM
/// is changed.
pub(super) fn plan(
    args: &args::Setup,
    facts: &Facts,
    checks: Vec<Check>,
    goal: Option<Goal>,
    roms: &[HostRom],
    history: &History,
    env: &Env<'_>,
) -> Result<(HostPlan, bool), CliError> {
    let mut plan = host_steps::plan(&facts.host, &env.files(), checks, goal, roms);
    if args.no_host {
        plan.left.extend(plan.steps.drain(..).filter(|step| !step.optional).map(not_done));
    }
    if let Some(rom) = &args.rom {
        add_rom(&mut plan.steps, &facts.rom, rom, env)?;
    }
    let interrupted = history.interrupted().into_iter().flat_map(Run::done);
    for path in interrupted.filter_map(Step::subject) {
        let missing = host_steps::refresh(&facts.host, &path);
        let is_new = |step: &HostStep| plan.steps.iter().all(|own| own.id != step.id);
        let missing: Vec<HostStep> = missing.into_iter().filter(is_new).collect();
        plan.steps.extend(missing);
    }
    let boot = changes::boot_id(&Root::new(&env.sysroot));
    let mut restart = false;
    let all = plan.steps.clone();
    plan.steps.retain(|step| {
        let HostAction::Run { command, .. } = &step.action else { return true };
        let mut since_start = history.runs().iter().rev().take_while(|run| run.boot == boot);
        // It ran since the host was started, and its files were not changed after that.
        let done = since_start.any(|run| run.ended && run.ran(command.words()))
            && !edits_before(&all, step);
        restart |= done && step.restart == Restart::BeforeVm;
        !done
    });
    restart |= plan.steps.iter().any(|step| step.restart == Restart::BeforeVm);
    Ok((plan, restart))
}

/// Where the ROM goes.
pub(super) fn rom_path(host: &Host, target: &Target) -> String {
    let folder = host.system.places().rom_folder;
    match (target.configuration.manager(), folder) {
        (Manager::Libvirt | Manager::Qemu, Some(folder)) => format!("{folder}/igd.rom"),
        _ => DEFAULT_PATH.to_owned(),
    }
}

/// Whether a file is edited before this step.
fn edits_before(steps: &[HostStep], step: &HostStep) -> bool {
    let before = steps.iter().take_while(|own| own.id != step.id);
    let family = |id: &str| {
        if id.starts_with("module-options") || id.starts_with(host_steps::INITRAMFS) {
            host_steps::INITRAMFS
        } else {
            host_steps::APPLY
        }
    };
    before.into_iter().any(|own| {
        matches!(own.action, HostAction::Edit { .. }) && family(&own.id) == family(&step.id)
    })
}

/// The ROM that was named, unless it is in place.
fn add_rom(
    steps: &mut Vec<HostStep>,
    there: &Probe<Analysis>,
    rom: &Path,
    env: &Env<'_>,
) -> Result<(), CliError> {
    steps.retain(|step| step.action != HostAction::InstallRom(HostRom::Intel));
    let wanted = super::rom::wanted_digest(rom, env)?;
    if there.as_ref().is_some_and(|own| own.sha256 == Some(wanted)) {
        return Ok(());
    }
    steps.push(HostStep {
        id: "rom".to_owned(),
        text: "Install the ROM.".to_owned(),
        reason: "it was requested".to_owned(),
        check: "HOST060",
        optional: false,
        restart: Restart::No,
        action: HostAction::InstallRom(HostRom::Intel),
    });
    Ok(())
}

/// The goal that was chosen is remembered, where it is not yet.
pub(super) fn remember_goal(
    target: &Target,
    chosen: Option<Goal>,
    env: &Env<'_>,
) -> Result<Option<HostStep>, CliError> {
    let (Some(vmid), Some(goal)) = (target.vmid, chosen) else { return Ok(None) };
    let is_remembered = env.settings.goals.get(&vmid) == Some(&goal);
    let own_file = env.settings.file.as_ref().is_none_or(|file| *file == env.host(settings::FILE));
    if is_remembered || !own_file {
        return Ok(None);
    }
    let before = match Probe::file(&env.files(), settings::FILE) {
        Probe::Is(text) => text,
        Probe::Absent => String::new(),
        Probe::Denied => {
            let what = format!("{} cannot be read", settings::FILE);
            return Err(CliError::new(Exit::Failed, what, "Run it as root."));
        }
    };
    let after = goals::remember(&before, vmid, goal);
    let path = settings::FILE.to_owned();
    Ok(Some(HostStep {
        id: "goal".to_owned(),
        text: format!("Remember what VM {vmid} is for."),
        reason: "the same command, typed again, goes on with it".to_owned(),
        check: "VM006",
        optional: true,
        restart: Restart::No,
        action: HostAction::Edit { path, before, after },
    }))
}
