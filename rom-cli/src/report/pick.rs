//! `oprom pick`.

use super::usable::Usable;
use super::{Name, PciId, Sha256};
use crate::text::{Advice, Block, Line, ShellCommand};
use rom_core::Verdict;
use rom_core::catalog::Confidence;
use schemars::JsonSchema;
use serde::Serialize;

/// Which ROM is needed, and why.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Pick {
    #[serde(flatten)]
    pub(crate) found: Found,
    /// ROMs of the catalog, the best first.
    pub(crate) candidates: Vec<Candidate>,
    /// Files of the user's, the best first.
    pub(crate) files: Vec<OwnFile>,
    /// Why there is no ROM for it.
    pub(crate) refused: Option<Block>,
    /// What else is good to know.
    pub(crate) remarks: Vec<Advice>,
    /// What installs the first candidate, where there is one.
    pub(crate) next: Option<ShellCommand>,
}

/// What the answer is for.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Found {
    pub(crate) device: Option<Device>,
    pub(crate) cpu: Option<Cpu>,
}

/// A GPU.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Device {
    pub(crate) id: PciId,
    pub(crate) name: Option<Line>,
    /// Code of its platform, such as RPL-P.
    pub(crate) platform: Option<Line>,
    /// Name of its platform, such as Raptor Lake-P.
    pub(crate) platform_name: Option<Line>,
    /// Generation of its graphics, such as 12.7.
    pub(crate) generation: Option<Line>,
    /// Its address, where it was seen on a host.
    pub(crate) bdf: Option<Line>,
    /// Its class, where it was seen on a host.
    pub(crate) class: Option<Line>,
}

/// A CPU.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cpu {
    pub(crate) name: Line,
    pub(crate) family: Option<u32>,
    pub(crate) model: Option<u32>,
    pub(crate) stepping: Option<u32>,
    /// What it can be.
    pub(crate) platforms: Vec<Platform>,
}

/// A platform.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Platform {
    /// Short, such as RPL-P.
    pub(crate) code: Line,
    pub(crate) name: Line,
    /// Generation of its graphics, such as 12.7.
    pub(crate) generation: Line,
}

/// A ROM of the catalog that can be the right one.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Candidate {
    pub(crate) rom: Line,
    pub(crate) sha256: Sha256,
    /// Where it is downloaded from.
    pub(crate) url: Line,
    /// How sure it is.
    pub(crate) confidence: Name<Confidence>,
    /// Why this one.
    pub(crate) reason: Block,
    /// What the catalog says about it.
    pub(crate) note: Option<Block>,
}

/// A file of the user's.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OwnFile {
    pub(crate) path: Line,
    /// Absent if it is longer than what is read.
    pub(crate) sha256: Option<Sha256>,
    pub(crate) verdict: Name<Verdict>,
    pub(crate) usable: Usable,
    /// What installs it, where it is good and for the device.
    pub(crate) install: Option<ShellCommand>,
    /// What takes the ROM out of what it is in, where it works by itself.
    pub(crate) take_out: Option<ShellCommand>,
}
