//! Reports as text, for people.

mod catalog;
mod checks;
mod config;
mod explain;
mod extract;
mod file;
mod guests;
mod install;
mod list;
mod pick;
mod repair;
mod scan;
mod setup;
mod status;
mod steps;
mod test;
mod undo;
mod vm_plan;

use super::page::{Look, Page};
use crate::report::Report;
use std::io::{self, Write};

/// What can be written as text.
pub(super) trait Text {
    /// Writes it.
    fn write(&self, page: &mut Page<'_>) -> io::Result<()>;
}

/// Writes `report` as text.
pub(super) fn print(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = &mut Page::new(out, look);
    match report {
        Report::Status(status) => status.write(page),
        Report::Pick(pick) => pick.write(page),
        Report::List(list) => list.write(page),
        Report::Check(check) => check.write(page),
        Report::Show(show) => show.write(page),
        Report::Fetch(fetch) => fetch.write(page),
        Report::Fetched(fetch) => install::fetched(fetch, page),
        Report::FetchedAll(all) => all.write(page),
        Report::Install(install) => install.write(page),
        Report::Undo(undo) => undo.write(page),
        Report::History(history) => history.write(page),
        Report::Setup(setup) => setup.write(page),
        Report::Doctor(doctor) => doctor.write(page),
        Report::VmCheck(check) => check.write(page),
        Report::VmVerify(verify) => verify.write(page),
        Report::Explain(explain) => explain.write(page),
        Report::VmPlan(plan) => plan.write(page),
        Report::Build(build) => build.write(page),
        Report::Repair(repair) => repair.write(page),
        // It was told on standard error, or has a format of its own.
        Report::Failure(_) | Report::Metrics(_) => Ok(()),
        Report::Hit(hit) => hit.write(page),
        Report::Scan(scan) => scan.write(page),
        Report::Test(test) => test.write(page),
        Report::Extract(extract) => extract.write(page),
        Report::Extracted(extracted) => extracted.write(page),
        Report::Pasted(pasted) => pasted.write(page),
        Report::CatalogDiff(differences) => differences.write(page),
        Report::CatalogLint(lint) => lint.write(page),
        Report::Config(config) => config.write(page),
        Report::Completions(completions) => page.verbatim(&completions.script),
    }
}
