//! Reports as text, for people.

use super::{Style, sanitize};
use crate::args::PlanTarget;
use crate::checks::Status;
use crate::commands::Report;
use crate::commands::catalog::Linted;
use crate::commands::check::{Checked, ImageFacts};
use crate::commands::doctor::Diagnosis;
use crate::commands::explain::Explained;
use crate::commands::fetch::Fetched;
use crate::commands::install::Installed;
use crate::commands::list::Listed;
use crate::commands::pick::{Device, Picked};
use crate::commands::show::{Shown, Structure};
use crate::commands::undo::Undone;
use crate::commands::vm_plan::Planned;
use crate::explain::{Matters, Meaning, Message};
use crate::vm::plan::Setting;
use rom_core::contents::Answer;
use rom_core::firmware::{Firmware, Forecast, Outcome};
use rom_core::{Finding, RegionKind, Severity, Verdict};
use std::io::{self, Write};

/// Columns that text is wrapped to.
const WIDTH: usize = 100;

/// Writes `report` as text.
pub(super) fn print(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Pick(picked) => pick(picked, style, out),
        Report::List(listed) => list(listed, style, out),
        Report::Check(checked) => check(checked, style, out),
        Report::Show(shown) => show(shown, style, out),
        Report::Fetch(fetched) => fetch(fetched, style, out),
        Report::Install(installed) => install(installed, style, out),
        Report::Undo(undone) => undo(undone, style, out),
        Report::Doctor(diagnosis) | Report::VmCheck(diagnosis) => checks(diagnosis, style, out),
        Report::Explain(explained) => explain(explained, style, out),
        Report::VmPlan(planned) => vm_plan(planned, style, out),
        Report::Pasted(written) => written.lines.iter().try_for_each(|line| writeln!(out, "{}", sanitize::text(line))),
        Report::CatalogLint(linted) => lint(linted, style, out),
        Report::Completions(_) => Ok(()),
    }
}

/// `text` after `label`, its further lines indented below its first.
pub(super) fn wrapped(label: &str, text: &str) -> String {
    let indent = label.chars().count();
    let mut result = label.to_owned();
    let mut column = indent;
    for (index, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && column.saturating_add(length) >= WIDTH {
            result.push('\n');
            result.push_str(&" ".repeat(indent));
            column = indent;
        } else if index > 0 {
            result.push(' ');
            column = column.saturating_add(1);
        }
        result.push_str(word);
        column = column.saturating_add(length);
    }
    result
}

/// A step of what was found or done: a word, then what there is to say.
fn step(out: &mut dyn Write, style: Style, word: &str, text: &str) -> io::Result<()> {
    let label = format!("{word:<9}");
    let line = wrapped(&label, &sanitize::text(text));
    let label_shown = if word.is_empty() { label.clone() } else { style.bold(&label) };
    writeln!(out, "{label_shown}{}", line.get(label.len()..).unwrap_or_default())
}

fn found(picked: &Picked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if let Some(device) = &picked.device {
        step(out, style, "Found", &device_text(device))?;
    }
    if let Some(answer) = &picked.cpu {
        let codes: Vec<&str> = answer.platforms.iter().map(|platform| platform.name.as_str()).collect();
        let known = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(" or ")) };
        step(out, style, if picked.device.is_some() { "" } else { "Found" }, &format!("CPU {}{known}", answer.cpu.name))?;
    }
    Ok(())
}

fn device_text(device: &Device) -> String {
    let name = device.name.as_deref().unwrap_or("unknown device");
    let at = device.bdf.as_ref().map_or_else(String::new, |bdf| format!(" at {bdf}"));
    let platform = device
        .platform
        .as_ref()
        .map_or_else(String::new, |platform| format!(", {} (graphics generation {})", platform.name, platform.generation));
    format!("{} {name}{at}{platform}", device.id)
}

fn remarks(remarks: &[String], style: Style, out: &mut dyn Write) -> io::Result<()> {
    remarks.iter().try_for_each(|remark| step(out, style, "Note", remark))
}

