//! Reports as JSON, for other programs. README.md says what is stable.

use crate::args::PlanTarget;
use crate::commands::Report;
use crate::commands::check::{Checked, ImageFacts};
use crate::commands::doctor::Diagnosis;
use crate::commands::explain::Explained;
use crate::commands::extract::{Extracted, Leaf, Piece};
use crate::commands::pick::{CpuAnswer, Device, Picked};
use crate::commands::scan::Hit;
use crate::commands::show::Structure;
use crate::explain::{Meaning, Message};
use crate::place::Backup;
use rom_core::contents::{Contents, DriverKind, Fit};
use rom_core::firmware::Firmware;
use rom_core::mend::{Edit, Refusal};
use rom_core::model::Signed;
use rom_core::{DeviceId, Finding, RegionKind, Span};
use serde::Serialize;
use std::io::{self, Write};

/// The schema number of every object.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Object<T> {
    schema: u32,
    command: &'static str,
    #[serde(flatten)]
    body: T,
}

/// Writes `report` as one line.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Pick(picked) => object("pick", pick(picked), out),
        Report::List(listed) => {
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
            object("list", List { roms: roms.collect() }, out)
        }
        Report::Check(checked) => object("check", Check { files: checked.iter().map(file).collect() }, out),
        Report::Show(shown) => {
            let structures =
                shown.structures.as_ref().map(|images| images.iter().map(|all| all.iter().map(structure).collect()).collect());
            object("show", Show { file: file(&shown.checked), structures }, out)
        }
        Report::Fetch(fetched) => {
            let body = Fetch {
                rom: &fetched.rom,
                sha256: fetched.sha256.to_string(),
                source: fetched.source.as_deref(),
                dest: &fetched.dest,
                changed: fetched.changed,
            };
            object("fetch", body, out)
        }
        Report::Install(installed) => {
            let body = Install {
                rom: &installed.rom,
                sha256: installed.sha256.to_string(),
                source: installed.source.as_deref(),
                dest: &installed.dest,
                replaced: installed.replaced.as_ref(),
                changed: installed.changed,
                dry_run: installed.dry_run,
            };
            object("install", body, out)
        }
        Report::Undo(undone) => {
            let restored = undone.restored.map(|digest| digest.to_string());
            let body = Undo { dest: &undone.dest, restored, replaced: undone.replaced.as_ref(), changed: undone.changed };
            object("undo", body, out)
        }
        Report::Doctor(diagnosis) => object("doctor", checks(diagnosis), out),
        Report::VmCheck(diagnosis) => object("vm check", checks(diagnosis), out),
        Report::VmFix(mended) => {
            object("vm check", MendedRow { steps: &mended.steps, left: mended.left.iter().map(check_row).collect() }, out)
        }
        Report::Explain(explained) => object("explain", Explanations { entries: explanations(explained) }, out),
        Report::Build(built) => object("build", BuildRow { steps: &built.steps, file: file(&built.checked) }, out),
        Report::Fix(fixed) => {
            let edit = |(repair, edit): &(&'static str, Edit)| EditRow { repair, edit: edit_row(edit) };
            let refusal = |refusal: &Refusal| RefusalRow { repair: refusal.repair.name(), reason: refusal.to_string() };
            let body = FixRow {
                path: &fixed.path,
                edits: fixed.edits.iter().map(edit).collect(),
                refused: fixed.refused.iter().map(refusal).collect(),
                file: fixed.written.as_ref().map(|(_, checked)| file(checked)),
            };
            object("fix", body, out)
        }
        Report::Scan(scanned) => scanned.hits.iter().try_for_each(|hit| object("scan", hit_row(hit), out)),
        Report::Extract(extracted) => object("extract", extract(extracted), out),
        Report::Pasted(written) => object("report", Text { text: written.lines.join("\n") }, out),
        Report::VmPlan(planned) => {
            let settings = planned.settings.iter();
            let settings =
                settings.map(|setting| SettingRow { key: setting.key, value: &setting.value, reason: &setting.reason });
            let body = Plan {
                target: target(planned.target),
                vmid: planned.vmid,
                device: &planned.device,
                qemu: planned.qemu.as_deref(),
                settings: settings.collect(),
                notes: &planned.notes,
            };
            object("vm plan", body, out)
        }
        Report::CatalogLint(linted) => {
            let findings = linted.findings.iter().map(|(finding, line, column)| LintRow {
                line: *line,
                column: *column,
                finding: finding_row(finding),
            });
            object("catalog lint", Lint { catalog: &linted.name, findings: findings.collect() }, out)
        }
        Report::Completions(_) => Ok(()),
    }
}

