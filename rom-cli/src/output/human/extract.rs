//! `extract`.

use super::super::page::{Page, spaces, strong};
use super::Text;
use super::file::listed;
use crate::report::extract::{Extract, Item, Kind, Part, Place};
use crate::text::{Advice, Block, Hex, Line, block, file_or_placeholder};
use rom_core::count::Count;
use std::io;

impl Text for Extract {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if !page.look.quiet {
            page.line(&strong(block![&self.path, ": ", kind(self.kind)]).into())?;
        }
        self.items.iter().try_for_each(|item| leaf(item, page))?;
        if !self.items.is_empty() && !self.parts.is_empty() {
            page.blank()?;
        }
        let widest = self.parts.iter().map(|part| block![&part.name].columns()).max().unwrap_or(0);
        self.parts.iter().try_for_each(|part| piece(part, widest, page))?;
        if page.look.quiet {
            return Ok(());
        }
        for opaque in &self.opaque {
            page.row(&block!["  not opened: "], opaque)?;
        }
        page.blank()?;
        match &self.folder {
            Some(folder) => {
                page.step(
                    "Written",
                    &block![
                        self.written,
                        if self.written == 1 { " file in " } else { " files in " },
                        folder
                    ],
                )?;
            }
            None if !self.parts.is_empty() => {
                let text = block!["this writes them; --name NAME writes only one:"];
                let write =
                    ["oprom", "extract", &file_or_placeholder(self.path.raw()), "-o", "DIR"];
                page.advice("Next", &Advice::of(text).run(write))?;
            }
            None => {
                let text = block![
                    "No graphics driver, option ROM or Video BIOS Table was found in any known \
                    structure. This looks for option ROMs in any bytes:"
                ];
                let scan = ["oprom", "scan", &file_or_placeholder(self.path.raw())];
                page.advice("Nothing", &Advice::of(text).run(scan))?;
            }
        }
        if self.other_drivers > 0 && self.items.is_empty() {
            page.step(
                "Note",
                &block![
                    "it contains ",
                    Count(self.other_drivers, "other driver"),
                    ": --all shows everything."
                ],
            )?;
        }
        Ok(())
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::OptionRom => "option ROM",
        Kind::Driver => "driver",
        Kind::FirmwareImage => "firmware image",
        Kind::Nothing => "nothing that can be extracted",
    }
}

fn leaf(item: &Item, page: &mut Page<'_>) -> io::Result<()> {
    let before = |text: &Option<Line>| text.as_ref().map(|text| block![" ", text]);
    let at = block![Hex(item.offset), "+", Hex(item.length)];
    page.line(&block![
        spaces(item.depth.saturating_add(1).saturating_mul(2)),
        &item.what,
        before(&item.name),
        before(&item.guid),
        ", ",
        at
    ])
}

fn piece(part: &Part, widest: usize, page: &mut Page<'_>) -> io::Result<()> {
    if page.look.quiet {
        return page.line(&block![&part.name]);
    }
    let devices = match part.devices.as_slice() {
        [] => Block::default(),
        [one] => block![", for ", *one],
        [first, .., last] => {
            block![", for ", part.devices.len(), " GPUs from ", *first, " to ", *last]
        }
    };
    let place =
        part.place.filter(|_| page.look.verbose).map(|place| block![", ", place_text(place)]);
    let name = block![&part.name];
    let gap = spaces(widest.saturating_sub(name.columns()).saturating_add(2));
    let copies = match part.copies {
        0 => Block::default(),
        1 => block![", once more in the file"],
        count => block![", ", count, " more times in the file"],
    };
    let head = block![spaces(2), name, gap];
    page.row(&head, &block![&part.what, devices, ", ", part.length, " bytes", place, copies])?;
    if page.look.verbose && !part.evidence.is_empty() {
        page.prose(head.columns(), &block!["identified by ", listed(&part.evidence, ", ")])?;
    }
    Ok(())
}

fn place_text(place: Place) -> Block {
    let span = block![Hex(place.offset), "+", Hex(place.length)];
    block![span, place.decoded.map(|part| block![" of decoded part ", part])]
}
