//! Taking apart, making and mending: `extract`, `build`, `fix` and `scan`.

use super::super::{Style, sanitize};
use super::text::{step, wrapped};
use crate::commands::build::Built;
use crate::commands::extract::{Extracted, Leaf, Piece};
use crate::commands::fix::Fixed;
use crate::commands::scan::{Hit, Scanned};
use rom_core::Verdict;
use rom_core::repair::Edit;
use std::io::{self, Write};
use std::slice;

pub(super) fn extract(extracted: &Extracted, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !style.quiet {
        writeln!(out, "{}", style.bold(&sanitize::text(&format!("{}: {}", extracted.path, extracted.kind))))?;
    }
    extracted.tree.iter().try_for_each(|line| leaf(line, out))?;
    if !extracted.tree.is_empty() && !extracted.pieces.is_empty() {
        writeln!(out)?;
    }
    let widest = extracted.pieces.iter().map(|piece| piece.name.chars().count()).max().unwrap_or(0);
    extracted.pieces.iter().try_for_each(|part| piece(part, widest, style, out))?;
    if style.quiet {
        return Ok(());
    }
    for sealed in &extracted.sealed {
        writeln!(out, "{}", wrapped("  closed: ", &sanitize::text(sealed)))?;
    }
    writeln!(out)?;
    let (word, text) = match &extracted.folder {
        Some(folder) => ("Written", format!("{} {} in {folder}", extracted.written, plural("file", extracted.written))),
        None if !extracted.pieces.is_empty() => {
            ("Next", format!("oprom extract {} -o DIR writes them; --name NAME one of them", extracted.path))
        }
        None => {
            let text = "No driver for graphics, no option ROM and no Video BIOS Table was found in structures that are known";
            ("Nothing", format!("{text}; oprom scan {} looks for option ROMs in any bytes.", extracted.path))
        }
    };
    step(out, style, word, &text)?;
    if extracted.others > 0 && extracted.tree.is_empty() {
        step(out, style, "Note", &format!("{} other drivers are in it: --all shows everything.", extracted.others))?;
    }
    Ok(())
}

/// `word`, for so many.
fn plural(word: &str, count: usize) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

fn leaf(leaf: &Leaf, out: &mut dyn Write) -> io::Result<()> {
    let indent = "  ".repeat(leaf.depth.saturating_add(1));
    let name = leaf.name.as_ref().map_or_else(String::new, |name| format!(" {}", sanitize::text(name)));
    let guid = leaf.guid.as_ref().map_or_else(String::new, |guid| format!(" {guid}"));
    writeln!(out, "{indent}{}{name}{guid}, {:#x}+{:#x}", leaf.what, leaf.offset, leaf.length)
}

fn piece(piece: &Piece, widest: usize, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.quiet {
        return writeln!(out, "{}", sanitize::text(&piece.name));
    }
    let devices = match piece.devices.as_slice() {
        [] => String::new(),
        [one] => format!(", for {one}"),
        [first, .., last] => format!(", for {} GPUs from {first} to {last}", piece.devices.len()),
    };
    let place = if style.verbose { format!(", {}", piece.place) } else { String::new() };
    let label = format!("  {:<widest$}  ", sanitize::text(&piece.name));
    let copies = match piece.copies {
        0 => String::new(),
        1 => ", once more in the file".to_owned(),
        count => format!(", {count} more times in the file"),
    };
    let what = sanitize::text(&piece.what);
    writeln!(out, "{}", wrapped(&label, &format!("{what}{devices}, {} bytes{place}{copies}", piece.length)))?;
    if style.verbose && !piece.evidence.is_empty() {
        let evidence = format!("because of {}", piece.evidence.join(", "));
        writeln!(out, "{}", wrapped(&" ".repeat(label.chars().count()), &sanitize::text(&evidence)))?;
    }
    Ok(())
}