fn object<T: Serialize>(command: &'static str, body: T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Object { schema: SCHEMA, command, body })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Pick<'a> {
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
    fits: Option<FitRow<'a>>,
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

fn pick(picked: &Picked) -> Pick<'_> {
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
        files: picked
            .own
            .iter()
            .map(|checked| OwnRow {
                path: &checked.path,
                sha256: checked.sha256.map(|digest| digest.to_string()),
                verdict: checked.verdict.name(),
                fits: checked.fit.as_ref().map(fit),
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
struct List<'a> {
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

#[derive(Serialize)]
struct Check<'a> {
    files: Vec<FileRow<'a>>,
}

#[derive(Serialize)]
struct FileRow<'a> {
    path: &'a str,
    size: u64,
    sha256: Option<String>,
    known: Option<KnownRow<'a>>,
    verdict: &'a str,
    images: Vec<ImageRow<'a>>,
    regions: Vec<RegionRow>,
    firmware: Forecasts<'a>,
    fits: Option<FitRow<'a>>,
    findings: Vec<FindingRow<'a>>,
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
    vendor: Option<&'a str>,
    device: Option<&'a str>,
    class: Option<&'a str>,
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
struct Forecasts<'a> {
    ovmf: Option<ForecastRow<'a>>,
    aavmf: Option<ForecastRow<'a>>,
    aavmf_secure_boot: Option<ForecastRow<'a>>,
    seabios: Option<ForecastRow<'a>>,
}

#[derive(Serialize)]
struct ForecastRow<'a> {
    boots: bool,
    hang: Option<&'a str>,
    runs: Vec<usize>,
    images: Vec<FateRow<'a>>,
}

#[derive(Serialize)]
struct FateRow<'a> {
    index: usize,
    outcome: &'static str,
    reason: &'a str,
    source: &'static str,
}

fn forecasts(checked: &Checked) -> Forecasts<'_> {
    let of = |wanted| {
        let (_, forecast) = checked.forecasts.iter().find(|(firmware, _)| *firmware == wanted)?;
        Some(ForecastRow {
            boots: forecast.boots(),
            hang: forecast.hang,
            runs: forecast.runs().collect(),
            images: forecast
                .images
                .iter()
                .enumerate()
                .map(|(index, fate)| FateRow { index, outcome: fate.outcome.name(), reason: &fate.reason, source: fate.source })
                .collect(),
        })
    };
    Forecasts {
        ovmf: of(Firmware::Ovmf),
        aavmf: of(Firmware::Aavmf),
        aavmf_secure_boot: of(Firmware::AavmfSecureBoot),
        seabios: of(Firmware::SeaBios),
    }
}

#[derive(Serialize)]
struct FitRow<'a> {
    device: String,
    answer: &'static str,
    reason: &'a str,
}

fn fit(fit: &Fit) -> FitRow<'_> {
    FitRow { device: fit.device.to_string(), answer: fit.answer.name(), reason: &fit.reason }
}

#[derive(Serialize)]
struct EfiRow<'a> {
    machine: &'a str,
    subsystem: &'a str,
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
struct FindingRow<'a> {
    code: &'static str,
    severity: &'static str,
    offset: usize,
    length: usize,
    image: Option<usize>,
    message: &'a str,
    spec: &'static str,
    hint: &'static str,
}

fn file(checked: &Checked) -> FileRow<'_> {
    FileRow {
        path: &checked.path,
        size: checked.size,
        sha256: checked.sha256.map(|digest| digest.to_string()),
        known: checked.known.as_ref().map(|known| KnownRow { rom: &known.rom, platforms: &known.platforms }),
        verdict: checked.verdict.name(),
        images: checked.images.iter().enumerate().map(|(index, facts)| image(index, facts)).collect(),
        regions: checked
            .regions
            .iter()
            .map(|region| RegionRow {
                kind: region.kind.name(),
                image: if let RegionKind::Image(index) = region.kind { Some(index) } else { None },
                offset: region.span.offset,
                length: region.span.length,
            })
            .collect(),
        firmware: forecasts(checked),
        fits: checked.fit.as_ref().map(fit),
        findings: checked.findings.iter().map(finding_row).collect(),
    }
}