fn pick(picked: &Picked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    found(picked, style, out)?;
    if let Some(reason) = &picked.refused {
        step(out, style, "No ROM", reason)?;
        own_files(picked, style, out)?;
        return remarks(&picked.remarks, style, out);
    }
    for (index, choice) in picked.candidates.iter().enumerate() {
        let word = if index == 0 { "Use" } else { "Or" };
        step(out, style, word, &format!("{} (confidence: {})", choice.rom, choice.confidence))?;
        step(out, style, "", &choice.reason)?;
        if let Some(note) = choice.note.as_ref().filter(|_| index == 0) {
            step(out, style, "", note)?;
        }
    }
    own_files(picked, style, out)?;
    remarks(&picked.remarks, style, out)?;
    step(out, style, "Next", "sudo oprom install")
}

/// The user's files, the best first.
fn own_files(picked: &Picked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for checked in &picked.own {
        let works = if checked.verdict == Verdict::Bad { "; and it does not work: see `oprom check`" } else { "" };
        let (word, answer, reason) = match checked.fit.as_ref().map(|fit| (fit.answer, fit.reason.as_str())) {
            Some((Answer::Yes, reason)) => ("Or", "serves this GPU", reason),
            Some((Answer::No, reason)) => ("Not", "does not serve this GPU", reason),
            Some((Answer::Unknown, reason)) => ("Maybe", "cannot tell whether it serves this GPU", reason),
            None => ("Maybe", "cannot tell: no GPU is known, or it is no ROM", ""),
        };
        let word = if checked.verdict == Verdict::Bad { "Not" } else { word };
        step(out, style, word, &format!("{}: {answer}{works}", checked.path))?;
        if !reason.is_empty() {
            step(out, style, "", reason)?;
        }
        if word == "Or"
            && let Some(digest) = checked.sha256
        {
            step(out, style, "", &format!("oprom install --from {} --expect-sha256 {digest}", checked.path))?;
        }
    }
    Ok(())
}

fn list(listed: &Listed, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for row in &listed.roms {
        let size = row.size.map_or_else(String::new, |size| format!(", {size} bytes"));
        let serves = if row.platforms.is_empty() { "no platform".to_owned() } else { row.platforms.join(" ") };
        let evidence = match row.evidence {
            "proved" => "hash proved",
            "independent" => "hash independently pinned",
            _ => "hash from the release page",
        };
        writeln!(out, "{}", style.bold(&sanitize::text(&row.name)))?;
        writeln!(out, "{}", wrapped("  for      ", &sanitize::text(&serves)))?;
        writeln!(out, "  sha256   {}{size}; {evidence}", row.sha256)?;
        if let Some(note) = &row.note {
            writeln!(out, "{}", wrapped("  note     ", &sanitize::text(note)))?;
        }
    }
    Ok(())
}

fn check(files: &[Checked], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut said = false;
    for file in files.iter().filter(|file| !style.quiet || file.verdict != Verdict::Good) {
        if said && !style.quiet {
            writeln!(out)?;
        }
        said = true;
        verdict(file, style, out)?;
        if !style.quiet {
            identity(file, out)?;
            for (index, image) in file.images.iter().enumerate() {
                writeln!(out, "  image {index}  {}, {} bytes at {:#x}", image_text(image), image.length, image.offset)?;
                contents(image, style, out)?;
            }
            firmware(file, style, out)?;
            serves(file, style, out)?;
        }
        findings(file, style, out)?;
    }
    if files.len() > 1 && !style.quiet {
        let count = |verdict| files.iter().filter(|file| file.verdict == verdict).count();
        let (good, warn, bad) = (count(Verdict::Good), count(Verdict::Warn), count(Verdict::Bad));
        writeln!(out, "\n{} files: {good} good, {warn} with warnings, {bad} bad", files.len())?;
    }
    Ok(())
}

fn verdict(file: &Checked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let word = match file.verdict {
        Verdict::Good => style.green("good"),
        Verdict::Warn => style.yellow("works, with warnings"),
        Verdict::Bad => style.red("bad"),
    };
    let not_for = file.fit.as_ref().filter(|fit| fit.answer == Answer::No);
    let not_for = not_for
        .map_or_else(String::new, |fit| format!("{}{}", joint(file.verdict), style.red(&format!("not for {}", fit.device))));
    writeln!(out, "{}: {word}{not_for}", style.bold(&sanitize::text(&file.path)))
}

