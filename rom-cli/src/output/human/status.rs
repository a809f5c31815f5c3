//! `status`, on one screen.

use super::super::page::{Page, bad, good, spaces, strong};
use super::Text;
use super::pick::device_text;
use crate::report::checks::Check;
use crate::report::status::{Guest, Host, State, Status};
use crate::text::{Block, block};
use std::io;

/// Columns of the names of guests, where none is longer.
const NAMES: usize = 14;

impl Text for Status {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let gpu = match (&self.found.device, &self.refused) {
            (Some(device), _) => device_text(device),
            (None, Some(reason)) => reason.clone(),
            (None, None) => block!["no Intel iGPU is visible"],
        };
        page.step("GPU", &gpu)?;
        self.host.write(page)?;
        if let Some(rom) = &self.rom {
            page.step("ROM", &block![&rom.says, " (", &rom.evidence, ")"])?;
        }
        if let (Some(_), Some(reason)) = (&self.found.device, &self.refused) {
            page.step("", reason)?;
        }
        let columns = self.guests.iter().map(|guest| guest.name.raw().chars().count());
        let columns = columns.max().unwrap_or_default().saturating_add(1).max(NAMES);
        self.guests.iter().try_for_each(|guest| write_guest(guest, columns, page))?;
        if self.guests.is_empty() && self.found.device.is_some() {
            page.step("VMs", &block!["none of this host has the GPU"])?;
        }
        match &self.next {
            Some(command) => page.command("Next", command),
            None => Ok(()),
        }
    }
}

impl Text for Host {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let text = match (&self.first, self.warnings) {
            (Some(check), _) => because(check),
            (None, 0) => block![good("ready")],
            (None, 1) => block![good("ready"), "; 1 warning: `oprom doctor`"],
            (None, count) => block![good("ready"), "; ", count, " warnings: `oprom doctor`"],
        };
        page.step("Host", &text)
    }
}

fn because(check: &Check) -> Block {
    block![bad("not ready"), ": ", &check.says, " (", check.id, ")"]
}

fn write_guest(guest: &Guest, columns: usize, page: &mut Page<'_>) -> io::Result<()> {
    let goal = guest.goal.map(|goal| block![" for ", goal]);
    let text = match (guest.state, &guest.first) {
        (State::Shares, _) => block!["shares the GPU with the host by /dev/dri"],
        (_, Some(check)) => because(check),
        (_, None) => block![good("ready"), goal],
    };
    let running = guest.running.then_some("; it is running");
    let gap = columns.saturating_sub(guest.name.raw().chars().count());
    page.row(&block![strong(&guest.name), spaces(gap)], &block![text, running])
}
