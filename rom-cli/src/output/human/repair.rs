//! `build` and `repair`.

use super::super::page::{Page, spaces};
use super::Text;
use super::file::next;
use crate::report::build::Build;
use crate::report::repair::{Change, Edit, Repair};
use crate::text::{Block, Hex, Line, block};
use std::io;

impl Text for Build {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.file.write(page)?;
        if page.look.quiet {
            return Ok(());
        }
        page.blank()?;
        self.steps.iter().try_for_each(|step| page.step("Made", step))?;
        page.step("Written", &block![&self.file.path])?;
        match &self.install {
            Some(command) => page.command("Next", command),
            None => Ok(()),
        }
    }
}

impl Text for Repair {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.edits.iter().try_for_each(|edit| page.row(&option(edit.repair), &edit_text(edit)))?;
        for refusal in &self.refused {
            page.row(&option(refusal.repair), &block!["refused: ", &refusal.reason])?;
        }
        if page.look.quiet {
            return Ok(());
        }
        match &self.file {
            Some(file) => {
                if self.edits.is_empty() {
                    page.step("Changed", &block!["nothing: no repair was needed"])?;
                }
                file.write(page)?;
                page.blank()?;
                page.step("Written", &block![&file.path])
            }
            None if self.edits.is_empty() && self.refused.is_empty() => {
                page.line(&block![&self.path, ": ", &self.kind_text, ". No repair is needed."])?;
                next(self.next.as_ref(), page)
            }
            None if self.edits.is_empty() => {
                page.line(&block!["None of the repairs that would help can be done."])
            }
            None => {
                let text = "leave out what you do not want; the file itself is not changed:";
                page.step("Next", &block![text])?;
                self.next.as_ref().map_or(Ok(()), |command| page.command_at(2, command))
            }
        }
    }
}

/// The column of a repair's option.
fn option(repair: &'static str) -> Block {
    block!["  --", repair, spaces(13_usize.saturating_sub(repair.len()))]
}

/// What was changed, byte by byte where that is short.
fn edit_text(edit: &Edit) -> Block {
    match &edit.change {
        Change::Overwritten { what, offset, old, new } => {
            let bytes = |bytes: &crate::report::HexBytes| Line::new(bytes.spaced(usize::MAX));
            block![*what, " at ", Hex(*offset), ": ", bytes(old), " becomes ", bytes(new)]
        }
        Change::Cut { offset, length } => {
            block![*length, " bytes at ", Hex(*offset), " are removed"]
        }
        Change::Filled { length } => block![*length, " bytes of ff are added at the end"],
        Change::Wrapped { length } => {
            block!["a ROM of ", *length, " bytes is made around the driver"]
        }
    }
}
