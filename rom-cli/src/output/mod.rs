//! The only code that words or prints a report.

mod human;
mod json;
mod reporter;
mod sanitize;

pub(crate) use reporter::Terminal;

use crate::args::{Color, Options};
use crate::commands::Report;
use crate::error::CliError;
use std::env::var_os;
use std::io::{self, IsTerminal as _, Write};

/// How text is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    color: bool,
    /// Whether only what is not good is said.
    quiet: bool,
    verbose: bool,
}

impl Style {
    /// The style for a stream, which may be a terminal.
    pub(crate) fn new(options: &Options, terminal: bool) -> Self {
        let color = match options.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let plain = var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
                    || var_os("TERM").is_some_and(|term| term == "dumb");
                terminal && !plain
            }
        };
        Self { color, quiet: options.quiet, verbose: options.verbose }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }
}

/// Prints `report` to standard output.
pub(crate) fn print(report: &Report, options: &Options) -> io::Result<()> {
    let stdout = io::stdout();
    let style = Style::new(options, stdout.is_terminal());
    let mut out = io::BufWriter::new(stdout.lock());
    if let Report::Completions(script) = report {
        out.write_all(script)?;
    } else if options.json {
        json::print(report, &mut out)?;
    } else {
        human::print(report, style, &mut out)?;
    }
    out.flush()
}

/// Prints `error` to standard error.
pub(crate) fn print_error(error: &CliError, options: &Options) -> io::Result<()> {
    let stderr = io::stderr();
    let style = Style::new(options, stderr.is_terminal());
    write_error(error, style, &mut stderr.lock())
}

fn write_error(error: &CliError, style: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} {}", style.red("oprom:"), sanitize::text(&error.what))?;
    writeln!(out, "{}", human::wrapped("  help: ", &sanitize::text(&error.help)))
}
