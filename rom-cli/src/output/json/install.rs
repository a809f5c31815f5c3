//! Putting a ROM in place: `fetch`, `install` and `undo`.

use crate::changes::Backup;
use crate::commands::fetch::Fetched;
use crate::commands::history::Entry;
use crate::commands::install::Installed;
use crate::commands::undo::Undone;
use serde::Serialize;

pub(super) fn fetch(fetched: &Fetched) -> Fetch<'_> {
    Fetch {
        rom: &fetched.rom,
        sha256: fetched.sha256.to_string(),
        source: fetched.source.as_deref(),
        dest: &fetched.dest,
        changed: fetched.changed,
    }
}

pub(super) fn install(installed: &Installed) -> Install<'_> {
    Install {
        rom: &installed.rom,
        sha256: installed.sha256.to_string(),
        source: installed.source.as_deref(),
        dest: &installed.dest,
        replaced: installed.replaced.as_ref(),
        changed: installed.changed,
        dry_run: installed.dry_run,
    }
}

pub(super) fn undo(undone: &Undone) -> Undo<'_> {
    let restored = undone.restored.map(|digest| digest.to_string());
    Undo { dest: &undone.dest, restored, replaced: undone.replaced.as_ref(), changed: undone.changed }
}

#[derive(Serialize)]
pub(super) struct Fetch<'a> {
    rom: &'a str,
    sha256: String,
    source: Option<&'a str>,
    dest: &'a str,
    changed: bool,
}

#[derive(Serialize)]
pub(super) struct Install<'a> {
    rom: &'a str,
    sha256: String,
    source: Option<&'a str>,
    dest: &'a str,
    replaced: Option<&'a Backup>,
    changed: bool,
    dry_run: bool,
}

#[derive(Serialize)]
pub(super) struct Undo<'a> {
    dest: &'a str,
    restored: Option<String>,
    replaced: Option<&'a Backup>,
    changed: bool,
}

#[derive(Serialize)]
pub(super) struct History<'a> {
    pub(super) runs: &'a [Entry],
}
