//! What to do, and what to type.

use super::{Block, Line, Sentence};
use rom_host::advice;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// A command to type, as the JSON has it: each word as a shell has to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShellCommand(advice::ShellCommand);

impl ShellCommand {
    /// A command of these words; `None` if one of them cannot be typed on one line.
    pub(crate) fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Option<Self> {
        advice::ShellCommand::new(words).map(Self)
    }
}

/// The name of a file as a word of a command: no program takes it for an option. `None` if it
/// cannot be typed.
pub(crate) fn file_word(path: &Path) -> Option<String> {
    let name = path.to_str()?;
    let is_option = name.starts_with('-') && name != "-";
    Some(if is_option { format!("./{name}") } else { name.to_owned() })
}

/// The same for advice that is given whatever the name is: `FILE` if it cannot be typed.
pub(crate) fn file_or_placeholder(path: impl AsRef<Path>) -> String {
    file_word(path.as_ref()).unwrap_or_else(|| "FILE".to_owned())
}

impl From<advice::ShellCommand> for ShellCommand {
    fn from(command: advice::ShellCommand) -> Self {
        Self(command)
    }
}

impl fmt::Display for ShellCommand {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Serialize for ShellCommand {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for ShellCommand {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ShellCommand".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Advice {
    /// What to do and why, in words.
    pub(crate) text: Block,
    /// What to type, in this order.
    pub(crate) commands: Vec<ShellCommand>,
    /// Lines of a configuration that go, with `- ` before them, and that come, with `+ `.
    pub(crate) diff: Vec<Line>,
}

impl Advice {
    /// Advice without a command.
    pub(crate) fn of(text: Block) -> Self {
        Self { text, ..Self::default() }
    }

    /// It with a command to type, after those that it has.
    pub(crate) fn run<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.commands.extend(ShellCommand::new(words));
        self
    }

    /// It with `command`, after those that it has.
    pub(crate) fn and(mut self, command: ShellCommand) -> Self {
        self.commands.push(command);
        self
    }
}

impl From<&str> for Advice {
    fn from(text: &str) -> Self {
        Self::of(Sentence(text).into())
    }
}

impl From<String> for Advice {
    fn from(text: String) -> Self {
        Self::of(Sentence(text).into())
    }
}

impl From<advice::Advice> for Advice {
    fn from(advice: advice::Advice) -> Self {
        Self {
            text: Sentence(advice.text).into(),
            commands: advice.commands.into_iter().map(Into::into).collect(),
            diff: advice.diff.into_iter().map(Line::from).collect(),
        }
    }
}
