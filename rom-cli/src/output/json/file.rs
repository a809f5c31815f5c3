//! What is in a file: `check` and `show`.

use crate::commands::catalog::Linted;
use crate::commands::check::AnalyzedFile;
use crate::commands::show::{Shown, Structure};
use rom_core::analysis::{DriverSummary, ImageSummary};
use rom_core::contents::{Contents, DriverKind};
use rom_core::file_kind::Step;
use rom_core::firmware::Firmware;
use rom_core::model::{Signature, Signed};
use rom_core::usable::Usable;
use rom_core::{Analysis, DeviceId, Finding, RegionKind, Span};
use serde::Serialize;

pub(super) fn check(checked: &[AnalyzedFile]) -> Check<'_> {
    Check { files: checked.iter().map(file).collect() }
}

pub(super) fn show(shown: &Shown) -> Show<'_> {
    let structures =
        shown.structures.as_ref().map(|images| images.iter().map(|all| all.iter().map(structure).collect()).collect());
    Show { file: file(&shown.checked), structures }
}

pub(super) fn lint(linted: &Linted) -> Lint<'_> {
    let findings = linted.findings.iter().map(|(finding, line, column)| LintRow {
        line: *line,
        column: *column,
        finding: finding_row(finding),
    });
    Lint { catalog: &linted.name, findings: findings.collect() }
}

#[derive(Serialize)]
pub(super) struct Check<'a> {
    files: Vec<FileRow<'a>>,
}

#[derive(Serialize)]
pub(super) struct FileRow<'a> {
    path: &'a str,
    size: u64,
    sha256: Option<String>,
    /// What the file is.
    kind: &'static str,
    /// The same, in words.
    kind_text: String,
    /// What was opened to get at the ROM, from the outside in.
    opened: Vec<OpenedRow<'a>>,
    /// The words of the command that comes next.
    next: Option<Vec<String>>,
    known: Option<KnownRow<'a>>,
    verdict: &'a str,
    images: Vec<ImageRow<'a>>,
    regions: Vec<RegionRow>,
    firmware: PredictionRows<'a>,
    usable: UsableRow,
    findings: Vec<FindingRow>,
}

#[derive(Serialize)]
struct OpenedRow<'a> {
    name: Option<&'a str>,
    kind: &'static str,
    length: usize,
    others: Vec<OtherRow<'a>>,
}

#[derive(Serialize)]
struct OtherRow<'a> {
    name: &'a str,
    kind: &'static str,
}

fn opened(step: &Step) -> OpenedRow<'_> {
    OpenedRow {
        name: step.name.as_deref(),
        kind: step.kind.name(),
        length: step.length,
        others: step.others.iter().map(|(name, kind)| OtherRow { name, kind: kind.name() }).collect(),
    }
}

#[derive(Serialize)]
struct KnownRow<'a> {
    rom: &'a str,
    platforms: &'a [String],
}

#[derive(Serialize)]
struct ImageRow<'a> {
    index: usize,
    offset: usize,
    length: usize,
    kind: &'a str,
    vendor: Option<String>,
    device: Option<String>,
    class: Option<String>,
    code_type: Option<u8>,
    last: bool,
    efi: Option<EfiRow<'a>>,
    contents: Option<ContentsRow<'a>>,
}

#[derive(Serialize)]
struct ContentsRow<'a> {
    driver: Option<&'static str>,
    evidence: Vec<String>,
    gop_version: Option<&'a str>,
    protocols: Vec<&'static str>,
    devices: Vec<String>,
    tables: Vec<TableRow>,
    vbt: Option<VbtRow<'a>>,
}

#[derive(Serialize)]
struct TableRow {
    kind: &'static str,
    offset: usize,
    length: usize,
    devices: Vec<String>,
}

#[derive(Serialize)]
struct VbtRow<'a> {
    offset: usize,
    length: usize,
    product: &'a str,
    version: u16,
    bdb_version: Option<u16>,
    checksum_right: Option<bool>,
}

