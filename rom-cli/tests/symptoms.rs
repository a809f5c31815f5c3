//! docs/symptoms.md: every command in it is run, and answers.

mod support;

use std::process::Command;
use support::{exit, oprom, samples, text};

const PAGE: &str = include_str!("../../docs/symptoms.md");

/// A VM that is set up as it should be.
const VM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rom-host/tests/vm/good.conf");

/// The commands of the page: indented by four blanks or more.
fn commands() -> Vec<&'static str> {
    let indented = |line: &&str| line.starts_with("    ");
    PAGE.lines().filter(indented).map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The words of `line` as a shell reads them.
fn words(line: &str) -> Vec<String> {
    let output =
        Command::new("sh").args(["-c", &format!("printf '%s\\n' {line}")]).output().unwrap();
    text(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn every_command_of_the_page_is_understood_and_answers() {
    let commands = commands();
    let (mut run, mut explained) = (0, 0);
    let rom = samples("good-three-images.rom");
    for line in &commands {
        let Some(rest) = line.strip_prefix("oprom ") else { continue };
        let rest =
            rest.replace("VMID", VM).replace("/usr/share/kvm/igd.rom", &rom.display().to_string());
        let output = oprom()
            .args(words(&rest))
            .arg("--sysroot")
            .arg(samples("hosts/nuc-13-pro"))
            .output()
            .unwrap();
        let allowed: &[i32] = if rest.starts_with("explain") { &[0] } else { &[0, 1] };
        assert!(
            allowed.contains(&exit(&output)),
            "{line}: {}: {}",
            exit(&output),
            text(&output.stderr)
        );
        run += 1;
        explained += usize::from(rest.starts_with("explain"));
    }
    assert!(run >= 9 && explained >= 6, "{run} run, {explained} explained: {commands:?}");
}

#[test]
fn every_other_command_is_one_that_explain_advises_too() {
    for line in commands()
        .into_iter()
        .filter(|line| !line.starts_with("oprom ") && !line.contains("| oprom "))
    {
        let advised = text(&oprom().args(["explain", "no sound"]).output().unwrap().stdout);
        assert!(advised.contains(line), "{line}: {advised}");
    }
}
