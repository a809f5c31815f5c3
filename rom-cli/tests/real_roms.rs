//! Verdicts on ROMs that people really have, against tables written from the format's rules.
//!
//! Debian's are in the packages ipxe-qemu, seabios, ovmf and qemu-efi-aarch64. Vendors' ROMs are
//! not in this repository: `OPROM_TEST_ROMS` names a folder that has some of them.

mod support;

use rom_core::Digest;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs};
use support::oprom;
use tempfile::TempDir;

/// What `check --json` says of a file; of a device too, if one is named.
fn report(path: &Path, device: Option<&str>) -> Value {
    let mut check = oprom();
    check.args(["check", "--json", "--sysroot"]).arg(support::samples("hosts/no-igpu")).arg(path);
    let output = check.args(device.map(|device| format!("--device={device}"))).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["files"][0].clone()
}

/// Verdict and sorted codes of a file.
fn verdict(path: &Path) -> (String, String) {
    let file = report(path, None);
    let mut codes: Vec<&str> = file["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    codes.sort_unstable();
    (file["verdict"].as_str().unwrap().to_owned(), codes.join(" "))
}

/// The driver of each image; `-` where there is none, and `+vbt` where it holds a table of screens.
fn contents(path: &Path) -> String {
    let file = report(path, None);
    let words = file["images"].as_array().unwrap().iter().map(|image| {
        let driver = image["contents"]["driver"].as_str().unwrap_or("-");
        let vbt = if image["contents"]["vbt"].is_object() { "+vbt" } else { "" };
        format!("{driver}{vbt}")
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The images that OVMF and `SeaBIOS` start.
fn runs(path: &Path) -> String {
    let file = report(path, None);
    format!("{} {}", file["firmware"]["ovmf"]["runs"], file["firmware"]["seabios"]["runs"])
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

#[test]
#[ignore = "needs ipxe-qemu and seabios"]
fn debian_roms() {
    for row in rows(include_str!("real/debian.tsv")) {
        let path = Path::new(row[0]);
        assert_eq!(verdict(path), (row[1].to_owned(), row[2].to_owned()), "{}", row[0]);
    }
}

/// What is taken apart goes together again, byte for byte.
#[test]
#[ignore = "needs ipxe-qemu and seabios"]
fn debian_roms_come_apart_and_together() {
    for row in rows(include_str!("real/debian.tsv")) {
        let folder = TempDir::new().unwrap();
        let parts = folder.path().join("parts");
        let extracted = oprom().arg("extract").arg(row[0]).arg("-o").arg(&parts).output().unwrap();
        // What is no ROM has no specification.
        if !parts.join("rom.toml").exists() {
            continue;
        }
        assert!(extracted.status.success(), "{}", row[0]);
        let own = folder.path().join("own.rom");
        oprom().arg("build").arg(parts.join("rom.toml")).arg("-o").arg(&own).output().unwrap();
        assert!(fs::read(&own).unwrap() == fs::read(row[0]).unwrap(), "{}", row[0]);
    }
}

/// Debian's firmware images, and how many drivers are in them at least.
const FIRMWARE: [(&str, usize); 2] =
    [("/usr/share/OVMF/OVMF_CODE_4M.fd", 100), ("/usr/share/AAVMF/AAVMF_CODE.fd", 90)];

#[test]
#[ignore = "needs ovmf and qemu-efi-aarch64"]
fn debian_firmware_is_taken_apart() {
    for (path, least) in FIRMWARE {
        let output = oprom().args(["extract", "--all", "--json", path]).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let parts = report["parts"].as_array().unwrap();
        let name = |part: &Value| part["name"].as_str().unwrap().to_owned();
        let names: Vec<String> = parts.iter().map(name).collect();
        assert!(
            names.iter().filter(|name| name.contains(".efi") || name.contains(".te")).count()
                >= least,
            "{path}"
        );
        for known in ["DxeCore.efi", "Shell.efi", "VirtioGpuDxe.efi"] {
            assert!(names.iter().any(|name| name == known), "{path}: {known}");
        }
        assert_eq!(report["opaque"].as_array().unwrap().len(), 0, "{path}");
    }
}

#[test]
#[ignore = "needs vendors' ROMs, in the folder that OPROM_TEST_ROMS names"]
fn third_party_roms() {
    let folder = env::var_os("OPROM_TEST_ROMS")
        .map(PathBuf::from)
        .expect("OPROM_TEST_ROMS names a folder of vendors' ROMs");
    let expected: HashMap<&str, Vec<&str>> =
        rows(include_str!("real/third-party.tsv")).map(|row| (row[1], row)).collect();
    let mut checked = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let digest = Digest::of(&fs::read(&path).unwrap()).to_string();
        if let Some(row) = expected.get(digest.as_str()) {
            assert_eq!(verdict(&path), (row[2].to_owned(), row[3].to_owned()), "{}", row[0]);
            assert_eq!(contents(&path), row[4], "{}", row[0]);
            assert_eq!(runs(&path), row[5], "{}", row[0]);
            for question in row[6].split(' ').filter(|question| !question.is_empty()) {
                let (device, answer) = question.split_once('=').unwrap();
                assert_eq!(
                    report(&path, Some(device))["fits"]["answer"],
                    answer,
                    "{}: {device}",
                    row[0]
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 0, "none of the known ROMs is in {}", folder.display());
}
