//! What a code, a check, a symptom or a line of a log means.

use super::{Outcome, Report};
use crate::args;
use crate::error::{CliError, Exit};
use crate::meant;
use crate::report::explain::{Entry, Explain};
use crate::text::{Line, Sentence, block};
use rom_host::explain::{self, Meaning};
use rom_host::vm::model::Manager;
use std::io;
use std::path::Path;

pub(super) fn run(args: &args::Explain) -> Result<Outcome, CliError> {
    if args.what == ["-"] {
        return log();
    }
    let asked = args.what.join(" ");
    let Some(meaning) = explain::explain(&asked) else {
        let what = format!("nothing is known about {asked:?}");
        let near = meant::similar(&asked, explain::names());
        let help = "Give a code (ROM014), a check (HOST040), a symptom (black screen), or a line \
            of a log in quotes. A whole log is piped in: give - instead of a line.";
        let help = format!("{}{help}", meant::did_you_mean(&near));
        return Err(CliError::new(Exit::No, what, help));
    };
    let entry = match meaning {
        Meaning::Entry(entry, manager) => of_entry(entry, manager),
        Meaning::Page(heading, text) => of_page(heading, text),
    };
    Ok(Outcome::yes(Report::Explain(Box::new(Explain {
        entries: vec![entry],
        lines: None,
        cut: None,
    }))))
}

/// Explains the log on standard input, while it is read.
fn log() -> Result<Outcome, CliError> {
    let read = explain::read_log(&mut io::stdin().lock());
    let summary = read.map_err(|error| CliError::file("read", Path::new("-"), &error))?;
    let exit = if summary.found.is_empty() { Exit::No } else { Exit::Yes };
    let entries = summary.found.into_iter().map(|occurrence| {
        let entry = of_entry(occurrence.message, explain::manager(&occurrence.text));
        let text = Some(occurrence.text.into());
        Entry { line: Some(occurrence.line), text, count: Some(occurrence.count), ..entry }
    });
    let entries = entries.collect();
    let explain = Explain { entries, lines: Some(summary.lines), cut: Some(summary.cut) };
    Ok(Outcome { report: Report::Explain(Box::new(explain)), exit })
}

fn of_entry(entry: &explain::Entry, manager: Option<Manager>) -> Entry {
    Entry {
        id: entry.id.into(),
        title: None,
        layer: Some(entry.layer.into()),
        matters: Some(entry.matters.into()),
        line: None,
        text: None,
        count: None,
        means: vec![block![entry.means]],
        advice: entry.advice(manager).into_iter().map(Into::into).collect(),
        examples: entry.examples.iter().map(|example| Line::from(*example)).collect(),
    }
}

/// A page of the documentation, whose heading begins with the code or the id.
fn of_page(heading: &'static str, text: &'static str) -> Entry {
    let id = heading.split(':').next().unwrap_or(heading);
    let paragraph = |text: &str| Sentence(text.replace('*', "")).into();
    Entry {
        id: id.into(),
        title: Some(heading.into()),
        layer: None,
        matters: None,
        line: None,
        text: None,
        count: None,
        means: text.split("\n\n").map(paragraph).collect(),
        advice: Vec::new(),
        examples: Vec::new(),
    }
}
