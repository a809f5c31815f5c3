//! Every sample: NAME.toml gives NAME.rom, and `oprom check --json` says NAME.json of it.
//!
//! `OPROM_BLESS=1 cargo test` writes both anew; the difference is then for a person to read.

use rom_core::{Code, compose};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(samples()).unwrap();
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            entry.unwrap().file_name().to_str()?.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// The report on `name`, one object a line, so that a difference is readable.
fn report(name: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_oprom"))
        .args(["check", "--json", "--sysroot", "hosts/no-igpu"])
        .arg(format!("{name}.rom"))
        .current_dir(samples())
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn samples_are_what_their_text_says() {
    let bless = env::var_os("OPROM_BLESS").is_some();
    for name in names() {
        let path = |extension: &str| samples().join(format!("{name}.{extension}"));
        let spec = fs::read_to_string(path("toml"))
            .unwrap()
            .parse::<compose::Spec>()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let rom = compose::compose(&spec).unwrap_or_else(|error| panic!("{name}: {error}"));
        if bless {
            fs::write(path("rom"), &rom).unwrap();
        }
        assert!(
            rom == fs::read(path("rom")).unwrap(),
            "{name}.rom is not what {name}.toml describes"
        );
        let report = report(&name);
        if bless {
            fs::write(path("json"), serde_json::to_string_pretty(&report).unwrap() + "\n").unwrap();
        }
        let expected: Value = serde_json::from_slice(&fs::read(path("json")).unwrap()).unwrap();
        assert_eq!(report, expected, "{name}");
    }
}

/// Codes of the findings in the expected report of a sample.
fn codes(name: &str) -> Vec<String> {
    let report: Value =
        serde_json::from_slice(&fs::read(samples().join(format!("{name}.json"))).unwrap()).unwrap();
    let findings = report["files"][0]["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// Codes that no small file can trigger, and what shows them instead.
const ELSEWHERE: &[(Code, &str)] = &[
    (Code::TooLarge, "tests/commands.rs: a sparse file of 17 MiB"),
    (Code::KnownFile, "tests/commands.rs: a catalog that knows a sample"),
];

#[test]
fn every_rule_has_a_sample_that_breaks_it_and_is_named_after_it() {
    let mut shown = BTreeSet::new();
    for name in names() {
        let codes = codes(&name);
        if let Some(number) = name.strip_prefix("rom") {
            let code = format!("ROM{}", &number[..3]);
            assert!(codes.contains(&code), "{name} shows {codes:?}");
        }
        shown.extend(codes);
    }
    let rules = Code::ALL.iter().filter(|code| code.id().starts_with("ROM"));
    let missing: Vec<_> = rules
        .filter(|code| {
            !shown.contains(code.id()) && !ELSEWHERE.iter().any(|(other, _)| other == *code)
        })
        .map(|code| code.id())
        .collect();
    assert!(missing.is_empty(), "no sample for {missing:?}");
}

#[test]
fn good_samples_are_good() {
    for name in names().iter().filter(|name| name.starts_with("good-")) {
        let report: Value =
            serde_json::from_slice(&fs::read(samples().join(format!("{name}.json"))).unwrap())
                .unwrap();
        assert_eq!(report["files"][0]["verdict"], "good", "{name}: {:?}", codes(name));
    }
}
