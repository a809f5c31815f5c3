//! The steps, done one after the other: each is in the journal first, and the first that fails ends
//! it.

use super::plan::Plan;
use super::rom;
use crate::args;
use crate::changes::{self, HostFile, Work};
use crate::commands::install;
use crate::env::Env;
use crate::error::CliError;
use crate::programs::Programs;
use crate::report::setup::{Phase, Setup, SetupStep, StepState};
use rom_host::host_steps::{HostAction, HostStep};
use rom_host::root::Root;

/// Does all steps that are planned, and writes into the report what became of each.
pub(super) fn run(
    plan: &Plan,
    args: &args::Setup,
    report: &mut Setup,
    env: &Env<'_>,
) -> Result<(), CliError> {
    let root = Root::new(&env.sysroot);
    let programs = Programs::new(&env.sysroot);
    let mut journal = changes::open_journal(&root)?;
    let command = format!("setup {}", plan.target.asked);
    let run = journal.begin(&command, None, None, changes::boot_id(&root))?;
    let mut work = Work { root: &root, programs: &programs, journal: &mut journal, run };
    report.run = Some(run);
    report.phase = Phase::Done;
    let mut steps = report.steps.iter_mut();
    let mut failure = None;
    for (own, shown) in plan.host.iter().zip(steps.by_ref()) {
        if let Err(error) = host_step(own, plan, args, &mut work, env) {
            failure = Some((shown, error));
            break;
        }
        done(shown, env);
    }
    if failure.is_none() {
        failure = vm_steps(plan, &mut steps.by_ref(), &mut work, env);
    }
    let Some((shown, error)) = failure else {
        work.journal.end(run);
        return Ok(());
    };
    shown.state = StepState::Failed;
    report.phase = Phase::Stopped;
    report.ready = false;
    for step in report.steps.iter_mut().filter(|step| step.state == StepState::Planned) {
        step.state = StepState::NotReached;
    }
    env.reporter.fail(&error);
    Ok(())
}

fn done(step: &mut SetupStep, env: &Env<'_>) {
    step.state = StepState::Done;
    let what = step.file.as_ref().map(|file| format!(" ({})", file.raw())).unwrap_or_default();
    env.reporter.say(&format!("done: {}{what}", step.text.raw()));
}

fn host_step(
    step: &HostStep,
    plan: &Plan,
    args: &args::Setup,
    work: &mut Work<'_>,
    env: &Env<'_>,
) -> Result<(), CliError> {
    match &step.action {
        HostAction::Edit { path, before, after } => {
            work.edit(path, before, after)?;
        }
        HostAction::Run { command, undo } => {
            work.tool(command, undo.as_ref())?;
        }
        HostAction::InstallRom(rom) => {
            let dest = env.host(plan.path_of(*rom));
            HostFile::new(&env.sysroot, &dest).make_folder()?;
            let install = rom::install_args(args, *rom, dest, env)?;
            install::install(&install, env, Some((work.journal, work.run)))?;
        }
    }
    Ok(())
}

/// The steps of the VM, and where it stopped.
fn vm_steps<'s>(
    plan: &Plan,
    shown: &mut impl Iterator<Item = &'s mut SetupStep>,
    work: &mut Work<'_>,
    env: &Env<'_>,
) -> Option<(&'s mut SetupStep, CliError)> {
    let last = plan.vm.iter().rposition(|own| own.state == StepState::Planned);
    let mut defined = false;
    for own in &plan.vm {
        let shown = shown.next()?;
        if own.state != StepState::Planned {
            continue;
        }
        let result = match (&plan.target.domain, plan.target.vmid) {
            // One definition has the changes of all steps.
            (Some(_), _) if defined => Ok(()),
            (Some((name, xml)), _) => {
                defined = true;
                let end = last.and_then(|last| plan.vm.get(last)).unwrap_or(own);
                work.define(name, xml, &end.step.after.text())
            }
            (None, Some(vmid)) => work.set_vm(vmid, &own.settings),
            (None, None) => Ok(()),
        };
        if let Err(error) = result {
            return Some((shown, error.into()));
        }
        done(shown, env);
    }
    let own = plan.no_autostart.as_ref().filter(|_| !plan.waits())?;
    let shown = shown.next()?;
    if let Err(error) = work.tool(&own.command, Some(&own.undo)) {
        return Some((shown, error.into()));
    }
    done(shown, env);
    None
}
