//! Taking apart, making and mending: `extract`, `build`, `fix` and `scan`.

use super::super::{Style, sanitize};
use super::text::{step, wrapped};
use crate::commands::extract::{Extracted, Leaf, Piece};
use std::io::{self, Write};

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
    match &extracted.folder {
        Some(folder) => step(out, style, "Written", &format!("{} files in {folder}", extracted.pieces.len()))?,
        None if !extracted.pieces.is_empty() => {
            step(out, style, "Next", "oprom extract FILE -o DIR writes them; --name NAME one of them")?
        }
        None if extracted.tree.is_empty() => {
            step(out, style, "Nothing", "No driver for graphics, no option ROM and no Video BIOS Table was found.")?
        }
        None => {}
    }
    if extracted.others > 0 && extracted.tree.is_empty() {
        step(out, style, "Note", &format!("{} other drivers are in it: --all shows everything.", extracted.others))?;
    }
    Ok(())
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
    writeln!(out, "{}", wrapped(&label, &format!("{}{devices}, {} bytes{place}", sanitize::text(&piece.what), piece.length)))
}
