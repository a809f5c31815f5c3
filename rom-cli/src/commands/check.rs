//! Whether files are good ROMs.

use super::{Outcome, Report};
use crate::args;
use crate::crew::{self, Turn};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files::{self, FileBytes};
use crate::report::file::{Check, File};
use crate::text::file_or_placeholder;
use rom_core::catalog::Catalog;
use rom_core::layout::RomHeader;
use rom_core::qemu::QemuVersion;
use rom_core::usable::Answer;
use rom_core::{Analysis, Context, DeviceId, Verdict, analyze};
use rom_host::probe::pci_ids::PciIds;
use rom_host::probe::{pci, qemu};
use std::cell::OnceCell;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

pub(super) fn run(args: &args::Check, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let device = args.device.or_else(|| pci::igpu(&env.files()).map(|seen| seen.id));
    // A device that is named is in another machine.
    let qemu = args.qemu.or_else(|| if args.device.is_none() { packaged_qemu(env) } else { None });
    let context =
        Context::new(&catalog).with_device(device).with_firmware(args.firmware).with_qemu(qemu);
    let (paths, failures) = files::walk(&args.files);
    let from_folder = args.files.iter().any(|path| path.is_dir());
    if paths.is_empty() && failures.is_empty() {
        return Err(files::none_in(&args.files));
    }
    let names = Names::new(&catalog, env);
    let mut check = Check { files: Vec::new(), errors: Vec::new(), from_folder };
    let mut fail = |error: &CliError| {
        env.reporter.fail(error);
        check.errors.push(error.into());
    };
    failures.iter().for_each(&mut fail);
    let work = |index: usize, turn: &mut Turn<'_, Checked>| {
        if let Some(path) = paths.get(index) {
            let checked = check_file(path, &context, turn);
            turn.hand(checked);
        }
    };
    crew::in_order(paths.len(), &work, &mut |checked: Checked| {
        match checked {
            Ok(checked) => {
                let (file, analysis) = *checked;
                check.files.push(file.with_names(&analysis, &|id| names.of(id)));
            }
            Err(error) => fail(&error),
        }
        ControlFlow::Continue(())
    });
    if from_folder {
        check.files.sort_by_key(|file| (place(file), file.verdict.0));
    }
    let worst = check.files.iter().map(|file| file.verdict.0).max().unwrap_or(Verdict::Good);
    // Where a device is named, the question is whether the files do their job.
    let fails = match args.device {
        Some(_) => check.files.iter().any(|file| file.usable.answer.0 == Answer::No),
        None => worst == Verdict::Bad,
    };
    let fails = fails || (args.strict && worst > Verdict::Good);
    let exit = match (check.errors.is_empty(), fails) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    };
    Ok(Outcome { report: Report::Check(Box::new(check)), exit })
}

/// What comes of checking a file.
type Checked = Result<Box<(File, Analysis)>, CliError>;

/// Bytes of a file that is checked beside others: most ROMs have fewer.
const SMALL: u64 = 1 << 20;

/// Checks a file. What may take memory is done alone: a large file, and one that is not a ROM from
/// its first byte on, in which anything may be packed.
fn check_file(path: &Path, context: &Context<'_>, turn: &Turn<'_, Checked>) -> Checked {
    let is_small = fs::metadata(path).is_ok_and(|file| (1..=SMALL).contains(&file.len()));
    let mut alone = (!is_small).then(|| turn.alone());
    let file = files::read_any(path, context.limits())?;
    if alone.is_none() && !file.bytes.starts_with(&RomHeader::SIGNATURE_BYTES) {
        alone = Some(turn.alone());
    }
    let analysis = of_file(&file, context);
    drop(alone);
    Ok(Box::new((File::new(path.into(), &analysis), analysis)))
}

/// Where a file is in the list: those that do their job for a GPU that is known first.
fn place(file: &File) -> u8 {
    match (file.usable.device, file.usable.answer.0) {
        (Some(_), Answer::Yes) => 0,
        (Some(_), Answer::No) => 2,
        (None, _) | (Some(_), Answer::Unknown) => 1,
    }
}

/// What devices are called: by the catalog, and by the list of PCI ids of the host, which is read
/// when a name is first asked for.
pub(super) struct Names<'e> {
    catalog: &'e Catalog,
    env: &'e Env<'e>,
    listed: OnceCell<PciIds>,
}

impl<'e> Names<'e> {
    pub(super) const fn new(catalog: &'e Catalog, env: &'e Env<'e>) -> Self {
        Self { catalog, env, listed: OnceCell::new() }
    }

    /// The name of a device.
    pub(super) fn of(&self, id: DeviceId) -> Option<String> {
        // No device has this id: in a ROM it stands for any.
        if id.device == 0xFFFF {
            return None;
        }
        let is_intel = id.vendor == DeviceId::INTEL;
        let known = self.catalog.device(id.device).filter(|_| is_intel);
        known
            .map(|(_, device)| device.name.clone())
            .or_else(|| self.listed.get_or_init(|| PciIds::read(&self.env.files())).name(id))
    }
}

/// The QEMU of this host, as far as its package database tells.
pub(super) fn packaged_qemu(env: &Env<'_>) -> Option<QemuVersion> {
    qemu::packaged(&env.files()).map(|qemu| qemu.version)
}

/// Analyzes a file that was read.
pub(super) fn of_file(file: &FileBytes, context: &Context<'_>) -> Analysis {
    let analysis = analyze(&file.bytes, context);
    // Of a file beyond the limit not all is read, and a part of it is not the known file.
    let is_whole = u64::try_from(file.bytes.len()).is_ok_and(|length| length == file.size);
    let sha256 = analysis.sha256.filter(|_| is_whole);
    let known = analysis.known.filter(|_| is_whole);
    Analysis { size: file.size, sha256, known, ..analysis }
}

/// Analyzes a file that is about to be put in place, and refuses one that does not work.
pub(super) fn before_placing(
    name: &str,
    bytes: &[u8],
    context: &Context<'_>,
) -> Result<Analysis, CliError> {
    let analysis = analyze(bytes, context);
    if !analysis.opened.is_empty() {
        let what =
            format!("{name} is {}, and QEMU and firmware read a file as it is", analysis.kind);
        let help = "Nothing was installed. Extract the ROM first:";
        let error = CliError::new(Exit::Refused, what, help);
        return Err(error.run(["oprom", "extract", &file_or_placeholder(name), "-o", "parts"]));
    }
    match analysis.error() {
        None => Ok(analysis),
        Some(finding) => {
            let what = format!(
                "{name} is not a working ROM: {}: {} ({})",
                finding.code.title(),
                finding.fact,
                finding.code.id()
            );
            Err(CliError::new(
                Exit::Refused,
                what,
                format!("Nothing was installed. {}", finding.code.hint()),
            ))
        }
    }
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
