//! What is in a file: `check`, `show` and `catalog lint`.

use super::super::{Style, sanitize};
use super::text::wrapped;
use crate::commands::catalog::Linted;
use crate::commands::check::AnalyzedFile;
use crate::commands::show::{Shown, Structure};
use rom_core::analysis::{DriverSummary, ImageSummary};
use rom_core::file_kind::FileKind;
use rom_core::firmware::{Firmware, Outcome, Prediction};
use rom_core::model::{ImageKind, Signature};
use rom_core::usable::{Answer, Usable};
use rom_core::{Analysis, Finding, RegionKind, Severity, Verdict};
use rom_host::vm::command_line::words::quoted;
use std::io::{self, Write};

pub(super) fn check(files: &[AnalyzedFile], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut said = false;
    for file in files.iter().filter(|file| !style.quiet || is_notable(&file.analysis)) {
        if said && !style.quiet {
            writeln!(out)?;
        }
        said = true;
        let analysis = &file.analysis;
        answer(file, style, out)?;
        if !style.quiet {
            kind(file, out)?;
            identity(analysis, out)?;
            for (index, image) in analysis.images.iter().enumerate() {
                writeln!(
                    out,
                    "  image {index}  {}, {} bytes at {:#x}",
                    image_text(image),
                    image.span.length,
                    image.span.offset
                )?;
                contents(image, style, out)?;
            }
            firmware(analysis, style, out)?;
        }
        findings(analysis, style, out)?;
    }
    if files.len() > 1 && !style.quiet {
        let count = |verdict| files.iter().filter(|file| file.analysis.verdict == verdict).count();
        let (good, warn, bad) = (count(Verdict::Good), count(Verdict::Warn), count(Verdict::Bad));
        writeln!(out, "\n{} files: {good} good, {warn} with warnings, {bad} bad", files.len())?;
    }
    Ok(())
}

/// Whether -q says anything of a file.
fn is_notable(analysis: &Analysis) -> bool {
    let job = analysis.usable.device.is_some() && analysis.usable.answer == Answer::No;
    analysis.verdict != Verdict::Good || job
}

/// What the file is, whether it does its job, and what its structure is like.
fn answer(AnalyzedFile { path, analysis }: &AnalyzedFile, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.quiet {
        let useless = analysis.verdict != Verdict::Bad && analysis.usable.answer == Answer::No;
        let word = if useless { style.red("does not work") } else { structure(analysis, style) };
        return writeln!(out, "{}: {word}", style.bold(&sanitize::text(path)));
    }
    writeln!(out, "{}: {}", style.bold(&sanitize::text(path)), what(analysis))?;
    works(&analysis.usable, style, out)?;
    writeln!(out, "  structure: {}", structure(analysis, style))
}

/// What the file is.
fn what(analysis: &Analysis) -> String {
    match (&analysis.kind, analysis.images.len()) {
        (FileKind::OptionRom, 1) => "option ROM with 1 image".to_owned(),
        (FileKind::OptionRom, count) => format!("option ROM with {count} images"),
        (kind, _) => sanitize::text(&kind.to_string()),
    }
}

fn structure(analysis: &Analysis, style: Style) -> String {
    match analysis.verdict {
        Verdict::Good => style.green("good"),
        Verdict::Warn => style.yellow("good, with warnings"),
        Verdict::Bad => style.red("bad"),
    }
}

/// Whether the file does its job. Without a GPU there is no job, unless it can do none.
fn works(usable: &Usable, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let gpu = match (usable.device, usable.answer) {
        (Some(device), _) => device.to_string(),
        (None, Answer::No) => "any GPU".to_owned(),
        (None, Answer::Yes | Answer::Unknown) => return Ok(()),
    };
    let answer = match usable.answer {
        Answer::Yes => style.green("yes"),
        Answer::No => style.red("no"),
        Answer::Unknown => style.yellow("unknown"),
    };
    writeln!(out, "  works with {gpu}: {answer}")?;
    writeln!(out, "{}", wrapped("           ", &sanitize::text(&usable.reason.to_string())))
}

/// What was opened in the file, and what comes next.
fn kind(AnalyzedFile { path, analysis }: &AnalyzedFile, out: &mut dyn Write) -> io::Result<()> {
    for step in &analysis.opened {
        let name = step.name.as_ref().map_or_else(String::new, |name| format!("{name}: "));
        let line = format!("in it: {name}{}, {} bytes", step.kind, step.length);
        writeln!(out, "{}", wrapped("  ", &sanitize::text(&line)))?;
        for (name, kind) in &step.others {
            writeln!(out, "{}", wrapped("  ", &sanitize::text(&format!("in it: {name}: {kind}"))))?;
        }
    }
    next(&analysis.kind, path, out)
}