/// What stands between a verdict and what else speaks against a file.
const fn joint(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => ", but ",
        Verdict::Warn | Verdict::Bad => ", and ",
    }
}

fn identity(file: &Checked, out: &mut dyn Write) -> io::Result<()> {
    let digest = file.sha256.map_or_else(|| "too large to identify".to_owned(), |digest| format!("sha256 {digest}"));
    writeln!(out, "  {} bytes, {digest}", file.size)?;
    let known = match &file.known {
        Some(known) => format!("this is {} of the release, for {}", known.rom, known.platforms.join(" ")),
        None => "not a file of the release (which says nothing against it)".to_owned(),
    };
    writeln!(out, "{}", wrapped("  ", &sanitize::text(&known)))
}

fn image_text(image: &ImageFacts) -> String {
    let ids = match (&image.vendor, &image.device, &image.class) {
        (Some(vendor), Some(device), Some(class)) => format!("{vendor}:{device} class {class}"),
        _ => "no ids".to_owned(),
    };
    let kind = match (image.kind, image.code_type) {
        ("legacy", None) => "ISA".to_owned(),
        (_, Some(code_type)) => code_type.to_string(),
        (_, None) => "unreadable".to_owned(),
    };
    let driver = image.efi.as_ref().map_or_else(String::new, |efi| {
        let compressed = if efi.compressed { ", compressed" } else { "" };
        let signed = if efi.signed { ", signed" } else { "" };
        format!(", {} for {}{compressed}{signed}", efi.subsystem, efi.machine)
    });
    let last = if image.last { ", last" } else { "" };
    format!("{kind}, {ids}{driver}{last}")
}

