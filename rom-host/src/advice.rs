//! What to do: prose, and commands to type. The two are never mixed.

mod difference;
mod shell;

pub use difference::difference;
pub use shell::{ShellCommand, quoted};

use crate::quotation::bounded;

/// Advice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// Sentences. No command is in them.
    pub text: String,
    /// What to type, in this order.
    pub commands: Vec<ShellCommand>,
    /// Lines of a configuration that go, with `- ` before them, and that come, with `+ `: where no
    /// command makes the change.
    pub diff: Vec<String>,
}

impl Advice {
    /// It with a command to type, after those that it has.
    #[must_use]
    pub fn run<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.commands.extend(ShellCommand::new(words));
        self
    }

    /// It with a line to add to a configuration.
    #[must_use]
    pub fn with_line(mut self, line: &str) -> Self {
        self.diff.push(format!("+ {line}"));
        self
    }

    /// Nothing but a command to type.
    #[must_use]
    pub fn command<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self::default().run(words)
    }
}

impl From<&str> for Advice {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

impl From<String> for Advice {
    fn from(text: String) -> Self {
        Self { text: bounded(&text), ..Self::default() }
    }
}

/// What changes a configuration into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Steps {
    /// Commands to type, in this order.
    Commands(Vec<ShellCommand>),
    /// Lines that go, with `- ` before them, and that come, with `+ `.
    Diff(Vec<String>),
}

impl Steps {
    /// Whether there is nothing to change.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Commands(commands) => commands.is_empty(),
            Self::Diff(lines) => lines.is_empty(),
        }
    }

    /// One line a step, as it is typed or read.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Commands(commands) => commands.iter().map(ToString::to_string).collect(),
            Self::Diff(lines) => lines.clone(),
        }
    }
}
