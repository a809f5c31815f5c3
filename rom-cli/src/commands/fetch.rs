//! Downloads a ROM and proves it, and puts it nowhere else.

use super::download::ReportedDownload;
use super::{Outcome, check, pick};
use crate::args;
use crate::changes::HostFile;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch;
use crate::report::Report;
use crate::report::install::Fetch;
use crate::text::Line;
use rom_core::Context;
use std::path::PathBuf;

pub(super) fn run(args: &args::Fetch, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let on_host = rom_host::pick::on_host(&catalog, &env.files());
    let rom = pick::chosen(&catalog, args.rom.as_deref(), &on_host)?;
    let dest = args.output.clone().unwrap_or_else(|| PathBuf::from(&rom.name));
    let file = HostFile::new(&env.sysroot, &dest);
    let slot = file.slot()?;
    let mut fetched = Fetch {
        rom: Line::from(rom.name.as_str()),
        sha256: rom.sha256.into(),
        source: None,
        dest: Line::from(&dest),
        changed: false,
    };
    match slot.current()? {
        Some(there) if there.sha256 == rom.sha256 => {
            return Ok(Outcome::yes(Report::Fetch(Box::new(fetched))));
        }
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
    let network = args.network.options(&env.settings)?;
    fetched.source = Some(
        fetch::download(rom, &network, &mut temp, &ReportedDownload(env.reporter))?
            .to_string()
            .into(),
    );
    check::before_placing(&rom.name, &temp.contents()?, &Context::new(&catalog))?;
    slot.finished(&temp)?;
    slot.place_new(temp)?;
    fetched.changed = true;
    Ok(Outcome::yes(Report::Fetch(Box::new(fetched))))
}
