//! `explain` and `report`.

use super::super::page::{Page, bad, doubtful, good, strong};
use super::Text;
use crate::report::explain::{Entry, Explain, Pasted};
use crate::text::block;
use rom_host::explain::{LONGEST_LOG, Matters};
use std::io;

impl Text for Explain {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        for (index, entry) in self.entries.iter().enumerate() {
            if index > 0 {
                page.blank()?;
            }
            entry.write(page)?;
        }
        if self.entries.is_empty() {
            let text = "No known message is in the log: it says nothing about the GPU, or \
                something new.";
            page.prose(0, &block![text])?;
        }
        if self.cut == Some(true) {
            let limit = LONGEST_LOG >> 20;
            page.blank()?;
            page.prose(
                0,
                &block!["The log is longer than ", limit, " MiB; the rest was not read."],
            )?;
        }
        Ok(())
    }
}

impl Text for Entry {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if let Some(title) = &self.title {
            page.line(&strong(title).into())?;
        }
        if let (Some(line), Some(text)) = (self.line, &self.text) {
            let again =
                self.count.filter(|count| *count > 1).map(|count| block![", ", count, " times"]);
            page.line(&strong(block!["line ", line, again, ": ", text]).into())?;
        }
        if let (Some(layer), Some(matters)) = (self.layer, self.matters) {
            let matters = match matters.0 {
                Matters::Good => good("a good sign"),
                Matters::No => good("harmless"),
                Matters::Perhaps => doubtful("may matter"),
                Matters::Yes => bad("matters"),
            };
            page.line(&block!["  ", &self.id, " (", layer, "): ", matters])?;
        }
        self.means.iter().try_for_each(|paragraph| page.prose(2, paragraph))?;
        for advice in &self.advice {
            page.row(&block!["  > "], &advice.text)?;
            advice.commands.iter().try_for_each(|command| page.command_at(6, command))?;
        }
        if page.look.verbose {
            self.examples
                .iter()
                .try_for_each(|example| page.line(&block!["  seen as: ", example]))?;
        }
        Ok(())
    }
}

impl Text for Pasted {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.lines.iter().try_for_each(|line| page.line(&block![line]))
    }
}
