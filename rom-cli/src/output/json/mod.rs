//! Reports as JSON, for other programs. README.md says what is stable.

mod advice;
mod file;
mod install;
mod pick;
mod workshop;

use crate::commands::Report;
use serde::Serialize;
use std::io::{self, Write};

/// The schema number of every object.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Object<T> {
    schema: u32,
    command: &'static str,
    #[serde(flatten)]
    body: T,
}

/// Writes `report` as one line; `scan` has a line for each ROM.
pub(super) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Pick(picked) => object("pick", pick::pick(picked), out),
        Report::List(listed) => object("list", pick::list(listed), out),
        Report::Check(checked) => object("check", file::check(checked), out),
        Report::Show(shown) => object("show", file::show(shown), out),
        Report::Fetch(fetched) => object("fetch", install::fetch(fetched), out),
        Report::Install(installed) => object("install", install::install(installed), out),
        Report::Undo(undone) => object("undo", install::undo(undone), out),
        Report::History(entries) => object("history", install::History { runs: entries }, out),
        Report::Redo(undone) => object("redo", install::undo(undone), out),
        Report::Doctor(diagnosis) => object("doctor", advice::checks(diagnosis), out),
        Report::VmCheck(diagnosis) => object("vm check", advice::checks(diagnosis), out),
        Report::VmFix(mended) => object("vm check", advice::mended(mended), out),
        Report::VmPlan(planned) => object("vm plan", advice::plan(planned), out),
        Report::Explain(explained) => object("explain", advice::explain(explained), out),
        Report::Pasted(written) => object("report", advice::report(written), out),
        Report::Extract(extracted) => object("extract", workshop::extract(extracted), out),
        Report::Build(built) => object("build", workshop::build(built), out),
        Report::Fix(fixed) => object("fix", workshop::fix(fixed), out),
        Report::Hit(hit) => object("scan", workshop::hit_row(hit), out),
        Report::CatalogLint(linted) => object("catalog lint", file::lint(linted), out),
        Report::CatalogDiff(found) => object("catalog diff", workshop::differences(found), out),
        // Its hits were printed one by one.
        Report::Scan(_) | Report::Completions(_) => Ok(()),
    }
}

fn object<T: Serialize>(command: &'static str, body: T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Object { schema: SCHEMA, command, body })?;
    writeln!(out)
}
