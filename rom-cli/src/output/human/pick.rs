//! Which ROM: `pick` and `list`.

use super::super::{Style, sanitize};
use super::text::{step, wrapped};
use crate::commands::catalog::release::{Compared, Differences, State};
use crate::commands::check::AnalyzedFile;
use crate::commands::list::Listed;
use crate::commands::pick::Answered;
use rom_core::Verdict;
use rom_core::usable::Answer;
use rom_host::pick::{Device, Picked};
use std::io::{self, Write};

pub(super) fn found(picked: &Picked, style: Style, out: &mut dyn Write) -> io::Result<()> {
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

pub(super) fn remarks(remarks: &[String], style: Style, out: &mut dyn Write) -> io::Result<()> {
    remarks.iter().try_for_each(|remark| step(out, style, "Note", remark))
}

pub(super) fn pick(answered: &Answered, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let picked = &answered.picked;
    found(picked, style, out)?;
    if let Some(reason) = &picked.refused {
        step(out, style, "No ROM", reason)?;
        own_files(&answered.own, style, out)?;
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
    own_files(&answered.own, style, out)?;
    remarks(&picked.remarks, style, out)?;
    step(out, style, "Next", "sudo oprom install")
}

/// The user's files, the best first.
fn own_files(own: &[AnalyzedFile], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for AnalyzedFile { path, analysis } in own {
        let usable = &analysis.usable;
        let (word, answer) = match usable.answer {
            Answer::Yes => ("Or", "works with this GPU"),
            Answer::No => ("Not", "does not work with this GPU"),
            Answer::Unknown => ("Maybe", "cannot tell whether it works with this GPU"),
        };
        let damaged = if analysis.verdict == Verdict::Bad { "; and it is damaged: see `oprom check`" } else { "" };
        let word = if analysis.verdict == Verdict::Bad { "Not" } else { word };
        step(out, style, word, &format!("{path}: {answer}{damaged}"))?;
        step(out, style, "", &usable.reason.to_string())?;
        if word == "Or"
            && let Some(digest) = analysis.sha256
        {
            step(out, style, "", &format!("oprom install --from {path} --expect-sha256 {digest}"))?;
        }
    }
    Ok(())
}

pub(super) fn list(listed: &Listed, style: Style, out: &mut dyn Write) -> io::Result<()> {
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

/// How a catalog and a release differ. Other bytes under a known name come first, as the alarm that they are.
pub(super) fn differences(found: &Differences, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let changed = |asset: &&Compared| matches!(asset.state, State::Changed { .. });
    for asset in found.assets.iter().filter(changed) {
        let State::Changed { pinned, there } = &asset.state else { continue };
        writeln!(out, "{}", style.red(&format!("ALARM  {}: other bytes under the same name", sanitize::text(&asset.name))))?;
        writeln!(out, "         pinned  sha256 {pinned}\n         there   sha256 {there}")?;
    }
    for asset in found.assets.iter().filter(|asset| !changed(asset) && asset.state != State::Same) {
        writeln!(out, "{}", wrapped("  ", &format!("{}: {}", sanitize::text(&asset.name), asset.state.words())))?;
    }
    let same = found.assets.iter().filter(|asset| asset.state == State::Same).count();
    if style.quiet {
        return Ok(());
    }
    writeln!(
        out,
        "{same} of {} ROMs are the same in {} and at {}.",
        found.assets.len(),
        sanitize::text(&found.catalog),
        sanitize::text(&found.source)
    )?;
    if found.assets.iter().any(|asset| changed(&asset)) {
        let text = "Do not use the changed files. Nothing here takes them: the pinned bytes stay pinned. Ask the author why they changed.";
        step(out, style, "Next", text)?;
    }
    match &found.written {
        Some(path) => {
            step(out, style, "Written", path)?;
            step(
                out,
                style,
                "Next",
                &format!("oprom list --catalog {path}: the built-in catalog stays the one that is used without it"),
            )
        }
        None => Ok(()),
    }
}
