//! `doctor` and `vm check`.

use super::super::page::{Page, bad, doubtful, good};
use super::Text;
use crate::report::checks::{Check, Doctor, Results, VmCheck};
use crate::text::{Block, block};
use rom_host::checks::Status;
use std::io;

/// Columns of what is said of a check, below its status.
const BELOW: usize = 6;

impl Text for Doctor {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        checks(&self.results, page)?;
        summary(&block!["This host"], &self.results, page)
    }
}

impl Text for VmCheck {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        checks(&self.results, page)?;
        let subject = self.vmid.map_or_else(|| block!["This VM"], |vmid| block!["VM ", vmid]);
        summary(&subject, &self.results, page)?;
        match &self.plan {
            Some(command) if !page.look.quiet => {
                page.prose(0, &block!["All changes at once:"])?;
                page.command_at(2, command)
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// One line a check; what is not well has its evidence and what to do below it.
fn checks(results: &Results, page: &mut Page<'_>) -> io::Result<()> {
    for check in &results.checks {
        let (word, well) = match check.status.0 {
            Status::Pass => (block![good("PASS")], true),
            Status::Warn => (block![doubtful("WARN")], false),
            Status::Fail => (block![bad("FAIL")], false),
            Status::Skip => (block!["SKIP"], false),
        };
        if page.look.quiet && (well || check.status.0 == Status::Skip) {
            continue;
        }
        page.row(&block![word, "  "], &title(check))?;
        if !well || page.look.verbose {
            page.prose(BELOW, &check.evidence)?;
        }
        if let Some(advice) = &check.advice {
            if !advice.text.is_empty() {
                page.row(&block!["      > "], &advice.text)?;
            }
            advice
                .commands
                .iter()
                .try_for_each(|command| page.row_command(&block!["      > "], command))?;
            advice.diff.iter().try_for_each(|line| page.line(&block!["      > ", line]))?;
        }
    }
    Ok(())
}

pub(super) fn title(check: &Check) -> Block {
    block![&check.says, " (", check.id, ")"]
}

fn summary(subject: &Block, results: &Results, page: &mut Page<'_>) -> io::Result<()> {
    if page.look.quiet {
        return Ok(());
    }
    page.blank()?;
    let text = match (results.counts.fail, results.counts.warn) {
        (0, 0) => block![subject, " is ready."],
        (0, 1) => block![subject, " is ready, with 1 warning."],
        (0, warned) => block![subject, " is ready, with ", warned, " warnings."],
        (_, _) => block![subject, " is not ready: fix the first FAIL, then run this again."],
    };
    page.prose(0, &text)
}