/// The command that comes next for a file of this kind.
pub(super) fn next(kind: &FileKind, path: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some(step) = kind.next_step() else { return Ok(()) };
    let words: Vec<String> = step.words(path).iter().map(|word| quoted(word)).collect();
    writeln!(out, "  next: {}", sanitize::text(&words.join(" ")))
}

fn identity(file: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let digest = file.sha256.map_or_else(|| "too large to identify".to_owned(), |digest| format!("sha256 {digest}"));
    writeln!(out, "  {} bytes, {digest}", file.size)?;
    let known = match &file.known {
        Some(known) => format!("this is {} of the release, for {}", known.rom, known.platforms.join(" ")),
        None => "not a file of the release (which says nothing against it)".to_owned(),
    };
    writeln!(out, "{}", wrapped("  ", &sanitize::text(&known)))
}

fn image_text(image: &ImageSummary) -> String {
    let ids = match (image.device, image.class) {
        (Some(device), Some(class)) => format!("{device} class {class}"),
        _ => "no ids".to_owned(),
    };
    let kind = match (image.kind, image.code_type) {
        (ImageKind::Legacy, None) => "ISA".to_owned(),
        (_, Some(code_type)) => code_type.to_string(),
        (_, None) => "unreadable".to_owned(),
    };
    let driver = image.efi.as_ref().map_or_else(String::new, |efi| {
        let compressed = if efi.compressed { ", compressed" } else { "" };
        let signed = if efi.signature == Signature::Absent { "" } else { ", signed" };
        format!(", {} for {}{compressed}{signed}", efi.subsystem, efi.machine)
    });
    let last = if image.last { ", last" } else { "" };
    format!("{kind}, {ids}{driver}{last}")
}

/// What is in an image, below the line about it.
fn contents(image: &ImageSummary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: &str = "           ";
    let mut say = |text: &str| writeln!(out, "{}", wrapped(INDENT, &sanitize::text(text)));
    let Some(contents) = &image.contents else { return Ok(()) };
    if let Some(kind) = contents.driver {
        let version = contents.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
        let purpose = kind.purpose().map_or_else(String::new, |purpose| format!(": {purpose}"));
        say(&format!("{}{version}{purpose}", kind.name()))?;
    }
    if let Some(table) = &contents.assignment_table {
        say(&format!("knows {} GPUs", table.ids.len()))?;
    }
    if !contents.gop_lists.is_empty() {
        let count: usize = contents.devices().len();
        say(&format!("lists {count} GPUs"))?;
    }
    if let Some(vbt) = &contents.vbt {
        let version = vbt.bdb_version.map_or_else(String::new, |version| format!(", data version {version}"));
        say(&format!("Video BIOS Table for {}{version}, {} bytes", vbt.product, vbt.size))?;
    }
    if let Some(DriverSummary { signature: Signature::Present(signed), .. }) = &image.efi {
        let signers: Vec<&str> = signed.signers.iter().map(|signer| common_name(&signer.subject)).collect();
        say(&format!("signed by {}", if signers.is_empty() { "nobody named".to_owned() } else { signers.join(" and ") }))?;
    }
    if style.verbose {
        contents.evidence.iter().try_for_each(|evidence| say(&format!("told by {evidence}")))?;
        if !contents.protocols.is_empty() {
            let names: Vec<&str> = contents.protocols.iter().map(|protocol| protocol.name).collect();
            say(&format!("protocols: {}", names.join(", ")))?;
        }
        if !contents.devices().is_empty() {
            let ids: Vec<String> = contents.devices().iter().map(|id| format!("{:04x}", id.device)).collect();
            say(&format!("GPUs: {}", ids.join(" ")))?;
        }
    }
    Ok(())
}

/// The common name of a certificate's subject, or all of it.
fn common_name(subject: &str) -> &str {
    subject.split(',').find_map(|part| part.trim().strip_prefix("CN=")).unwrap_or(subject)
}

/// What the firmwares do with a file: OVMF and SeaBIOS, and AAVMF where there is something for it.
fn firmware(file: &Analysis, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if file.images.is_empty() {
        return Ok(());
    }
    let arm64 = file.prediction(Firmware::Aavmf).is_some_and(|prediction| prediction.runs().next().is_some());
    for (firmware, prediction) in &file.predictions {
        let common = matches!(firmware, Firmware::Ovmf | Firmware::SeaBios);
        if !common && !arm64 {
            continue;
        }
        let label = format!("  {:<8} ", firmware.name());
        if let Some(hang) = prediction.hang {
            writeln!(out, "{}", wrapped(&label, &format!("hangs: {hang}")))?;
            continue;
        }
        writeln!(out, "{}", wrapped(&label, &starts(prediction)))?;
        for (index, (predicted, image)) in prediction.images.iter().zip(&file.images).enumerate() {
            let missed = predicted.outcome == Outcome::Unreached && *firmware == Firmware::Ovmf && image.kind == ImageKind::Efi;
            if style.verbose || (common && (missed || predicted.outcome == Outcome::Refused)) {
                let text = format!("image {index} {}: {}", outcome(predicted.outcome), predicted.reason);
                writeln!(out, "{}", wrapped("           ", &text))?;
            }
            if style.verbose {
                writeln!(out, "{}", wrapped("             ", predicted.source))?;
            }
        }
    }
    Ok(())
}

