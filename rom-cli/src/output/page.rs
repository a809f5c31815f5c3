//! Where text is written to: a terminal, or what replaces one.

use crate::args::{Color, Options};
use crate::text::{Advice, Block, Line, ShellCommand, Styled, block};
use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// Columns where there is no terminal.
const COLUMNS: usize = 80;

const STRONG: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// What stands out.
pub(super) fn strong<T>(part: T) -> Styled<T> {
    Styled(STRONG, part)
}

/// What is well.
pub(super) fn good<T>(part: T) -> Styled<T> {
    Styled(GOOD, part)
}

/// What is worth a look.
pub(super) fn doubtful<T>(part: T) -> Styled<T> {
    Styled(DOUBTFUL, part)
}

/// What is wrong.
pub(super) fn bad<T>(part: T) -> Styled<T> {
    Styled(BAD, part)
}

/// How text is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Whether it is coloured.
    pub(super) color: bool,
    /// Whether only what is not good is said.
    pub(super) quiet: bool,
    /// Whether everything is said.
    pub(super) verbose: bool,
    /// Columns of the terminal.
    pub(super) width: usize,
}

impl Look {
    /// For a stream, which may be a terminal.
    pub(super) fn new(options: &Options, stream: &impl RawStream) -> Self {
        let color = match options.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => AutoStream::choice(stream) != ColorChoice::Never,
        };
        Self { color, quiet: options.quiet, verbose: options.verbose, width: width() }
    }
}

/// Columns of the terminal.
pub(super) fn width() -> usize {
    terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| usize::from(width.0))
}

/// Columns of a label and the space after it.
const LABEL: usize = 14;

/// A page of text.
pub(super) struct Page<'w> {
    out: &'w mut dyn Write,
    pub(super) look: Look,
}

impl<'w> Page<'w> {
    pub(super) fn new(out: &'w mut dyn Write, look: Look) -> Self {
        Self { out, look }
    }

    /// An empty line.
    pub(super) fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// One line, however long it is.
    pub(super) fn line(&mut self, block: &Block) -> io::Result<()> {
        writeln!(self.out, "{}", block.on_one_line(self.look.color).trim_end())
    }

    /// `head`, and beside it `body`, whose further lines begin below its first.
    pub(super) fn row(&mut self, head: &Block, body: &Block) -> io::Result<()> {
        let indent = head.columns();
        let mut start = head.on_one_line(self.look.color);
        for line in body.lines(indent, self.look.width, self.look.color) {
            writeln!(self.out, "{}", format!("{start}{line}").trim_end())?;
            start = " ".repeat(indent);
        }
        Ok(())
    }

    /// Prose, `indent` columns from the left.
    pub(super) fn prose(&mut self, indent: usize, body: &Block) -> io::Result<()> {
        self.row(&spaces(indent), body)
    }

    /// A label, and what there is to say under it.
    pub(super) fn step(&mut self, label: &'static str, body: &Block) -> io::Result<()> {
        self.row(&labelled(label), body)
    }

    /// A label, and a command on the same line, however long that is.
    pub(super) fn command(
        &mut self,
        label: &'static str,
        command: &ShellCommand,
    ) -> io::Result<()> {
        self.row_command(&labelled(label), command)
    }

    /// A command on a line of its own, so many columns from the left.
    pub(super) fn command_at(&mut self, indent: usize, command: &ShellCommand) -> io::Result<()> {
        self.row_command(&spaces(indent), command)
    }

    /// `head`, and beside it a command, however long that is.
    pub(super) fn row_command(&mut self, head: &Block, command: &ShellCommand) -> io::Result<()> {
        writeln!(self.out, "{}{command}", head.on_one_line(self.look.color))
    }

    /// Advice under a label: the words, then each command on a line of its own.
    pub(super) fn advice(&mut self, label: &'static str, advice: &Advice) -> io::Result<()> {
        self.step(label, &advice.text)?;
        advice.commands.iter().try_for_each(|command| self.command_at(2, command))
    }

    /// What helps against an error, below it.
    pub(super) fn help(&mut self, advice: &Advice) -> io::Result<()> {
        let head = block!["  help: "];
        let below = spaces(head.columns());
        let mut commands = advice.commands.iter();
        if advice.text.is_empty() {
            match commands.next() {
                Some(first) => self.row_command(&head, first)?,
                None => self.line(&head)?,
            }
        } else {
            self.row(&head, &advice.text)?;
        }
        commands.try_for_each(|command| self.row_command(&below, command))
    }

    /// What a program reads, as it is.
    pub(super) fn verbatim(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }
}

/// A label, filled up to its column.
fn labelled(label: &'static str) -> Block {
    block![strong(label), spaces(LABEL.saturating_sub(label.chars().count()).max(2))]
}

/// So many columns of nothing.
pub(super) fn spaces(count: usize) -> Block {
    block![Line::new(" ".repeat(count))]
}
