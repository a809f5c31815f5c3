//! The evening in one command: what makes the host and a VM ready, shown, asked for, done.

mod by_hand;
mod choose;
mod execute;
mod host;
mod plan;
mod plan_file;
mod rom;
mod shown;
mod target;
mod vm_steps;

use super::{Outcome, Report, vm};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::setup::{Phase, Setup, StepState};
use crate::text::{Line, ShellCommand};
use rom_host::goal::Goal;
use rom_host::vm::model::Manager;

pub(super) fn run(args: &args::Setup, env: &Env<'_>) -> Result<Outcome, CliError> {
    match &args.apply {
        Some(file) => {
            let saved = plan_file::read(file)?;
            let asked =
                args::Setup { yes: args.yes, dry_run: args.dry_run, ..saved.asked(&args.network) };
            set_up(&asked, Some(&saved), env)
        }
        None => set_up(args, None, env),
    }
}

fn set_up(
    args: &args::Setup,
    saved: Option<&plan_file::Saved>,
    env: &Env<'_>,
) -> Result<Outcome, CliError> {
    let Some(name) = choose::vm(args, env)? else { return choose::list_vms(env) };
    let target = target::Target::read(&name, env)?;
    let remembered = vm::remembered(target.vmid, env);
    let mut goal = args.goal.or(remembered);
    if goal.is_none() && !target::says_its_goal(&target, env) {
        goal = choose::goal(args, &name, env)?;
        if goal.is_none() {
            return Ok(choose::list_goals(&target));
        }
    }
    let plan = plan::Plan::new(args, target, goal, env)?;
    let mut report = plan.report();
    if let Some(saved) = saved {
        saved.compare(&plan, &report)?;
    }
    if let Some(file) = &args.plan_out {
        plan_file::write(file, args, &name, goal, &plan, &report)?;
    }
    let count = report.steps.iter().filter(|step| step.state == StepState::Planned).count();
    if args.dry_run || args.plan_out.is_some() || count == 0 {
        report.next = next(&report, args, goal);
        return Ok(outcome(report));
    }
    if !args.yes {
        env.reporter.show(&Report::Setup(Box::new(plan.report())));
        let question = if count == 1 {
            "Do this step?".to_owned()
        } else {
            format!("Do these {count} steps?")
        };
        if !env.reporter.confirm(&question)? {
            let help = "Nothing was changed.";
            return Err(CliError::new(Exit::No, "the steps were not confirmed", help));
        }
    }
    execute::run(&plan, args, &mut report, env)?;
    report.next = next(&report, args, goal);
    Ok(outcome(report))
}

/// The report with its exit status.
fn outcome(report: Setup) -> Outcome {
    let exit = match report.phase {
        Phase::Stopped => Exit::Failed,
        Phase::Planned | Phase::Done if report.ready => Exit::Yes,
        Phase::Choice | Phase::Planned | Phase::Done => Exit::No,
    };
    Outcome { exit, report: Report::Setup(Box::new(report)) }
}

/// What is typed next.
fn next(report: &Setup, args: &args::Setup, goal: Option<Goal>) -> Vec<ShellCommand> {
    let command = |words: &[&str]| ShellCommand::new(words.iter().copied());
    let vm = report.vm.as_ref().map_or("VMID", Line::raw);
    let again = || {
        let mut words = vec!["oprom", "setup", vm];
        if let (Some(goal), None) = (goal.filter(|_| args.goal.is_some()), report.vmid) {
            words.extend(["--goal", goal.name()]);
        }
        command(&words)
    };
    let planned = report.steps.iter().any(|step| step.state == StepState::Planned);
    if report.phase == Phase::Stopped || !report.manual_steps.is_empty() {
        return again().into_iter().collect();
    }
    if report.phase == Phase::Planned && planned {
        return Vec::new();
    }
    if report.reboot_required {
        return [command(&["systemctl", "reboot"]), again()].into_iter().flatten().collect();
    }
    let manager = report.manager.map(|manager| manager.0);
    let commands: &[&[&str]] = match (manager, report.pending) {
        (Some(Manager::Proxmox), true) => &[&["qm", "shutdown", vm], &["qm", "start", vm]],
        (Some(Manager::Proxmox), false) => &[&["qm", "start", vm]],
        (Some(Manager::Libvirt), true) => &[&["virsh", "shutdown", vm], &["virsh", "start", vm]],
        (Some(Manager::Libvirt), false) => &[&["virsh", "start", vm]],
        (Some(Manager::Qemu) | None, _) => &[],
    };
    commands.iter().filter_map(|words| command(words)).collect()
}
