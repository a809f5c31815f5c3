//! Guests that use the GPU, in a line each.

use super::checks::Check;
use crate::text::{Line, ShellCommand};
use schemars::JsonSchema;
use serde::Serialize;

/// A guest that uses the GPU.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Guest {
    /// What it is, with its number or name.
    pub(crate) name: Line,
    /// Whether it runs.
    pub(crate) running: bool,
    /// What its configuration came to.
    pub(crate) state: State,
    /// What a VM is for: `display-at-boot`, `display`, `compute`, `vf`, `mdev` or `unclear`.
    pub(crate) goal: Option<&'static str>,
    /// The check that failed first.
    pub(crate) first: Option<Check>,
    /// The command that says more.
    pub(crate) check: Option<ShellCommand>,
}

/// What a guest's configuration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// No check of the VM failed.
    Ready,
    /// A check of the VM failed.
    NotReady,
    /// A container, which shares the GPU with the host.
    Shares,
}