fn contents(contents: &Contents) -> ContentsRow<'_> {
    let ids = |ids: &[u16]| ids.iter().map(|id| DeviceId::intel(*id).to_string()).collect();
    let row = |kind, span: Span, own: &[u16]| TableRow { kind, offset: span.offset, length: span.length, devices: ids(own) };
    let table = contents.assignment_table.iter().map(|table| row("assignment-table", table.span, &table.ids));
    let lists = contents.gop_lists.iter().map(|list| row("gop-list", list.span, &list.ids));
    ContentsRow {
        driver: contents.driver.map(DriverKind::id),
        evidence: contents.evidence.iter().map(ToString::to_string).collect(),
        gop_version: contents.version.as_deref(),
        protocols: contents.protocols.iter().map(|protocol| protocol.name).collect(),
        devices: contents.devices().iter().map(ToString::to_string).collect(),
        tables: table.chain(lists).collect(),
        vbt: contents.vbt.as_ref().map(|vbt| VbtRow {
            offset: vbt.span.offset,
            length: vbt.size,
            product: &vbt.product,
            version: vbt.version,
            bdb_version: vbt.bdb_version,
            checksum_right: vbt.checksum.map(|sum| sum == 0),
        }),
    }
}

/// In the order of [`Firmware::ALL`].
#[derive(Serialize)]
struct PredictionRows<'a> {
    ovmf: Option<PredictionRow<'a>>,
    aavmf: Option<PredictionRow<'a>>,
    aavmf_secure_boot: Option<PredictionRow<'a>>,
    seabios: Option<PredictionRow<'a>>,
}

#[derive(Serialize)]
struct PredictionRow<'a> {
    boots: bool,
    hang: Option<&'a str>,
    runs: Vec<usize>,
    images: Vec<ImageOutcomeRow<'a>>,
}

#[derive(Serialize)]
struct ImageOutcomeRow<'a> {
    index: usize,
    outcome: &'static str,
    reason: &'a str,
    source: &'static str,
}

fn predictions(analysis: &Analysis) -> PredictionRows<'_> {
    let of = |wanted| {
        let prediction = analysis.prediction(wanted)?;
        Some(PredictionRow {
            boots: prediction.boots(),
            hang: prediction.hang,
            runs: prediction.runs().collect(),
            images: prediction
                .images
                .iter()
                .enumerate()
                .map(|(index, predicted)| ImageOutcomeRow {
                    index,
                    outcome: predicted.outcome.name(),
                    reason: &predicted.reason,
                    source: predicted.source,
                })
                .collect(),
        })
    };
    PredictionRows {
        ovmf: of(Firmware::Ovmf),
        aavmf: of(Firmware::Aavmf),
        aavmf_secure_boot: of(Firmware::AavmfSecureBoot),
        seabios: of(Firmware::SeaBios),
    }
}

#[derive(Serialize)]
pub(super) struct UsableRow {
    firmware: &'static str,
    device: Option<String>,
    qemu: Option<String>,
    answer: &'static str,
    reason: String,
}

pub(super) fn usable(usable: &Usable) -> UsableRow {
    UsableRow {
        firmware: usable.firmware.id(),
        device: usable.device.map(|device| device.to_string()),
        qemu: usable.qemu.map(|qemu| qemu.to_string()),
        answer: usable.answer.name(),
        reason: usable.reason.to_string(),
    }
}

#[derive(Serialize)]
struct EfiRow<'a> {
    machine: String,
    subsystem: String,
    compressed: bool,
    signed: bool,
    signature: Option<SignatureRow<'a>>,
}

#[derive(Serialize)]
struct SignatureRow<'a> {
    algorithm: &'static str,
    digest: String,
    digest_right: bool,
    firmware_digest_right: bool,
    signers: Vec<SignerRow<'a>>,
}

#[derive(Serialize)]
struct SignerRow<'a> {
    subject: &'a str,
    sha256: String,
}

fn signature(signed: &Signed) -> SignatureRow<'_> {
    SignatureRow {
        algorithm: signed.algorithm.name(),
        digest: hex::encode(&signed.signed),
        digest_right: signed.image_matches(),
        firmware_digest_right: signed.handed_matches(),
        signers: signed
            .signers
            .iter()
            .map(|signer| SignerRow { subject: &signer.subject, sha256: signer.thumbprint.to_string() })
            .collect(),
    }
}

