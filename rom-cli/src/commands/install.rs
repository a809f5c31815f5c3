//! Picks, downloads, proves and checks the ROM, then puts it in place.

use super::check;
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Pinned};
use crate::place::{Backup, Partial, Target};
use rom_core::catalog::{Catalog, RomEntry};
use rom_core::contents::Compatibility;
use rom_core::{Analysis, Context, Digest};
use rom_host::pick::{self, Picked};
use rom_host::probe::rom::DEFAULT_PATH;
use rom_host::vm::proxmox::ROM_FOLDER;
use std::path::Path;

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
    pub(crate) checked: Option<Analysis>,
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
    let dest = args.dest.clone().unwrap_or_else(|| env.host(DEFAULT_PATH));
    let on_host = pick::on_host(&catalog, &env.files());
    let wanted = match (&args.from, args.expect_sha256) {
        (Some(file), Some(sha256)) => Wanted::Own { name: check::shown(file), file, sha256 },
        _ => Wanted::Listed(chosen(&catalog, args.rom.as_deref(), &on_host)?),
    };
    let device = on_host.device.as_ref().map(|device| device.id);
    let by_host = matches!(wanted, Wanted::Listed(_)) && args.rom.is_none();
    let pinned = wanted.pinned();
    let mut installed = Installed {
        generation: on_host.major_generation(),
        reason: on_host.candidates.first().filter(|_| by_host).map(|choice| choice.reason.clone()),
        remarks: if by_host { on_host.remarks.clone() } else { not_for(&on_host, &wanted) },
        picked: by_host.then_some(on_host),
        rom: pinned.name.to_owned(),
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
        installed.source = Some(planned_source(args, &wanted));
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let target = Target::open(&dest)?;
    if target.current()? == Some(pinned.sha256) {
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let mut partial = target.partial()?;
    installed.source = Some(fill(args, &wanted, &mut partial, env)?);
    let bytes = partial.contents()?;
    installed.size = u64::try_from(bytes.len()).ok();
    let checked = check::before_placing(pinned.name, &bytes, &Context::new(&catalog).with_device(device))?;
    if let Some(fit) = checked.compatibility.as_ref().filter(|fit| fit.compatibility == Compatibility::Unsupported) {
        env.reporter.say(&format!("this ROM does not serve the GPU of this host ({}): {}", fit.device, fit.reason));
    }
    installed.checked = Some(checked);
    installed.replaced = target.commit(partial)?;
    installed.changed = true;
    Ok(Outcome::yes(Report::Install(Box::new(installed))))
}

/// What is to be put in place.
enum Wanted<'a> {
    /// A ROM of the catalog.
    Listed(&'a RomEntry),
    /// A file of the user's own, and what its bytes have to be.
    Own { name: String, file: &'a Path, sha256: Digest },
}

impl Wanted<'_> {
    fn pinned(&self) -> Pinned<'_> {
        match self {
            Self::Listed(rom) => Pinned::of(rom),
            Self::Own { name, sha256, .. } => Pinned { name, sha256: *sha256, size: None },
        }
    }
}

/// The ROM that the user named, or the first that the host needs.
pub(super) fn chosen<'c>(catalog: &'c Catalog, name: Option<&str>, on_host: &Picked) -> Result<&'c RomEntry, CliError> {
    if let Some(name) = name {
        return catalog.rom(name).ok_or_else(|| {
            let what = format!("the catalog has no ROM {name:?}, and nothing goes in place that it does not pin");
            let help = "`oprom list` shows the names. A file of your own: oprom install --from FILE --expect-sha256 HEX.";
            CliError::new(Exit::Refused, what, help)
        });
    }
    on_host.candidates.first().and_then(|choice| catalog.rom(&choice.rom)).ok_or_else(|| {
        let reason = on_host.refused.as_deref().unwrap_or_default();
        let help = "Nothing was changed. `oprom pick` shows what was found; a ROM can also be named: oprom install NAME.";
        CliError::new(Exit::No, format_args!("there is no ROM for this host. {reason}"), help)
    })
}

/// What is said of a ROM that the user named and that is not one for this host.
fn not_for(on_host: &Picked, wanted: &Wanted<'_>) -> Vec<String> {
    let fits = |rom: &RomEntry| on_host.candidates.iter().any(|choice| choice.rom == rom.name);
    match (wanted, &on_host.device) {
        (Wanted::Listed(rom), Some(device)) if !fits(rom) => {
            vec![format!("The catalog does not name {} for the GPU of this host ({}): see `oprom pick`.", rom.name, device.id)]
        }
        _ => Vec::new(),
    }
}

fn planned_source(args: &args::Install, wanted: &Wanted<'_>) -> String {
    match (wanted, &args.from, args.network.mirrors.first()) {
        (Wanted::Own { file, .. }, _, _) => check::shown(file),
        (Wanted::Listed(_), Some(file), _) => check::shown(file),
        (Wanted::Listed(rom), None, Some(mirror)) => format!("{}/{}", mirror.trim_end_matches('/'), rom.name),
        (Wanted::Listed(rom), None, None) => rom.url.clone(),
    }
}

/// Fills the temporary file with bytes that are proved. Says where they came from.
fn fill(args: &args::Install, wanted: &Wanted<'_>, partial: &mut Partial, env: &Env<'_>) -> Result<String, CliError> {
    let file = match (wanted, &args.from) {
        (Wanted::Listed(rom), None) => return fetch::download(rom, &args.network, partial, env.reporter),
        (Wanted::Listed(_), Some(file)) => file,
        (Wanted::Own { file, .. }, _) => *file,
    };
    fetch::copy(file, &wanted.pinned(), partial, env.reporter)?;
    Ok(check::shown(file))
}

impl Installed {
    /// The value for `romfile=` on Proxmox VE, if the ROM stands where that looks.
    pub(crate) fn proxmox_romfile(&self) -> Option<&str> {
        let path = Path::new(&self.dest);
        (path.parent() == Some(Path::new(ROM_FOLDER))).then(|| path.file_name()?.to_str()).flatten()
    }
}
