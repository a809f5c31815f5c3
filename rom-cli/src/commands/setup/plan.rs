//! What setup would do: the steps of the host and of the VM, and what is left for a person.

use super::target::{Target, evident};
use super::vm_steps::{NoAutostart, VmStep, carried_out, no_autostart};
use super::{by_hand, host};
use crate::args;
use crate::commands::{amd_roms, doctor};
use crate::env::Env;
use crate::error::CliError;
use crate::journal::{Journal, Run, Settings};
use crate::report::setup::StepState;
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{Check, Status};
use rom_host::goal::{Goal, Inferred};
use rom_host::host_change::HostRom;
use rom_host::host_steps::{HostAction, HostStep};
use rom_host::probe::Host;
use rom_host::probe::logins::{self, Login};
use rom_host::root::Root;
use rom_host::steps::{self, Risk};
use rom_host::vm::configuration::Configuration;
use std::fmt::Write as _;

/// What setup would do.
pub(super) struct Plan {
    pub(super) target: Target,
    pub(super) inferred: Option<Inferred>,
    /// The steps of the host; those that wait are not among them.
    pub(super) host: Vec<HostStep>,
    pub(super) vm: Vec<VmStep>,
    pub(super) no_autostart: Option<NoAutostart>,
    /// Whether the host has to be restarted before the VM is changed, by what was done before too.
    pub(super) restart: bool,
    pub(super) manual: Vec<Check>,
    pub(super) notes: Vec<Check>,
    pub(super) logins: Vec<Login>,
    /// Whether the host's last display goes to the VM.
    pub(super) goes_dark: bool,
    /// The last run, if it did not come to its end.
    pub(super) interrupted: Option<Run>,
    /// The ROM that would be installed, and where.
    pub(super) rom_path: String,
    pub(super) rom_name: Option<String>,
    /// What the host was found to be.
    found: Vec<String>,
}

impl Plan {
    /// Reads the host, and makes the steps. `chosen` is what somebody said that the VM is for.
    pub(super) fn new(
        args: &args::Setup,
        target: Target,
        chosen: Option<Goal>,
        env: &Env<'_>,
    ) -> Result<Self, CliError> {
        let goal = chosen.or_else(|| evident(&target, env));
        let (files, catalog) = (env.files(), env.catalog()?);
        let history = Journal::look(&Root::new(&env.sysroot))?.unwrap_or_default();
        let mut facts = doctor::facts(doctor::host(env), env)?;
        if let (Some(vmid), Some(goal)) = (target.vmid, goal) {
            facts.goals.insert(vmid, goal);
        }
        let rom_path = host::rom_path(&facts.host, &target);
        let checks = assess::host(&facts);
        let found = checks.iter().map(|check| format!("{} {}", check.id, check.says)).collect();
        let before = target.at_next_start();
        let mut roms = Vec::new();
        if facts.host.amd.is_some() {
            roms.push(HostRom::AmdVbios);
            roms.extend(args.bios.is_some().then_some(HostRom::AmdGop));
        } else if let Some(bios) = &args.bios {
            return Err(amd_roms::not_amd(bios));
        } else if goal == Some(Goal::DisplayAtBoot) || has_rom(&before, &rom_path) {
            roms.push(HostRom::Intel);
        }
        let (of_host, restart) = host::plan(args, &facts, checks, goal, &roms, &history, env)?;
        let after = of_host.after(&files);
        let own = VmTarget {
            vmid: target.vmid,
            goal: chosen,
            asked: Some(target.asked.clone()),
            rom: Some(rom_path.clone()),
            ..VmTarget::default()
        };
        let (host, named) = (Host::read(&after, facts.host.qemu.clone()), own.named());
        let of_vm = Assessor::read(own, host, &after, &catalog).plan(&target.configuration);
        let coming = of_host.steps.iter().filter_map(|step| match step.action {
            HostAction::InstallRom(rom) => Some(path_of(&rom_path, rom).to_owned()),
            HostAction::Edit { .. } | HostAction::Run { .. } => None,
        });
        let coming: Vec<String> = coming.collect();
        let is_coming = |check: &Check| {
            ["VM020", "VM050", "VM051"].contains(&check.id)
                && coming.iter().any(|path| check.evidence.contains(path))
        };
        let left = of_host.left.into_iter().chain(of_vm.left);
        let left = left.filter(|check| !is_coming(check));
        let (mut manual, notes): (Vec<_>, Vec<_>) =
            left.partition(|check| check.status == Status::Fail);
        manual.extend(by_hand::other_users(args, &facts.guests.found));
        let logins = logins::read(&files);
        let goes_dark = facts.host.displays.len() < 2;
        let reachable = logins.as_ref().map_or(facts.host.remote, |found| !found.is_empty());
        if goes_dark && !reachable {
            manual.push(by_hand::no_login(&facts.host));
        }
        let mut plan = Self {
            inferred: of_vm.inferred,
            host: of_host.steps,
            vm: Vec::new(),
            no_autostart: None,
            restart,
            manual,
            notes,
            logins: logins.unwrap_or_default(),
            goes_dark,
            interrupted: history.interrupted().cloned(),
            rom_name: args
                .rom
                .as_ref()
                .map(|rom| rom.display().to_string())
                .or_else(|| facts.picked.candidates.first().map(|choice| choice.rom.clone())),
            rom_path,
            found,
            target,
        };
        if !args.no_vm {
            plan.choose_vm_steps(args, &before, &named, of_vm.steps, env);
        }
        plan.host.extend(host::remember_goal(&plan.target, chosen, env)?);
        Ok(plan)
    }

