//! Picks, downloads, proves and checks the ROM, then puts it in place.

use super::check;
use super::fetch::Told;
use super::{Outcome, Report};
use crate::address::ShownAddress;
use crate::args;
use crate::atomic::TempFile;
use crate::changes::{self, Backup, HostFile};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Pinned};
use rom_core::catalog::{Catalog, RomEntry};
use rom_core::usable::{Answer, Usable};
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
        installed.source = Some(planned_source(args, &wanted)?);
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let file = HostFile::new(&env.sysroot, &dest);
    let slot = file.slot()?;
    if slot.current()?.is_some_and(|there| there.sha256 == pinned.sha256) {
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let mut journal = file.journal()?;
    let mut temp = slot.temp_file()?;
    installed.source = Some(fill(args, &wanted, &mut temp, env)?);
    let bytes = temp.contents()?;
    installed.size = u64::try_from(bytes.len()).ok();
    let context = Context::new(&catalog).with_device(device).with_qemu(check::packaged_qemu(env));
    let checked = check::before_placing(pinned.name, &bytes, &context)?;
    if checked.usable.answer == Answer::No {
        unusable(&checked.usable, args, env)?;
    }
    installed.checked = Some(checked);
    let command = format!("install {}", pinned.name);
    installed.replaced = changes::install(&file, &slot, &mut journal, temp, &command)?;
    installed.changed = true;
    Ok(Outcome::yes(Report::Install(Box::new(installed))))
}

/// Refuses a ROM that does not do its job on this host, or says so where it is wanted all the same.
fn unusable(usable: &Usable, args: &args::Install, env: &Env<'_>) -> Result<(), CliError> {
    let gpu = usable.device.map_or_else(|| "any GPU".to_owned(), |device| format!("the GPU of this host ({device})"));
    let what = format!("this ROM does not work with {gpu}: {}", usable.reason);
    if args.allow_unusable {
        env.reporter.say(&what);
        return Ok(());
    }
    let help = "Nothing was put in place. `oprom pick` shows what this host needs; --allow-unusable puts it in place.";
    Err(CliError::new(Exit::Refused, what, help))
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

/// Where the bytes would come from.
fn planned_source(args: &args::Install, wanted: &Wanted<'_>) -> Result<String, CliError> {
    match (wanted, &args.from) {
        (Wanted::Own { file, .. }, _) => Ok(check::shown(file)),
        (Wanted::Listed(_), Some(file)) => Ok(check::shown(file)),
        (Wanted::Listed(rom), None) => {
            let sources = fetch::sources(rom, &args.network.options()?)?;
            Ok(sources.first().map(|source| source.shown().to_string()).unwrap_or_default())
        }
    }
}

/// Fills the temporary file with bytes that are proved. Says where they came from.
fn fill(args: &args::Install, wanted: &Wanted<'_>, temp: &mut TempFile, env: &Env<'_>) -> Result<String, CliError> {
    let file = match (wanted, &args.from) {
        (Wanted::Listed(rom), None) => {
            let network = args.network.options()?;
            return Ok(fetch::download(rom, &network, temp, &Told(env.reporter))?.to_string());
        }
        (Wanted::Listed(_), Some(file)) => file,
        (Wanted::Own { file, .. }, _) => *file,
    };
    if let Some(address) = file.to_str().filter(|file| file.contains("://")) {
        let what = format!("--from takes a file, and {} is an address", ShownAddress::of_text(address));
        return Err(CliError::new(Exit::Usage, what, "An address is given with --mirror URL: the folder of the ROMs."));
    }
    fetch::copy(file, wanted.pinned(), temp)?;
    Ok(check::shown(file))
}

impl Installed {
    /// The value for `romfile=` on Proxmox VE, if the ROM stands where that looks.
    pub(crate) fn proxmox_romfile(&self) -> Option<&str> {
        let path = Path::new(&self.dest);
        (path.parent() == Some(Path::new(ROM_FOLDER))).then(|| path.file_name()?.to_str()).flatten()
    }
}