fn image(index: usize, facts: &ImageFacts) -> ImageRow<'_> {
    ImageRow {
        index,
        offset: facts.offset,
        length: facts.length,
        kind: facts.kind,
        vendor: facts.vendor.as_deref(),
        device: facts.device.as_deref(),
        class: facts.class.as_deref(),
        code_type: facts.code_type.map(|code_type| code_type.0),
        last: facts.last,
        efi: facts.efi.as_ref().map(|efi| EfiRow {
            machine: &efi.machine,
            subsystem: &efi.subsystem,
            compressed: efi.compressed,
            signed: efi.signed,
            signature: efi.signature.as_ref().map(signature),
        }),
        contents: facts.contents.as_ref().map(contents),
    }
}

fn finding_row(finding: &Finding) -> FindingRow<'_> {
    FindingRow {
        code: finding.code.id(),
        severity: finding.severity().name(),
        offset: finding.span.offset,
        length: finding.span.length,
        image: finding.image,
        message: &finding.message,
        spec: finding.code.spec(),
        hint: finding.code.hint(),
    }
}

#[derive(Serialize)]
struct Show<'a> {
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
struct Fetch<'a> {
    rom: &'a str,
    sha256: String,
    source: Option<&'a str>,
    dest: &'a str,
    changed: bool,
}

#[derive(Serialize)]
struct Install<'a> {
    rom: &'a str,
    sha256: String,
    source: Option<&'a str>,
    dest: &'a str,
    replaced: Option<&'a Backup>,
    changed: bool,
    dry_run: bool,
}

#[derive(Serialize)]
struct Undo<'a> {
    dest: &'a str,
    restored: Option<String>,
    replaced: Option<&'a Backup>,
    changed: bool,
}

#[derive(Serialize)]
struct Checks<'a> {
    checks: Vec<CheckRow<'a>>,
}

#[derive(Serialize)]
struct CheckRow<'a> {
    id: &'static str,
    status: &'static str,
    says: &'a str,
    evidence: &'a str,
    fix: Option<&'a str>,
    more: String,
}

/// A ROM that was made.
#[derive(Serialize)]
struct BuildRow<'a> {
    steps: &'a [String],
    file: FileRow<'a>,
}

/// What was mended.
#[derive(Serialize)]
struct FixRow<'a> {
    path: &'a str,
    edits: Vec<EditRow>,
    refused: Vec<RefusalRow>,
    file: Option<FileRow<'a>>,
}

#[derive(Serialize)]
struct EditRow {
    repair: &'static str,
    #[serde(flatten)]
    edit: EditKind,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum EditKind {
    Overwritten { what: &'static str, offset: usize, old: String, new: String },
    Cut { offset: usize, length: usize },
    Filled { length: usize },
    Wrapped { length: usize },
}

#[derive(Serialize)]
struct RefusalRow {
    repair: &'static str,
    reason: String,
}

fn edit_row(edit: &Edit) -> EditKind {
    match edit {
        Edit::Overwritten { what, at, old, new } => {
            EditKind::Overwritten { what, offset: *at, old: hex::encode(old), new: hex::encode(new) }
        }
        Edit::Cut(span) => EditKind::Cut { offset: span.offset, length: span.length },
        Edit::Filled(length) => EditKind::Filled { length: *length },
        Edit::Wrapped(length) => EditKind::Wrapped { length: *length },
    }
}

/// A ROM inside of something; each is an object on a line of its own.
#[derive(Serialize)]
struct HitRow<'a> {
    path: &'a str,
    offset: u64,
    length: usize,
    missing: usize,
    sha256: Option<String>,
    rom: Option<&'a str>,
    verdict: &'static str,
    images: Vec<HitImage<'a>>,
}

#[derive(Serialize)]
struct HitImage<'a> {
    kind: &'static str,
    vendor: Option<&'a str>,
    device: Option<&'a str>,
    length: usize,
}