    /// Takes those steps of the VM whose risk was accepted, and says which of them wait.
    fn choose_vm_steps(
        &mut self,
        args: &args::Setup,
        before: &Configuration,
        named: &str,
        steps: Vec<steps::Step>,
        env: &Env<'_>,
    ) {
        let accepted = |risk: Risk| match risk {
            Risk::Safe => true,
            Risk::GuestVisible => !args.yes || args.accept.contains(&risk),
            Risk::Reinstall => args.accept.contains(&risk),
        };
        let chosen = steps::choose(before, named, &steps, |step| accepted(step.risk));
        self.vm = carried_out(before, chosen);
        self.no_autostart = no_autostart(&mut self.vm, before, &self.target, named, env);
        if !self.target.has_manager() && !self.vm.is_empty() {
            self.manual.push(by_hand::file(&self.target));
        }
        if self.restart || !self.manual.is_empty() {
            self.vm.iter_mut().for_each(|step| step.state = StepState::Waits);
        }
        let refused = steps.into_iter().filter(|step| !accepted(step.risk));
        for step in refused {
            if !step.optional {
                self.manual.push(by_hand::not_accepted(&step));
            }
            let (settings, state) = (Settings::new(), StepState::NotAccepted);
            self.vm.push(VmStep { step, settings, state });
        }
    }

    /// Where a ROM goes.
    pub(super) fn path_of(&self, rom: HostRom) -> &str {
        path_of(&self.rom_path, rom)
    }

    /// Whether steps of the VM wait.
    pub(super) fn waits(&self) -> bool {
        self.vm.iter().any(|step| step.state == StepState::Waits)
    }

    /// What host and VM were, as text that changes with them.
    pub(super) fn state(&self) -> String {
        let mut text = self.found.join("\n");
        for step in &self.host {
            if let HostAction::Edit { path, before, .. } = &step.action {
                let _ = write!(text, "\n{path}\n{before}");
            }
        }
        for line in self.target.configuration.lines() {
            let _ = write!(text, "\n{line}");
        }
        text
    }
}

/// Where a ROM goes, if that of an Intel GPU goes to `of_intel`.
fn path_of(of_intel: &str, rom: HostRom) -> &str {
    if rom == HostRom::Intel { of_intel } else { rom.path() }
}

/// Whether the GPU of a VM has the ROM at `path`.
fn has_rom(configuration: &Configuration, path: &str) -> bool {
    let vm = configuration.vm();
    vm.gpu().is_some_and(|gpu| gpu.get("romfile") == Some(path))
}
