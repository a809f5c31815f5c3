//! What each command has to say, as values.
//!
//! These types are the JSON: serde writes it from them, and `docs/schema/1` is generated from them.
//! The text for people is made of the same values, by `output`. Whatever came from outside is a
//! [`Line`](crate::text::Line), whatever is said about it a [`Block`](crate::text::Block).

pub(crate) mod build;
pub(crate) mod catalog;
pub(crate) mod checks;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod extract;
pub(crate) mod failure;
pub(crate) mod file;
pub(crate) mod guests;
pub(crate) mod install;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod pick;
pub(crate) mod repair;
pub(crate) mod scan;
#[cfg(test)]
mod schema;
pub(crate) mod setup;
pub(crate) mod status;
pub(crate) mod test;
pub(crate) mod undo;
pub(crate) mod usable;
mod values;
pub(crate) mod vm_plan;

pub(crate) use values::{HexBytes, Name, PciId, Sha256};

/// What is reported, before anybody words it.
pub(crate) enum Report {
    Status(Box<status::Status>),
    Pick(Box<pick::Pick>),
    List(Box<list::List>),
    Check(Box<file::Check>),
    Show(Box<file::Show>),
    Fetch(Box<install::Fetch>),
    /// One of all ROMs, while the rest is downloaded.
    Fetched(Box<install::Fetch>),
    FetchedAll(Box<install::FetchedAll>),
    Install(Box<install::Install>),
    /// What `undo` took back, or `redo` did again.
    Undo(Box<undo::Undo>),
    History(Box<undo::History>),
    /// What `setup` did, or would do.
    Setup(Box<setup::Setup>),
    Doctor(Box<doctor::Doctor>),
    /// The same for Prometheus.
    Metrics(Box<doctor::Doctor>),
    Explain(Box<explain::Explain>),
    Pasted(Box<explain::Pasted>),
    Build(Box<build::Build>),
    Extract(Box<extract::Extract>),
    /// What `extract` of several files came to.
    Extracted(Box<extract::Extracted>),
    Repair(Box<repair::Repair>),
    Test(Box<test::Test>),
    /// A part of what `scan` reports, while it goes on.
    Hit(Box<scan::Hit>),
    Scan(Box<scan::Scan>),
    /// What could not be done while the rest goes on.
    Failure(Box<failure::Failure>),
    VmPlan(Box<vm_plan::VmPlan>),
    VmCheck(Box<checks::VmCheck>),
    VmVerify(Box<checks::VmVerify>),
    CatalogLint(Box<catalog::Lint>),
    CatalogDiff(Box<catalog::Differences>),
    Config(Box<config::Config>),
    Completions(Box<completions::Completions>),
}
