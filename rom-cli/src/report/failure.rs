//! What every command prints when it could not answer.

use crate::error::CliError;
use crate::text::{Advice, Block, Line, ShellCommand};
use schemars::JsonSchema;
use serde::Serialize;

/// A failure.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Failure {
    pub(crate) error: Error,
}

/// What went wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Error {
    /// What happened, and where.
    pub(crate) what: Line,
    /// What to do.
    pub(crate) help: Block,
    /// What to type, in this order.
    pub(crate) commands: Vec<ShellCommand>,
    /// Exit status of the program.
    pub(crate) exit: u8,
}

impl From<&CliError> for Error {
    fn from(error: &CliError) -> Self {
        let Advice { text, commands, .. } = error.advice.clone();
        Self { what: error.what.clone(), help: text, commands, exit: error.exit.status() }
    }
}

impl From<&CliError> for Failure {
    fn from(error: &CliError) -> Self {
        Self { error: error.into() }
    }
}
