//! The steps of a run: each is in the journal before it is done.

use super::file::{Backup, finish, keep, recorded, replace};
use super::{ChangeError, vm};
use crate::atomic::{FileState, InstallSlot, TempFile};
use crate::journal::{Change, Journal, Settings};
use crate::programs::Programs;
use rom_core::Digest;
use rom_host::advice::ShellCommand;
use rom_host::root::Root;
use std::io::Write as _;
use std::path::Path;

/// A run that is being done on a host.
pub(crate) struct Work<'w> {
    /// The host.
    pub(crate) root: &'w Root,
    /// Its programs.
    pub(crate) programs: &'w Programs,
    /// Its journal.
    pub(crate) journal: &'w mut Journal,
    /// The number of the run.
    pub(crate) run: u32,
}

impl Work<'_> {
    /// Gives the file at `path`, whose text is `before`, the text `after`; its mode and owner stay.
    /// Where no file is, `before` is empty. Says what was kept.
    pub(crate) fn edit(
        &mut self,
        path: &str,
        before: &str,
        after: &str,
    ) -> Result<Option<Backup>, ChangeError> {
        let place = Path::new(path);
        if let Some(folder) = place.parent().filter(|_| before.is_empty()) {
            // Where it cannot be made, opening it says why.
            drop(self.root.make_folder(folder, 0o755));
        }
        let slot = InstallSlot::open(self.root, place, &self.root.shown(place))?;
        let there = slot.current()?;
        let expected = Digest::of(before.as_bytes());
        if there.map_or(!before.is_empty(), |state| state.sha256 != expected) {
            return Err(ChangeError::NotAsShown(path.to_owned()));
        }
        let mut temp = slot.temp_file()?;
        temp.write_all(after.as_bytes()).map_err(|error| temp.error(error))?;
        let state = match there {
            Some(state) => slot.finished_like(&temp, &state)?,
            None => slot.finished(&temp)?,
        };
        self.place(&slot, path, temp, state)
    }

    /// Puts `temp`, which is finished and is `after`, in place of the file at `path`.
    pub(crate) fn place(
        &mut self,
        slot: &InstallSlot<'_>,
        path: &str,
        temp: TempFile,
        after: FileState,
    ) -> Result<Option<Backup>, ChangeError> {
        let before = keep(slot)?;
        replace(slot, self.journal, self.run, path.to_owned(), before, after, temp)
    }

    /// Runs a program that makes its own files again, or that `undo` undoes. Gives what it printed.
    pub(crate) fn tool(
        &mut self,
        command: &ShellCommand,
        undo: Option<&ShellCommand>,
    ) -> Result<Vec<String>, ChangeError> {
        self.programs.check(command)?;
        let words = |command: &ShellCommand| command.words().to_vec();
        let change = Change::Tool { command: words(command), undo: undo.map(words) };
        let step = self.journal.step(self.run, change)?;
        let ran = self.programs.run(command, Some(self.journal.lock()));
        self.journal.settle(self.run, step, ran.is_ok(), None);
        Ok(ran?)
    }

    /// Changes settings of a VM of Proxmox VE, if they are still what they are before.
    pub(crate) fn set_vm(&mut self, vmid: u32, settings: &Settings) -> Result<(), ChangeError> {
        let there = vm::Proxmox::read(self.root, vmid)?;
        if !there.has(settings, |own| &own.before) {
            return Err(ChangeError::NotAsShown(format!("VM {vmid}")));
        }
        let Some(command) = there.command(settings) else {
            return Err(ChangeError::NotTypable(format!("VM {vmid}")));
        };
        self.programs.check(&command)?;
        let change = Change::ProxmoxVm { vmid, settings: settings.clone() };
        let step = self.journal.step(self.run, change)?;
        let ran = self.programs.run(&command, Some(self.journal.lock()));
        match (&ran, vm::Proxmox::read(self.root, vmid)) {
            (Ok(_), _) => self.journal.settle(self.run, step, true, None),
            (Err(_), Ok(now)) => {
                let changed = !now.has(settings, |own| &own.before);
                self.journal.settle(self.run, step, changed, None);
            }
            // The next run settles it.
            (Err(_), Err(_)) => {}
        }
        ran?;
        Ok(())
    }

    /// Gives a domain of libvirt, whose XML is `before`, the XML `after`.
    pub(crate) fn define(
        &mut self,
        name: &str,
        before: &str,
        after: &str,
    ) -> Result<(), ChangeError> {
        let subject = || format!("VM {name}");
        if vm::domain(self.root, name)? != before {
            return Err(ChangeError::NotAsShown(subject()));
        }
        let folder = crate::journal::folder(self.root);
        let place = folder.join("domain.xml");
        let slot = InstallSlot::open(self.root, &place, &self.root.shown(&place))?;
        let mut temp = slot.temp_file()?;
        temp.write_all(after.as_bytes()).map_err(|error| temp.error(error))?;
        let file = temp.path().to_string_lossy().into_owned();
        let words = ["virsh", "--connect", "qemu:///system", "define", &file];
        let command = ShellCommand::new(words).ok_or_else(|| ChangeError::NotTypable(subject()))?;
        self.programs.check(&command)?;
        let change = Change::Domain {
            name: name.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        let step = self.journal.step(self.run, change)?;
        let ran = self.programs.run(&command, Some(self.journal.lock()));
        if let Ok(now) = vm::domain(self.root, name) {
            let left = Some(Digest::of(now.as_bytes()).to_string());
            self.journal.settle(self.run, step, ran.is_ok() || now != before, left);
        }
        ran?;
        Ok(())
    }

    /// Removes the file at `path`; it stays under its backup's name.
    pub(super) fn remove(
        &mut self,
        slot: &InstallSlot<'_>,
        path: String,
    ) -> Result<Option<Backup>, ChangeError> {
        let Some((state, backup)) = keep(slot)? else { return Ok(None) };
        let before = Some(recorded(&state, Some(backup.clone())));
        let step = self.journal.step(self.run, Change::File { path, before, after: None })?;
        let removed = slot.remove();
        finish(slot, self.journal, self.run, step, None, removed)?;
        Ok(Some(Backup { sha256: state.sha256.to_string(), backup }))
    }
}
