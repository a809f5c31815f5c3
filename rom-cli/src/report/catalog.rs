//! `oprom catalog lint`, `oprom catalog diff` and `oprom catalog update`.

use super::Sha256;
use super::file::Finding;
use crate::text::{Block, Line, block};
use schemars::JsonSchema;
use serde::Serialize;

/// What is wrong with a catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Lint {
    /// What the catalog is called.
    pub(crate) catalog: Line,
    /// The first of them.
    pub(crate) findings: Vec<LintFinding>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// A breach of a rule, and where.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LintFinding {
    pub(crate) line: usize,
    pub(crate) column: usize,
    #[serde(flatten)]
    pub(crate) finding: Finding,
}

/// How a catalog and a release differ.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Differences {
    /// What the catalog is called.
    pub(crate) catalog: Line,
    /// Where the release's description came from.
    pub(crate) source: Line,
    /// Every ROM of either, in the order of the catalog, then of the release.
    pub(crate) roms: Vec<Compared>,
    /// The file that was written.
    pub(crate) written: Option<Line>,
}

/// A ROM in both.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Compared {
    pub(crate) rom: Line,
    #[serde(flatten)]
    pub(crate) state: State,
}

/// What became of a ROM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum State {
    Same,
    /// The same name, other bytes: what is pinned, and what is there.
    Changed {
        pinned: Sha256,
        there: Sha256,
    },
    /// Only in the release.
    New {
        there: Sha256,
        size: u64,
        url: Line,
    },
    /// Only in the catalog.
    Gone,
    /// In the release, which does not say its digest.
    Undigested,
}

impl State {
    /// It in words.
    pub(crate) fn words(&self) -> Block {
        match self {
            Self::Same => block!["the same"],
            Self::Changed { pinned, there } => {
                block!["OTHER BYTES under the same name: expected ", *pinned, ", found ", *there]
            }
            Self::New { there, size, .. } => block!["new: ", *size, " bytes, sha256 ", *there],
            Self::Gone => block!["no longer in the release"],
            Self::Undigested => block!["the release does not state its digest"],
        }
    }
}
