//! Care for the catalog.

pub(crate) mod release;

use super::{Outcome, Report};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::catalog::{Lint, LintFinding};
use crate::report::file::Finding;
use rom_core::catalog;
use rom_core::lines::Lines;

/// Findings that are told one by one.
const MOST_FINDINGS: usize = 200;

pub(super) fn lint(env: &Env<'_>) -> Result<Outcome, CliError> {
    let (name, text) = env.catalog_text()?;
    let lines = Lines::of(&text);
    let mut findings = catalog::lint(&text);
    let more = findings.len().saturating_sub(MOST_FINDINGS);
    findings.truncate(MOST_FINDINGS);
    let findings = findings.into_iter().map(|finding| {
        let (line, column) = lines.place(finding.span.offset);
        LintFinding { line, column, finding: Finding::new(&finding) }
    });
    let lint = Lint { catalog: name.into(), findings: findings.collect(), more };
    let exit = if lint.findings.is_empty() { Exit::Yes } else { Exit::No };
    Ok(Outcome { report: Report::CatalogLint(Box::new(lint)), exit })
}
