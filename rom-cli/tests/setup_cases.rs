//! `setup` on every host and VM that the rules are tried on: it ends with a host and a VM that
//! `doctor` and `vm check` call ready, or says which step needs a person; then all of it is undone.

mod support;
#[path = "support/tree.rs"]
mod tree;

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use support::{exit, samples, text};
use tree::{CONF, Tree};

const GOOD: &str = include_str!("../../rom-host/tests/vm/good.conf");

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Host and VM are ready.
    Ready,
    /// They are after a restart.
    ReadyAfterRestart,
    /// A person is told what to do, or asked what the VM is for.
    Person,
}

/// Sets VM 100 up, and undoes it.
fn outcome(name: &str, tree: &Tree) -> Outcome {
    let before = tree.state();
    let mut report = tree.setup(&["--accept", "reinstall"]);
    let mut outcome = Outcome::Ready;
    if report["reboot_required"] == true && report["manual_steps"] == Value::Array(Vec::new()) {
        tree.restart();
        report = tree.setup(&["--accept", "reinstall"]);
        outcome = Outcome::ReadyAfterRestart;
    }
    let is_empty = |key: &str| report[key].as_array().is_none_or(Vec::is_empty);
    if report["ready"] == true {
        for command in [&["doctor"][..], &["vm", "check", "100"]] {
            let output = tree.run(command);
            let stdout = text(&output.stdout);
            // doctor knows no goal for a VM that needs less than a display at boot.
            let fine = exit(&output) == 0 || command[0] == "doctor";
            assert!(fine, "{name}: {command:?}: {stdout}{report:#}");
        }
        let again = tree.setup(&["--accept", "reinstall"]);
        assert!(tree::states(&again).is_empty(), "{name}: {again:#}");
    } else {
        outcome = Outcome::Person;
        let told = !is_empty("manual_steps") || !is_empty("choices");
        assert!(told, "{name}: {report:#}");
    }
    tree.run(&["undo", "--all"]);
    let after = tree.state();
    for (path, content) in &before {
        // What a restart changes is not ours.
        if path.starts_with("proc/") || path.starts_with("sys/") {
            continue;
        }
        assert_eq!(after.get(path), Some(content), "{name}: {path}");
    }
    let new: Vec<&String> = after
        .keys()
        .filter(|path| !before.contains_key(*path))
        .filter(|path| !path.starts_with("proc/") && !path.starts_with("sys/"))
        .collect();
    assert!(new.is_empty(), "{name}: {new:?}");
    outcome
}

/// How many cases came to what; they run side by side.
fn count<C: Sync>(
    cases: &[C],
    tree: impl Fn(&C) -> (String, Tree) + Sync,
) -> BTreeMap<Outcome, usize> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut own = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (name, tree) = tree(case);
            own.push(outcome(&name, &tree));
        }
        own
    };
    let mut all = BTreeMap::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            for outcome in worker.join().unwrap() {
                *all.entry(outcome).or_default() += 1;
            }
        }
    });
    all
}

#[derive(Deserialize)]
struct HostCases {
    case: Vec<HostCase>,
}

/// A host as the good one with changes; see rom-host/tests/doctor/cases.toml.
#[derive(Default, Deserialize)]
#[serde(default)]
struct HostCase {
    name: String,
    files: BTreeMap<String, String>,
    replace: BTreeMap<String, [String; 2]>,
    remove: Vec<String>,
    links: BTreeMap<String, String>,
    rom: Option<String>,
    config: HostConfig,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct HostConfig {
    length: Option<usize>,
    ggc: Option<String>,
}

fn put_rom(tree: &Tree, rom: &str) {
    fs::copy(samples(rom), tree.at("usr/share/kvm/igd.rom")).unwrap();
}

fn remove(path: &Path) {
    if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path).unwrap();
    } else if path.is_symlink() || path.exists() {
        fs::remove_file(path).unwrap();
    }
}

