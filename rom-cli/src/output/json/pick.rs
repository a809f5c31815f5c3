//! Which ROM: `pick` and `list`.

use super::file::{UsableRow, usable};
use crate::commands::check::AnalyzedFile;
use crate::commands::list::Listed;
use crate::commands::pick::Answered;
use rom_host::pick::{CpuAnswer, Device};
use serde::Serialize;

pub(super) fn list(listed: &Listed) -> List<'_> {
    let roms = listed.roms.iter().map(|row| RomRow {
        name: &row.name,
        sha256: row.sha256.to_string(),
        size: row.size,
        url: &row.url,
        evidence: row.evidence,
        gop: row.gop.as_deref(),
        platforms: &row.platforms,
        note: row.note.as_deref(),
    });
    List { roms: roms.collect() }
}

#[derive(Serialize)]
pub(super) struct Pick<'a> {
    device: Option<DeviceRow<'a>>,
    cpu: Option<CpuRow<'a>>,
    candidates: Vec<CandidateRow<'a>>,
    files: Vec<OwnRow<'a>>,
    refused: Option<&'a str>,
    remarks: &'a [String],
}

#[derive(Serialize)]
struct OwnRow<'a> {
    path: &'a str,
    sha256: Option<String>,
    verdict: &'static str,
    usable: UsableRow,
}

#[derive(Serialize)]
struct DeviceRow<'a> {
    id: String,
    name: Option<&'a str>,
    platform: Option<&'a str>,
    generation: Option<&'a str>,
    bdf: Option<&'a str>,
    class: Option<&'a str>,
}

#[derive(Serialize)]
struct CpuRow<'a> {
    name: &'a str,
    family: Option<u32>,
    model: Option<u32>,
    stepping: Option<u32>,
    platform: Option<String>,
}

#[derive(Serialize)]
struct CandidateRow<'a> {
    rom: &'a str,
    sha256: String,
    url: &'a str,
    confidence: &'a str,
    reason: &'a str,
}

pub(super) fn pick(answered: &Answered) -> Pick<'_> {
    let picked = &answered.picked;
    let candidates = picked.candidates.iter().map(|choice| CandidateRow {
        rom: &choice.rom,
        sha256: choice.sha256.to_string(),
        url: &choice.url,
        confidence: choice.confidence,
        reason: &choice.reason,
    });
    Pick {
        device: picked.device.as_ref().map(device),
        cpu: picked.cpu.as_ref().map(cpu),
        candidates: candidates.collect(),
        files: answered
            .own
            .iter()
            .map(|AnalyzedFile { path, analysis }| OwnRow {
                path,
                sha256: analysis.sha256.map(|digest| digest.to_string()),
                verdict: analysis.verdict.name(),
                usable: usable(&analysis.usable),
            })
            .collect(),
        refused: picked.refused.as_deref(),
        remarks: &picked.remarks,
    }
}

fn device(device: &Device) -> DeviceRow<'_> {
    let platform = device.platform.as_ref();
    DeviceRow {
        id: device.id.to_string(),
        name: device.name.as_deref(),
        platform: platform.map(|platform| platform.code.as_str()),
        generation: platform.map(|platform| platform.generation.as_str()),
        bdf: device.bdf.as_deref(),
        class: device.class.as_deref(),
    }
}

fn cpu(answer: &CpuAnswer) -> CpuRow<'_> {
    let codes: Vec<&str> = answer.platforms.iter().map(|platform| platform.code.as_str()).collect();
    let signature = answer.cpu.signature;
    CpuRow {
        name: &answer.cpu.name,
        family: signature.map(|(family, _, _)| family),
        model: signature.map(|(_, model, _)| model),
        stepping: signature.map(|(_, _, stepping)| stepping),
        platform: (!codes.is_empty()).then(|| codes.join(" or ")),
    }
}

#[derive(Serialize)]
pub(super) struct List<'a> {
    roms: Vec<RomRow<'a>>,
}

#[derive(Serialize)]
struct RomRow<'a> {
    name: &'a str,
    sha256: String,
    size: Option<u64>,
    url: &'a str,
    evidence: &'a str,
    gop: Option<&'a str>,
    platforms: &'a [String],
    note: Option<&'a str>,
}
