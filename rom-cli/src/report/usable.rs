//! Whether a ROM does its job.

use super::{Name, PciId};
use crate::text::{Block, Line, Sentence};
use rom_core::usable::{self, Answer};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether a ROM does its job.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Usable {
    /// The firmware of the VM.
    pub(crate) firmware: &'static str,
    /// The GPU, where there is one.
    pub(crate) device: Option<PciId>,
    /// The version of QEMU, where that is known.
    pub(crate) qemu: Option<Line>,
    pub(crate) answer: Name<Answer>,
    pub(crate) reason: Block,
}

impl Usable {
    pub(crate) fn new(usable: &usable::Usable) -> Self {
        Self {
            firmware: usable.firmware.id(),
            device: usable.device.map(Into::into),
            qemu: usable.qemu.map(|qemu| Line::new(qemu.to_string())),
            answer: usable.answer.into(),
            reason: Sentence(usable.reason.to_string()).into(),
        }
    }
}
