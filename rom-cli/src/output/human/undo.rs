//! What was undone and done again, and the list of both.

use super::super::page::Page;
use super::Text;
use crate::report::Sha256;
use crate::report::undo::{History, PastRun, RunState, Undo, UndonePart};
use crate::text::{Advice, Block, Line, block};
use std::io;

impl Text for Undo {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        let mut backup = None;
        for part in self.runs.iter().flat_map(|run| &run.parts) {
            match part {
                UndonePart::File { dest, restored, replaced, changed } => {
                    page.step("Done", &file(dest, *restored, *changed))?;
                    backup = replaced.as_ref().map(|old| &old.backup).or(backup);
                }
                UndonePart::Vm { vm, changed: true } => {
                    page.step("Done", &block!["VM ", vm, " has the settings that it had before"])?;
                }
                UndonePart::Vm { vm, changed: false } => {
                    let text = block!["VM ", vm, " already has them; nothing was changed"];
                    page.step("Done", &text)?;
                }
                UndonePart::Command { command, failure: None } => {
                    page.step("Done", &block![command])?;
                }
                UndonePart::Command { failure: Some(failure), .. } => {
                    let text = block![failure, ". The files are back; what it makes is not."];
                    page.step("Failed", &text)?;
                }
            }
        }
        let parts: usize = self.runs.iter().map(|run| run.parts.len()).sum();
        let Some(backup) = backup.filter(|_| parts == 1) else { return Ok(()) };
        let text =
            block![backup, " is the file that was installed until now. This brings it back:"];
        page.advice("Kept", &Advice::of(text).run(["oprom", "undo"]))
    }
}

fn file(dest: &Line, restored: Option<Sha256>, changed: bool) -> Block {
    match (restored, changed) {
        (Some(digest), true) => {
            block![dest, " is the previous file again (sha256 ", digest, ")"]
        }
        (None, true) => block![dest, " is removed: there was no such file before"],
        (Some(_), false) => {
            block![dest, " is already the previous file; nothing was changed"]
        }
        (None, false) => block!["there is already no ", dest, "; nothing was changed"],
    }
}

impl Text for History {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.runs.is_empty() {
            return page.line(&block!["oprom has changed nothing on this host."]);
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
