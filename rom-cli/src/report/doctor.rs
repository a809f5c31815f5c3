//! `oprom doctor`.

use super::checks::Results;
use super::guests::Guest;
use crate::text::Line;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether a host is ready.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Doctor {
    /// The version of QEMU that was asked about, where that is not the installed one.
    pub(crate) qemu: Option<Line>,
    #[serde(flatten)]
    pub(crate) results: Results,
    /// The VMs that are ready with the installed QEMU, and not with the one that was asked about.
    pub(crate) breaks: Vec<Line>,
    /// The VMs and containers that use the GPU.
    pub(crate) guests: Vec<Guest>,
    /// How many configurations of guests were left out: there are too many, or too large ones.
    pub(crate) guests_unread: usize,
}
