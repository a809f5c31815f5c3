//! Care for the catalog.

pub(crate) mod release;

use super::{Outcome, Report};
use crate::env::Env;
use crate::error::{CliError, Exit};
use rom_core::Finding;
use rom_core::catalog;
use rom_core::lines::Lines;

/// What the lint found.
pub(crate) struct Linted {
    /// What the catalog is called.
    pub(crate) name: String,
    /// Findings with line and column.
    pub(crate) findings: Vec<(Finding, usize, usize)>,
}

pub(super) fn lint(env: &Env<'_>) -> Result<Outcome, CliError> {
    let (name, text) = env.catalog_text()?;
    let lines = Lines::of(&text);
    let findings: Vec<_> = catalog::lint(&text)
        .into_iter()
        .map(|finding| {
            let (line, column) = lines.place(finding.span.offset);
            (finding, line, column)
        })
        .collect();
    let exit = if findings.is_empty() { Exit::Yes } else { Exit::No };
    Ok(Outcome { report: Report::CatalogLint(Linted { name, findings }), exit })
}
