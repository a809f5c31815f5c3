//! A run that is undone, or done again: its steps from the other side.
//!
//! Files and VMs come first, the last one that was changed first; then programs make their own
//! files again of those that are back.

use super::file::{Backup, recorded_state};
use super::{ChangeError, HostFile, Work, open_journal, vm};
use crate::atomic::{FileState, InstallSlot};
use crate::journal::{Change, Journal, Run, Setting, Settings, Step};
use crate::programs::Programs;
use rom_core::Digest;
use rom_host::advice::ShellCommand;
use rom_host::root::Root;
use std::ffi::OsStr;
use std::path::Path;

/// Which way to go in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Undo a change.
    Undo,
    /// Do again what was undone last.
    Redo,
}

/// What to reverse.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    /// The last run that can be.
    Last,
    /// The last run that changed this file.
    OfFile(&'a HostFile),
    /// The run of this number.
    Run(u32),
}

/// A run that was reversed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reversed {
    /// The number of the run that was undone, or done again.
    pub(crate) run: u32,
    /// What it was.
    pub(crate) command: String,
    /// What was brought back, in this order.
    pub(crate) parts: Vec<Part>,
}

/// A part of a run that was reversed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A file.
    File {
        /// The file, as the host names it.
        path: String,
        /// Digest of what is in place now; `None` if nothing is.
        restored: Option<Digest>,
        /// The file that was in place until now.
        replaced: Option<Backup>,
        /// Whether anything was changed.
        changed: bool,
    },
    /// A VM.
    Vm {
        /// Its number or name.
        name: String,
        /// Whether anything was changed.
        changed: bool,
    },
    /// A program that was run.
    Tool {
        /// What was run.
        command: String,
        /// Why it failed, if it did: a file that is back may be one that it never took.
        failure: Option<String>,
    },
}

/// Undoes or redoes a run of the host under `sysroot`. Unless `anyway` is set, nothing is changed
/// where something is no longer what the run left.
pub(crate) fn reverse(
    direction: Direction,
    sysroot: &Path,
    which: Which<'_>,
    programs: &Programs,
    anyway: bool,
) -> Result<Reversed, ChangeError> {
    let host = Root::new(sysroot);
    let (root, path) = match which {
        Which::OfFile(file) => {
            // An opened folder says at once what is wrong with a name.
            file.slot()?;
            (file.root(), Some(file.recorded_path()?))
        }
        Which::Last | Which::Run(_) => (&host, None),
    };
    let verb = if direction == Direction::Undo { "undo" } else { "redo" };
    let nothing = || {
        let of_root = crate::journal::is_of_another(root);
        ChangeError::Nothing { verb, path: path.clone(), of_root }
    };
    // Where nothing was done nothing is made.
    if Journal::look(root)?.is_none() {
        return Err(nothing());
    }
    let mut journal = open_journal(root)?;
    let history = journal.history();
    // The run to be reversed says what to put back; a redo is the undo of an undo.
    let (reversed, about, undoes, redoes) = match (direction, which) {
        (Direction::Undo, Which::Run(number)) => {
            let run = history.holding(number).ok_or(ChangeError::NoSuchRun(number))?;
            (run.clone(), run.clone(), Some(number), None)
        }
        (Direction::Undo, Which::Last | Which::OfFile(_)) => {
            let run = history.to_undo(path.as_deref()).ok_or_else(nothing)?;
            (run.clone(), run.clone(), Some(run.number), None)
        }
        (Direction::Redo, _) => {
            let (change, undo) = history.to_redo(path.as_deref()).ok_or_else(nothing)?;
            (undo.clone(), change.clone(), None, Some(change.number))
        }
    };
    let mut places = Vec::new();
    for step in net(&reversed).iter().rev() {
        places.extend(Place::look(root, &reversed, step, anyway)?);
    }
    let tools = tools(&reversed);
    for command in &tools {
        programs.check(command)?;
    }
    let command = format!("{verb} of: {}", about.command);
    let run = journal.begin(&command, undoes, redoes, super::boot_id(root))?;
    let mut work = Work { root, programs, journal: &mut journal, run };
    let mut parts = Vec::new();
    for place in places {
        parts.push(place.bring_back(&mut work)?);
    }
    for command in tools {
        let failure = match work.tool(&command, None) {
            Ok(_) => None,
            Err(ChangeError::Program(error)) => Some(error.to_string()),
            Err(error) => return Err(error),
        };
        parts.push(Part::Tool { command: command.to_string(), failure });
    }
    journal.end(run);
    Ok(Reversed { run: about.number, command: about.command, parts })
}

/// What the steps of a run that were done changed together: each file and VM once.
fn net(run: &Run) -> Vec<Step> {
    let mut all: Vec<Step> = Vec::new();
    for step in run.done() {
        let subject = step.subject();
        let same = |own: &&mut Step| subject.is_some() && own.subject() == subject;
        let Some(own) = all.iter_mut().find(same) else {
            all.push(step.clone());
            continue;
        };
        match (&mut own.change, &step.change) {
            (Change::File { after, .. }, Change::File { after: last, .. }) => {
                after.clone_from(last);
            }
            (Change::ProxmoxVm { settings, .. }, Change::ProxmoxVm { settings: last, .. }) => {
                for (key, setting) in last {
                    let own = settings.entry(key.clone()).or_insert_with(|| setting.clone());
                    own.after.clone_from(&setting.after);
                }
            }
            (Change::Domain { after, .. }, Change::Domain { after: last, .. }) => {
                after.clone_from(last);
                own.left.clone_from(&step.left);
            }
            _ => {}
        }
    }
    all
}

