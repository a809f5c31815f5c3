//! Guests that use the GPU, in a line each.

use super::super::page::{Page, bad, good, spaces, strong};
use crate::report::checks::Check;
use crate::report::guests::{Guest, State};
use crate::text::{Block, block};
use rom_core::count::Count;
use std::io;

/// Columns of the names of guests, where none is longer.
const NAMES: usize = 14;

/// Each in a line, what is said of them in one column.
pub(super) fn write_guests(guests: &[Guest], unread: usize, page: &mut Page<'_>) -> io::Result<()> {
    let columns = guests.iter().map(|guest| guest.name.raw().chars().count());
    let columns = columns.max().unwrap_or_default().saturating_add(1).max(NAMES);
    guests.iter().try_for_each(|guest| write_guest(guest, columns, page))?;
    if unread > 0 {
        let count = Count(unread, "more configuration");
        page.prose(
            0,
            &block![count, " of guests left out: there are too many, or too large ones."],
        )?;
    }
    Ok(())
}

/// A failure in a line.
pub(super) fn because(check: &Check) -> Block {
    block![bad("not ready"), ": ", &check.says, " (", check.id, ")"]
}

fn write_guest(guest: &Guest, columns: usize, page: &mut Page<'_>) -> io::Result<()> {
    let known = guest.goal.filter(|goal| *goal != "unclear");
    let goal = known.map(|goal| block![" for ", goal]);
    let text = match (guest.state, &guest.first) {
        (State::Shares, _) => block!["shares the GPU with the host by /dev/dri"],
        (_, Some(check)) => because(check),
        (_, None) => block![good("ready"), goal],
    };
    let running = guest.running.then_some("; it is running");
    let gap = columns.saturating_sub(guest.name.raw().chars().count());
    page.row(&block![strong(&guest.name), spaces(gap)], &block![text, running])
}
