//! What to do: `doctor`, `vm check`, `vm plan` and `explain`.

use crate::args::PlanTarget;
use crate::commands::doctor::Diagnosis;
use crate::commands::explain::Explained;
use crate::commands::report::Written;
use crate::commands::vm_check::Mended;
use crate::commands::vm_plan::Planned;
use rom_host::advice::Advice;
use rom_host::checks::Check;
use rom_host::explain::{Entry, Manager, Meaning, manager};
use rom_host::recipe::Setting;
use serde::Serialize;

pub(super) fn mended(mended: &Mended) -> MendedRow<'_> {
    MendedRow { steps: mended.steps.lines(), left: mended.left.iter().map(check_row).collect() }
}

pub(super) fn explain(explained: &Explained) -> Explanations<'_> {
    let summary = match explained {
        Explained::Log(summary) => Some(summary),
        Explained::One(_) => None,
    };
    Explanations {
        entries: explanations(explained),
        lines: summary.map(|summary| summary.lines),
        cut: summary.map(|summary| summary.cut),
    }
}

pub(super) fn report(written: &Written) -> Text {
    Text { text: written.lines.join("\n") }
}

pub(super) fn plan(planned: &Planned) -> Plan<'_> {
    fn row(setting: &Setting) -> SettingRow<'_> {
        SettingRow { key: setting.key, value: &setting.value, reason: &setting.reason }
    }
    Plan {
        target: target(planned.target),
        vmid: planned.vmid,
        device: &planned.device,
        qemu: planned.qemu.as_deref(),
        settings: planned.settings.iter().map(row).collect(),
        notes: &planned.notes,
    }
}

#[derive(Serialize)]
pub(super) struct Checks<'a> {
    checks: Vec<CheckRow<'a>>,
}

#[derive(Serialize)]
struct CheckRow<'a> {
    id: &'static str,
    status: &'static str,
    says: &'a str,
    evidence: &'a str,
    advice: Option<AdviceRow<'a>>,
    more: String,
}

/// What to do.
#[derive(Serialize)]
struct AdviceRow<'a> {
    text: &'a str,
    commands: Vec<String>,
    diff: &'a [String],
}

fn advice_row(advice: &Advice) -> AdviceRow<'_> {
    AdviceRow { text: &advice.text, commands: advice.commands.iter().map(ToString::to_string).collect(), diff: &advice.diff }
}

/// What `vm check --fix` proposes.
#[derive(Serialize)]
pub(super) struct MendedRow<'a> {
    steps: Vec<String>,
    left: Vec<CheckRow<'a>>,
}

pub(super) fn checks(diagnosis: &Diagnosis) -> Checks<'_> {
    Checks { checks: diagnosis.checks.iter().map(check_row).collect() }
}

fn check_row(check: &Check) -> CheckRow<'_> {
    CheckRow {
        id: check.id,
        status: check.status.name(),
        says: &check.says,
        evidence: &check.evidence,
        advice: check.advice.as_ref().map(advice_row),
        more: format!("docs/checks.md, {}", check.id),
    }
}

#[derive(Serialize)]
pub(super) struct Explanations<'a> {
    entries: Vec<Explanation<'a>>,
    /// Of a log: how many lines were read, and whether it is longer than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<bool>,
}

#[derive(Serialize)]
struct Explanation<'a> {
    id: &'a str,
    layer: Option<&'static str>,
    matters: Option<&'static str>,
    line: Option<usize>,
    text: Option<&'a str>,
    count: Option<usize>,
    means: &'a str,
    advice: Vec<OwnAdviceRow>,
}

/// Advice that is made for one answer.
#[derive(Serialize)]
struct OwnAdviceRow {
    text: String,
    commands: Vec<String>,
}

impl From<Advice> for OwnAdviceRow {
    fn from(advice: Advice) -> Self {
        let commands = advice.commands.iter().map(ToString::to_string).collect();
        Self { text: advice.text, commands }
    }
}

fn of_entry(entry: &'static Entry, manager: Option<Manager>) -> Explanation<'static> {
    Explanation {
        id: entry.id,
        layer: Some(entry.layer.name()),
        matters: Some(entry.matters.name()),
        line: None,
        text: None,
        count: None,
        means: entry.means,
        advice: entry.advice(manager).into_iter().map(OwnAdviceRow::from).collect(),
    }
}

fn explanations(explained: &Explained) -> Vec<Explanation<'_>> {
    match explained {
        Explained::One(Meaning::Entry(entry, manager)) => vec![of_entry(entry, *manager)],
        Explained::One(Meaning::Page(heading, text)) => {
            let id = heading.split(':').next().unwrap_or(heading);
            let (layer, matters) = (None, None);
            vec![Explanation { id, layer, matters, line: None, text: None, count: None, means: text, advice: Vec::new() }]
        }
        Explained::Log(summary) => summary
            .found
            .iter()
            .map(|occurrence| Explanation {
                line: Some(occurrence.line),
                text: Some(&occurrence.text),
                count: Some(occurrence.count),
                ..of_entry(occurrence.message, manager(&occurrence.text))
            })
            .collect(),
    }
}

#[derive(Serialize)]
pub(super) struct Text {
    text: String,
}

#[derive(Serialize)]
pub(super) struct Plan<'a> {
    #[serde(rename = "for")]
    target: &'static str,
    vmid: Option<u32>,
    device: &'a str,
    qemu: Option<&'a str>,
    settings: Vec<SettingRow<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct SettingRow<'a> {
    key: &'static str,
    value: &'a str,
    reason: &'a str,
}

const fn target(target: PlanTarget) -> &'static str {
    match target {
        PlanTarget::Proxmox => "proxmox",
        PlanTarget::Libvirt => "libvirt",
        PlanTarget::Qemu => "qemu",
    }
}
