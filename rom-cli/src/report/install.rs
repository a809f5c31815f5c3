//! `oprom install` and `oprom fetch`.

use super::pick::Found;
use super::undo::Replaced;
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
    /// SHA-256 of the file that was there; absent if there was none.
    pub(crate) current: Option<Sha256>,
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
