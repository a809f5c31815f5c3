//! Every failure of the list is seen by something that a test shows at work, or has a reason why
//! nothing can see it.

use crate::hosts::repository;
use serde::Deserialize;
use std::fs;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failures {
    failure: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Failure {
    what: String,
    /// Checks and findings.
    #[serde(default)]
    seen: Vec<String>,
    /// Lines of logs.
    #[serde(default)]
    said: Vec<String>,
    /// Why it cannot be seen.
    unseen: Option<String>,
}

/// Whether a case of a test has this check fail or warn, or a sample has this finding.
fn is_shown(code: &str) -> bool {
    if code.starts_with("ROM") {
        let samples = fs::read_dir(repository("samples")).unwrap();
        let mut names = samples.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        return names.any(|name| name.starts_with(&code.to_lowercase()));
    }
    let cases = ["doctor-cases.txt", "vm-cases.txt"]
        .map(|file| fs::read_to_string(repository("rom-host/tests/golden").join(file)).unwrap());
    cases.iter().any(|cases| cases.contains(&format!("({code})")))
}

#[test]
fn every_failure_is_seen_or_has_a_reason() {
    let failures: Failures = toml::from_str(include_str!("failures.toml")).unwrap();
    assert_eq!(failures.failure.len(), 42);
    for failure in failures.failure {
        let what = &failure.what;
        assert_ne!(
            failure.seen.is_empty() && failure.said.is_empty(),
            failure.unseen.is_none(),
            "{what}: seen, or a reason"
        );
        for code in &failure.seen {
            assert!(is_shown(code), "{what}: no test shows {code}");
        }
        for line in &failure.said {
            assert!(rom_host::explain::explain(line).is_some(), "{what}: {line}");
        }
    }
}
