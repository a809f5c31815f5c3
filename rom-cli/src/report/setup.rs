//! `oprom setup`.

use super::Name;
use super::checks::{Check, Goal};
use super::guests::Guest;
use crate::text::{Block, Line, ShellCommand};
use rom_host::steps::Risk;
use rom_host::vm::model::Manager;
use schemars::JsonSchema;
use serde::Serialize;

/// What makes a host and a VM ready, and how far that came.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the JSON")]
pub(crate) struct Setup {
    /// How far it came.
    pub(crate) phase: Phase,
    /// The VM as it was named; absent if none was.
    pub(crate) vm: Option<Line>,
    /// Number of the VM of Proxmox VE, where that is known.
    pub(crate) vmid: Option<u32>,
    /// What starts the VM: `proxmox`, `libvirt` or `qemu`.
    pub(crate) manager: Option<Name<Manager>>,
    /// What the VM is for, where that is known.
    pub(crate) goal: Option<Goal>,
    /// Whether nothing is left, or would be left, for a person.
    pub(crate) ready: bool,
    /// What is done, in this order.
    pub(crate) steps: Vec<SetupStep>,
    /// Whether the host has to be restarted before the VM is changed or started.
    pub(crate) reboot_required: bool,
    /// Whether the VM runs, so that changes wait until it was shut down and started again.
    pub(crate) pending: bool,
    /// What no step does and is needed: for a person.
    pub(crate) manual_steps: Vec<Check>,
    /// What else is good to know.
    pub(crate) notes: Vec<Check>,
    /// Lines of the VM's configuration that its manager drops when it writes it.
    pub(crate) dropped: Vec<Line>,
    /// Ways into the host once its screen is dark: a command, or an address of the web.
    pub(crate) logins: Vec<Line>,
    /// Whether the host's last display goes to the VM.
    pub(crate) goes_dark: bool,
    /// A run before this one that did not come to its end.
    pub(crate) interrupted: Option<Interrupted>,
    /// The number of the run in the journal, where something was done.
    pub(crate) run: Option<u32>,
    /// The VMs and containers of this host, where none was named.
    pub(crate) guests: Vec<Guest>,
    /// How many configurations of guests were left out: there are too many, or too large ones.
    pub(crate) guests_unread: usize,
    /// Commands of which one is to be chosen, where the VM or its goal is not clear.
    pub(crate) choices: Vec<Choice>,
    /// What to do now.
    pub(crate) next: Vec<ShellCommand>,
}

/// How far it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Phase {
    /// The VM, or what it is for, has to be chosen.
    Choice,
    /// Nothing was changed.
    Planned,
    /// Every step was done that could be.
    Done,
    /// A step failed, and those after it were not done.
    Stopped,
}

/// A run that did not come to its end.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Interrupted {
    /// Its number.
    pub(crate) run: u32,
    /// What was asked for.
    pub(crate) command: Line,
    /// Steps of it that were done.
    pub(crate) done: usize,
}

/// A way to go on.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Choice {
    /// What it means.
    pub(crate) text: Block,
    pub(crate) command: Option<ShellCommand>,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SetupStep {
    /// What it changes, such as `boot-options` or `x-igd-lpc-hostpci0`.
    pub(crate) id: Line,
    /// What is changed.
    pub(crate) part: StepPart,
    /// What it does.
    pub(crate) text: Block,
    /// What is wrong without it.
    pub(crate) reason: Block,
    /// The check that asks for it; docs/checks.md has a heading for each.
    pub(crate) check: &'static str,
    /// `safe`; `guest-visible`: the guest sees other hardware; `reinstall`: an installed guest no
    /// longer boots.
    pub(crate) risk: Name<Risk>,
    /// Whether host and VM are ready without it.
    pub(crate) optional: bool,
    /// Whether the host has to be restarted after it, before the VM is changed or started.
    pub(crate) restart: bool,
    /// The file that it changes, as the host names it.
    pub(crate) file: Option<Line>,
    /// What is run.
    pub(crate) commands: Vec<ShellCommand>,
    /// Lines that go, with `- ` before them, and that come, with `+ `.
    pub(crate) diff: Vec<Line>,
    /// What became of it.
    pub(crate) state: StepState,
}

/// What a step changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StepPart {
    Host,
    Vm,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StepState {
    /// It would be done.
    Planned,
    /// It was done.
    Done,
    /// It failed.
    Failed,
    /// It was not reached.
    NotReached,
    /// It waits until the host was restarted, or until a person did the manual steps.
    Waits,
    /// Its risk was not accepted.
    NotAccepted,
}
