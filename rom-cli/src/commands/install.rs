//! Picks, downloads, proves and checks the ROM, then puts it in place.

use super::amd_roms::{self, MadeRom};
use super::download::ReportedDownload;
use super::{Outcome, Report, check, pick};
use crate::address::ShownAddress;
use crate::args;
use crate::atomic::TempFile;
use crate::changes::{self, HostFile};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Pinned, PinnedBy};
use crate::journal::Journal;
use crate::report::install::{Checked, Install};
use crate::report::pick::Found;
use crate::report::usable as report;
use crate::text::{Advice, Line, Sentence, block};
use rom_core::catalog::RomEntry;
use rom_core::usable::{Answer, Usable};
use rom_core::{Context, Digest};
use rom_host::pick::{self as host_pick, Picked};
use rom_host::probe::rom::{AMD_GOP_PATH, AMD_VBIOS_PATH, DEFAULT_PATH};
use rom_host::probe::{self, amd, pci};
use rom_host::system::Distribution;
use rom_host::vm::model::Manager;
use rom_host::vm::proxmox::ROM_FOLDER;
use std::io::Write as _;
use std::path::Path;

pub(super) fn run(args: &args::Install, env: &Env<'_>) -> Result<Outcome, CliError> {
    Ok(Outcome::yes(Report::Install(Box::new(install(args, env, None)?))))
}

/// Installs the ROM as a run of its own, or as a step of the run of this number, whose journal is
/// open.
pub(super) fn install(
    args: &args::Install,
    env: &Env<'_>,
    within: Option<(&mut Journal, u32)>,
) -> Result<Install, CliError> {
    let catalog = env.catalog()?;
    let on_host = host_pick::on_host(&catalog, &env.files());
    let wanted = match (&args.from, args.expect_sha256, made(args, env)?) {
        (Some(file), Some(sha256), _) => Wanted::Own { name: check::shown(file), file, sha256 },
        (None, _, Some(made)) => Wanted::Made { sha256: Digest::of(&made.bytes), made },
        _ => Wanted::Listed(pick::chosen(&catalog, args.rom.as_deref(), &on_host)?),
    };
    let dest = args.dest.clone().unwrap_or_else(|| {
        let place = Distribution::read(&env.files()).rom_place(wanted.dest());
        env.host(&place)
    });
    let is_made = matches!(wanted, Wanted::Made { .. });
    let device = on_host.device.as_ref().map(|device| device.id);
    let by_host = matches!(wanted, Wanted::Listed(_)) && args.rom.is_none();
    let pinned = wanted.pinned();
    let choice = on_host.candidates.first().filter(|_| by_host);
    let mut installed = Install {
        rom: Line::from(pinned.name),
        sha256: pinned.sha256.into(),
        size: pinned.size,
        source: None,
        own: is_made,
        dest: env.host_name(&dest).into(),
        current: None,
        replaced: None,
        changed: false,
        dry_run: args.dry_run,
        would_change: None,
        found: if by_host || is_made { pick::found(&on_host) } else { Found::default() },
        confidence: choice.map(|choice| choice.confidence.into()),
        reason: choice.map(|choice| Sentence(&choice.reason).into()),
        checked: None,
        remarks: if by_host { remarks(&on_host) } else { not_for(&on_host, &wanted) },
        next: Vec::new(),
        warnings: Vec::new(),
    };
    let file = HostFile::new(&env.sysroot, &dest);
    let slot = file.slot()?;
    let current = slot.current()?.map(|there| there.sha256);
    let is_there = current == Some(pinned.sha256);
    installed.current = current.map(Into::into);
    if args.dry_run {
        installed.would_change = Some(!is_there);
        if !is_there {
            installed.source = Some(planned_source(args, &wanted, env)?.into());
        }
        return Ok(installed);
    }
    if is_there {
        give(&mut installed, probe::manager(&env.files()), &wanted);
        return Ok(installed);
    }
    let mut own = None;
    let (journal, run) = match within {
        Some((journal, run)) => (journal, Some(run)),
        None => (own.insert(file.journal()?), None),
    };
    let mut temp = slot.temp_file()?;
    installed.source = Some(fill(args, &wanted, &mut temp, env)?.into());
    let bytes = temp.contents()?;
    installed.size = u64::try_from(bytes.len()).ok();
    let context = Context::new(&catalog).with_device(device).with_qemu(check::packaged_qemu(env));
    let checked = check::before_placing(pinned.name, &bytes, &context)?;
    if checked.usable.answer == Answer::No {
        unusable(&checked.usable, args, env)?;
    }
    installed.checked = Some(Checked {
        verdict: checked.verdict.into(),
        images: checked.images.len(),
        usable: report::Usable::new(&checked.usable),
    });
    let command = format!("install {}", pinned.name);
    installed.replaced =
        changes::install(&file, &slot, journal, temp, &command, run)?.map(Into::into);
    installed.changed = true;
    give(&mut installed, probe::manager(&env.files()), &wanted);
    Ok(installed)
}