#[derive(Serialize)]
struct RegionRow {
    kind: &'static str,
    image: Option<usize>,
    offset: usize,
    length: usize,
}

#[derive(Serialize)]
struct FindingRow {
    code: &'static str,
    severity: &'static str,
    offset: usize,
    length: usize,
    image: Option<usize>,
    message: String,
    spec: &'static str,
    hint: &'static str,
}

pub(super) fn file(file: &AnalyzedFile) -> FileRow<'_> {
    let analysis = &file.analysis;
    FileRow {
        path: &file.path,
        size: analysis.size,
        sha256: analysis.sha256.map(|digest| digest.to_string()),
        kind: analysis.kind.name(),
        kind_text: analysis.kind.to_string(),
        opened: analysis.opened.iter().map(opened).collect(),
        next: analysis.kind.next_step().map(|step| step.words(&file.path)),
        known: analysis.known.as_ref().map(|known| KnownRow { rom: &known.rom, platforms: &known.platforms }),
        verdict: analysis.verdict.name(),
        images: analysis.images.iter().enumerate().map(|(index, facts)| image(index, facts)).collect(),
        regions: analysis
            .regions
            .iter()
            .map(|region| RegionRow {
                kind: region.kind.name(),
                image: if let RegionKind::Image(index) = region.kind { Some(index) } else { None },
                offset: region.span.offset,
                length: region.span.length,
            })
            .collect(),
        firmware: predictions(analysis),
        usable: usable(&analysis.usable),
        findings: analysis.findings.iter().map(finding_row).collect(),
    }
}

fn image(index: usize, image: &ImageSummary) -> ImageRow<'_> {
    ImageRow {
        index,
        offset: image.span.offset,
        length: image.span.length,
        kind: image.kind.name(),
        vendor: image.device.map(|id| format!("{:04x}", id.vendor)),
        device: image.device.map(|id| format!("{:04x}", id.device)),
        class: image.class.map(|class| class.to_string()),
        code_type: image.code_type.map(|code_type| code_type.0),
        last: image.last,
        efi: image.efi.as_ref().map(efi),
        contents: image.contents.as_ref().map(contents),
    }
}

fn efi(driver: &DriverSummary) -> EfiRow<'_> {
    EfiRow {
        machine: driver.machine.to_string(),
        subsystem: driver.subsystem.to_string(),
        compressed: driver.compressed,
        signed: driver.signature != Signature::Absent,
        signature: if let Signature::Present(signed) = &driver.signature { Some(signature(signed)) } else { None },
    }
}

fn finding_row(finding: &Finding) -> FindingRow {
    FindingRow {
        code: finding.code.id(),
        severity: finding.severity().name(),
        offset: finding.span.offset,
        length: finding.span.length,
        image: finding.image,
        message: finding.fact.to_string(),
        spec: finding.code.spec(),
        hint: finding.code.hint(),
    }
}

#[derive(Serialize)]
pub(super) struct Show<'a> {
    file: FileRow<'a>,
    structures: Option<Vec<Vec<StructureRow<'a>>>>,
}

#[derive(Serialize)]
struct StructureRow<'a> {
    name: &'a str,
    fields: Vec<FieldRow<'a>>,
}

#[derive(Serialize)]
struct FieldRow<'a> {
    offset: usize,
    bytes: String,
    name: &'a str,
    value: &'a str,
}

fn structure(structure: &Structure) -> StructureRow<'_> {
    let fields = structure.fields.iter().map(|field| FieldRow {
        offset: field.offset,
        bytes: hex::encode(&field.bytes),
        name: field.name,
        value: &field.value,
    });
    StructureRow { name: structure.name, fields: fields.collect() }
}

#[derive(Serialize)]
pub(super) struct Lint<'a> {
    catalog: &'a str,
    findings: Vec<LintRow>,
}

#[derive(Serialize)]
struct LintRow {
    line: usize,
    column: usize,
    #[serde(flatten)]
    finding: FindingRow,
}
