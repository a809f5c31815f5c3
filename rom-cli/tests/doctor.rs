//! What `oprom doctor` says of hosts with one thing changed.

mod support;

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{exit, golden, good_host, oprom, samples, text};
use tempfile::TempDir;

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
fn host(case: &Case) -> TempDir {
    let root = good_host(case.rom.as_deref().unwrap_or("good-three-images.rom"));
    let at = |path: &str| root.path().join(path.trim_start_matches('/'));
    let mut config = vec![0; case.config.length.unwrap_or(256)];
    let ggc = hex::decode(case.config.ggc.as_deref().unwrap_or("0104")).unwrap();
    if let Some(place) = config.get_mut(0x50..0x52) {
        place.copy_from_slice(&ggc);
    }
    fs::write(at("/sys/bus/pci/devices/0000:00:02.0/config"), config).unwrap();
    for path in &case.remove {
        remove(&at(path));
    }
    for (path, content) in &case.files {
        fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        fs::write(at(path), content).unwrap();
    }
    for (path, [old, new]) in &case.replace {
        let before = fs::read_to_string(at(path)).unwrap();
        assert!(before.contains(old), "{}: {path} has no {old:?}", case.name);
        fs::write(at(path), before.replace(old, new)).unwrap();
    }
    for (path, target) in &case.links {
        remove(&at(path));
        symlink(target, at(path)).unwrap();
    }
    root
}

fn remove(path: &Path) {
    if path.is_symlink() || path.is_file() {
        fs::remove_file(path).unwrap();
    } else if path.exists() {
        fs::remove_dir_all(path).unwrap();
    }
}

fn doctor(host: &TempDir, arguments: &[&str]) -> Output {
    let mut oprom = oprom();
    oprom
        .arg("doctor")
        .args(arguments)
        .args(["--catalog", "demo/known-roms.toml", "--sysroot"])
        .arg(host.path());
    oprom.current_dir(samples("")).output().unwrap()
}

fn cases() -> Vec<Case> {
    let cases: Cases =
        toml::from_str(include_str!("../../rom-host/tests/doctor/cases.toml")).unwrap();
    cases.case
}

#[test]
fn one_thing_at_a_time() {
    let mut all = String::new();
    for case in cases() {
        let output = doctor(&host(&case), &["-q"]);
        writeln!(all, "== {}: exit status {}\n{}", case.name, exit(&output), text(&output.stdout))
            .unwrap();
    }
    golden("doctor-cases.txt", &all);
}

/// Beside what is not well, nothing changes: one cause is one finding.
#[test]
fn one_cause_is_one_finding() {
    let ids = |case: &Case| -> Vec<String> {
        let report: Value =
            serde_json::from_slice(&doctor(&host(case), &["--json"]).stdout).unwrap();
        let checks = report["checks"].as_array().unwrap();
        let bad =
            checks.iter().filter(|check| check["status"] == "fail" || check["status"] == "warn");
        bad.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
    };
    for case in cases() {
        let ids = ids(&case);
        assert!(ids.len() <= 1, "{}: {ids:?}", case.name);
    }
}

#[test]
fn a_good_host_is_short_and_calm() {
    let host = host(&Case::default());
    let output = doctor(&host, &[]);
    golden("doctor-good.txt", &format!("{}exit status {}\n", text(&output.stdout), exit(&output)));
    golden("doctor-good-verbose.txt", &text(&doctor(&host, &["-v"]).stdout));
}

#[test]
fn every_check_is_explained_and_has_a_case() {
    let documentation =
        fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md"))
            .unwrap();
    let cases = fs::read_to_string(
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/doctor-cases.txt"),
    )
    .unwrap();
    let report: Value =
        serde_json::from_slice(&doctor(&host(&Case::default()), &["--json"]).stdout).unwrap();
    for check in report["checks"].as_array().unwrap() {
        let id = check["id"].as_str().unwrap();
        assert!(documentation.contains(&format!("### {id}: ")), "docs/checks.md lacks {id}");
        // Who has the iGPU now is never a fault.
        assert!(id == "HOST022" || cases.contains(id), "no case for {id}");
    }
}

#[test]
fn warnings_fail_if_that_is_asked_for() {
    let case = cases().into_iter().find(|case| case.name == "no monitor is connected").unwrap();
    assert_eq!(exit(&doctor(&host(&case), &[])), 0);
    assert_eq!(exit(&doctor(&host(&case), &["--strict"])), 1);
}
