//! A plan in a file: what was shown, to be applied as it was shown or not at all.

use super::plan::Plan;
use crate::args;
use crate::atomic;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::setup::{Setup, SetupStep};
use rom_core::Digest;
use rom_host::goal::Goal;
use rom_host::steps::Risk;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Bytes of a plan that are read.
const LONGEST: u64 = 4 << 20;

/// A plan as it is saved.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    oprom_plan: u32,
    vm: String,
    goal: Option<String>,
    accept: Vec<String>,
    no_host: bool,
    no_vm: bool,
    rom: Option<PathBuf>,
    bios: Option<PathBuf>,
    without_container: Vec<u32>,
    /// SHA-256 of what the host and the VM were.
    state: String,
    steps: Vec<SavedStep>,
}

/// A step as it is saved.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedStep {
    id: String,
    file: Option<String>,
    commands: Vec<String>,
    diff: Vec<String>,
}

impl From<&SetupStep> for SavedStep {
    fn from(step: &SetupStep) -> Self {
        Self {
            id: step.id.raw().to_owned(),
            file: step.file.as_ref().map(|file| file.raw().to_owned()),
            commands: step.commands.iter().map(ToString::to_string).collect(),
            diff: step.diff.iter().map(|line| line.raw().to_owned()).collect(),
        }
    }
}

/// Writes what was shown; the file must not be there yet.
pub(super) fn write(
    file: &Path,
    args: &args::Setup,
    vm: &str,
    goal: Option<Goal>,
    plan: &Plan,
    report: &Setup,
) -> Result<(), CliError> {
    let saved = Saved {
        oprom_plan: 1,
        vm: vm.to_owned(),
        goal: goal.map(|goal| goal.name().to_owned()),
        accept: args.accept.iter().map(|risk| risk.name().to_owned()).collect(),
        no_host: args.no_host,
        no_vm: args.no_vm,
        rom: args.rom.clone(),
        bios: args.bios.clone(),
        without_container: args.without_container.clone(),
        state: state(plan),
        steps: report.steps.iter().map(SavedStep::from).collect(),
    };
    let text = serde_json::to_string_pretty(&saved)
        .map_err(|error| CliError::new(Exit::Failed, error, "Report this."))?;
    Ok(atomic::write_new(file, format!("{text}\n").as_bytes())?)
}

/// Reads a plan.
pub(super) fn read(file: &Path) -> Result<Saved, CliError> {
    let text = files::read_text(file, LONGEST)?;
    let saved: Saved = serde_json::from_str(&text).map_err(|error| {
        let what = format!("{} is not a plan of oprom setup: {error}", file.display());
        CliError::new(Exit::Failed, what, "Make one with --plan-out FILE.")
    })?;
    if saved.oprom_plan == 1 {
        return Ok(saved);
    }
    let what = format!("{} is a plan of another version of oprom", file.display());
    Err(CliError::new(Exit::Failed, what, "Make it again with --plan-out FILE."))
}

fn state(plan: &Plan) -> String {
    Digest::of(plan.state().as_bytes()).to_string()
}

impl Saved {
    /// The same question again.
    pub(super) fn asked(&self, network: &args::Network) -> args::Setup {
        let risk = |name: &String| {
            [Risk::GuestVisible, Risk::Reinstall].into_iter().find(|risk| risk.name() == name)
        };
        args::Setup {
            vm: Some(self.vm.clone()),
            goal: self.goal.as_ref().and_then(|goal| goal.parse().ok()),
            accept: self.accept.iter().filter_map(risk).collect(),
            no_host: self.no_host,
            no_vm: self.no_vm,
            rom: self.rom.clone(),
            bios: self.bios.clone(),
            without_container: self.without_container.clone(),
            dry_run: false,
            plan_out: None,
            apply: None,
            yes: false,
            network: network.clone(),
        }
    }

    /// An error unless host, VM and steps are what they were.
    pub(super) fn compare(&self, plan: &Plan, report: &Setup) -> Result<(), CliError> {
        let steps: Vec<SavedStep> = report.steps.iter().map(SavedStep::from).collect();
        if self.state == state(plan) && self.steps == steps {
            return Ok(());
        }
        let what = "the host or the VM was changed since the plan was made; nothing was done";
        let help = "Make the plan again with --plan-out FILE, and look at it.";
        Err(CliError::new(Exit::Refused, what, help))
    }
}
