//! `oprom config`.

use crate::text::Line;
use schemars::JsonSchema;
use serde::Serialize;

/// The settings in force.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Config {
    /// The configuration file that was read, if there is one.
    pub(crate) file: Option<Line>,
    pub(crate) settings: Vec<Setting>,
}

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Setting {
    /// As the configuration file names it.
    pub(crate) key: Line,
    /// `null` if it is not set.
    pub(crate) value: Option<Line>,
    /// `default`, `file`, the name of a variable or of an option.
    pub(crate) source: Line,
}