fn starts(prediction: &Prediction) -> String {
    let running: Vec<String> = prediction.runs().map(|index| index.to_string()).collect();
    match (running.split_last(), prediction.images.len()) {
        (None, _) => "starts nothing of it".to_owned(),
        (Some(_), 1) => "starts it".to_owned(),
        (Some((only, [])), _) => format!("starts image {only}"),
        (Some((last, rest)), _) => format!("starts images {} and {last}", rest.join(", ")),
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Runs => "runs",
        Outcome::Skipped => "is passed over",
        Outcome::Refused => "is refused",
        Outcome::Unreached => "is never reached",
    }
}

fn findings(file: &Analysis, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let said = file.findings.iter().filter(|finding| !style.quiet || finding.severity() > Severity::Note);
    for finding in said {
        writeln!(out, "  {}", finding_line(finding, style))?;
        if !style.quiet {
            writeln!(out, "{}", wrapped("          ", finding.code.hint()))?;
        }
        if style.verbose {
            writeln!(out, "{}", wrapped("          ", &format!("bytes {}; {}", finding.span, finding.code.spec())))?;
        }
    }
    Ok(())
}

fn finding_line(finding: &Finding, style: Style) -> String {
    let word = match finding.severity() {
        Severity::Error => style.red("error"),
        Severity::Warning => style.yellow("warning"),
        Severity::Note => "note".to_owned(),
    };
    let image = finding.image.map_or_else(String::new, |image| format!("image {image}: "));
    format!("{word} {} {image}{}: {}", finding.code.id(), finding.code.title(), sanitize::text(&finding.fact.to_string()))
}

pub(super) fn show(shown: &Shown, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let file = &shown.checked.analysis;
    answer(&shown.checked, style, out)?;
    kind(&shown.checked, out)?;
    identity(file, out)?;
    writeln!(out, "\n  {:>10} {:>10}  what", "offset", "length")?;
    for region in &file.regions {
        let what = match region.kind {
            RegionKind::Image(index) => {
                let facts = file.images.get(index).map_or_else(String::new, image_text);
                format!("image {index}: {facts}")
            }
            _ if let Some(lost) = region.lost => format!("a damaged image: {lost}"),
            RegionKind::Container => "container: firmware does not look after it".to_owned(),
            RegionKind::Padding => "padding".to_owned(),
            RegionKind::Trailing => "other data".to_owned(),
            RegionKind::Unread => "no option ROM".to_owned(),
        };
        writeln!(out, "  {:>#10x} {:>10}  {what}", region.span.offset, region.span.length)?;
        if let RegionKind::Image(index) = region.kind
            && let Some(image) = file.images.get(index)
        {
            show_contents(image, style, out)?;
        }
    }
    writeln!(out)?;
    firmware(file, style, out)?;
    if let Some(images) = &shown.structures {
        for (index, structures) in images.iter().enumerate() {
            for structure in structures {
                hex(index, structure, style, out)?;
            }
        }
    }
    if !file.findings.is_empty() {
        writeln!(out)?;
    }
    findings(file, style, out)
}

/// The lines of [`contents`], below the column of the map that says what a region is.
fn show_contents(image: &ImageSummary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = Vec::new();
    contents(image, style, &mut lines)?;
    String::from_utf8_lossy(&lines).lines().try_for_each(|line| writeln!(out, "             {line}"))
}

/// Bytes of a field that are printed on one line.
const FIELD_BYTES: usize = 8;

fn hex(image: usize, structure: &Structure, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n  {}", style.bold(&format!("image {image}: {}", structure.name)))?;
    for field in &structure.fields {
        let shown: Vec<String> = field.bytes.iter().take(FIELD_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let more = if field.bytes.len() > FIELD_BYTES { " .." } else { "" };
        let bytes = format!("{}{more}", shown.join(" "));
        let line = format!("  {:>#10x}  {bytes:<26}  {:<30}  {}", field.offset, field.name, sanitize::text(&field.value));
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

pub(super) fn lint(linted: &Linted, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (finding, line, column) in &linted.findings {
        writeln!(out, "{}:{line}:{column}: {}", sanitize::text(&linted.name), finding_line(finding, style))?;
        writeln!(out, "{}", wrapped("  help: ", finding.code.hint()))?;
    }
    if linted.findings.is_empty() && !style.quiet {
        writeln!(out, "{}: {}", sanitize::text(&linted.name), style.green("good"))?;
    }
    Ok(())
}