/// The programs of a run that make files of their own, each once. One that was interrupted may have
/// begun.
fn tools(run: &Run) -> Vec<ShellCommand> {
    let mut tools: Vec<ShellCommand> = Vec::new();
    for step in &run.steps {
        let Change::Tool { command, undo: None } = &step.change else { continue };
        let Some(command) = ShellCommand::new(command.iter().cloned()) else { continue };
        if !tools.contains(&command) {
            tools.push(command);
        }
    }
    tools
}

/// What a step left, and what was there before it.
enum Place<'r> {
    File {
        slot: InstallSlot<'r>,
        path: String,
        /// What is brought back, and the name under which it is kept.
        wanted: Option<(FileState, String)>,
        /// Whether it is there already.
        is_back: bool,
    },
    /// Settings from the other side.
    Proxmox {
        vmid: u32,
        settings: Settings,
    },
    Domain {
        name: String,
        now: String,
        wanted: String,
    },
    /// A program that keeps something itself: what undoes it, and what undoes that.
    Program {
        command: ShellCommand,
        undo: ShellCommand,
    },
}

impl<'r> Place<'r> {
    /// Looks at what `step` changed: it has to be what the step left, or what was there before it.
    /// `None` if nothing has to be brought back for it.
    fn look(
        root: &'r Root,
        run: &Run,
        step: &Step,
        anyway: bool,
    ) -> Result<Option<Self>, ChangeError> {
        let changed_since = |subject: String, kept| {
            let run = format!("`{}`", run.command);
            ChangeError::ChangedSince { path: subject, run, kept }
        };
        match &step.change {
            Change::File { path, before, after } => {
                let bad = |what| ChangeError::BadRecord { path: path.clone(), what };
                let wanted = before
                    .as_ref()
                    .map(|file| Ok((recorded_state(file)?, file.plain_backup()?.to_owned())));
                let wanted = wanted.transpose().map_err(bad)?;
                let left = after.as_ref().map(recorded_state).transpose().map_err(bad)?;
                let place = Path::new(path);
                let slot = InstallSlot::open(root, place, &root.shown(place))?;
                let there = slot.current()?.map(|state| state.sha256);
                let is_back = there == wanted.as_ref().map(|(state, _)| state.sha256);
                if !is_back && !anyway && there != left.map(|state| state.sha256) {
                    return Err(changed_since(path.clone(), wanted.map(|(_, backup)| backup)));
                }
                Ok(Some(Self::File { slot, path: path.clone(), wanted, is_back }))
            }
            Change::ProxmoxVm { vmid, settings } => {
                let there = vm::Proxmox::read(root, *vmid)?;
                if !anyway
                    && !there.has(settings, |own| &own.after)
                    && !there.has(settings, |own| &own.before)
                {
                    return Err(changed_since(format!("VM {vmid}"), None));
                }
                let other = |(key, setting): (&String, &Setting)| {
                    let (before, after) = (there.get(key), setting.before.clone());
                    (key.clone(), Setting { before, after })
                };
                let settings = settings.iter().map(other).collect();
                Ok(Some(Self::Proxmox { vmid: *vmid, settings }))
            }
            Change::Domain { name, before, .. } => {
                let now = vm::domain(root, name)?;
                let digest = Digest::of(now.as_bytes()).to_string();
                let is_left = step.left.as_ref().is_none_or(|left| *left == digest);
                if !anyway && !is_left && now != *before {
                    return Err(changed_since(format!("VM {name}"), None));
                }
                Ok(Some(Self::Domain { name: name.clone(), now, wanted: before.clone() }))
            }
            Change::Tool { command, undo: Some(undo) } => {
                let words = |words: &[String]| ShellCommand::new(words.iter().cloned());
                let (command, undo) = (words(undo), words(command));
                Ok(command.zip(undo).map(|(command, undo)| Self::Program { command, undo }))
            }
            Change::Tool { undo: None, .. } => Ok(None),
        }
    }

    fn bring_back(self, work: &mut Work<'_>) -> Result<Part, ChangeError> {
        match self {
            Self::File { slot, path, wanted, is_back } => {
                let restored = wanted.as_ref().map(|(state, _)| state.sha256);
                if is_back {
                    return Ok(Part::File { path, restored, replaced: None, changed: false });
                }
                let replaced = match wanted {
                    Some((state, backup)) => {
                        let temp = slot.restored(OsStr::new(&backup), &state)?;
                        work.place(&slot, &path, temp, state)?
                    }
                    None => work.remove(&slot, path.clone())?,
                };
                Ok(Part::File { path, restored, replaced, changed: true })
            }
            Self::Proxmox { vmid, settings } => {
                let changed = settings.values().any(|own| own.before != own.after);
                if changed {
                    work.set_vm(vmid, &settings)?;
                }
                Ok(Part::Vm { name: vmid.to_string(), changed })
            }
            Self::Domain { name, now, wanted } => {
                let changed = now != wanted;
                if changed {
                    work.define(&name, &now, &wanted)?;
                }
                Ok(Part::Vm { name, changed })
            }
            Self::Program { command, undo } => {
                work.tool(&command, Some(&undo))?;
                Ok(Part::Tool { command: command.to_string(), failure: None })
            }
        }
    }
}
