//! `extract`.

use super::super::page::{Page, doubtful, spaces, strong};
use super::Text;
use super::file::{listed, rom_contents};
use crate::report::extract::{Extract, Extracted, Item, Kind, Missing, Part, Place};
use crate::text::{Advice, Block, Hex, Line, block, file_or_placeholder};
use rom_core::count::Count;
use std::io;

impl Text for Extract {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if let Some(missing) = &self.missing {
            return not_read(self, missing, page);
        }
        if !page.look.quiet {
            page.line(&block![strong(name(self)), strong(": "), strong(kind(self.kind))])?;
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
        if let Some(rom) = self.source.as_ref().and_then(|source| source.rom.as_ref()) {
            page.prose(2, &block!["as a ROM: ", rom.verdict, ", ", rom_contents(rom)])?;
        }
        for opaque in &self.opaque {
            page.row(&block!["  not opened: "], opaque)?;
        }
        if self.alone {
            page.blank()?;
            next(self, page)?;
            other_drivers(self, page)?;
            let html = self.page.as_ref();
            return html.map_or(Ok(()), |html| page.step("Page", &block!["written to ", html]));
        }
        if let Some(folder) = &self.folder {
            page.prose(2, &block![Count(self.written, "file"), " written in ", folder])?;
        }
        if self.is_something() || self.source.is_some() { page.blank() } else { Ok(()) }
    }
}

/// What was looked at: a file, or a source of this machine.
fn name(extract: &Extract) -> Block {
    let Some(source) = &extract.source else { return block![&extract.path] };
    let device = source.device.as_ref().map(|device| block![" of ", device]);
    block![&source.what, device, ", ", &extract.path]
}

/// A source that could not be read, and what to do.
fn not_read(extract: &Extract, missing: &Missing, page: &mut Page<'_>) -> io::Result<()> {
    if page.look.quiet {
        return Ok(());
    }
    page.line(&block![strong(name(extract)), strong(": "), doubtful("not read")])?;
    page.prose(2, &block![&missing.why, "."])?;
    if let Some(advice) = &missing.advice {
        page.advice("Next", advice)?;
    }
    page.blank()
}

/// What to do with the parts of a single file.
fn next(extract: &Extract, page: &mut Page<'_>) -> io::Result<()> {
    let file = || file_or_placeholder(extract.path.raw());
    if let Some(folder) = &extract.folder {
        let files = Count(extract.written, "file");
        return page.step("Written", &block![files, " in ", folder]);
    }
    if extract.parts.is_empty() {
        let text = block![
            "No graphics driver, option ROM or Video BIOS Table was found in any known \
            structure. This looks for option ROMs in any bytes:"
        ];
        return page.advice("Nothing", &Advice::of(text).run(["oprom", "scan", &file()]));
    }
    let text = block!["this writes them; --name NAME writes only one:"];
    page.advice("Next", &Advice::of(text).run(["oprom", "extract", &file(), "-o", "DIR"]))
}

fn other_drivers(extract: &Extract, page: &mut Page<'_>) -> io::Result<()> {
    if extract.other_drivers == 0 || !extract.items.is_empty() {
        return Ok(());
    }
    let others = Count(extract.other_drivers, "other driver");
    page.step("Note", &block!["it contains ", others, ": --all shows everything."])
}

impl Text for Extracted {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        let parts = Count(self.parts, "part");
        let files = Count(self.files, if self.is_host() { "source" } else { "file" });
        page.line(&block![parts, " in ", self.with_parts, " of ", files, "."])?;
        match &self.folder {
            Some(folder) if self.parts > 0 => {
                page.step("Written", &block!["in ", folder, ", in a folder for each"])
            }
            None if self.parts > 0 => {
                let text = block!["this writes them, in a folder for each:"];
                let words = ["oprom", "extract"].map(str::to_owned).into_iter();
                let words = words.chain(self.words.iter().cloned());
                page.advice(
                    "Next",
                    &Advice::of(text).run(words.chain(["-o", "DIR"].map(str::to_owned))),
                )
            }
            _ => Ok(()),
        }
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::OptionRom => "option ROM",
        Kind::Driver => "driver",
        Kind::FirmwareImage => "firmware image",
        Kind::Table => "table",
        Kind::NotRead => "not read",
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
