//! Picks, downloads, proves and checks the ROM, then puts it in place.

use super::download::ReportedDownload;
use super::{Outcome, Report, check, pick};
use crate::address::ShownAddress;
use crate::args;
use crate::atomic::TempFile;
use crate::changes::{self, HostFile};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch::{self, Pinned, PinnedBy};
use crate::report::install::{Checked, Install};
use crate::report::pick::Found;
use crate::report::usable as report;
use crate::text::{Advice, Line, Sentence, block};
use rom_core::catalog::RomEntry;
use rom_core::usable::{Answer, Usable};
use rom_core::{Context, Digest};
use rom_host::pick::{self as host_pick, Picked};
use rom_host::probe;
use rom_host::probe::rom::DEFAULT_PATH;
use rom_host::vm::model::Manager;
use rom_host::vm::proxmox::ROM_FOLDER;
use std::path::Path;

pub(super) fn run(args: &args::Install, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let dest = args.dest.clone().unwrap_or_else(|| env.host(DEFAULT_PATH));
    let on_host = host_pick::on_host(&catalog, &env.files());
    let wanted = match (&args.from, args.expect_sha256) {
        (Some(file), Some(sha256)) => Wanted::Own { name: check::shown(file), file, sha256 },
        _ => Wanted::Listed(pick::chosen(&catalog, args.rom.as_deref(), &on_host)?),
    };
    let device = on_host.device.as_ref().map(|device| device.id);
    let by_host = matches!(wanted, Wanted::Listed(_)) && args.rom.is_none();
    let pinned = wanted.pinned();
    let choice = on_host.candidates.first().filter(|_| by_host);
    let mut installed = Install {
        rom: Line::from(pinned.name),
        sha256: pinned.sha256.into(),
        size: pinned.size,
        source: None,
        dest: env.host_name(&dest).into(),
        replaced: None,
        changed: false,
        dry_run: args.dry_run,
        found: if by_host { pick::found(&on_host) } else { Found::default() },
        confidence: choice.map(|choice| choice.confidence.into()),
        reason: choice.map(|choice| Sentence(&choice.reason).into()),
        checked: None,
        remarks: if by_host { remarks(&on_host) } else { not_for(&on_host, &wanted) },
        next: Vec::new(),
        warnings: Vec::new(),
    };
    if args.dry_run {
        installed.source = Some(planned_source(args, &wanted, env)?.into());
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let file = HostFile::new(&env.sysroot, &dest);
    let slot = file.slot()?;
    if slot.current()?.is_some_and(|there| there.sha256 == pinned.sha256) {
        give(&mut installed, probe::manager(&env.files()));
        return Ok(Outcome::yes(Report::Install(Box::new(installed))));
    }
    let mut journal = file.journal()?;
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
        changes::install(&file, &slot, &mut journal, temp, &command)?.map(Into::into);
    installed.changed = true;
    give(&mut installed, probe::manager(&env.files()));
    Ok(Outcome::yes(Report::Install(Box::new(installed))))
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
}

impl Wanted<'_> {
    fn pinned(&self) -> Pinned<'_> {
        match self {
            Self::Listed(rom) => Pinned::of(rom),
            Self::Own { name, sha256, .. } => {
                Pinned { name, sha256: *sha256, size: None, by: PinnedBy::User }
            }
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
fn give(installed: &mut Install, manager: Option<Manager>) {
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

/// What shows how a VM gets the ROM of this name, with what it has already.
fn plan(romfile: &str, manager: Option<Manager>) -> Advice {
    let (vm, is) = match manager {
        Some(Manager::Proxmox) | None => ("VMID", "the number of the VM"),
        Some(Manager::Libvirt) => ("FILE", "what `virsh dumpxml --inactive NAME` prints"),
        Some(Manager::Qemu) => ("FILE", "the script or the command line that starts it"),
    };
    let text = block!["show what makes a VM ready, step by step (", vm, " is ", is, "):"];
    let words = ["oprom", "vm", "plan", vm];
    if DEFAULT_PATH.rsplit('/').next() == Some(romfile) {
        return Advice::of(text).run(words);
    }
    Advice::of(text).run([&words[..], &["--romfile", romfile]].concat())
}
