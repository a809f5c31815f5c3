//! Hosts with one thing changed.

use crate::hosts::{
    ROM, answer, doctor, documentation, golden, good_host, lines, not_well, put_rom, repository,
    text,
};
use rom_core::catalog::Catalog;
use rom_host::checks::Status;
use rom_host::files::FileMap;
use rom_host::host_change::HostRom;
use rom_host::host_steps::{self, HostAction, HostPlan, Restart};
use rom_host::probe::Host;
use rom_host::system::grub::Options;
use rom_host::system::{Format, Loader, OptionFiles};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// A host, as the good one with changes.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    name: String,
    /// Files to write.
    files: BTreeMap<String, String>,
    /// Files in which one text stands for another.
    replace: BTreeMap<String, [String; 2]>,
    /// Files and folders to remove.
    remove: Vec<String>,
    links: BTreeMap<String, String>,
    /// The sample that is in place as igd.rom.
    rom: Option<String>,
    config: Config,
    /// Checks that say the same of what follows from it.
    also: Vec<String>,
}

/// The configuration space of the iGPU, as root sees it if nothing else is said.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// Bytes of it that can be read.
    length: Option<usize>,
    /// The GGC register in hex, as it stands there.
    ggc: Option<String>,
}

/// The good host with the changes of `case`.
fn host(case: &Case) -> FileMap {
    let at = |path: &str| format!("/{}", path.trim_start_matches('/'));
    let mut host = good_host(case.rom.as_deref().unwrap_or("good-three-images.rom"));
    let mut config = vec![0; case.config.length.unwrap_or(256)];
    let ggc = hex::decode(case.config.ggc.as_deref().unwrap_or("0104")).unwrap();
    if let Some(place) = config.get_mut(0x50..0x52) {
        place.copy_from_slice(&ggc);
    }
    host.write("/sys/bus/pci/devices/0000:00:02.0/config", config);
    for path in &case.remove {
        host.remove(&at(path));
    }
    for (path, content) in &case.files {
        host.write(&at(path), content.as_str());
    }
    for (path, [old, new]) in &case.replace {
        let before = text(&host, &at(path));
        assert!(before.contains(old), "{}: {path} has no {old:?}", case.name);
        host.write(&at(path), before.replace(old, new));
    }
    for (path, target) in &case.links {
        host.remove(&at(path));
        host.link_to(&at(path), target);
    }
    host
}

fn cases() -> Vec<Case> {
    let cases: Cases = toml::from_str(include_str!("../doctor/cases.toml")).unwrap();
    assert!(cases.case.len() >= 44, "{}", cases.case.len());
    cases.case
}

/// The catalog of the samples.
fn demo() -> Catalog {
    let text = fs::read_to_string(repository("samples/demo/known-roms.toml")).unwrap();
    text.parse::<Catalog>().unwrap()
}

/// What is said of each; beside what is not well, nothing changes: one cause is one finding.
#[test]
fn one_thing_at_a_time() {
    let (mut all, catalog) = (String::new(), demo());
    for case in cases() {
        let checks = doctor(&host(&case), &catalog);
        let bad = not_well(&checks);
        writeln!(all, "== {}: {}\n{}", case.name, answer(&checks), lines(bad.iter().copied()))
            .unwrap();
        let own = bad.iter().filter(|check| !case.also.iter().any(|id| id == check.id)).count();
        assert!(own <= 1, "{}: {bad:?}", case.name);
    }
    golden("doctor-cases.txt", &all);
}

#[test]
fn every_check_is_explained_and_has_a_case() {
    let documentation = documentation();
    let golden = repository("rom-host/tests/golden/doctor-cases.txt");
    let cases = fs::read_to_string(golden).unwrap();
    for check in doctor(&host(&Case::default()), &demo()) {
        let id = check.id;
        assert!(documentation.contains(&format!("### {id}: ")), "docs/checks.md lacks {id}");
        // Who has the iGPU now is never a fault.
        assert!(id == "HOST022" || cases.contains(id), "no case for {id}");
    }
}

fn plan(host: &FileMap, catalog: &Catalog) -> HostPlan {
    let checks = doctor(host, catalog);
    host_steps::plan(&Host::read(host, None), host, checks, None, &[HostRom::Intel])
}

