//! The plan as it is shown.

use super::by_hand::LOGIN;
use super::choose::empty;
use super::plan::Plan;
use super::vm_steps::{NO_AUTOSTART, NoAutostart, VmStep, WHY_NO_AUTOSTART};
use crate::report::checks::{Check as ReportCheck, Goal as ReportGoal};
use crate::report::setup::{Interrupted, Phase, Setup, SetupStep, StepPart, StepState};
use crate::text::{Line, Sentence, ShellCommand};
use rom_core::count::Count;
use rom_host::checks::Check;
use rom_host::host_change::HostRom;
use rom_host::host_steps::{HostAction, HostStep, Restart};
use rom_host::steps::Risk;
use rom_host::vm::configuration::Configuration;

impl Plan {
    /// The plan as it is shown.
    pub(super) fn report(&self) -> Setup {
        let check = |check: &Check| ReportCheck::new(check.clone());
        let mut steps: Vec<SetupStep> = self.host.iter().map(|step| self.host_step(step)).collect();
        steps.extend(self.vm.iter().map(vm_step));
        if let Some(own) = &self.no_autostart {
            steps.push(autostart_step(own, self.waits()));
        }
        let dropped = match &self.target.configuration {
            Configuration::Proxmox(config) if !self.vm.is_empty() => {
                let ignored = config.ignored();
                let more = Count(ignored.more, "more line");
                let more = (ignored.more > 0).then(|| Line::new(format!("... and {more}")));
                let lines = ignored.first.iter().map(|line| Line::from(line.source.as_str()));
                lines.chain(more).collect()
            }
            _ => Vec::new(),
        };
        Setup {
            phase: Phase::Planned,
            vm: Some(Line::from(self.target.asked.as_str())),
            vmid: self.target.vmid,
            manager: Some(self.target.configuration.manager().into()),
            goal: self.inferred.as_ref().map(|inferred| ReportGoal {
                name: inferred.purpose.name(),
                reason: Line::from(inferred.reason.as_str()),
            }),
            ready: self.manual.is_empty() && !self.waits() && !self.restart,
            steps,
            reboot_required: self.restart,
            pending: self.target.runs && !self.vm.is_empty(),
            manual_steps: self.manual.iter().map(check).collect(),
            notes: self.notes.iter().map(check).collect(),
            dropped,
            logins: self.logins.iter().map(|login| Line::from(login.address.as_str())).collect(),
            goes_dark: self.goes_dark,
            interrupted: self.interrupted.as_ref().map(|run| Interrupted {
                run: run.number,
                command: Line::from(run.command.as_str()),
                done: run.done().count(),
            }),
            ..empty()
        }
    }

    fn host_step(&self, step: &HostStep) -> SetupStep {
        let (file, commands) = match &step.action {
            HostAction::Edit { path, .. } => (Some(path.as_str()), Vec::new()),
            HostAction::Run { command, .. } => (None, vec![command.clone().into()]),
            HostAction::InstallRom(rom) => (Some(self.path_of(*rom)), Vec::new()),
        };
        let text = match (&step.action, &self.rom_name) {
            (HostAction::InstallRom(HostRom::Intel), Some(rom)) => {
                format!("Install the ROM {rom}.")
            }
            _ => step.text.clone(),
        };
        SetupStep {
            id: Line::from(step.id.as_str()),
            part: StepPart::Host,
            text: Sentence(text).into(),
            reason: Sentence(step.reason.clone()).into(),
            check: step.check,
            risk: Risk::Safe.into(),
            optional: step.optional,
            restart: step.restart == Restart::BeforeVm,
            file: file.map(Line::from),
            commands,
            diff: step.diff().into_iter().map(Line::from).collect(),
            state: StepState::Planned,
        }
    }
}

fn vm_step(own: &VmStep) -> SetupStep {
    let step = &own.step;
    SetupStep {
        id: Line::from(step.id.as_str()),
        part: StepPart::Vm,
        text: Sentence(step.text.clone()).into(),
        reason: Sentence(step.reason.clone()).into(),
        check: step.check,
        risk: step.risk.into(),
        optional: step.optional,
        restart: false,
        file: None,
        commands: step.commands.iter().cloned().map(ShellCommand::from).collect(),
        diff: step.diff.iter().map(|line| Line::from(line.as_str())).collect(),
        state: own.state,
    }
}

fn autostart_step(own: &NoAutostart, waits: bool) -> SetupStep {
    SetupStep {
        id: Line::from("autostart"),
        part: StepPart::Vm,
        text: Sentence(NO_AUTOSTART).into(),
        reason: Sentence(WHY_NO_AUTOSTART).into(),
        check: LOGIN,
        risk: Risk::Safe.into(),
        optional: false,
        restart: false,
        file: None,
        commands: vec![own.command.clone().into()],
        diff: Vec::new(),
        state: if waits { StepState::Waits } else { StepState::Planned },
    }
}
