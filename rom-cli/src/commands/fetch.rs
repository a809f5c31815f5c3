//! Downloads a ROM, or all of the catalog, and proves it, and puts it nowhere else.

use super::download::ReportedDownload;
use super::{Outcome, check, pick};
use crate::args;
use crate::changes::HostFile;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Network};
use crate::report::Report;
use crate::report::install::{Fetch, FetchedAll};
use crate::text::{Line, ShellCommand, file_word};
use rom_core::Context;
use rom_core::catalog::{Catalog, RomEntry};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) fn run(args: &args::Fetch, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let network = args.network.options(&env.settings)?;
    if let Some(folder) = args.output.as_deref().filter(|_| args.all) {
        return all(folder, &catalog, &network, env);
    }
    let on_host = rom_host::pick::on_host(&catalog, &env.files());
    let rom = pick::chosen(&catalog, args.rom.as_deref(), &on_host)?;
    let dest = args.output.clone().unwrap_or_else(|| PathBuf::from(&rom.name));
    let fetched = one(rom, &dest, &catalog, &network, env)?;
    Ok(Outcome::yes(Report::Fetch(Box::new(fetched))))
}

/// Downloads every ROM of the catalog into a folder, as far as it can be had, so that the folder is
/// a mirror.
fn all(
    folder: &Path,
    catalog: &Catalog,
    network: &Network,
    env: &Env<'_>,
) -> Result<Outcome, CliError> {
    if env.is_this_host() {
        fs::create_dir_all(folder)
            .map_err(|error| CliError::file("make the folder", folder, &error))?;
    }
    let (mut present, mut exit) = (0_usize, Exit::Yes);
    for rom in &catalog.roms {
        let report = match one(rom, &folder.join(&rom.name), catalog, network, env) {
            Ok(fetched) => {
                present = present.saturating_add(1);
                Report::Fetched(Box::new(fetched))
            }
            Err(error) => {
                env.reporter.fail(&error);
                exit = if error.exit.status() > exit.status() { error.exit } else { exit };
                Report::Failure(Box::new((&error).into()))
            }
        };
        // A reader that is gone does not keep the rest from being downloaded.
        drop(env.reporter.part(&report));
    }
    let next = file_word(folder)
        .and_then(|folder| ShellCommand::new(["oprom", "install", "--mirror", &folder]));
    let report = FetchedAll {
        folder: Line::from(folder),
        present,
        listed: catalog.roms.len(),
        next: next.filter(|_| present > 0),
    };
    Ok(Outcome { report: Report::FetchedAll(Box::new(report)), exit })
}

/// Downloads `rom` to `dest`, if it is not there already.
fn one(
    rom: &RomEntry,
    dest: &Path,
    catalog: &Catalog,
    network: &Network,
    env: &Env<'_>,
) -> Result<Fetch, CliError> {
    let file = HostFile::new(&env.sysroot, dest);
    let slot = file.slot()?;
    let mut fetched = Fetch {
        rom: Line::from(rom.name.as_str()),
        sha256: rom.sha256.into(),
        source: None,
        dest: Line::from(dest),
        changed: false,
    };
    match slot.current()? {
        Some(there) if there.sha256 == rom.sha256 => return Ok(fetched),
        Some(_) => {
            let what = format!("{} already exists and is a different file", dest.display());
            return Err(CliError::new(
                Exit::Failed,
                what,
                "Give another name with -o FILE, or move it away.",
            ));
        }
        None => {}
    }
    let mut temp = slot.temp_file()?;
    fetched.source = Some(
        fetch::download(rom, network, &mut temp, &ReportedDownload(env.reporter))?
            .to_string()
            .into(),
    );
    check::before_placing(&rom.name, &temp.contents()?, &Context::new(catalog))?;
    slot.finished(&temp)?;
    slot.place_new(temp)?;
    fetched.changed = true;
    Ok(fetched)
}
