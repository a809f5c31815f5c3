//! `oprom extract`.

use super::PciId;
use super::failure::Error;
use crate::text::{Block, Line};
use schemars::JsonSchema;
use serde::Serialize;

/// What was extracted from a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Extract {
    pub(crate) path: Line,
    /// What the file is.
    pub(crate) kind: Kind,
    /// What can be written to files.
    pub(crate) parts: Vec<Part>,
    /// Everything in a firmware image, where that was asked for.
    pub(crate) items: Vec<Item>,
    /// What cannot be opened.
    pub(crate) opaque: Vec<Block>,
    /// How many drivers there are beside the parts.
    pub(crate) other_drivers: usize,
    /// The folder that the parts were written to.
    pub(crate) folder: Option<Line>,
    /// How many of them.
    pub(crate) written: usize,
    /// Why the others were not.
    pub(crate) errors: Vec<Error>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    OptionRom,
    Driver,
    FirmwareImage,
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
