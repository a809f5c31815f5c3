//! `catalog diff` and `catalog update`.

use super::super::page::{Page, bad, good};
use super::Text;
use super::file::finding_line;
use crate::report::catalog::{Compared, Differences, Lint, LintFinding, State};
use crate::text::{Advice, block, file_or_placeholder};
use rom_core::count::Count;
use std::io;

/// Other bytes under a known name come first, as the alarm that they are.
impl Text for Differences {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let changed = |rom: &&Compared| matches!(rom.state, State::Changed { .. });
        for Compared { rom, state } in &self.roms {
            let State::Changed { pinned, there } = state else { continue };
            page.line(&bad(block!["ALARM  ", rom, ": other bytes under the same name"]).into())?;
            page.line(&block!["         pinned  sha256 ", *pinned])?;
            page.line(&block!["         found   sha256 ", *there])?;
        }
        for rom in self.roms.iter().filter(|rom| !changed(rom) && rom.state != State::Same) {
            page.prose(2, &block![&rom.rom, ": ", &rom.state.words()])?;
        }
        if page.look.quiet {
            return Ok(());
        }
        let same = self.roms.iter().filter(|rom| rom.state == State::Same).count();
        page.line(&block![
            "The same in ",
            &self.catalog,
            " and at ",
            &self.source,
            ": ",
            same,
            " of ",
            Count(self.roms.len(), "ROM"),
            "."
        ])?;
        if self.roms.iter().any(|rom| changed(&rom)) {
            page.step(
                "Next",
                &block![
                    "Do not use the changed files. The catalog keeps the pinned hashes, so oprom \
                    does not install them. Ask the author why the files changed."
                ],
            )?;
        }
        let Some(path) = &self.written else { return Ok(()) };
        page.step("Written", &block![path])?;
        let text = block!["without --catalog the built-in catalog is still used:"];
        page.advice(
            "Next",
            &Advice::of(text).run(["oprom", "list", "--catalog", &file_or_placeholder(path.raw())]),
        )
    }
}

impl Text for Lint {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        for LintFinding { line, column, finding } in &self.findings {
            page.line(&block![
                &self.catalog,
                ":",
                *line,
                ":",
                *column,
                ": ",
                finding_line(finding)
            ])?;
            page.row(&block!["  help: "], &block![finding.hint])?;
        }
        if self.more > 0 {
            page.line(&block![&self.catalog, ": ", Count(self.more, "more finding")])?;
        }
        if self.findings.is_empty() && !page.look.quiet {
            page.line(&block![&self.catalog, ": ", good("good")])?;
        }
        Ok(())
    }
}
