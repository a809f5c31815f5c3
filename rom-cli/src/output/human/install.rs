//! What was done: `fetch` and `install`.

use super::super::page::Page;
use super::Text;
use super::pick::remarks;
use crate::report::install::{Fetch, FetchedAll, Install};
use crate::text::block;
use rom_core::Verdict;
use rom_core::usable::Answer;
use std::io;

impl Text for Fetch {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        match &self.source {
            Some(source) => page.step("Downloaded", &block![&self.rom, " from ", source])?,
            None => {
                page.step("Already present", &block![&self.rom, " was not downloaded again"])?;
            }
        }
        page.step("Hash matches", &block![self.sha256])?;
        page.step("Saved to", &block![&self.dest])
    }
}

/// One of all ROMs, in a line.
pub(super) fn fetched(fetch: &Fetch, page: &mut Page<'_>) -> io::Result<()> {
    if page.look.quiet {
        return Ok(());
    }
    let label = if fetch.changed { "Downloaded" } else { "Already there" };
    page.step(label, &block![&fetch.rom])
}

impl Text for FetchedAll {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        let count = block![self.present, " of the ", self.listed, " ROMs of the catalog"];
        page.step("Saved to", &block![&self.folder, ": ", count, ", each with its SHA-256"])?;
        match &self.next {
            Some(next) => page.command("Next", next),
            None => Ok(()),
        }
    }
}

impl Text for Install {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        self.found.write(page)?;
        let reason = self.reason.as_ref().map(|reason| block![": ", reason]);
        let confidence =
            self.confidence.map(|confidence| block![" (confidence: ", confidence, ")"]);
        page.step("ROM", &block![&self.rom, confidence, reason])?;
        remarks(&self.remarks, page)?;
        let dest = &self.dest;
        if self.would_change == Some(false) {
            return page.step("Would do", &block!["nothing: ", dest, " is already up to date"]);
        }
        if self.dry_run {
            page.step("Would do", &block!["get it from ", self.source.as_ref()])?;
            let digest = if self.own { "its sha256 is " } else { "check that its sha256 is " };
            page.step("", &block![digest, self.sha256])?;
            return page.step("", &block!["install it as ", dest, " and keep the old file"]);
        }
        if self.changed {
            done(self, page)?;
        } else {
            page.step("Done", &block![dest, " is already up to date; nothing was changed"])?;
        }
        for (index, advice) in self.next.iter().enumerate() {
            page.advice(if index == 0 { "Next" } else { "" }, advice)?;
        }
        for (index, warning) in self.warnings.iter().enumerate() {
            page.advice(if index == 0 { "Warning" } else { "" }, warning)?;
        }
        Ok(())
    }
}

fn done(install: &Install, page: &mut Page<'_>) -> io::Result<()> {
    let size = install.size.map(|size| block![size, " bytes "]);
    let (got, digest) =
        if install.own { ("Read", "Its sha256") } else { ("Downloaded", "Hash matches") };
    page.step(got, &block![size, "from ", install.source.as_ref()])?;
    page.step(digest, &block![install.sha256])?;
    if let Some(checked) = &install.checked {
        let verdict =
            if checked.verdict.0 == Verdict::Good { "good" } else { "works, with warnings" };
        page.step(
            "Checked",
            &block![
                verdict,
                ", ",
                checked.images,
                if checked.images == 1 { " image" } else { " images" }
            ],
        )?;
        let usable = &checked.usable;
        match usable.answer.0 {
            Answer::Yes => page.step("Works", &block!["with this GPU: ", &usable.reason])?,
            Answer::No => {
                page.step("Warning", &block!["it does NOT work with this GPU: ", &usable.reason])?;
            }
            Answer::Unknown => {}
        }
    }
    let kept =
        install.replaced.as_ref().map(|old| block!["; the old file is kept as ", &old.backup]);
    page.step("Done", &block![&install.dest, " is installed", kept])
}
