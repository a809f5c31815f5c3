//! `oprom extract`.

use super::PciId;
use super::failure::Error;
use super::scan::FoundRom;
use crate::text::{Advice, Block, Line};
use schemars::JsonSchema;
use serde::Serialize;

/// What was extracted from a file, or from a source of this machine. Of several each has a line.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Extract {
    pub(crate) path: Line,
    /// What the file is.
    pub(crate) kind: Kind,
    /// The source of this machine that was read or not, with `--host`.
    pub(crate) source: Option<Source>,
    /// Why that source could not be read.
    pub(crate) missing: Option<Missing>,
    /// What can be written to files.
    pub(crate) parts: Vec<Part>,
    /// Everything in a firmware image, where that was asked for.
    pub(crate) items: Vec<Item>,
    /// What cannot be opened.
    pub(crate) opaque: Vec<Block>,
    /// Bytes that were not understood, of the file and of what was decoded from it.
    pub(crate) opaque_bytes: usize,
    /// How many drivers there are beside the parts.
    pub(crate) other_drivers: usize,
    /// The folder that the parts were written to.
    pub(crate) folder: Option<Line>,
    /// How many of them.
    pub(crate) written: usize,
    /// Why the others were not.
    pub(crate) errors: Vec<Error>,
    /// The page that was written, with --html.
    pub(crate) page: Option<Line>,
    /// Whether it is the only one.
    #[serde(skip)]
    pub(crate) alone: bool,
}

impl Extract {
    /// Whether there is anything in it.
    pub(crate) const fn is_something(&self) -> bool {
        !self.parts.is_empty() || !self.items.is_empty()
    }
}

/// A place where this machine has something of its graphics.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Source {
    /// `flash`, `vbt`, `opregion`, `vfct` or `rom-bar`.
    pub(crate) kind: &'static str,
    /// What it is.
    pub(crate) what: Block,
    /// Address of the device that it is of, if it is of one that is there.
    pub(crate) device: Option<Line>,
    /// What is thought of the ROM in it, if one is.
    pub(crate) rom: Option<FoundRom>,
}

/// Why a source could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Missing {
    pub(crate) why: Block,
    /// What to do; absent if nothing helps, or if it was said of a source before.
    pub(crate) advice: Option<Advice>,
}

/// What several files came to. Each was reported by itself.
#[derive(Debug)]
pub(crate) struct Extracted {
    pub(crate) files: usize,
    /// How many of them hold anything.
    pub(crate) with_parts: usize,
    pub(crate) parts: usize,
    /// The folder that the parts were written to.
    pub(crate) folder: Option<Line>,
    /// The words of the command line that named them.
    pub(crate) words: Vec<String>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    OptionRom,
    Driver,
    FirmwareImage,
    /// A Video BIOS Table, an `OpRegion` or a VFCT.
    Table,
    /// A source of this machine that could not be read.
    NotRead,
    /// Nothing that can be taken apart.
    Nothing,
}

/// A part of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Part {
    /// Its name as a file.
    pub(crate) name: Line,
    /// What it is.
    pub(crate) what: Block,
    /// Where it is; absent if it was made of the file and is not a piece of it.
    pub(crate) place: Option<Place>,
    /// Bytes of it.
    pub(crate) length: usize,
    /// GPUs that its tables name.
    pub(crate) devices: Vec<PciId>,
    /// Why it is what it is.
    pub(crate) evidence: Vec<Line>,
    /// How many more times the same bytes are in the file.
    pub(crate) copies: usize,
}

/// Where a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Place {
    /// Offset in the file, or in the decoded data.
    pub(crate) offset: usize,
    /// Bytes there.
    pub(crate) length: usize,
    /// Number of the decoded data that it is in, from 1 on; absent for the file itself.
    pub(crate) decoded: Option<usize>,
}

/// A line of the tree of a firmware image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Item {
    pub(crate) depth: usize,
    pub(crate) what: Block,
    pub(crate) guid: Option<Line>,
    pub(crate) name: Option<Line>,
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

impl Extracted {
    /// Whether they are sources of this machine.
    pub(crate) fn is_host(&self) -> bool {
        self.words.first().is_some_and(|word| word == "--host")
    }
}
