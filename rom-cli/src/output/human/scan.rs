//! `scan`.

use super::super::page::{Page, bad, doubtful, good};
use super::Text;
use super::file::{place_text, rom_contents};
use crate::report::scan::{Hit, Scan};
use crate::text::{Advice, block, file_or_placeholder};
use rom_core::Verdict;
use std::io;

impl Text for Scan {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        let files = block![self.files, if self.files == 1 { " file" } else { " files" }];
        let what = match self.hits {
            0 => block!["No option ROM"],
            1 => block!["1 option ROM"],
            count => block![count, " option ROMs"],
        };
        page.line(&block![what, " in ", files, ", ", self.bytes, " bytes."])?;
        self.firmware.iter().try_for_each(|path| {
            let text = block![path, " contains firmware volumes. This extracts what is in them:"];
            page.advice(
                "Note",
                &Advice::of(text).run(["oprom", "extract", &file_or_placeholder(path.raw())]),
            )
        })
    }
}

impl Text for Hit {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let word = match self.rom.verdict.0 {
            Verdict::Good => good("good"),
            Verdict::Warn => doubtful("warn"),
            Verdict::Bad => bad("bad "),
        };
        page.line(&block![
            word,
            "  ",
            &self.path,
            "@",
            place_text(&self.rom),
            ": ",
            rom_contents(&self.rom)
        ])
    }
}
