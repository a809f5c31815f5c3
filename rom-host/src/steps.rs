//! From here to there: what makes a VM ready for what it is for, as ordered steps.
//!
//! There is one recipe, and it is the rules: a rule that finds something wrong says what changes
//! it. A plan is what the rules say, one after the other, until none has anything left to say. So a
//! plan and a check cannot disagree: once all steps are done, the check passes and the next plan is
//! empty.
//!
//! # How it is used
//! [`crate::assess::Assessor::plan`] makes a [`Plan`] of a configuration on a host. Whoever carries
//! it out goes through [`Plan::steps`] in their order: shows the text, the risk and the diff, asks,
//! and
//!
//! - for Proxmox VE runs [`Step::commands`]; [`Step::undo`] undoes the step;
//! - for libvirt and QEMU writes the text of [`Step::after`] ([`Configuration::text`]), for libvirt
//!   by `virsh define`; the text of the step before it, or of [`Plan::before`], undoes it.
//!
//! Where some steps are left out, [`choose`] makes the commands of the others again: a command sets
//! a whole line, and so would bring what was left out with it. Optional steps come last, and steps
//! that are left out change no verdict if they are optional. What no step can do is in
//! [`Plan::left`]: the failures among it are for a person.

use crate::advice::{ShellCommand, Steps};
use crate::checks::{Check, Status};
use crate::goal::Inferred;
use crate::qemu::QemuVersion;
use crate::rules::vm::RuleResult;
use crate::vm::change::Change;
use crate::vm::configuration::Configuration;
use crate::vm::model::Manager;
use std::fmt;

/// What a step can do to a guest that is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// It sees nothing of it.
    Safe,
    /// It sees other hardware.
    GuestVisible,
    /// It no longer boots: it has to be installed again, or converted.
    Reinstall,
}

impl Risk {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::GuestVisible => "guest-visible",
            Self::Reinstall => "reinstall",
        }
    }
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it changes, such as `firmware` or `x-igd-lpc`. No two steps of a plan have the same.
    pub id: String,
    /// What it does, in a sentence.
    pub text: String,
    /// What is wrong without it, in a sentence.
    pub reason: String,
    /// The check that asks for it; docs/checks.md has a heading for each.
    pub check: &'static str,
    /// What it can do to the guest.
    pub risk: Risk,
    /// Whether the VM is ready without it.
    pub optional: bool,
    /// What it changes, for [`choose`].
    pub changes: Vec<Change>,
    /// What to type, where the VM has a manager with commands for it.
    pub commands: Vec<ShellCommand>,
    /// Lines of the configuration that go, with `- ` before them, and that come, with `+ `.
    pub diff: Vec<String>,
    /// What undoes it, typed after it.
    pub undo: Vec<ShellCommand>,
    /// The configuration after it.
    pub after: Configuration,
}

/// The way from a configuration to one that is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What starts the VM.
    pub manager: Manager,
    /// The GPU that it is for, as its id and its name, where that is known.
    pub device: Option<String>,
    /// The QEMU that it is for, where that is known.
    pub qemu: Option<QemuVersion>,
    /// What the VM is for once all steps are done, and why that is thought; `None` if it has no
    /// GPU then.
    pub inferred: Option<Inferred>,
    /// The configuration as it is.
    pub before: Configuration,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// What is not well once all steps are done: failures are for a person, warnings to know.
    pub left: Vec<Check>,
}

impl Plan {
    /// The configuration once all steps are done.
    #[must_use]
    pub fn after(&self) -> &Configuration {
        self.steps.last().map_or(&self.before, |step| &step.after)
    }

    /// Whether the VM is ready once all steps are done.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.left.iter().all(|check| check.status != Status::Fail)
    }
}

/// Steps that a plan has at most: a rule that is never content must not keep anybody waiting.
const MOST: usize = 64;