fn hit_row(hit: &Hit) -> HitRow<'_> {
    HitRow {
        path: &hit.path,
        offset: hit.offset,
        length: hit.length,
        missing: hit.missing,
        sha256: hit.checked.sha256.map(|digest| digest.to_string()),
        rom: hit.checked.known.as_ref().map(|known| known.rom.as_str()),
        verdict: hit.checked.verdict.name(),
        images: hit.checked.images.iter().map(hit_image).collect(),
    }
}

fn hit_image(image: &ImageFacts) -> HitImage<'_> {
    HitImage { kind: image.kind, vendor: image.vendor.as_deref(), device: image.device.as_deref(), length: image.length }
}

/// What was taken out of a file.
#[derive(Serialize)]
struct ExtractRow<'a> {
    path: &'a str,
    kind: &'static str,
    parts: Vec<PartRow<'a>>,
    items: Vec<ItemRow<'a>>,
    sealed: &'a [String],
    folder: Option<&'a str>,
}

#[derive(Serialize)]
struct PartRow<'a> {
    name: &'a str,
    what: &'a str,
    place: &'a str,
    length: usize,
    devices: &'a [String],
}

#[derive(Serialize)]
struct ItemRow<'a> {
    depth: usize,
    what: &'a str,
    guid: Option<&'a str>,
    name: Option<&'a str>,
    offset: usize,
    length: usize,
}

fn extract(extracted: &Extracted) -> ExtractRow<'_> {
    fn part(piece: &Piece) -> PartRow<'_> {
        PartRow { name: &piece.name, what: &piece.what, place: &piece.place, length: piece.length, devices: &piece.devices }
    }
    fn item(leaf: &Leaf) -> ItemRow<'_> {
        ItemRow {
            depth: leaf.depth,
            what: &leaf.what,
            guid: leaf.guid.as_deref(),
            name: leaf.name.as_deref(),
            offset: leaf.offset,
            length: leaf.length,
        }
    }
    ExtractRow {
        path: &extracted.path,
        kind: extracted.kind,
        parts: extracted.pieces.iter().map(part).collect(),
        items: extracted.tree.iter().map(item).collect(),
        sealed: &extracted.sealed,
        folder: extracted.folder.as_deref(),
    }
}

/// What `vm check --fix` proposes.
#[derive(Serialize)]
struct MendedRow<'a> {
    steps: &'a [String],
    left: Vec<CheckRow<'a>>,
}

fn checks(diagnosis: &Diagnosis) -> Checks<'_> {
    Checks { checks: diagnosis.checks.iter().map(check_row).collect() }
}

fn check_row(check: &crate::checks::Check) -> CheckRow<'_> {
    CheckRow {
        id: check.id,
        status: check.status.name(),
        says: &check.says,
        evidence: &check.evidence,
        fix: check.fix.as_deref(),
        more: format!("docs/checks.md, {}", check.id),
    }
}

#[derive(Serialize)]
struct Explanations<'a> {
    entries: Vec<Explanation<'a>>,
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
    fix: Option<&'static str>,
}

fn explanations(explained: &Explained) -> Vec<Explanation<'_>> {
    let of_message = |message: &'static Message| Explanation {
        id: message.id,
        layer: Some(message.layer.name()),
        matters: Some(message.matters.name()),
        line: None,
        text: None,
        count: None,
        means: message.means,
        fix: Some(message.fix),
    };
    match explained {
        Explained::One(Meaning::Message(message)) => vec![of_message(message)],
        Explained::One(Meaning::Page(heading, text)) => {
            let id = heading.split(':').next().unwrap_or(heading);
            vec![Explanation { id, layer: None, matters: None, line: None, text: None, count: None, means: text, fix: None }]
        }
        Explained::Log(found) => found
            .iter()
            .map(|occurrence| Explanation {
                line: Some(occurrence.line),
                text: Some(&occurrence.text),
                count: Some(occurrence.count),
                ..of_message(occurrence.message)
            })
            .collect(),
    }
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Plan<'a> {
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

#[derive(Serialize)]
struct Lint<'a> {
    catalog: &'a str,
    findings: Vec<LintRow<'a>>,
}

#[derive(Serialize)]
struct LintRow<'a> {
    line: usize,
    column: usize,
    #[serde(flatten)]
    finding: FindingRow<'a>,
}
