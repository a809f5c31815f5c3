//! `oprom list`.

use super::{Name, Sha256};
use crate::text::{Block, Line};
use rom_core::catalog::Evidence;
use schemars::JsonSchema;
use serde::Serialize;

/// The ROMs of the catalog, in its order.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct List {
    pub(crate) roms: Vec<Rom>,
}

/// A ROM of the catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rom {
    pub(crate) name: Line,
    pub(crate) sha256: Sha256,
    /// Bytes of it, where the catalog knows.
    pub(crate) size: Option<u64>,
    /// Where it is downloaded from.
    pub(crate) url: Line,
    /// How its SHA-256 is known.
    pub(crate) evidence: Name<Evidence>,
    /// Which driver draws, where the catalog says so.
    pub(crate) gop: Option<Line>,
    /// Codes of the platforms that it is for.
    pub(crate) platforms: Vec<Line>,
    /// What the catalog says about it.
    pub(crate) note: Option<Block>,
}
