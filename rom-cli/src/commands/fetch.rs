//! Downloads a ROM and proves it, and puts it nowhere else.

use super::{Outcome, Report, check, install};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch;
use crate::place::Target;
use rom_core::{Context, Digest};
use rom_host::pick;
use std::path::PathBuf;

/// What was downloaded.
pub(crate) struct Fetched {
    pub(crate) rom: String,
    pub(crate) sha256: Digest,
    /// Where it came from; `None` if it was there already.
    pub(crate) source: Option<String>,
    pub(crate) dest: String,
    pub(crate) changed: bool,
}

pub(super) fn run(args: &args::Fetch, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let rom = install::chosen(&catalog, args.rom.as_deref(), &pick::on_host(&catalog, &env.files()))?;
    let dest = args.output.clone().unwrap_or_else(|| PathBuf::from(&rom.name));
    let target = Target::open(&dest)?;
    let mut fetched =
        Fetched { rom: rom.name.clone(), sha256: rom.sha256, source: None, dest: dest.display().to_string(), changed: false };
    match target.current()? {
        Some(there) if there == rom.sha256 => return Ok(Outcome::yes(Report::Fetch(fetched))),
        Some(_) => {
            let what = format!("{} is there already, and is another file", dest.display());
            return Err(CliError::new(Exit::Failed, what, "Give another name with -o FILE, or move it away."));
        }
        None => {}
    }
    let mut partial = target.partial()?;
    fetched.source = Some(fetch::download(rom, &args.network, &mut partial, env.reporter)?);
    check::before_placing(&rom.name, &partial.contents()?, &Context::new(&catalog))?;
    target.place_new(partial)?;
    fetched.changed = true;
    Ok(Outcome::yes(Report::Fetch(fetched)))
}
