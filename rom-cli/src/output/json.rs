//! Reports as JSON, for other programs. README.md says what is stable.

use crate::report::Report;
use crate::text::is_plain;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};
use std::io::{self, Write};

/// The number of the schema.
const SCHEMA: u32 = 1;

/// What every object begins with.
#[derive(Serialize)]
struct Object<'a, T> {
    schema: u32,
    command: Option<&'a str>,
    #[serde(flatten)]
    body: &'a T,
}

/// Writes `report` as one line; `scan` and `fetch --all` have a line for each
/// ROM, `extract` for each file.
pub(super) fn print(report: &Report, command: &str, out: &mut dyn Write) -> io::Result<()> {
    let command = Some(command);
    match report {
        Report::Status(status) => object(command, status.as_ref(), out),
        Report::Pick(pick) => object(command, pick.as_ref(), out),
        Report::List(list) => object(command, list.as_ref(), out),
        Report::Check(check) => object(command, check.as_ref(), out),
        Report::Show(show) => object(command, show.as_ref(), out),
        Report::Fetch(fetch) | Report::Fetched(fetch) => object(command, fetch.as_ref(), out),
        Report::Install(install) => object(command, install.as_ref(), out),
        Report::Undo(undo) => object(command, undo.as_ref(), out),
        Report::History(history) => object(command, history.as_ref(), out),
        Report::Setup(setup) => object(command, setup.as_ref(), out),
        Report::Doctor(doctor) => object(command, doctor.as_ref(), out),
        Report::VmCheck(check) => object(command, check.as_ref(), out),
        Report::VmVerify(verify) => object(command, verify.as_ref(), out),
        Report::VmPlan(plan) => object(command, plan.as_ref(), out),
        Report::Explain(explain) => object(command, explain.as_ref(), out),
        Report::Pasted(pasted) => object(command, pasted.as_ref(), out),
        Report::Extract(extract) => object(command, extract.as_ref(), out),
        Report::Build(build) => object(command, build.as_ref(), out),
        Report::Test(test) => object(command, test.as_ref(), out),
        Report::Repair(repair) => object(command, repair.as_ref(), out),
        Report::Failure(failure) => object(command, failure.as_ref(), out),
        Report::Hit(hit) => object(command, hit.as_ref(), out),
        Report::CatalogLint(lint) => object(command, lint.as_ref(), out),
        Report::CatalogDiff(differences) => object(command, differences.as_ref(), out),
        Report::Config(config) => object(command, config.as_ref(), out),
        Report::Completions(completions) => object(command, completions.as_ref(), out),
        // What is in them was printed one by one, or has a format of its own.
        Report::Scan(_) | Report::Extracted(_) | Report::FetchedAll(_) | Report::Metrics(_) => {
            Ok(())
        }
    }
}

/// Writes a report as a line, which holds nothing that a terminal would obey.
pub(super) fn object<T: Serialize>(
    command: Option<&str>,
    body: &T,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaping);
    Object { schema: SCHEMA, command, body }.serialize(&mut serializer)?;
    writeln!(out)
}

/// JSON on one line, with `\u` for every character that a terminal would obey, reorder or hide.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, character)) =
            rest.char_indices().find(|(_, character)| !is_plain(*character))
        {
            let (plain, from) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, plain)?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from.get(character.len_utf8()..).unwrap_or_default();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped_and_reads_the_same() {
        let text = "a\u{9b}31m\u{7f}b\u{202e}\u{61c}\u{200b}\u{e0041}\n\u{fc}\u{1f600}\"\\";
        let mut out = Vec::new();
        object(Some("x"), &std::collections::BTreeMap::from([("key", text)]), &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(written.trim_end().chars().all(is_plain), "{written:?}");
        assert!(
            written.contains(
                "\\u009b31m\\u007fb\\u202e\\u061c\\u200b\\udb40\\udc41\\n\u{fc}\u{1f600}\\\"\\\\"
            ),
            "{written}"
        );
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(
            (read["schema"].as_u64(), read["command"].as_str(), read["key"].as_str()),
            (Some(1), Some("x"), Some(text))
        );
    }
}
