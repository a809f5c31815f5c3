//! `oprom build`.

use super::file::File;
use crate::text::{Block, ShellCommand};
use schemars::JsonSchema;
use serde::Serialize;

/// A ROM that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Build {
    /// What was done.
    pub(crate) steps: Vec<Block>,
    /// The file that was written.
    pub(crate) file: File,
    /// What installs it, where it works.
    pub(crate) install: Option<ShellCommand>,
}