fn host(case: &HostCase) -> (String, Tree) {
    let tree = Tree::new(GOOD);
    let own = |path: &str| path.trim_start_matches('/').to_owned();
    put_rom(&tree, case.rom.as_deref().unwrap_or("good-three-images.rom"));
    let mut config = vec![0; case.config.length.unwrap_or(256)];
    let ggc = hex::decode(case.config.ggc.as_deref().unwrap_or("0104")).unwrap();
    if let Some(place) = config.get_mut(0x50..0x52) {
        place.copy_from_slice(&ggc);
    }
    fs::write(tree.at("sys/bus/pci/devices/0000:00:02.0/config"), config).unwrap();
    for path in &case.remove {
        remove(&tree.at(&own(path)));
    }
    for (path, content) in &case.files {
        tree.write(&own(path), content);
    }
    for (path, [old, new]) in &case.replace {
        tree.replace(&own(path), old, new);
    }
    for (path, target) in &case.links {
        remove(&tree.at(&own(path)));
        symlink(target, tree.at(&own(path))).unwrap();
    }
    (case.name.clone(), tree)
}

#[test]
fn every_host() {
    let text = include_str!("../../rom-host/tests/doctor/cases.toml");
    let cases: HostCases = toml::from_str(text).unwrap();
    // The others have no VM of Proxmox VE.
    let of_proxmox = |case: &HostCase| !case.remove.iter().any(|path| path.contains("etc/pve"));
    let cases: Vec<HostCase> = cases.case.into_iter().filter(of_proxmox).collect();
    assert!(cases.len() >= 44, "{}", cases.len());
    let counts = count(&cases, host);
    println!("{counts:?}");
    assert!(
        counts[&Outcome::Ready] >= 20 && counts[&Outcome::ReadyAfterRestart] >= 3,
        "{counts:?}"
    );
}

#[derive(Deserialize)]
struct VmCases {
    case: Vec<VmCase>,
}

/// A VM as the good one with changes; see rom-host/tests/vm/cases.toml.
#[derive(Default, Deserialize)]
#[serde(default)]
struct VmCase {
    name: String,
    base: String,
    set: BTreeMap<String, String>,
    unset: Vec<String>,
    pending: Option<String>,
    files: BTreeMap<String, String>,
    rom: Option<String>,
    device: Option<String>,
    qemu: Option<String>,
}

fn vm(case: &VmCase) -> (String, Tree) {
    let (own, snapshots) = GOOD.split_once("\n\n").unwrap();
    let changed = |line: &&str| {
        let key = line.split(':').next().unwrap();
        case.unset.iter().any(|own| own == key) || case.set.contains_key(key)
    };
    let kept = own.lines().filter(|line| !changed(line)).map(str::to_owned);
    let set = case.set.iter().map(|(key, value)| format!("{key}: {value}"));
    let lines: Vec<String> = kept.chain(set).collect();
    let pending = case.pending.as_ref().map(|text| format!("[PENDING]\n{text}\n\n"));
    let pending = pending.unwrap_or_default();
    let tree = Tree::new(&format!("{}\n\n{pending}{snapshots}", lines.join("\n")));
    put_rom(&tree, case.rom.as_deref().unwrap_or("good-three-images.rom"));
    for (path, content) in &case.files {
        tree.write(path, content);
    }
    if let Some(version) = &case.qemu {
        tree.replace("var/lib/dpkg/status", "10.1.2-4", &format!("{version}.0-1"));
    }
    assert!(tree.at(CONF).exists());
    (case.name.clone(), tree)
}

/// VMs of Proxmox VE on this host; the others are for other machines.
#[test]
fn every_vm() {
    let cases: VmCases =
        toml::from_str(include_str!("../../rom-host/tests/vm/cases.toml")).unwrap();
    let own = |case: &VmCase| case.base.is_empty() && case.device.is_none();
    let cases: Vec<VmCase> = cases.case.into_iter().filter(own).collect();
    assert!(cases.len() > 60, "{}", cases.len());
    let counts = count(&cases, vm);
    println!("{counts:?}");
    assert!(counts[&Outcome::Ready] >= 40, "{counts:?}");
}
