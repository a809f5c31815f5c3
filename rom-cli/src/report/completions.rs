//! `oprom completions`.

use schemars::JsonSchema;
use serde::Serialize;

/// The completions of a shell.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Completions {
    /// What the shell reads.
    pub(crate) script: String,
}
