//! `oprom explain` and `oprom report`.

use super::Name;
use crate::text::{Advice, Block, Line};
use rom_host::explain::{Layer, Matters};
use schemars::JsonSchema;
use serde::Serialize;

/// What is known about what was asked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Explain {
    /// One entry, or one for each known message of a log.
    pub(crate) entries: Vec<Entry>,
    /// Of a log, how many lines were read.
    pub(crate) lines: Option<usize>,
    /// Of a log, whether it is longer than that.
    pub(crate) cut: Option<bool>,
}

/// What is known about one thing.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// A code, the id of a check, or the name of a message or a symptom.
    pub(crate) id: Line,
    /// What it is called, where it is a code or a check.
    pub(crate) title: Option<Line>,
    /// Who says the message.
    pub(crate) layer: Option<Name<Layer>>,
    /// Whether the message matters.
    pub(crate) matters: Option<Name<Matters>>,
    /// The first line of the log that has it, from 1.
    pub(crate) line: Option<usize>,
    /// The text of that line.
    pub(crate) text: Option<Line>,
    /// How many lines have it.
    pub(crate) count: Option<usize>,
    /// What it means, in paragraphs.
    pub(crate) means: Vec<Block>,
    /// What to do.
    pub(crate) advice: Vec<Advice>,
    /// Lines as they are seen.
    pub(crate) examples: Vec<Line>,
}

/// A text to paste where people help.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Pasted {
    pub(crate) lines: Vec<Line>,
}
