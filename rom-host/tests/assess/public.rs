//! Configurations that people published: what works for them does not fail here, and no plan takes
//! it apart.

use crate::hosts::good_host;
use rom_core::catalog::Catalog;
use rom_host::assess::{Assessor, VmTarget};
use rom_host::checks::{Check, Status};
use rom_host::files::{FileMap, HostFiles, ReadSeek};
use rom_host::probe::Host;
use rom_host::steps::Risk;
use rom_host::vm::configuration::Configuration;
use serde::Deserialize;
use std::io;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    configuration: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    source: String,
    device: String,
    qemu: String,
    goal: String,
    #[serde(default)]
    fails: Vec<String>,
    text: String,
}

/// A host whose ROMs cannot be read: what is in those of other people is not known here.
struct OfOthers(FileMap);

impl OfOthers {
    fn is_rom(path: &str) -> bool {
        ["/usr/share/kvm/", "/roms/", "/home/arch/", "/usr/share/vgabios/"]
            .iter()
            .any(|folder| path.starts_with(folder))
    }
}

impl HostFiles for OfOthers {
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        if Self::is_rom(path) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.0.read(path, most)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        self.0.open(path)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        self.0.names(folder)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.0.link(path)
    }

    fn exists(&self, path: &str) -> bool {
        Self::is_rom(path) || self.0.exists(path)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.0.mode(path)
    }
}

fn fails(checks: &[Check]) -> Vec<&str> {
    checks.iter().filter(|check| check.status == Status::Fail).map(|check| check.id).collect()
}

#[test]
fn what_works_for_people_does_not_fail() {
    let published: Published = toml::from_str(include_str!("../vm/public.toml")).unwrap();
    assert!(published.configuration.len() >= 60, "{}", published.configuration.len());
    let files = OfOthers(good_host("good-three-images.rom"));
    let mut wrong = Vec::new();
    for one in published.configuration {
        let target = VmTarget {
            device: Some(one.device.parse().unwrap()),
            qemu: Some(one.qemu.parse().unwrap()),
            ..VmTarget::default()
        };
        let host = Host::read(&files.0, None);
        let assessor = Assessor::read(target, host, &files, Catalog::embedded());
        let configuration = match Configuration::read(&one.text) {
            Ok(configuration) => configuration,
            Err(error) => panic!("{}: {error}", one.source),
        };
        let assessed = assessor.assess(&configuration);
        let failed = fails(&assessed.checks);
        if failed != one.fails {
            wrong.push(format!("{}: {failed:?}: {:?}", one.source, assessed.checks));
        }
        let goal = assessed.vm.goal.as_ref().map(|(name, reason)| format!("{name} ({reason})"));
        if assessed.vm.goal.map(|(name, _)| name) != Some(&one.goal) {
            wrong.push(format!("{}: {goal:?} instead of {}", one.source, one.goal));
        }
        let plan = assessor.plan(&configuration);
        for step in plan.steps.iter().filter(|_| one.fails.is_empty()) {
            let keeps = !matches!(step.id.as_str(), "firmware" | "machine" | "args-cpu")
                && !step.id.starts_with("mdev");
            if !step.optional || step.risk == Risk::Reinstall || !keeps {
                wrong.push(format!("{}: planned: {} {}", one.source, step.id, step.text));
            }
        }
        let after = assessor.assess(plan.after());
        let failed = fails(&after.checks);
        if one.fails.is_empty() && !failed.is_empty() {
            wrong.push(format!("{}: {failed:?} once the plan is done", one.source));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
