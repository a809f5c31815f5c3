//! `pick`.

use super::super::page::Page;
use super::Text;
use super::file::listed;
use crate::report::pick::{Device, Found, OwnFile, Pick};
use crate::text::{Advice, Block, Line, ShellCommand, block, file_or_placeholder};
use rom_core::Verdict;
use rom_core::usable::Answer;
use std::io;

impl Text for Found {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if let Some(device) = &self.device {
            page.step("Found", &device_text(device))?;
        }
        if let Some(cpu) = &self.cpu {
            let names: Vec<Line> =
                cpu.platforms.iter().map(|platform| platform.name.clone()).collect();
            let known = (!names.is_empty()).then(|| block![" (", listed(&names, " or "), ")"]);
            page.step(
                if self.device.is_some() { "" } else { "Found" },
                &block!["CPU ", &cpu.name, known],
            )?;
        }
        Ok(())
    }
}

pub(super) fn device_text(device: &Device) -> Block {
    let name = device.name.as_ref().map_or_else(|| block!["unknown device"], |name| block![name]);
    let at = device.bdf.as_ref().map(|bdf| block![" at ", bdf]);
    let platform = device.platform_name.as_ref().zip(device.generation.as_ref());
    let platform = platform
        .map(|(name, generation)| block![", ", name, " (graphics generation ", generation, ")"]);
    block![device.id, " ", name, at, platform]
}

pub(super) fn remarks(remarks: &[Advice], page: &mut Page<'_>) -> io::Result<()> {
    remarks.iter().try_for_each(|remark| page.advice("Note", remark))
}

impl Text for Pick {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.found.write(page)?;
        if let Some(reason) = &self.refused {
            page.step("No ROM", reason)?;
            own_files(self, page)?;
            return remarks(&self.remarks, page);
        }
        for (index, choice) in self.candidates.iter().enumerate() {
            let label = if index == 0 { "Use" } else { "Alternative" };
            page.step(label, &block![&choice.rom, " (confidence: ", choice.confidence, ")"])?;
            page.step("", &choice.reason)?;
            if let Some(note) = choice.note.as_ref().filter(|_| index == 0) {
                page.step("", note)?;
            }
        }
        own_files(self, page)?;
        remarks(&self.remarks, page)?;
        self.next.as_ref().map_or(Ok(()), |command| page.command("Next", command))
    }
}

/// The user's files, the best first.
fn own_files(pick: &Pick, page: &mut Page<'_>) -> io::Result<()> {
    for OwnFile { path, verdict, usable, install, take_out, .. } in &pick.files {
        let is_bad = verdict.0 == Verdict::Bad;
        let (label, answer) = match usable.answer.0 {
            Answer::Yes => ("Alternative", "works with this GPU"),
            Answer::No if take_out.is_some() => {
                ("Alternative", "works with this GPU once the ROM is extracted")
            }
            Answer::No => ("Not", "does not work with this GPU"),
            Answer::Unknown => ("Maybe", "whether it works with this GPU is unknown"),
        };
        let damaged = is_bad.then_some(", and the file is damaged");
        page.step(if is_bad { "Not" } else { label }, &block![path, ": ", answer, damaged])?;
        page.step("", &usable.reason)?;
        if is_bad
            && let Some(command) =
                ShellCommand::new(["oprom", "check", &file_or_placeholder(path.raw())])
        {
            page.command("", &command)?;
        }
        if let Some(command) = install.as_ref().or(take_out.as_ref()) {
            page.command("", command)?;
        }
    }
    Ok(())
}
