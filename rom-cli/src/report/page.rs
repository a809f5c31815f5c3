//! A file as a page to look at: its map, its parts, and what is wrong with it.

use super::file::{Field, File};
use crate::text::{Block, Line};

/// A file as a page.
#[derive(Debug)]
pub(crate) struct FilePage {
    /// The file's own name, without the folders that it is in.
    pub(crate) name: Line,
    /// What `check` says of it. Commands in it name the file by its own name.
    pub(crate) file: File,
    /// The bytes that the parts are in: those of the file, or of what was opened in it, then those
    /// that were decoded.
    pub(crate) bands: Vec<Band>,
    /// In the order of the file, those of the first band first.
    pub(crate) parts: Vec<Part>,
    /// The bytes that each finding is about, with some around them.
    pub(crate) excerpts: Vec<Excerpt>,
    /// What was not understood, and what was left out.
    pub(crate) notes: Vec<Block>,
}

/// Bytes that are drawn to scale.
#[derive(Debug)]
pub(crate) struct Band {
    pub(crate) title: Block,
    /// Bytes of it.
    pub(crate) length: usize,
}

/// A part of a band.
#[derive(Debug)]
pub(crate) struct Part {
    /// The index of its band.
    pub(crate) band: usize,
    /// How many parts it lies in.
    pub(crate) depth: usize,
    pub(crate) class: Class,
    /// What it is, in a few words.
    pub(crate) title: Block,
    /// What it is for.
    pub(crate) meaning: Block,
    /// Where it is in its band.
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// What is known of it: names and values.
    pub(crate) facts: Vec<(&'static str, Block)>,
    /// Header fields at their bytes.
    pub(crate) fields: Vec<Field>,
    /// The first of its bytes.
    pub(crate) excerpt: Option<Excerpt>,
}

/// What a part is, as its colour says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// An image of a ROM, a volume, a region: what holds others.
    Container,
    /// A header of the format.
    Header,
    /// A UEFI driver.
    Driver,
    /// Code for a legacy BIOS.
    Legacy,
    /// A table of GPUs or of screens.
    Table,
    /// An option ROM in something else.
    OptionRom,
    /// A file or a section of firmware.
    Firmware,
    /// Bytes that say nothing.
    Padding,
    /// What was not understood.
    Unknown,
}

impl Class {
    /// All of them, in the order of a legend.
    pub(crate) const ALL: [Self; 9] = [
        Self::Container,
        Self::Header,
        Self::Driver,
        Self::Legacy,
        Self::Table,
        Self::OptionRom,
        Self::Firmware,
        Self::Padding,
        Self::Unknown,
    ];

    /// Its name, which is that of its colour too.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Header => "header",
            Self::Driver => "driver",
            Self::Legacy => "legacy",
            Self::Table => "table",
            Self::OptionRom => "rom",
            Self::Firmware => "firmware",
            Self::Padding => "padding",
            Self::Unknown => "unknown",
        }
    }

    /// What a legend says of it.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Container => "image, region or volume",
            Self::Header => "header",
            Self::Driver => "UEFI driver",
            Self::Legacy => "legacy code",
            Self::Table => "table",
            Self::OptionRom => "option ROM",
            Self::Firmware => "firmware file or section",
            Self::Padding => "padding",
            Self::Unknown => "not understood",
        }
    }
}

/// Bytes that are shown.
#[derive(Debug)]
pub(crate) struct Excerpt {
    /// Where the first of them is.
    pub(crate) offset: usize,
    pub(crate) bytes: Vec<u8>,
    /// How many more follow that are not shown.
    pub(crate) rest: usize,
}

impl Excerpt {
    /// The first `most` of the bytes from `offset` to `end`.
    pub(crate) fn new(bytes: &[u8], offset: usize, end: usize, most: usize) -> Self {
        let end = end.min(bytes.len());
        let shown = end.min(offset.saturating_add(most));
        let bytes = bytes.get(offset..shown).unwrap_or_default().to_vec();
        Self { offset, rest: end.saturating_sub(shown), bytes }
    }
}
