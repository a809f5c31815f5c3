//! `scan`.

use super::super::page::{Page, bad, doubtful, good};
use super::Text;
use crate::report::scan::{Hit, Scan};
use crate::text::{Advice, Block, Line, block, file_or_placeholder};
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
            let text =
                block![path, " holds firmware volumes. This finds what is compressed in them:"];
            page.advice(
                "Note",
                &Advice::of(text).run(["oprom", "extract", &file_or_placeholder(path.raw())]),
            )
        })
    }
}

impl Text for Hit {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let word = match self.verdict.0 {
            Verdict::Good => good("good"),
            Verdict::Warn => doubtful("warn"),
            Verdict::Bad => bad("bad "),
        };
        let ids = self.images.first().and_then(|image| {
            Some(block![" ", image.vendor.as_ref()?, ":", image.device.as_ref()?])
        });
        let mut kinds = Block::default();
        for (index, image) in self.images.iter().enumerate() {
            kinds = block![kinds, (index > 0).then_some("+"), image.kind];
        }
        let missing = match self.missing {
            0 => Block::default(),
            1 => block![", 1 byte missing"],
            count => block![", ", count, " bytes missing"],
        };
        let known = self.rom.as_ref().map(|rom| block![", ", rom]);
        let at = Line::new(format!("@{:#x}", self.offset));
        page.line(&block![
            word,
            "  ",
            &self.path,
            at,
            ": ",
            self.length,
            " bytes,",
            ids,
            " ",
            kinds,
            missing,
            known
        ])
    }
}
