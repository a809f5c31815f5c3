//! The only code that words or prints a report.

#[cfg(test)]
mod foreign_text;
mod html;
mod human;
mod json;
mod metrics;
mod page;
mod reporter;
pub(crate) mod usage;

pub(crate) use reporter::Terminal;

use crate::args::Options;
use crate::error::CliError;
use crate::report::Report;
use crate::report::failure::Failure;
use crate::text::block;
use page::{Look, Page, bad};
use std::io::{self, Write};

/// Prints `report` to standard output.
pub(crate) fn print(report: &Report, command: &str, options: &Options) -> io::Result<()> {
    let stdout = io::stdout();
    let look = Look::new(options, &stdout);
    let mut out = io::BufWriter::new(stdout.lock());
    if let Report::Metrics(doctor) = report {
        out.write_all(metrics::text(doctor).map_err(io::Error::other)?.as_bytes())?;
    } else if options.json {
        json::print(report, command, &mut out)?;
    } else {
        human::print(report, look, &mut out)?;
    }
    out.flush()
}

/// Prints `error`: to standard error, and with `--json` to standard output too.
pub(crate) fn print_error(error: &CliError, command: &str, options: &Options) -> io::Result<()> {
    let stderr = io::stderr();
    write_error(error, Look::new(options, &stderr), &mut stderr.lock())?;
    if options.json {
        json::object(Some(command), &Failure::from(error), &mut io::stdout().lock())
    } else {
        Ok(())
    }
}

fn write_error(error: &CliError, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, look);
    page.line(&block![bad("oprom:"), " ", &error.what])?;
    page.help(&error.advice)
}
