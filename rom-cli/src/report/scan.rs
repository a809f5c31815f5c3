//! `oprom scan`.

use super::{Name, Sha256};
use crate::text::Line;
use rom_core::Verdict;
use rom_core::model::ImageKind;
use schemars::JsonSchema;
use serde::Serialize;

/// What was looked at. Each hit is reported by itself, as soon as it is found.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) hits: usize,
    pub(crate) files: usize,
    /// Bytes that were read.
    pub(crate) bytes: u64,
    /// Files that hold firmware volumes, in which more may be compressed; the first few.
    pub(crate) firmware: Vec<Line>,
}

/// A ROM inside of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hit {
    /// The file that it is in.
    pub(crate) path: Line,
    /// Where in that file.
    pub(crate) offset: u64,
    /// Bytes of it that are there.
    pub(crate) length: usize,
    /// Bytes that it says it has and that are not there.
    pub(crate) missing: usize,
    pub(crate) sha256: Option<Sha256>,
    /// The ROM of the catalog that it is.
    pub(crate) rom: Option<Line>,
    pub(crate) verdict: Name<Verdict>,
    pub(crate) images: Vec<HitImage>,
}

/// An image of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HitImage {
    pub(crate) kind: Name<ImageKind>,
    /// Vendor id, in hex.
    pub(crate) vendor: Option<Line>,
    /// Device id, in hex.
    pub(crate) device: Option<Line>,
    pub(crate) length: usize,
}
