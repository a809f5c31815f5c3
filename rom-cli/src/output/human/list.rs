//! `list`.

use super::super::page::{Page, strong};
use super::Text;
use crate::report::list::{List, Rom};
use crate::text::{Block, Line, block};
use rom_core::catalog::Evidence;
use std::io;

impl Text for List {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        self.roms.iter().try_for_each(|rom| row(rom, page))
    }
}

fn row(rom: &Rom, page: &mut Page<'_>) -> io::Result<()> {
    let size = rom.size.map(|size| block![size, " bytes; "]);
    let evidence = match rom.evidence.0 {
        Evidence::Proved => "hash verified",
        Evidence::Independent => "hash independently pinned",
        Evidence::ReleasePage => "hash from the release page",
    };
    page.line(&strong(&rom.name).into())?;
    page.row(&block!["  for      "], &platforms(&rom.platforms))?;
    page.line(&block!["  sha256   ", rom.sha256])?;
    page.line(&block!["           ", size, evidence])?;
    match &rom.note {
        Some(note) => page.row(&block!["  note     "], note),
        None => Ok(()),
    }
}

fn platforms(codes: &[Line]) -> Block {
    let Some((first, others)) = codes.split_first() else { return block!["no platform"] };
    others.iter().fold(block![first], |block, code| block![block, " ", code])
}