/// Refuses a ROM that does not do its job on this host, or says so where it is wanted all the same.
fn unusable(usable: &Usable, args: &args::Install, env: &Env<'_>) -> Result<(), CliError> {
    let gpu = usable
        .device
        .map_or_else(|| "any GPU".to_owned(), |device| format!("the GPU of this host ({device})"));
    let what = format!("this ROM does not work with {gpu}: {}", usable.reason);
    if args.allow_unusable {
        env.reporter.say(&what);
        return Ok(());
    }
    let help = "Nothing was installed; --allow-unusable installs it anyway. This shows what the \
        host needs:";
    Err(CliError::new(Exit::Refused, what, help).run(["oprom", "pick"]))
}

/// What is to be put in place.
enum Wanted<'a> {
    /// A ROM of the catalog.
    Listed(&'a RomEntry),
    /// A file of the user's own, and what its bytes have to be.
    Own { name: String, file: &'a Path, sha256: Digest },
    /// A ROM that was made from what is on this machine.
    Made { made: MadeRom, sha256: Digest },
}

/// The ROM that is made here and not downloaded: on a host with an AMD iGPU, where nothing else is
/// asked for.
fn made(args: &args::Install, env: &Env<'_>) -> Result<Option<MadeRom>, CliError> {
    let asks_for_another = args.rom.is_some() || args.from.is_some();
    let files = env.files();
    let amd = if pci::igpu(&files).is_none() { amd::read(&files) } else { None };
    match (amd, &args.bios) {
        (Some(gpu), Some(bios)) => amd_roms::gop(&gpu, bios).map(Some),
        (Some(gpu), None) if !asks_for_another => amd_roms::vbios(&gpu, env).map(Some),
        (None, Some(bios)) => Err(amd_roms::not_amd(bios)),
        (_, None) => Ok(None),
    }
}

impl Wanted<'_> {
    fn pinned(&self) -> Pinned<'_> {
        match self {
            Self::Listed(rom) => Pinned::of(rom),
            Self::Own { name, sha256, .. } => {
                Pinned { name, sha256: *sha256, size: None, by: PinnedBy::User }
            }
            Self::Made { made, sha256 } => {
                let size = u64::try_from(made.bytes.len()).ok();
                Pinned { name: &made.name, sha256: *sha256, size, by: PinnedBy::User }
            }
        }
    }

    /// Where it goes if nothing else is said.
    const fn dest(&self) -> &'static str {
        match self {
            Self::Listed(_) | Self::Own { .. } => DEFAULT_PATH,
            Self::Made { made, .. } => made.dest,
        }
    }
}

/// What is said of a ROM that the user named and that is not one for this host.
fn not_for(on_host: &Picked, wanted: &Wanted<'_>) -> Vec<Advice> {
    let fits = |rom: &RomEntry| on_host.candidates.iter().any(|choice| choice.rom == rom.name);
    match (wanted, &on_host.device) {
        (Wanted::Listed(rom), Some(device)) if !fits(rom) => {
            let rom = Line::from(rom.name.as_str());
            let text = block![
                "The catalog does not list ",
                rom,
                " for the GPU of this host (",
                device.id,
                "). This shows what it lists:"
            ];
            vec![Advice::of(text).run(["oprom", "pick"])]
        }
        _ => Vec::new(),
    }
}

/// Where the bytes would come from.
fn planned_source(
    args: &args::Install,
    wanted: &Wanted<'_>,
    env: &Env<'_>,
) -> Result<String, CliError> {
    match (wanted, &args.from) {
        (Wanted::Own { file, .. }, _) => Ok(check::shown(file)),
        (Wanted::Made { made, .. }, _) => Ok(made.source.clone()),
        (Wanted::Listed(_), Some(file)) => Ok(check::shown(file)),
        (Wanted::Listed(rom), None) => {
            let sources = fetch::sources(rom, &args.network.options(&env.settings)?)?;
            Ok(sources.first().map(|source| source.shown().to_string()).unwrap_or_default())
        }
    }
}

