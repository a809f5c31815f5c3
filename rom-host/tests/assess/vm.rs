//! VMs with one thing changed.

use crate::hosts::{
    self, ROM, answer, assessor, documentation, golden, good_host, lines, not_well, put_rom,
};
use rom_host::assess::{Assessment, VmTarget};
use rom_host::files::FileMap;
use rom_host::steps::Plan;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// A VM, as the good one with changes.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// The configuration that is changed; good.conf if it is empty.
    base: String,
    /// Lines of a .conf to replace or add, and to leave out.
    set: BTreeMap<String, String>,
    unset: Vec<String>,
    /// Lines that wait for the next start.
    pending: Option<String>,
    /// A text of another kind of configuration, and what stands there instead.
    replace: Option<(String, String)>,
    /// Files of the host.
    files: BTreeMap<String, String>,
    /// The sample that is in place as the ROM.
    rom: Option<String>,
    device: Option<String>,
    qemu: Option<String>,
}

impl Case {
    /// The good configuration with the changes of this case.
    fn text(&self) -> String {
        let read = |name: &str| {
            fs::read_to_string(hosts::repository("rom-host/tests/vm").join(name)).unwrap()
        };
        if !self.base.is_empty() {
            let text = read(&self.base);
            let Some((old, new)) = &self.replace else { return text };
            assert_eq!(text.matches(old).count(), 1, "{}: {old:?}", self.name);
            return text.replace(old, new);
        }
        let good = read("good.conf");
        let (own, snapshots) = good.split_once("\n\n").unwrap();
        let key = |line: &str| line.split(':').next().unwrap().to_owned();
        let changed =
            |line: &&str| self.unset.contains(&key(line)) || self.set.contains_key(&key(line));
        let kept = own.lines().filter(|line| !changed(line)).map(str::to_owned);
        let set = self.set.iter().map(|(key, value)| format!("{key}: {value}"));
        let pending = self
            .pending
            .as_ref()
            .map_or_else(String::new, |pending| format!("[PENDING]\n{pending}\n\n"));
        format!("{}\n\n{pending}{snapshots}", kept.chain(set).collect::<Vec<String>>().join("\n"))
    }

    pub(crate) fn configuration(&self) -> Configuration {
        let text = self.text();
        if self.base.is_empty() {
            Configuration::Proxmox(proxmox::Config::read(&text))
        } else {
            Configuration::read(&text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
        }
    }

    /// Its host, on which it is VM 100.
    pub(crate) fn host(&self) -> FileMap {
        let mut host = good_host("good-three-images.rom");
        host.write(&format!("{}/100.conf", proxmox::FOLDER), self.text());
        if let Some(rom) = &self.rom {
            put_rom(&mut host, ROM, rom);
        }
        for (path, content) in &self.files {
            host.write(&format!("/{path}"), content.as_str());
        }
        host
    }

    /// What it is checked for.
    pub(crate) fn target(&self) -> VmTarget {
        VmTarget {
            device: self.device.as_ref().map(|device| device.parse().unwrap()),
            qemu: self.qemu.as_ref().map(|qemu| qemu.parse().unwrap()),
            vmid: Some(100),
            ..VmTarget::default()
        }
    }

    fn assessment(&self) -> Assessment {
        assessor(&self.host(), self.target()).assess(&self.configuration())
    }

    fn plan(&self) -> Plan {
        assessor(&self.host(), self.target()).plan(&self.configuration())
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let cases: Cases = toml::from_str(include_str!("../vm/cases.toml")).unwrap();
    assert!(cases.case.len() >= 86, "{}", cases.case.len());
    cases.case
}

/// What is said of each; one cause is one finding, and each check has its heading.
#[test]
fn one_thing_at_a_time() {
    let (mut all, documentation) = (String::new(), documentation());
    for case in cases() {
        let checks = case.assessment().checks;
        let bad = not_well(&checks);
        writeln!(all, "== {}: {}\n{}", case.name, answer(&checks), lines(bad.iter().copied()))
            .unwrap();
        assert!(bad.len() <= 1, "{}: {bad:?}", case.name);
        for check in &checks {
            let heading = format!("### {}: ", check.id);
            assert!(documentation.contains(&heading), "docs/checks.md lacks {}", check.id);
        }
    }
    golden("vm-cases.txt", &all);
}

/// What makes each ready, and what is left.
#[test]
fn what_is_wrong_is_planned_away() {
    let mut all = String::new();
    for case in cases() {
        let plan = case.plan();
        writeln!(all, "== {}: {}", case.name, answer(&plan.left)).unwrap();
        for step in &plan.steps {
            let optional = if step.optional { ", optional" } else { "" };
            writeln!(all, "{}: {} ({}{optional})", step.id, step.text, step.risk).unwrap();
            let commands = step.commands.iter().map(ToString::to_string);
            let lines =
                if step.commands.is_empty() { step.diff.clone() } else { commands.collect() };
            for line in lines {
                writeln!(all, "    {line}").unwrap();
            }
        }
        for check in &plan.left {
            writeln!(all, "# left: {} ({})", check.says, check.id).unwrap();
        }
        all.push('\n');
    }
    golden("vm-plans.txt", &all);
}
