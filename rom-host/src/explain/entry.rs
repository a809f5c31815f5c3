//! What is known of a message or symptom: the form of an entry of the index.

use super::line::{Device, Driver, Facts, RomFile};
use crate::advice::{Advice, ShellCommand};
use crate::vm::model::Manager;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The kernel of the host.
    Kernel,
    /// A graphics driver of Linux, on the host or in a guest.
    Driver,
    /// QEMU.
    Qemu,
    /// Proxmox VE.
    Proxmox,
    /// libvirt.
    Libvirt,
    /// The VM's firmware: OVMF, SeaBIOS and the drivers of ROMs.
    Firmware,
    /// The operating system in the VM.
    Guest,
    /// A program that reads or makes ROMs.
    Tool,
    /// What a person sees.
    Symptom,
}

impl Layer {
    /// The name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel => "host kernel",
            Self::Driver => "graphics driver",
            Self::Qemu => "QEMU",
            Self::Proxmox => "Proxmox VE",
            Self::Libvirt => "libvirt",
            Self::Firmware => "the VM's firmware",
            Self::Guest => "the guest",
            Self::Tool => "a tool",
            Self::Symptom => "symptom",
        }
    }
}

/// Whether it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matters {
    /// It is a good sign.
    Good,
    /// It is no fault here.
    No,
    /// It depends on what else is there.
    Perhaps,
    /// It is why it does not work.
    Yes,
}

impl Matters {
    /// The stable word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::No => "no",
            Self::Perhaps => "perhaps",
            Self::Yes => "yes",
        }
    }
}

/// What to do, as the index has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tip {
    /// The manager that it is for; none for all.
    pub(super) manager: Option<Manager>,
    /// One or more sentences.
    pub(super) text: &'static str,
    /// Commands as they are typed. `VMID` and `NAME` are the VM's, `FILE` is a file's.
    pub(super) commands: &'static [&'static str],
}

impl Tip {
    /// It as advice; a tip for one manager says so where `manager` is not known.
    fn advice(&self, manager: Option<Manager>) -> Advice {
        let text = match self.manager.filter(|_| manager.is_none()) {
            Some(only) => format!("{}: {}", only.title(), self.text),
            None => self.text.to_owned(),
        };
        let commands = self.commands.iter().filter_map(|command| ShellCommand::new(words(command)));
        Advice { text, commands: commands.collect(), ..Advice::default() }
    }
}

/// The words of a command of the index, in which only single quotes quote.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut quoted = false;
    for part in command.split('\'') {
        if quoted {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
        quoted = !quoted;
    }
    words
}

/// Advice without a command.
pub(super) const fn act(text: &'static str) -> Tip {
    Tip { manager: None, text, commands: &[] }
}

/// Advice with what to type.
pub(super) const fn run(text: &'static str, commands: &'static [&'static str]) -> Tip {
    Tip { manager: None, text, commands }
}

/// Advice for those who use `manager`.
pub(super) const fn on(
    manager: Manager,
    text: &'static str,
    commands: &'static [&'static str],
) -> Tip {
    Tip { manager: Some(manager), text, commands }
}

/// What else has to be so for an entry to be meant; an empty list asks for nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    pub(super) devices: &'static [Device],
    pub(super) drivers: &'static [Driver],
    pub(super) files: &'static [RomFile],
}

impl When {
    const ALWAYS: Self = Self { devices: &[], drivers: &[], files: &[] };

    pub(super) fn holds(&self, facts: Facts) -> bool {
        (self.devices.is_empty() || self.devices.contains(&facts.device))
            && (self.drivers.is_empty() || self.drivers.contains(&facts.driver))
            && (self.files.is_empty() || self.files.contains(&facts.file))
    }
}

/// A message or a symptom.
#[derive(Debug)]
pub struct Entry {
    /// A stable name.
    pub id: &'static str,
    /// Who says it.
    pub layer: Layer,
    /// Whether it matters.
    pub matters: Matters,
    /// Texts that it is known by, in lower case; a star stands for anything.
    pub patterns: &'static [&'static str],
    /// Lines as they are seen.
    pub examples: &'static [&'static str],
    /// What it means.
    pub means: &'static str,
    pub(super) tips: &'static [Tip],
    pub(super) when: When,
}

impl Entry {
    /// What to do under `manager`; everything where no manager is known.
    #[must_use]
    pub fn advice(&self, manager: Option<Manager>) -> Vec<Advice> {
        let fits =
            |tip: &&Tip| tip.manager.is_none() || manager.is_none() || tip.manager == manager;
        self.tips.iter().filter(fits).map(|tip| tip.advice(manager)).collect()
    }

    /// The same, meant only for these devices.
    pub(super) const fn of(mut self, devices: &'static [Device]) -> Self {
        self.when.devices = devices;
        self
    }

    /// The same, meant only where one of these drivers says it.
    pub(super) const fn by(mut self, drivers: &'static [Driver]) -> Self {
        self.when.drivers = drivers;
        self
    }

    /// The same, meant only for these files.
    pub(super) const fn file(mut self, files: &'static [RomFile]) -> Self {
        self.when.files = files;
        self
    }
}

pub(super) const fn entry(
    (id, layer, matters): (&'static str, Layer, Matters),
    patterns: &'static [&'static str],
    examples: &'static [&'static str],
    means: &'static str,
    tips: &'static [Tip],
) -> Entry {
    Entry { id, layer, matters, patterns, examples, means, tips, when: When::ALWAYS }
}