/// Fills the temporary file with bytes that are proved. Says where they came from.
fn fill(
    args: &args::Install,
    wanted: &Wanted<'_>,
    temp: &mut TempFile,
    env: &Env<'_>,
) -> Result<String, CliError> {
    let file = match (wanted, &args.from) {
        (Wanted::Listed(rom), None) => {
            let network = args.network.options(&env.settings)?;
            return Ok(
                fetch::download(rom, &network, temp, &ReportedDownload(env.reporter))?.to_string()
            );
        }
        (Wanted::Made { made, .. }, _) => {
            temp.write_all(&made.bytes).map_err(|error| temp.error(error))?;
            return Ok(made.source.clone());
        }
        (Wanted::Listed(_), Some(file)) => file,
        (Wanted::Own { file, .. }, _) => *file,
    };
    if let Some(address) = file.to_str().filter(|file| file.contains("://")) {
        let what =
            format!("--from needs a file, but {} is an address", ShownAddress::of_text(address));
        return Err(CliError::new(
            Exit::Usage,
            what,
            "Use --mirror URL for an address: it is the folder of the ROMs.",
        ));
    }
    fetch::copy(file, wanted.pinned(), temp)?;
    Ok(check::shown(file))
}

/// What else the choice of this host has to say.
fn remarks(picked: &Picked) -> Vec<Advice> {
    picked.remarks.iter().cloned().map(Into::into).collect()
}

/// Says how the VM gets the ROM, and what happens then.
fn give(installed: &mut Install, manager: Option<Manager>, wanted: &Wanted<'_>) {
    if let Wanted::Made { made, .. } = wanted {
        installed.next = amd_next(made, manager);
        return;
    }
    let dest = Path::new(installed.dest.raw());
    let romfile = dest.file_name().filter(|_| dest.parent() == Some(Path::new(ROM_FOLDER)));
    let Some(romfile) = romfile.and_then(|name| name.to_str()) else {
        let dest = &installed.dest;
        let text = block![
            "give it to the VM: romfile=",
            dest,
            " for QEMU, <rom file='",
            dest,
            "'/> for libvirt"
        ];
        installed.next = vec![Advice::of(text)];
        return;
    };
    installed.next = vec![plan(romfile, manager)];
    installed.warnings.push(
        "the host's screen goes dark when the VM starts: have SSH or the web interface ready, \
        and remote desktop in Windows."
            .into(),
    );
    if installed.changed {
        let text = "a Windows guest with BitLocker may ask for its recovery key once. This undoes \
            this step:";
        installed.warnings.push(Advice::from(text).run(["oprom", "undo"]));
    }
}

/// What comes after one of the two ROMs of an AMD iGPU.
fn amd_next(made: &MadeRom, manager: Option<Manager>) -> Vec<Advice> {
    let name = made.name.as_str();
    let mut next = Vec::new();
    if made.dest == AMD_VBIOS_PATH {
        let text = "a display at boot, and Windows, need AMD's GOP driver too; it is in the BIOS \
            update of this board's maker:";
        let install = ["oprom", "install", "--bios", "BIOS_UPDATE"];
        next.push(Advice::from(text).run(install));
    }
    next.push(plan(name, manager));
    next
}

/// What shows how a VM gets the ROM of this name, with what it has already.
fn plan(romfile: &str, manager: Option<Manager>) -> Advice {
    let (vm, is) = match manager {
        Some(Manager::Proxmox) | None => ("VMID", "the number of the VM"),
        Some(Manager::Libvirt) => ("FILE", "what `virsh dumpxml --inactive NAME` prints"),
        Some(Manager::Qemu) => ("FILE", "the script or the command line that starts it"),
    };
    let text = block!["show what makes a VM ready, step by step (", vm, " is ", is, "):"];
    let words = ["oprom", "vm", "plan", vm];
    let known = [DEFAULT_PATH, AMD_VBIOS_PATH, AMD_GOP_PATH];
    if known.iter().any(|path| path.rsplit('/').next() == Some(romfile)) {
        return Advice::of(text).run(words);
    }
    Advice::of(text).run([&words[..], &["--romfile", romfile]].concat())
}
