//! `oprom install`, `oprom undo`, `oprom redo`, `oprom history` and `oprom fetch`.

use super::pick::Found;
use super::usable::Usable;
use super::{Name, Sha256};
use crate::text::{Advice, Block, Line, ShellCommand};
use rom_core::Verdict;
use rom_core::catalog::Confidence;
use schemars::JsonSchema;
use serde::Serialize;

/// What was put in place, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Install {
    pub(crate) rom: Line,
    pub(crate) sha256: Sha256,
    /// Bytes of it, where they are known.
    pub(crate) size: Option<u64>,
    /// Where the bytes came from, or would come from; absent if they were in place already.
    pub(crate) source: Option<Line>,
    /// Whether it comes from this machine, and so from nobody who could say its hash.
    pub(crate) own: bool,
    /// Where it is now, or would be.
    pub(crate) dest: Line,
    /// The file that was there before.
    pub(crate) replaced: Option<Replaced>,
    pub(crate) changed: bool,
    pub(crate) dry_run: bool,
    /// In a dry run whether anything would change.
    pub(crate) would_change: Option<bool>,
    /// What was found on this host, where that decided.
    #[serde(flatten)]
    pub(crate) found: Found,
    /// How sure it is that this ROM is the right one, where the host decided.
    pub(crate) confidence: Option<Name<Confidence>>,
    /// Why this ROM, where the host decided.
    pub(crate) reason: Option<Block>,
    /// What a check of the bytes said, where they were not in place already.
    pub(crate) checked: Option<Checked>,
    /// What else is good to know of the choice.
    pub(crate) remarks: Vec<Advice>,
    /// What to do next.
    pub(crate) next: Vec<Advice>,
    /// What will happen when that is done.
    pub(crate) warnings: Vec<Advice>,
}

/// A check of the bytes, in short.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Checked {
    pub(crate) verdict: Name<Verdict>,
    /// How many images there are.
    pub(crate) images: usize,
    /// Whether it does its job on this host.
    pub(crate) usable: Usable,
}

/// A file that was replaced.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Replaced {
    pub(crate) sha256: Line,
    /// Its name now, in the same folder.
    pub(crate) backup: Line,
}

/// What was taken back, or done again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Undo {
    pub(crate) dest: Line,
    /// SHA-256 of the file that is in place now; absent if there is none.
    pub(crate) restored: Option<Sha256>,
    /// The file that was in place until now.
    pub(crate) replaced: Option<Replaced>,
    pub(crate) changed: bool,
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

/// What the download of all ROMs came to.
#[derive(Debug)]
pub(crate) struct FetchedAll {
    /// The folder that they are in.
    pub(crate) folder: Line,
    /// How many are in it.
    pub(crate) present: usize,
    /// How many are in the catalog.
    pub(crate) listed: usize,
    /// What installs from there.
    pub(crate) next: Option<ShellCommand>,
}

/// What was downloaded.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Fetch {
    pub(crate) rom: Line,
    pub(crate) sha256: Sha256,
    /// Where it came from; absent if it was there already.
    pub(crate) source: Option<Line>,
    pub(crate) dest: Line,
    pub(crate) changed: bool,
}
