//! `oprom repair`.

use super::HexBytes;
use super::file::File;
use crate::text::{Block, Line, Sentence, ShellCommand};
use rom_core::repair::{self, RepairError};
use schemars::JsonSchema;
use serde::Serialize;

/// What was repaired, or could be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Repair {
    pub(crate) path: Line,
    /// What the file is.
    pub(crate) kind: &'static str,
    /// The same, in words.
    pub(crate) kind_text: Block,
    /// The command that comes next for a file of this kind.
    pub(crate) next: Option<ShellCommand>,
    /// What each repair changed, or would.
    pub(crate) edits: Vec<Edit>,
    /// Repairs that are refused.
    pub(crate) refused: Vec<Refusal>,
    /// The file that was written.
    pub(crate) file: Option<File>,
}

/// A change of a repair.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Edit {
    /// The repair that it is part of.
    pub(crate) repair: &'static str,
    #[serde(flatten)]
    pub(crate) change: Change,
}

/// What is changed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Change {
    /// Bytes are overwritten.
    Overwritten { what: &'static str, offset: usize, old: HexBytes, new: HexBytes },
    /// Bytes are cut off.
    Cut { offset: usize, length: usize },
    /// Padding are added, this many bytes, at the end.
    Filled { length: usize },
    /// A driver is wrapped in a ROM of this many bytes.
    Wrapped { length: usize },
}

/// A repair that would have to guess.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Refusal {
    pub(crate) repair: &'static str,
    pub(crate) reason: Block,
}

impl Edit {
    pub(crate) fn new(repair: &'static str, edit: &repair::Edit) -> Self {
        let change = match edit {
            repair::Edit::Overwritten { what, at, old, new } => Change::Overwritten {
                what,
                offset: *at,
                old: old.clone().into(),
                new: new.clone().into(),
            },
            repair::Edit::Cut(span) => Change::Cut { offset: span.offset, length: span.length },
            repair::Edit::Filled(length) => Change::Filled { length: *length },
            repair::Edit::Wrapped(length) => Change::Wrapped { length: *length },
        };
        Self { repair, change }
    }
}

impl Refusal {
    pub(crate) fn new(error: &RepairError) -> Self {
        Self { repair: error.repair.name(), reason: Sentence(error.to_string()).into() }
    }
}
