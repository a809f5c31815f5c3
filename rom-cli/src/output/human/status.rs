//! `status`, on one screen.

use super::super::page::{Page, good};
use super::Text;
use super::guests::{because, write_guests};
use super::pick::device_text;
use crate::report::status::{Host, Status};
use crate::text::block;
use std::io;

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
        write_guests(&self.guests, self.guests_unread, page)?;
        if self.guests.is_empty() && self.guests_unread == 0 && self.found.device.is_some() {
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
