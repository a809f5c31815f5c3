//! The steps of the VM, as they are carried out.

use super::by_hand::LOGIN;
use super::target::Target;
use crate::env::Env;
use crate::journal::{Setting, Settings};
use crate::report::setup::StepState;
use rom_host::advice;
use rom_host::files::HostFiles as _;
use rom_host::steps::{self, Risk};
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox::Config;

/// Where libvirt has a link for each domain that starts with the host.
const AUTOSTART: &str = "/etc/libvirt/qemu/autostart";

/// A step of the VM, as it is carried out.
pub(super) struct VmStep {
    pub(super) step: steps::Step,
    /// What it changes of a VM of Proxmox VE.
    pub(super) settings: Settings,
    pub(super) state: StepState,
}

/// A program that keeps a domain of libvirt from starting with the host.
pub(super) struct NoAutostart {
    pub(super) command: advice::ShellCommand,
    pub(super) undo: advice::ShellCommand,
}

/// The steps as they are done from `before` on.
pub(super) fn carried_out(before: &Configuration, chosen: Vec<steps::Step>) -> Vec<VmStep> {
    let mut now = before.clone();
    let mut vm = Vec::new();
    for step in chosen {
        let settings = settings_of(&now, &step.after);
        now = step.after.clone();
        vm.push(VmStep { step, settings, state: StepState::Planned });
    }
    vm
}

/// What changes between two configurations of Proxmox VE.
fn settings_of(before: &Configuration, after: &Configuration) -> Settings {
    let (Configuration::Proxmox(before), Configuration::Proxmox(after)) = (before, after) else {
        return Settings::new();
    };
    let keys = before.lines().chain(after.lines()).map(|(key, _)| key.to_owned());
    let value = |config: &Config, key: &str| config.get(key).map(str::to_owned);
    let setting = |key: String| {
        let setting = Setting { before: value(before, &key), after: value(after, &key) };
        (key, setting)
    };
    keys.map(setting).filter(|(_, setting)| setting.before != setting.after).collect()
}

pub(super) const NO_AUTOSTART: &str = "Do not start the VM with the host.";
pub(super) const WHY_NO_AUTOSTART: &str =
    "a restart of the host gives its screen back only while the VM does not start with it";

/// Until the VM was seen to work it does not start with the host: adds what sees to that.
pub(super) fn no_autostart(
    vm: &mut Vec<VmStep>,
    before: &Configuration,
    target: &Target,
    named: &str,
    env: &Env<'_>,
) -> Option<NoAutostart> {
    if vm.is_empty() {
        return None;
    }
    if let Some((name, _)) = &target.domain {
        if !env.files().exists(&format!("{AUTOSTART}/{name}.xml")) {
            return None;
        }
        let virsh = ["virsh", "--connect", "qemu:///system", "autostart"];
        let command = [&virsh[..], &["--disable", name]].concat();
        let undo = [&virsh[..], &[name.as_str()]].concat();
        return Some(NoAutostart {
            command: advice::ShellCommand::new(command)?,
            undo: advice::ShellCommand::new(undo)?,
        });
    }
    let now = vm.last().map_or_else(|| before.clone(), |own| own.step.after.clone());
    let Configuration::Proxmox(config) = &now else { return None };
    let value = config.get("onboot").filter(|value| *value == "1")?.to_owned();
    let command = |value: &str| advice::ShellCommand::new(["qm", "set", named, "--onboot", value]);
    let setting = Setting { before: Some(value), after: Some("0".to_owned()) };
    vm.push(VmStep {
        step: steps::Step {
            id: "onboot".to_owned(),
            text: NO_AUTOSTART.to_owned(),
            reason: WHY_NO_AUTOSTART.to_owned(),
            check: LOGIN,
            risk: Risk::Safe,
            optional: false,
            changes: Vec::new(),
            commands: command("0").into_iter().collect(),
            diff: vec!["- onboot: 1".to_owned(), "+ onboot: 0".to_owned()],
            undo: command("1").into_iter().collect(),
            after: now,
        },
        settings: [("onboot".to_owned(), setting)].into(),
        state: StepState::Planned,
    });
    None
}
