//! The ROM in place.

use super::Facts;
use crate::advice::Advice;
use crate::checks::Check;
use crate::host_change::{HostChange, HostRom};
use crate::probe::Probe;
use crate::probe::rom::DEFAULT_PATH;
use rom_core::Analysis;
use rom_core::usable::{Answer, Reason};

const ID: &str = "HOST060";

fn install() -> Advice {
    Advice::command(["oprom", "install"])
}

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    if facts.host.gpu.is_none() {
        return;
    }
    checks.push(match &facts.rom {
        Probe::Denied => Check::skip(ID, "the installed ROM", "only root can read it"),
        Probe::Absent => absent(facts),
        Probe::Is(rom) => in_place(facts, rom),
    });
}

fn absent(facts: &Facts) -> Check {
    if facts.picked.candidates.is_empty() {
        let reason = facts.picked.refused.clone().unwrap_or_default();
        return Check::warn(
            ID,
            "no ROM is installed, and the catalog has none for this GPU",
            facts.host.system.rom_place(DEFAULT_PATH),
            reason,
        );
    }
    without(
        facts,
        "no ROM is installed",
        &format!("{} is missing", facts.host.system.rom_place(DEFAULT_PATH)),
    )
}

/// No ROM that works: a failure for a guest that needs one, else something to know.
fn without(facts: &Facts, says: impl Into<String>, evidence: &str) -> Check {
    let at_boot = facts.at_boot();
    if at_boot.is_empty() {
        let evidence = format!("{evidence}; a VM needs a ROM for a display at boot only");
        return Check::warn(ID, says, evidence, install())
            .changed_by([HostChange::InstallRom(HostRom::Intel)]);
    }
    let evidence = format!("{evidence}; for a display at boot: {}", at_boot.join(", "));
    Check::fail(ID, says, evidence, install()).changed_by([HostChange::InstallRom(HostRom::Intel)])
}

fn in_place(facts: &Facts, rom: &Analysis) -> Check {
    let name =
        rom.known.as_ref().map_or("a file that is not in the catalog", |known| known.rom.as_str());
    let evidence = format!("{}: {name}", facts.host.system.rom_place(DEFAULT_PATH));
    let usable = &rom.usable;
    match (&usable.reason, usable.answer) {
        (Reason::Unsupported(reason), _) => {
            let says = format!("the installed ROM does not support this GPU: {reason}");
            return without(facts, says, &evidence);
        }
        (reason, Answer::No) => {
            let says = format!("the installed ROM does not work: {reason}");
            return without(facts, says, &evidence);
        }
        (_, Answer::Yes | Answer::Unknown) => {}
    }
    if let Some(finding) = rom.error() {
        let says = format!(
            "the installed ROM is damaged: {} ({})",
            finding.code.title(),
            finding.code.id()
        );
        return without(facts, says, &evidence);
    }
    let listed =
        |known: &str| facts.picked.candidates.iter().position(|choice| choice.rom == known);
    match rom.known.as_ref().map(|known| listed(&known.rom)) {
        Some(None) => {
            without(facts, format!("the installed ROM is for other GPUs: {name}"), &evidence)
        }
        Some(Some(0)) => {
            Check::pass(ID, "the installed ROM is the first choice for this GPU", evidence)
        }
        Some(Some(_)) => Check::pass(
            ID,
            "the installed ROM supports this GPU, but is not the first choice",
            evidence,
        ),
        None if usable.answer == Answer::Yes => {
            Check::pass(ID, "the installed ROM works with this GPU", evidence)
        }
        None => Check::warn(
            ID,
            "the installed ROM has no errors, but whether it supports this GPU is unknown",
            evidence,
            install(),
        ),
    }
}
