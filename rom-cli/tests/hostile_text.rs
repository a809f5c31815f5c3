//! Text of strangers in the names and files that commands read: what comes out of it.

#[path = "../../rom-host/tests/support/stubs.rs"]
mod stubs;
mod support;

use rom_host::advice::ShellCommand;
use serde_json::Value;
use std::fs;
use std::path::Path;
use stubs::{SHELLS, Stubs};
use support::{oprom, sample, text};
use tempfile::TempDir;

/// Names that a shell or an option parser takes for more than names.
const NAMES: [&str; 18] = [
    "plain.rom",
    "-o.rom",
    "--help",
    "$(touch PWN).rom",
    "`touch PWN`.rom",
    "$(touch${IFS}PWN)",
    "a;touch PWN;",
    "a|touch PWN",
    "a&touch PWN&",
    "a>PWN",
    "a'touch PWN'",
    "a'\"'\"';touch PWN;",
    "a\"b",
    "a\\",
    "a b*",
    "~",
    "#a",
    "{a,b}!!",
];

/// Every command in a report.
fn commands(report: &Value, all: &mut Vec<String>) {
    const KEYS: [&str; 5] = ["next", "install", "command", "commands", "all_changes"];
    match report {
        Value::Array(values) => values.iter().for_each(|value| commands(value, all)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let own = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                let own = own.iter().filter_map(Value::as_str).map(str::to_owned);
                if KEYS.contains(&key.as_str()) {
                    all.extend(own);
                }
                commands(value, all);
            }
        }
        _ => {}
    }
}

/// The reports of one run: one object, or one a line.
fn reports(folder: &Path, arguments: &[&str]) -> Value {
    let output = oprom().args(arguments).current_dir(folder).output().unwrap();
    let printed = text(&output.stdout);
    printed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
}

/// What each kind of file holds.
fn contents() -> Vec<Vec<u8>> {
    let rom = sample("good-three-images.rom");
    let hex: Vec<String> = rom.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        rom.clone(),
        [b"xxxxyyyy".to_vec(), rom.clone()].concat(),
        hex.join(" ").into_bytes(),
        b"<html><body>404</body></html>".to_vec(),
        Vec::new(),
        vec![0xFF; 4096],
    ]
}

#[test]
fn commands_about_files_of_any_name_are_what_was_meant() {
    let folder = TempDir::new().unwrap();
    let mut all = Vec::new();
    for content in contents() {
        for name in NAMES {
            fs::write(folder.path().join(name), &content).unwrap();
        }
        for arguments in [&["check", "--json"][..], &["pick", "--json", "--device", "8086:a7a8"]] {
            let own: Vec<&str> = [arguments, &["--"], &NAMES].concat();
            commands(&reports(folder.path(), &own), &mut all);
        }
    }
    for name in NAMES {
        fs::write(folder.path().join(name), "hostpci0: 0000:00:02.0,legacy-igd=1\n").unwrap();
        let own = ["vm", "check", "--json", "--device", "8086:a7a8", "--", name];
        commands(&reports(folder.path(), &own), &mut all);
    }
    all.retain(|line| line.starts_with("oprom") || line.starts_with("sudo"));
    all.sort();
    all.dedup();
    let stubs = Stubs::new(["oprom", "sudo", "touch"]);
    for shell in SHELLS {
        let calls = stubs.calls(shell, &all);
        assert_eq!(calls.len(), all.len());
        for (call, line) in calls.iter().zip(&all) {
            // Quoted again it is the same, so that the shell took nothing of it for its own.
            assert_eq!(ShellCommand::new(call.clone()).unwrap().to_string(), *line, "{shell}");
            let file = call.iter().find(|word| NAMES.iter().any(|name| word.ends_with(name)));
            assert!(file.is_none_or(|file| !file.starts_with('-')), "an option: {line}");
        }
    }
    for name in NAMES {
        let there = all.iter().any(|line| line.contains(name.trim_start_matches('-')));
        assert!(there || name.contains('\''), "no command about {name}");
    }
}
