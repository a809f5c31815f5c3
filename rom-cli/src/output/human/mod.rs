//! Reports as text, for people.

mod advice;
mod file;
mod install;
mod pick;
mod text;
mod workshop;

pub(super) use text::wrapped;

use super::{Style, sanitize};
use crate::commands::Report;
use std::io::{self, Write};

/// Writes `report` as text.
pub(super) fn print(report: &Report, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match report {
        Report::Pick(picked) => pick::pick(picked, style, out),
        Report::List(listed) => pick::list(listed, style, out),
        Report::Check(checked) => file::check(checked, style, out),
        Report::Show(shown) => file::show(shown, style, out),
        Report::Fetch(fetched) => install::fetch(fetched, style, out),
        Report::Install(installed) => install::install(installed, style, out),
        Report::History(entries) => install::history(entries, out),
        Report::Undo(undone) | Report::Redo(undone) => install::undo(undone, style, out),
        Report::VmFix(mended) => advice::mended(mended, style, out),
        Report::Doctor(diagnosis) | Report::VmCheck(diagnosis) => advice::checks(diagnosis, style, out),
        Report::Explain(explained) => advice::explain(explained, style, out),
        Report::VmPlan(planned) => advice::vm_plan(planned, style, out),
        Report::Build(built) => workshop::build(built, style, out),
        Report::Fix(fixed) => workshop::fix(fixed, style, out),
        Report::Hit(hit) => workshop::found(hit, style, out),
        Report::Scan(scanned) => workshop::scan(scanned, style, out),
        Report::Extract(extracted) => workshop::extract(extracted, style, out),
        Report::Pasted(written) => written.lines.iter().try_for_each(|line| writeln!(out, "{}", sanitize::text(line))),
        Report::CatalogDiff(differences) => pick::differences(differences, style, out),
        Report::CatalogLint(linted) => file::lint(linted, style, out),
        Report::Completions(_) => Ok(()),
    }
}
