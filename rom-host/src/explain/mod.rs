//! What a code, a check, a word, a symptom or a line of a log means.
//!
//! The index is data: one table for each layer that speaks (`index`). Device, driver and file
//! name of a line are read (`line`) before an entry is chosen, so that a line about another card
//! is not taken for one about the iGPU. A line that no entry is meant for has no meaning here.

mod entry;
mod index;
mod line;
mod log;
mod matcher;
mod pages;
mod symptom;

pub use entry::{Entry, Layer, Matters};
pub use log::{LONGEST_LOG, LogSummary, Occurrence, in_log, read_log};

use crate::vm::model::Manager;

/// What is known about something that was asked.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// A message or a symptom, and the manager that it tells of.
    Entry(&'static Entry, Option<Manager>),
    /// A page of the documentation: heading and text.
    Page(&'static str, &'static str),
}

/// What `asked` means: a code, the id of a check, a word of the glossary, a line of a log, the id
/// of an entry, or a symptom in a few words.
#[must_use]
pub fn explain(asked: &str) -> Option<Meaning> {
    let asked = asked.trim();
    if let Some((heading, text)) = pages::page(asked).or_else(|| pages::word(asked)) {
        return Some(Meaning::Page(heading, text));
    }
    let found = message(asked).or_else(|| by_id(asked)).or_else(|| symptom::symptom(asked))?;
    Some(Meaning::Entry(found, manager(asked)))
}

/// The message that `line` is, the most particular one.
#[must_use]
pub fn message(line: &str) -> Option<&'static Entry> {
    matcher::message(line)
}

/// What manages the VM that `line` is about, as far as the line tells.
#[must_use]
pub fn manager(line: &str) -> Option<Manager> {
    line::manager(&matcher::capped(line).to_ascii_lowercase())
}

/// Every entry: messages, the more particular before the more general, then symptoms.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    index::messages().chain(index::symptoms())
}

/// What can be asked about in a word: codes, checks, words of the glossary, and ids of entries.
pub fn names() -> impl Iterator<Item = &'static str> {
    pages::names().chain(entries().map(|entry| entry.id))
}

/// The entry of this id, which JSON and `-v` show.
fn by_id(asked: &str) -> Option<&'static Entry> {
    entries().find(|entry| entry.id.eq_ignore_ascii_case(asked))
}

/// The heading of the documentation of a code or a check, for example `VM020: the ROM`.
#[must_use]
pub fn title(id: &str) -> Option<&'static str> {
    pages::page(id).map(|(heading, _)| heading)
}

#[cfg(test)]
mod tests;