pub(super) fn build(built: &Built, style: Style, out: &mut dyn Write) -> io::Result<()> {
    super::file::check(slice::from_ref(&built.checked), style, out)?;
    if style.quiet {
        return Ok(());
    }
    writeln!(out)?;
    built.steps.iter().try_for_each(|line| step(out, style, "Made", line))?;
    step(out, style, "Written", &built.path)?;
    match built.checked.analysis.sha256 {
        Some(digest) if built.checked.analysis.verdict != Verdict::Bad => {
            step(out, style, "Next", &format!("sudo oprom install --from {} --expect-sha256 {digest}", built.path))
        }
        Some(_) | None => Ok(()),
    }
}

pub(super) fn fix(fixed: &Fixed, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (repair, edit) in &fixed.edits {
        let label = format!("  --{repair:<13}");
        writeln!(out, "{}", wrapped(&label, &edit_text(edit)))?;
    }
    for refusal in &fixed.refused {
        let label = format!("  --{:<13}", refusal.repair.name());
        writeln!(out, "{}", wrapped(&label, &format!("refused: {refusal}")))?;
    }
    if style.quiet {
        return Ok(());
    }
    match &fixed.written {
        Some(file) => {
            if fixed.edits.is_empty() {
                step(out, style, "Changed", "nothing: none of it was needed")?;
            }
            super::file::check(slice::from_ref(file), style, out)?;
            writeln!(out)?;
            step(out, style, "Written", &file.path)
        }
        None if fixed.edits.is_empty() && fixed.refused.is_empty() => {
            writeln!(out, "{}", sanitize::text(&format!("{}: {}. Nothing needs a repair.", fixed.path, fixed.kind)))?;
            super::file::next(&fixed.kind, &fixed.path, out)
        }
        None => {
            let text =
                format!("oprom fix {} -o OTHER with the repairs that you want; the file itself is never changed", fixed.path);
            step(out, style, "Next", &text)
        }
    }
}

/// What was changed, byte by byte where that is short.
fn edit_text(edit: &Edit) -> String {
    let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<String>>().join(" ");
    match edit {
        Edit::Overwritten { what, at, old, new } => format!("{what} at {at:#x}: {} becomes {}", bytes(old), bytes(new)),
        Edit::Cut(span) => format!("{} bytes at {:#x} are cut off", span.length, span.offset),
        Edit::Filled(count) => format!("{count} bytes of ff are added at the end"),
        Edit::Wrapped(length) => format!("a ROM of {length} bytes is put around the driver"),
    }
}

pub(super) fn scan(scanned: &Scanned, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if style.quiet {
        return Ok(());
    }
    let files = if scanned.files == 1 { "1 file".to_owned() } else { format!("{} files", scanned.files) };
    let what = match scanned.hits {
        0 => "No option ROM".to_owned(),
        1 => "1 option ROM".to_owned(),
        count => format!("{count} option ROMs"),
    };
    writeln!(out, "{what} in {files}, {} bytes.", scanned.bytes)?;
    scanned.firmware.iter().try_for_each(|path| {
        let text = format!("{path} holds firmware volumes; oprom extract {path} finds what is compressed in them");
        step(out, style, "Note", &text)
    })
}

pub(super) fn found(hit: &Hit, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let word = match hit.analysis.verdict {
        Verdict::Good => style.green("good"),
        Verdict::Warn => style.yellow("warn"),
        Verdict::Bad => style.red("bad "),
    };
    let kinds: Vec<&str> = hit.analysis.images.iter().map(|image| image.kind.name()).collect();
    let ids = hit.analysis.images.first().and_then(|image| Some(format!(" {}", image.device?)));
    let missing = match hit.missing {
        0 => String::new(),
        1 => ", 1 byte missing".to_owned(),
        count => format!(", {count} bytes missing"),
    };
    let known = hit.analysis.known.as_ref().map_or_else(String::new, |known| format!(", {}", known.rom));
    writeln!(
        out,
        "{word}  {}",
        sanitize::text(&format!(
            "{}@{:#x}: {} bytes,{} {}{missing}{known}",
            hit.path,
            hit.offset,
            hit.length,
            ids.unwrap_or_default(),
            kinds.join("+")
        ))
    )
}
