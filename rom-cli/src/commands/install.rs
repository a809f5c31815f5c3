//! Picks, downloads, proves and checks the ROM, then puts it in place.

use super::check::{self, Checked};
use super::pick::{self, Picked};
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Pinned};
use crate::place::{Backup, Partial, Target};
use rom_core::Digest;
use rom_core::catalog::{Catalog, RomEntry};
use std::path::Path;

/// Where Proxmox VE has the ROMs of its VMs; `romfile=` is relative to it.
pub(crate) const PROXMOX_FOLDER: &str = "/usr/share/kvm";
/// Where the ROM goes if nothing else is said.
pub(super) const DEFAULT_DEST: &str = "/usr/share/kvm/igd.rom";

/// What was done, or would be.
pub(crate) struct Installed {
    /// What the host needs; `None` if the user named the ROM or brought a file.
    pub(crate) picked: Option<Picked>,
    pub(crate) rom: String,
    pub(crate) sha256: Digest,
    pub(crate) size: Option<u64>,
    /// Why this one.
    pub(crate) reason: Option<String>,
    /// Where the bytes came from, or would come from; `None` if they were in place already.
    pub(crate) source: Option<String>,
    /// The place, as the host names it.
    pub(crate) dest: String,
    pub(crate) checked: Option<Checked>,
    pub(crate) replaced: Option<Backup>,
    pub(crate) changed: bool,
    pub(crate) dry_run: bool,
    /// Generation of the graphics, where known.
    pub(crate) generation: Option<u32>,
    /// What the user should know of the choice.
    pub(crate) remarks: Vec<String>,
}

pub(super) fn run(args: &args::Install, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let dest = args.dest.clone().unwrap_or_else(|| env.host(DEFAULT_DEST));
    let (own_name, entry, picked) = if let (Some(file), Some(_)) = (&args.from, args.expect_sha256) {
        (check::shown(file), None, None)
    } else {
        let (rom, picked) = chosen(&catalog, args.rom.as_deref(), env)?;
        (rom.name.to_string(), Some(rom), picked)
    };
    let pinned = match (entry, args.expect_sha256) {
        (Some(rom), _) => Pinned::of(rom),
        (None, Some(sha256)) => Pinned { name: &own_name, sha256, size: None },
        (None, None) => return Err(CliError::new(Exit::Usage, "no ROM was named", "Name one: oprom list.")),
    };
    let on_host = pick::on_host(&catalog, env, None)?;
    let mut installed = Installed {
        generation: picked.as_ref().unwrap_or(&on_host).major_generation(),
        reason: picked.as_ref().and_then(|picked| picked.candidates.first()).map(|choice| choice.reason.clone()),
        remarks: picked.as_ref().map_or_else(|| not_for(&on_host, entry), |picked| picked.remarks.clone()),
        picked,
        rom: own_name.clone(),
        sha256: pinned.sha256,
        size: pinned.size,
        source: None,
        dest: env.host_name(&dest),
        checked: None,
        replaced: None,
        changed: false,
        dry_run: args.dry_run,
    };
    if args.dry_run {
        installed.source = Some(planned_source(args, entry));
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let target = Target::open(&dest)?;
    if target.current()? == Some(pinned.sha256) {
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let mut partial = target.partial()?;
    installed.source = Some(fill(args, entry, &pinned, &mut partial, env)?);
    let bytes = partial.contents()?;
    installed.size = u64::try_from(bytes.len()).ok();
    installed.checked = Some(check::before_placing(&own_name, &bytes, &catalog)?);
    installed.replaced = target.commit(partial)?;
    installed.changed = true;
    Ok(Outcome::yes(Report::Install(Box::new(installed))))
}

/// The ROM that the user named, or the first that the host needs.
pub(super) fn chosen<'c>(
    catalog: &'c Catalog,
    name: Option<&str>,
    env: &Env<'_>,
) -> Result<(&'c RomEntry, Option<Picked>), CliError> {
    if let Some(name) = name {
        let rom = catalog.rom(name).ok_or_else(|| {
            let what = format!("the catalog has no ROM {name:?}, and nothing goes in place that it does not pin");
            let help = "`oprom list` shows the names. A file of your own: oprom install --from FILE --expect-sha256 HEX.";
            CliError::new(Exit::Refused, what, help)
        })?;
        return Ok((rom, None));
    }
    let picked = pick::on_host(catalog, env, None)?;
    if let Some(reason) = &picked.refused {
        let help = "Nothing was changed. `oprom pick` shows what was found; a ROM can also be named: oprom install NAME.";
        return Err(CliError::new(Exit::No, format_args!("there is no ROM for this host. {reason}"), help));
    }
    let rom = picked
        .candidates
        .first()
        .and_then(|choice| catalog.rom(&choice.rom))
        .ok_or_else(|| CliError::new(Exit::No, "there is no ROM for this host", "`oprom pick` shows what was found."))?;
    Ok((rom, Some(picked)))
}

/// What is said of a ROM that the user named and that is not one for this host.
fn not_for(on_host: &Picked, entry: Option<&RomEntry>) -> Vec<String> {
    let fits = |rom: &RomEntry| on_host.candidates.iter().any(|choice| choice.rom == rom.name);
    match (entry, &on_host.device) {
        (Some(rom), Some(device)) if !fits(rom) => {
            vec![format!("The catalog does not name {} for the GPU of this host ({}): see `oprom pick`.", rom.name, device.id)]
        }
        _ => Vec::new(),
    }
}

fn planned_source(args: &args::Install, entry: Option<&RomEntry>) -> String {
    match (&args.from, args.network.mirrors.first(), entry) {
        (Some(file), _, _) => check::shown(file),
        (None, Some(mirror), Some(rom)) => format!("{}/{}", mirror.trim_end_matches('/'), rom.name),
        (None, _, Some(rom)) => rom.url.to_string(),
        (None, _, None) => String::new(),
    }
}

/// Fills the temporary file with bytes that are proved. Says where they came from.
fn fill(
    args: &args::Install,
    entry: Option<&RomEntry>,
    pinned: &Pinned<'_>,
    partial: &mut Partial,
    env: &Env<'_>,
) -> Result<String, CliError> {
    match (&args.from, entry) {
        (Some(file), _) => {
            fetch::copy(file, pinned, partial, env.talk)?;
            Ok(check::shown(file))
        }
        (None, Some(rom)) => fetch::download(rom, &args.network, partial, env.talk),
        (None, None) => Err(CliError::new(Exit::Usage, "no ROM was named", "Name one: oprom list.")),
    }
}

impl Installed {
    /// The value for `romfile=` on Proxmox VE, if the ROM stands where that looks.
    pub(crate) fn proxmox_romfile(&self) -> Option<&str> {
        let path = Path::new(&self.dest);
        (path.parent() == Some(Path::new(PROXMOX_FOLDER))).then(|| path.file_name()?.to_str()).flatten()
    }
}