/// What is in an image, below the line about it.
fn contents(image: &ImageFacts, style: Style, out: &mut dyn Write) -> io::Result<()> {
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
    if let Some(signed) = image.efi.as_ref().and_then(|efi| efi.signature.as_ref()) {
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
fn firmware(file: &Checked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if file.images.is_empty() {
        return Ok(());
    }
    let arm64 =
        file.forecasts.iter().any(|(firmware, forecast)| *firmware == Firmware::Aavmf && forecast.runs().next().is_some());
    for (firmware, forecast) in &file.forecasts {
        let common = matches!(firmware, Firmware::Ovmf | Firmware::SeaBios);
        if !common && !arm64 {
            continue;
        }
        let label = format!("  {:<8} ", firmware.name());
        if let Some(hang) = forecast.hang {
            writeln!(out, "{}", wrapped(&label, &format!("hangs: {hang}")))?;
            continue;
        }
        writeln!(out, "{}", wrapped(&label, &starts(forecast)))?;
        for (index, (fate, image)) in forecast.images.iter().zip(&file.images).enumerate() {
            let missed = fate.outcome == Outcome::Unreached && *firmware == Firmware::Ovmf && image.kind == "efi";
            if style.verbose || (common && (missed || fate.outcome == Outcome::Refused)) {
                let text = format!("image {index} {}: {}", outcome(fate.outcome), fate.reason);
                writeln!(out, "{}", wrapped("           ", &text))?;
            }
            if style.verbose {
                writeln!(out, "{}", wrapped("             ", fate.source))?;
            }
        }
    }
    Ok(())
}

fn starts(forecast: &Forecast) -> String {
    let running: Vec<String> = forecast.runs().map(|index| index.to_string()).collect();
    match (running.split_last(), forecast.images.len()) {
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

/// Whether the file serves the GPU.
fn serves(file: &Checked, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(fit) = &file.fit else { return Ok(()) };
    let answer = match fit.answer {
        Answer::Yes => style.green("yes"),
        Answer::No => style.red("no"),
        Answer::Unknown => style.yellow("cannot tell"),
    };
    let plain = format!("  serves   {}: ", fit.device);
    writeln!(out, "{plain}{answer}")?;
    writeln!(out, "{}", wrapped("           ", &sanitize::text(&fit.reason)))
}

fn findings(file: &Checked, style: Style, out: &mut dyn Write) -> io::Result<()> {
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
    format!("{word} {} {image}{}: {}", finding.code.id(), finding.code.title(), sanitize::text(&finding.message))
}

fn show(shown: &Shown, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let file = &shown.checked;
    verdict(file, style, out)?;
    identity(file, out)?;
    writeln!(out, "\n  {:>10} {:>10}  what", "offset", "length")?;
    for region in &file.regions {
        let what = match region.kind {
            RegionKind::Image(index) => {
                let facts = file.images.get(index).map_or_else(String::new, image_text);
                format!("image {index}: {facts}")
            }
            RegionKind::Container => "container: no firmware looks behind it".to_owned(),
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
fn show_contents(image: &ImageFacts, style: Style, out: &mut dyn Write) -> io::Result<()> {
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

fn fetch(fetched: &Fetched, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match &fetched.source {
        Some(source) => step(out, style, "Got", &format!("{} from {source}", fetched.rom))?,
        None => step(out, style, "Have", &format!("{} already", fetched.rom))?,
    }
    step(out, style, "Proved", &format!("sha256 {} is the pinned one", fetched.sha256))?;
    step(out, style, "Is at", &fetched.dest)
}

fn install(installed: &Installed, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if let Some(picked) = &installed.picked {
        found(picked, style, out)?;
    }
    let reason = installed.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let confidence = installed.picked.as_ref().and_then(|picked| picked.candidates.first());
    let confidence = confidence.map_or_else(String::new, |choice| format!(" (confidence: {})", choice.confidence));
    step(out, style, "ROM", &format!("{}{confidence}{reason}", installed.rom))?;
    remarks(&installed.remarks, style, out)?;
    let (dest, source) = (&installed.dest, installed.source.as_deref().unwrap_or_default());
    if installed.dry_run {
        step(out, style, "Would", &format!("take it from {source}"))?;
        step(out, style, "", &format!("prove that its sha256 is {}", installed.sha256))?;
        return step(out, style, "", &format!("put it in place as {dest} and keep the old file"));
    }
    if !installed.changed {
        step(out, style, "Done", &format!("{dest} is already up to date; nothing was changed"))?;
        return next(installed, style, out);
    }
    let size = installed.size.map_or_else(String::new, |size| format!("{size} bytes "));
    step(out, style, "Got", &format!("{size}from {source}"))?;
    step(out, style, "Proved", &format!("sha256 {} is the pinned one", installed.sha256))?;
    if let Some(checked) = &installed.checked {
        let count = checked.images.len();
        let images = if count == 1 { "1 image".to_owned() } else { format!("{count} images") };
        step(
            out,
            style,
            "Checked",
            &format!("{}, {images}", if checked.verdict == Verdict::Good { "good" } else { "works, with warnings" }),
        )?;
        match &checked.fit {
            Some(fit) if fit.answer == Answer::Yes => step(out, style, "Serves", &format!("this GPU: {}", fit.reason))?,
            Some(fit) if fit.answer == Answer::No => step(out, style, "Mind", &format!("NOT for this GPU: {}", fit.reason))?,
            Some(_) | None => {}
        }
    }
    let kept = installed.replaced.as_ref().map_or_else(String::new, |old| format!("; the old file is kept as {}", old.backup));
    step(out, style, "Done", &format!("{dest} is in place{kept}"))?;
    next(installed, style, out)
}

/// From this generation of graphics on, QEMU 10.1 and newer need to be told what legacy mode did by itself before.
const NEEDS_LPC: u32 = 11;

fn next(installed: &Installed, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(romfile) = installed.proxmox_romfile() else {
        let text =
            format!("give it to the VM: romfile={} for QEMU, <rom file='{}'/> for libvirt", installed.dest, installed.dest);
        return step(out, style, "Next", &text);
    };
    step(out, style, "Next", "shut the VM down, then tell it to use the ROM (VMID is its number):")?;
    writeln!(out, "  qm set VMID --bios ovmf --machine pc --vga none \\")?;
    writeln!(out, "    --hostpci0 0000:00:02.0,legacy-igd=1,romfile={}", sanitize::text(romfile))?;
    match installed.generation {
        Some(generation) if generation < NEEDS_LPC => {}
        Some(_) => {
            writeln!(out, "  qm set VMID --args \"-set device.hostpci0.x-igd-lpc=on\"    (Proxmox VE 9.1 and newer)")?;
            step(
                out,
                style,
                "",
                "If the VM has args already (qm config VMID), put these behind them: --args replaces what is there.",
            )?;
        }
        None => {
            writeln!(out, "  and for 10th generation G, 11th generation and newer on Proxmox VE 9.1 or later:")?;
            writeln!(out, "  qm set VMID --args \"-set device.hostpci0.x-igd-lpc=on\"")?;
        }
    }
    let text =
        "the host's screen goes dark when the VM starts: have SSH or the web interface ready, and in Windows remote desktop.";
    step(out, style, "Mind", text)?;
    if installed.changed {
        step(
            out,
            style,
            "",
            "a Windows guest with BitLocker may ask for its recovery key once. `oprom undo` takes this step back.",
        )?;
    }
    Ok(())
}

fn undo(undone: &Undone, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let dest = &undone.dest;
    let text = match (undone.restored, undone.changed) {
        (Some(digest), true) => format!("{dest} is the file from before again (sha256 {digest})"),
        (None, true) => format!("{dest} is gone again: there was none before"),
        (Some(_), false) => format!("{dest} is the file from before already; nothing was changed"),
        (None, false) => format!("there is no {dest}, as before; nothing was changed"),
    };
    step(out, style, "Done", &text)?;
    if let Some(old) = &undone.replaced {
        step(
            out,
            style,
            "Kept",
            &format!("{} is the file that was in place until now; `oprom undo` brings it back", old.backup),
        )?;
    }
    Ok(())
}

/// One line a check; what is not well has its evidence and what to do below it.
fn checks(diagnosis: &Diagnosis, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let count = |status| diagnosis.checks.iter().filter(|check| check.status == status).count();
    for check in &diagnosis.checks {
        let (word, well) = match check.status {
            Status::Pass => (style.green("PASS"), true),
            Status::Warn => (style.yellow("WARN"), false),
            Status::Fail => (style.red("FAIL"), false),
            Status::Skip => ("SKIP".to_owned(), false),
        };
        if style.quiet && (well || check.status == Status::Skip) {
            continue;
        }
        writeln!(out, "{word}  {}", wrapped_below("      ", &format!("{} ({})", sanitize::text(&check.says), check.id)))?;
        if !well || style.verbose {
            writeln!(out, "{}", wrapped("      ", &sanitize::text(&check.evidence)))?;
        }
        for line in check.fix.as_deref().unwrap_or_default().lines() {
            writeln!(out, "{}", wrapped("      > ", &sanitize::text(line)))?;
        }
    }
    let (failed, warned) = (count(Status::Fail), count(Status::Warn));
    if !style.quiet {
        let summary = match (failed, warned) {
            (0, 0) => format!("{} is ready.", diagnosis.subject),
            (0, 1) => format!("{} is ready; 1 thing is worth a look.", diagnosis.subject),
            (0, _) => format!("{} is ready; {warned} things are worth a look.", diagnosis.subject),
            (_, _) => format!("{} is not ready: mend the first FAIL, then ask again.", diagnosis.subject),
        };
        writeln!(out, "\n{summary}")?;
    }
    Ok(())
}

fn explain(explained: &Explained, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match explained {
        Explained::One(Meaning::Message(message)) => known_message(message, style, out),
        Explained::One(Meaning::Page(heading, text)) => {
            writeln!(out, "{}", style.bold(heading))?;
            text.split("\n\n").try_for_each(|paragraph| writeln!(out, "{}", wrapped("  ", &paragraph.replace('*', ""))))
        }
        Explained::Log(found) if found.is_empty() => {
            writeln!(out, "No line of it is one that is known here: it tells nothing about the GPU, or something new.")
        }
        Explained::Log(found) => {
            for (index, occurrence) in found.iter().enumerate() {
                let again = if occurrence.count > 1 { format!(", {} times", occurrence.count) } else { String::new() };
                let line = format!("line {}{again}: ", occurrence.line);
                writeln!(
                    out,
                    "{}{}",
                    if index == 0 { "" } else { "\n" },
                    style.bold(&wrapped(&line, &sanitize::text(&occurrence.text)))
                )?;
                known_message(occurrence.message, style, out)?;
            }
            Ok(())
        }
    }
}

fn known_message(message: &Message, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let matters = match message.matters {
        Matters::Good => style.green("a good sign"),
        Matters::No => style.green("no fault"),
        Matters::Perhaps => style.yellow("may matter"),
        Matters::Yes => style.red("matters"),
    };
    writeln!(out, "  {} ({}): {matters}", message.id, message.layer.name())?;
    writeln!(out, "{}", wrapped("  ", message.means))?;
    writeln!(out, "{}", wrapped("  > ", message.fix))?;
    if style.verbose {
        message.examples.iter().try_for_each(|example| writeln!(out, "{}", wrapped("  seen as: ", example)))?;
    }
    Ok(())
}

/// Lines to paste, on lines of their own; with `-v` each with its reason.
fn vm_plan(planned: &Planned, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let qemu = planned.qemu.as_ref().map_or_else(String::new, |version| format!(", QEMU {version}"));
    step(out, style, "For", &format!("{}{qemu}", planned.device))?;
    match planned.target {
        PlanTarget::Proxmox => {
            let vmid = planned.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string());
            let which = if planned.vmid.is_some() { "" } else { " (VMID is the number of the VM)" };
            step(out, style, "Set", &format!("shut the VM down, then, as root{which}:"))?;
            for setting in &planned.settings {
                writeln!(out, "  qm set {vmid} --{} {}", setting.key, quoted(&sanitize::text(&setting.value)))?;
                reason(setting, style, out)?;
            }
            step(out, style, "Or", "the same as lines of its .conf:")?;
            for setting in &planned.settings {
                writeln!(out, "  {}: {}", setting.key, sanitize::text(&setting.value))?;
            }
        }
        PlanTarget::Libvirt => {
            step(
                out,
                style,
                "Set",
                "shut the VM down, then `virsh edit NAME`; each of these replaces what is there of its kind:",
            )?;
            for setting in &planned.settings {
                sanitize::text(&setting.value).lines().try_for_each(|line| writeln!(out, "  {line}"))?;
                reason(setting, style, out)?;
            }
        }
        PlanTarget::Qemu => {
            step(out, style, "Set", "arguments of QEMU, beside OVMF and the rest:")?;
            for setting in &planned.settings {
                writeln!(out, "  {} {}", setting.key, quoted(&sanitize::text(&setting.value)))?;
                reason(setting, style, out)?;
            }
        }
    }
    planned.notes.iter().try_for_each(|note| step(out, style, "Note", note))
}

fn reason(setting: &Setting, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.verbose { writeln!(out, "{}", wrapped("      ", &setting.reason)) } else { Ok(()) }
}

/// `text` as one word for a shell.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_=,.:/+@".contains(letter));
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// `text` whose further lines begin with `indent`.
fn wrapped_below(indent: &str, text: &str) -> String {
    wrapped(indent, text).trim_start().to_owned()
}

fn lint(linted: &Linted, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (finding, line, column) in &linted.findings {
        writeln!(out, "{}:{line}:{column}: {}", sanitize::text(&linted.name), finding_line(finding, style))?;
        writeln!(out, "{}", wrapped("  help: ", finding.code.hint()))?;
    }
    if linted.findings.is_empty() && !style.quiet {
        writeln!(out, "{}: {}", sanitize::text(&linted.name), style.green("good"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_goes_on_below_its_first_word() {
        let text = "word ".repeat(30);
        let lines: Vec<String> = wrapped("label: ", &text).lines().map(str::to_owned).collect();
        assert!(lines.len() > 1);
        assert!(lines[0].starts_with("label: word"));
        assert!(lines[1].starts_with("       word"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
    }
}