/// The steps from `before` to a configuration with which `check` finds nothing wrong that can be
/// changed. `vm` is the VM in commands. Also what is left once they are done.
pub fn steps(
    before: &Configuration,
    vm: &str,
    mut check: impl FnMut(&Configuration) -> Vec<RuleResult>,
) -> (Vec<Step>, Vec<Check>) {
    let mut results = check(before);
    let mut search = Search { seen: vec![before.clone()], declined: Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    let mut now = before.clone();
    while found.len() < MOST {
        if results.iter().any(|result| result.dead_end) {
            // What else is wrong does not matter: no step leads there.
            results.retain(|result| result.dead_end);
            return (Vec::new(), left(results));
        }
        let required = |status| status == Status::Fail;
        let Some((one, next)) = search.first(&results, &now, required) else { break };
        results = check(&next);
        search.seen.push(next.clone());
        found.push(one);
        now = next;
    }
    while found.len() < MOST {
        let optional = |status| status != Status::Fail;
        let Some((one, next)) = search.first(&results, &now, optional) else { break };
        let after = check(&next);
        search.seen.push(next.clone());
        if failures(&after) > failures(&results) {
            // What is optional must not cost anything that works.
            search.declined.extend(one.changes);
            continue;
        }
        found.push(one);
        now = next;
        results = after;
    }
    let steps = worded(before, vm, found);
    let end = steps.last().map_or(before, |step| &step.after);
    let results = check(end);
    (steps, left(results))
}

fn failures(results: &[RuleResult]) -> usize {
    results.iter().filter(|result| result.check.status == Status::Fail).count()
}

/// What a rule asks for.
struct Found {
    check: Check,
    changes: Vec<Change>,
}

/// What was tried: a rule that undoes what another asked for must not go on forever.
struct Search {
    seen: Vec<Configuration>,
    declined: Vec<Change>,
}

impl Search {
    /// The first of the changes that are asked for and that lead somewhere new, and where.
    fn first(
        &self,
        results: &[RuleResult],
        now: &Configuration,
        counts: impl Fn(Status) -> bool,
    ) -> Option<(Found, Configuration)> {
        let with_changes =
            |result: &&RuleResult| counts(result.check.status) && !result.changes.is_empty();
        for result in results.iter().filter(with_changes) {
            let declined = result.changes.iter().any(|change| self.declined.contains(change));
            let next = now.with(&result.changes);
            if !declined && !self.seen.contains(&next) {
                let found = Found { check: result.check.clone(), changes: result.changes.clone() };
                return Some((found, next));
            }
        }
        None
    }
}

fn left(results: Vec<RuleResult>) -> Vec<Check> {
    let checks = results.into_iter().map(|result| result.check);
    checks.filter(|check| matches!(check.status, Status::Fail | Status::Warn)).collect()
}

/// The steps in words and commands. One that changes nothing any more, since the one before it did,
/// is none.
fn worded(before: &Configuration, vm: &str, found: Vec<Found>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut now = before.clone();
    for Found { check, changes } in found {
        let after = now.with(&changes);
        if after == now {
            continue;
        }
        let said: Vec<String> = changes.iter().map(text).collect();
        let mut step = Step {
            id: unique(&id(&changes), &steps),
            text: said.join(" "),
            reason: check.says,
            check: check.id,
            risk: changes.iter().map(risk).max().unwrap_or(Risk::Safe),
            optional: check.status != Status::Fail,
            changes,
            commands: Vec::new(),
            diff: Vec::new(),
            undo: Vec::new(),
            after,
        };
        word(&mut step, &now, vm);
        now = step.after.clone();
        steps.push(step);
    }
    steps
}

/// Fills in what a step does to `before`.
fn word(step: &mut Step, before: &Configuration, vm: &str) {
    let commands = |steps: Steps| match steps {
        Steps::Commands(commands) => commands,
        Steps::Diff(_) => Vec::new(),
    };
    step.commands = commands(before.steps_to(&step.after, vm));
    step.undo = commands(step.after.steps_to(before, vm));
    step.diff = before.difference(&step.after);
}

/// The steps of a plan without those that are not wanted, as they are done from `before` on. `vm`
/// is the VM in commands.
#[must_use]
pub fn choose(
    before: &Configuration,
    vm: &str,
    steps: &[Step],
    wanted: impl Fn(&Step) -> bool,
) -> Vec<Step> {
    let mut now = before.clone();
    let mut chosen = Vec::new();
    for step in steps.iter().filter(|step| wanted(step)) {
        let mut step = step.clone();
        step.after = now.with(&step.changes);
        word(&mut step, &now, vm);
        now = step.after.clone();
        if !step.diff.is_empty() {
            chosen.push(step);
        }
    }
    chosen
}

/// What changes are called together.
fn id(changes: &[Change]) -> String {
    let own = |change: &Change| match change {
        Change::PassThrough { host } => format!("device-{host}"),
        Change::Uefi => "firmware".to_owned(),
        Change::Pc => "machine".to_owned(),
        Change::NoDisplay => "display".to_owned(),
        Change::OneFunction { device } => format!("function-{device}"),
        Change::AtSlot2 { device } => format!("place-{device}"),
        Change::FreeLpc => "place-lpc".to_owned(),
        Change::Set { device, property, .. } => format!("{property}-{device}"),
        Change::Unset { device, property } => format!("{property}-{device}"),
        Change::UnsetAll { device } => format!("settings-{device}"),
        Change::Remove { device } => format!("device-{device}"),
        Change::WithoutOption { key, option } => format!("{key}-{option}"),
        Change::Line { key, .. } => (*key).to_owned(),
        Change::WithoutWord(_) | Change::WithoutSetting(_) | Change::Hyphen(_) => {
            "args-word".to_owned()
        }
        Change::WithoutMachine => "args-machine".to_owned(),
        Change::WithoutCpu => "args-cpu".to_owned(),
        Change::WithoutCutWord => "args-cut".to_owned(),
        Change::NoBallooning => "ballooning".to_owned(),
        Change::Memory(_) => "memory".to_owned(),
        Change::AddressBits(_) => "address-bits".to_owned(),
    };
    changes.first().map(own).unwrap_or_default()
}

/// An id that no step has: what is changed twice gets a number after it.
fn unique(id: &str, steps: &[Step]) -> String {
    let taken = |id: &str| steps.iter().any(|step| step.id == id);
    let numbered = (2..).map(|number| format!("{id}-{number}"));
    let mut ids = [id.to_owned()].into_iter().chain(numbered);
    ids.find(|id| !taken(id)).unwrap_or_default()
}

/// What a change does, in a sentence.
fn text(change: &Change) -> String {
    match change {
        Change::PassThrough { host } => format!("Pass {host} through."),
        Change::Uefi => "Start the VM with UEFI (OVMF).".to_owned(),
        Change::Pc => "Use machine type pc.".to_owned(),
        Change::NoDisplay => "Remove the VM's own display.".to_owned(),
        Change::OneFunction { device } => format!("Pass one function through by {device}."),
        Change::AtSlot2 { device } => format!("Put {device} at 00:02.0 in the VM."),
        Change::FreeLpc => "Move the device at 00:1f.0 to another address.".to_owned(),
        Change::Set { device, property: "romfile", value } => {
            format!("Give {device} the ROM {value}.")
        }
        Change::Set { device, property, value } => format!("Set {property}={value} for {device}."),
        Change::Unset { device, property } => format!("Remove {property} from {device}."),
        Change::UnsetAll { device } => format!("Remove what is set of {device}."),
        Change::Remove { device } => format!("Remove {device}."),
        Change::WithoutOption { key, option } => format!("Remove {option} from the line {key}."),
        Change::Line { key, value } => format!("Set {key} to {value}."),
        Change::WithoutWord(word) => format!("Remove {word} from the arguments."),
        Change::WithoutSetting(value) => format!("Remove -set {value} from the arguments."),
        Change::Hyphen(word) => format!("Write {word} with a hyphen."),
        Change::WithoutMachine => "Remove the machine type from the arguments.".to_owned(),
        Change::WithoutCpu => "Remove -cpu from the arguments.".to_owned(),
        Change::WithoutCutWord => "Remove the argument that was cut.".to_owned(),
        Change::NoBallooning => "Turn ballooning off.".to_owned(),
        Change::Memory(size) => format!("Give the VM {size} MiB of memory."),
        Change::AddressBits(bits) => {
            format!("Give the VM's CPU no more than {bits} address bits.")
        }
    }
}

/// What a change can do to an installed guest.
fn risk(change: &Change) -> Risk {
    match change {
        Change::Uefi => Risk::Reinstall,
        Change::Set { property: "romfile" | "x-igd-legacy-mode", .. }
        | Change::UnsetAll { .. }
        | Change::WithoutWord(_)
        | Change::WithoutSetting(_)
        | Change::WithoutMachine
        | Change::WithoutCutWord => Risk::Safe,
        Change::Unset { property, .. } => match property.as_str() {
            "pcie" | "mdev" | "x-vga" | "legacy-igd" | "x-igd-lpc" | "x-igd-opregion" => {
                Risk::GuestVisible
            }
            _ => Risk::Safe,
        },
        Change::PassThrough { .. }
        | Change::Pc
        | Change::NoDisplay
        | Change::OneFunction { .. }
        | Change::AtSlot2 { .. }
        | Change::FreeLpc
        | Change::Remove { .. }
        | Change::WithoutOption { .. }
        | Change::Line { .. }
        | Change::Hyphen(_)
        | Change::Set { .. }
        | Change::WithoutCpu
        | Change::NoBallooning
        | Change::Memory(_)
        | Change::AddressBits(_) => Risk::GuestVisible,
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
