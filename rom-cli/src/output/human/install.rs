//! What was done: `fetch`, `install` and `undo`.

use super::super::page::Page;
use super::Text;
use super::pick::remarks;
use crate::report::install::{Fetch, FetchedAll, History, Install, PastRun, RunState, Undo};
use crate::text::{Advice, Block, Line, block};
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

impl Text for Undo {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        let dest = &self.dest;
        let text = match (self.restored, self.changed) {
            (Some(digest), true) => {
                block![dest, " is the previous file again (sha256 ", digest, ")"]
            }
            (None, true) => block![dest, " is removed: there was no such file before"],
            (Some(_), false) => {
                block![dest, " is already the previous file; nothing was changed"]
            }
            (None, false) => block!["there is already no ", dest, "; nothing was changed"],
        };
        page.step("Done", &text)?;
        let Some(old) = &self.replaced else { return Ok(()) };
        let text =
            block![&old.backup, " is the file that was installed until now. This brings it back:"];
        page.advice("Kept", &Advice::of(text).run(["oprom", "undo"]))
    }
}

impl Text for History {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.runs.is_empty() {
            return page.line(&block!["oprom has installed nothing on this host."]);
        }
        for PastRun { run, at, command, files, state } in &self.runs {
            let state = match state {
                RunState::Done => "done",
                RunState::Undone => "undone",
                RunState::Failed => "failed",
                RunState::Interrupted => "interrupted",
            };
            let columns = Line::new(format!("{run:>3}  {at}  {state:<11}  "));
            let mut of_files = Block::default();
            for (index, file) in files.iter().enumerate() {
                of_files = block![of_files, if index == 0 { " (" } else { ", " }, file];
            }
            page.line(&block![columns, command, of_files, (!files.is_empty()).then_some(")")])?;
        }
        Ok(())
    }
}
