//! `oprom undo`, `oprom redo` and `oprom history`.

use super::Sha256;
use crate::text::Line;
use schemars::JsonSchema;
use serde::Serialize;

/// What was undone, or done again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Undo {
    /// The runs, in the order in which they were undone.
    pub(crate) runs: Vec<UndoneRun>,
}

/// A run that was undone, or done again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UndoneRun {
    /// Its number.
    pub(crate) run: u32,
    /// What was asked for.
    pub(crate) command: Line,
    /// What was brought back, in this order.
    pub(crate) parts: Vec<UndonePart>,
}

/// A part of a run that was undone, or done again.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum UndonePart {
    /// A file.
    File {
        /// The file, as the host names it.
        dest: Line,
        /// SHA-256 of the file that is in place now; absent if there is none.
        restored: Option<Sha256>,
        /// The file that was in place until now.
        replaced: Option<Replaced>,
        changed: bool,
    },
    /// A VM.
    Vm {
        /// Its number or name.
        vm: Line,
        changed: bool,
    },
    /// A program that was run.
    Command {
        /// What was run.
        command: Line,
        /// Why it failed, if it did.
        failure: Option<Line>,
    },
}

/// A file that was replaced.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Replaced {
    pub(crate) sha256: Line,
    /// Its name now, in the same folder.
    pub(crate) backup: Line,
}

/// What was changed on this host, the oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct History {
    pub(crate) runs: Vec<PastRun>,
}

/// A run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PastRun {
    /// Its number.
    pub(crate) run: u32,
    /// When, in UTC.
    pub(crate) at: Line,
    /// What was asked for.
    pub(crate) command: Line,
    /// The files that it changed, as the host names them.
    pub(crate) files: Vec<Line>,
    /// What became of it.
    pub(crate) state: RunState,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunState {
    /// It was done, and holds.
    Done,
    /// It was done, and undone.
    Undone,
    /// Nothing came of it.
    Failed,
    /// It ended in the middle; the next change settles whether it was done.
    Interrupted,
}
