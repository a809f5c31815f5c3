//! `oprom status`, which is `oprom` alone too.

use super::checks::Check;
use super::guests::Guest;
use super::pick::Found;
use crate::text::{Block, ShellCommand};
use rom_host::checks::{self, Status as CheckStatus};
use schemars::JsonSchema;
use serde::Serialize;

/// Where a host stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Status {
    /// The GPU and the CPU.
    #[serde(flatten)]
    pub(crate) found: Found,
    /// Why the catalog has no ROM for the GPU.
    pub(crate) refused: Option<Block>,
    /// Whether the host is ready, its ROM left out.
    pub(crate) host: Host,
    /// The check of the ROM in place, where there is a GPU; of two ROMs the first that is not well.
    pub(crate) rom: Option<Check>,
    /// The VMs and containers that use the GPU.
    pub(crate) guests: Vec<Guest>,
    /// How many configurations of guests were left out: there are too many, or too large ones.
    pub(crate) guests_unread: usize,
    /// The command to type next.
    pub(crate) next: Option<ShellCommand>,
}

/// Whether a host is ready.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Host {
    /// Whether no check failed.
    pub(crate) ready: bool,
    /// How many checks warned.
    pub(crate) warnings: usize,
    /// The check that failed first.
    pub(crate) first: Option<Check>,
}

impl Host {
    pub(crate) fn new(checks: Vec<checks::Check>) -> Self {
        let warnings = checks.iter().filter(|check| check.status == CheckStatus::Warn).count();
        let first = checks.into_iter().find(|check| check.status == CheckStatus::Fail);
        Self { ready: first.is_none(), warnings, first: first.map(Check::new) }
    }
}
