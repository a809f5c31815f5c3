//! Verdicts on ROMs that people really have, against tables written from the format's rules.
//!
//! Debian's are checked where the packages ipxe-qemu and seabios are installed; `OPROM_TEST_DEBIAN=1` makes their absence a failure.
//! Vendors' ROMs are not in this repository: `OPROM_TEST_ROMS=DIR` names a folder that has some of them.

mod support;

use rom_core::Digest;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{env, fs};
use support::oprom;

/// Verdict and sorted codes of a file.
fn verdict(path: &Path) -> (String, String) {
    let output = oprom().args(["check", "--json"]).arg(path).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let file = &report["files"][0];
    let mut codes: Vec<&str> =
        file["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    (file["verdict"].as_str().unwrap().to_owned(), codes.join(" "))
}

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

#[test]
fn debian_roms() {
    let needed = env::var_os("OPROM_TEST_DEBIAN").is_some();
    let mut checked = 0;
    for row in rows(include_str!("real/debian.tsv")) {
        let path = Path::new(row[0]);
        if !path.exists() {
            assert!(!needed, "{} is missing: install ipxe-qemu and seabios", row[0]);
            continue;
        }
        assert_eq!(verdict(path), (row[1].to_owned(), row[2].to_owned()), "{}", row[0]);
        checked += 1;
    }
    eprintln!("{checked} of Debian's ROMs checked");
}

#[test]
fn third_party_roms() {
    let Some(folder) = env::var_os("OPROM_TEST_ROMS").map(PathBuf::from) else {
        eprintln!("no folder of vendors' ROMs named");
        return;
    };
    let expected: HashMap<&str, Vec<&str>> = rows(include_str!("real/third-party.tsv")).map(|row| (row[1], row)).collect();
    let mut checked = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let digest = Digest::of(&fs::read(&path).unwrap()).to_string();
        if let Some(row) = expected.get(digest.as_str()) {
            assert_eq!(verdict(&path), (row[2].to_owned(), row[3].to_owned()), "{}", row[0]);
            checked += 1;
        }
    }
    assert!(checked > 0, "none of the known ROMs is in {}", folder.display());
    eprintln!("{checked} of the vendors' ROMs checked");
}