/// A host after the steps of a plan: files are changed, the ROM is in place, and the boot loader
/// gave the kernel the options of its file.
fn done(host: &FileMap, plan: &HostPlan) -> FileMap {
    let mut host = host.clone();
    for step in &plan.steps {
        match &step.action {
            HostAction::Edit { path, before, after } => {
                assert_eq!(&text(&host, path), before);
                host.write(path, after.as_str());
            }
            HostAction::InstallRom(_) => {
                let path = Host::read(&host, None).system.rom_place(ROM);
                put_rom(&mut host, &path, "good-three-images.rom");
            }
            HostAction::Run { command, .. } => {
                let removed =
                    command.words().iter().find_map(|word| word.strip_prefix("--remove-args="));
                if let Some(option) = removed {
                    let line = text(&host, "/proc/cmdline");
                    let kept = line.split_whitespace().filter(|word| *word != option);
                    let line: Vec<&str> = kept.collect();
                    host.write("/proc/cmdline", line.join(" "));
                }
            }
        }
    }
    let Host { boot, system, .. } = Host::read(&host, None);
    let options = match boot.options.as_ref().and_then(OptionFiles::options) {
        Some(Options::Known(words)) => words,
        _ => Vec::new(),
    };
    let by_line = match system.loader.map(Loader::options).map(|own| own.format) {
        Some(Format::Lines(key)) => {
            boot.options.iter().flat_map(|own| &own.files).find_map(|file| {
                file.text.lines().find_map(|line| line.trim().strip_prefix(key)).map(str::to_owned)
            })
        }
        _ => None,
    };
    if let Some(line) = by_line {
        host.write("/proc/cmdline", line.trim());
    }
    if plan.steps.iter().any(|step| step.id == host_steps::APPLY) {
        let own = text(&host, "/proc/cmdline");
        let own =
            own.split_whitespace().filter(|word| word.contains("root=") || word.contains('\\'));
        let line: Vec<&str> = own.chain(options.iter().map(String::as_str)).collect();
        host.write("/proc/cmdline", line.join(" "));
        if options.iter().any(|option| option == "intel_iommu=on") || system.loader.is_none() {
            host.write("/sys/class/iommu/dmar0/intel-iommu/cap", "1c0000c40660462\n");
        }
    }
    if plan.steps.iter().any(|step| step.id == host_steps::INITRAMFS) {
        host.write("/sys/module/vfio_pci/parameters/disable_vga", "N\n");
    }
    host
}

/// The steps for each host, and that after them and a restart there is nothing more to do.
#[test]
fn steps_lead_to_a_host_without_steps() {
    let (mut all, catalog) = (String::new(), demo());
    for case in cases() {
        let host = host(&case);
        let plan = plan(&host, &catalog);
        let open = not_well(&doctor(&host, &catalog)).len();
        assert_eq!(open > 0, !plan.steps.is_empty() || !plan.left.is_empty(), "{}", case.name);
        if plan.steps.is_empty() {
            continue;
        }
        writeln!(all, "== {}", case.name).unwrap();
        for step in &plan.steps {
            let restart = match step.restart {
                Restart::No => "no restart",
                Restart::Later => "restart later",
                Restart::BeforeVm => "restart before the VM",
            };
            writeln!(all, "{}: {} [{}, {restart}]", step.id, step.text, step.check).unwrap();
            writeln!(all, "    because {}", step.reason).unwrap();
            for line in step.diff() {
                writeln!(all, "    {line}").unwrap();
            }
            if let HostAction::Run { command, .. } = &step.action {
                writeln!(all, "    {command}").unwrap();
            }
        }
        let after = done(&host, &plan);
        let again = self::plan(&after, &catalog);
        assert!(again.steps.is_empty(), "{}: {:#?}", case.name, again.steps);
        // What keeps the IOMMU off is gone, or is for a person; only a restart shows the rest.
        let shown_later = ["HOST010", "HOST023"];
        let failed = |plan: &HostPlan| {
            let failures = plan.left.iter().filter(|check| check.status == Status::Fail);
            let ids = failures.map(|check| check.id);
            ids.filter(|id| !shown_later.contains(id)).collect::<Vec<_>>()
        };
        let (expected, left) = (failed(&plan), failed(&again));
        assert_eq!(left, expected, "{}", case.name);
    }
    golden("host-plans.txt", &all);
}
