//! What `vm plan` and `setup` share: the risk of a step, what it does, and what is left for a
//! person.

use super::super::page::{Page, bad, doubtful, spaces};
use super::checks::title;
use crate::report::checks::Check;
use crate::text::{Block, Line, ShellCommand, block};
use rom_host::steps::Risk;
use std::io;

/// Columns of what is said of a step, below its text.
pub(super) const BELOW: usize = 4;

/// What a step can do to the guest, if that is something.
pub(super) fn risk(risk: Risk) -> Option<Block> {
    match risk {
        Risk::Safe => None,
        Risk::GuestVisible => Some(block![" [", doubtful("guest-visible"), "]"]),
        Risk::Reinstall => Some(block![" [", bad("reinstall"), "]"]),
    }
}

/// What is typed for a step, or else the lines that it changes.
pub(super) fn typed(
    commands: &[ShellCommand],
    diff: &[Line],
    indent: usize,
    page: &mut Page<'_>,
) -> io::Result<()> {
    if commands.is_empty() {
        return diff.iter().try_for_each(|line| page.line(&block![spaces(indent), line]));
    }
    commands.iter().try_for_each(|command| page.command_at(indent, command))
}

/// What no step can do.
pub(super) fn by_hand(checks: &[Check], page: &mut Page<'_>) -> io::Result<()> {
    if checks.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.prose(0, &block!["By hand:"])?;
    checks.iter().try_for_each(|check| manual(check, page))
}

fn manual(check: &Check, page: &mut Page<'_>) -> io::Result<()> {
    page.row(&block!["  - "], &title(check))?;
    let Some(advice) = &check.advice else { return Ok(()) };
    if !advice.text.is_empty() {
        page.prose(BELOW, &advice.text)?;
    }
    advice.commands.iter().try_for_each(|command| page.command_at(BELOW, command))?;
    advice.diff.iter().try_for_each(|line| page.line(&block![spaces(BELOW), line]))
}
