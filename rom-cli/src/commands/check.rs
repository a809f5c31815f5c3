//! Whether files are good ROMs.

use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files::{self, FileBytes};
use rom_core::qemu::QemuVersion;
use rom_core::usable::Answer;
use rom_core::{Analysis, Context, Verdict, analyze};
use rom_host::probe::{pci, qemu};
use std::path::Path;

/// A file, and all that is known of it.
pub(crate) struct AnalyzedFile {
    pub(crate) path: String,
    pub(crate) analysis: Analysis,
}

pub(super) fn run(args: &args::Check, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let device = args.device.or_else(|| pci::igpu(&env.files()).map(|seen| seen.id));
    // A device that is named is in another machine.
    let qemu = args.qemu.or_else(|| if args.device.is_none() { packaged_qemu(env) } else { None });
    let context = Context::new(&catalog).with_device(device).with_firmware(args.firmware).with_qemu(qemu);
    let mut checked = Vec::new();
    let (paths, troubles) = files::walk(&args.files);
    let mut all_read = troubles.is_empty();
    for error in &troubles {
        env.reporter.fail(error);
    }
    for path in &paths {
        match files::read_rom(path, context.limits()) {
            Ok(file) => checked.push(of_file(&shown(path), &file, &context)),
            Err(error) => {
                env.reporter.fail(&error);
                all_read = false;
            }
        }
    }
    let worst = checked.iter().map(|file| file.analysis.verdict).max().unwrap_or(Verdict::Good);
    // Where a device is named, the question is whether the files do their job.
    let fails = match args.device {
        Some(_) => checked.iter().any(|file| file.analysis.usable.answer == Answer::No),
        None => worst == Verdict::Bad,
    };
    let fails = fails || (args.strict && worst > Verdict::Good);
    let exit = match (all_read, fails) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    };
    Ok(Outcome { report: Report::Check(checked), exit })
}

/// The QEMU of this host, as far as its package database tells.
pub(super) fn packaged_qemu(env: &Env<'_>) -> Option<QemuVersion> {
    qemu::packaged(&env.files()).map(|qemu| qemu.version)
}

/// Analyzes a file that was read.
pub(super) fn of_file(path: &str, file: &FileBytes, context: &Context<'_>) -> AnalyzedFile {
    // Of a file beyond the limit not all is read.
    let analysis = Analysis { size: file.size, ..analyze(&file.bytes, context) };
    AnalyzedFile { path: path.to_owned(), analysis }
}

/// Analyzes a file that is about to be put in place, and refuses one that does not work.
pub(super) fn before_placing(name: &str, bytes: &[u8], context: &Context<'_>) -> Result<Analysis, CliError> {
    let analysis = analyze(bytes, context);
    if !analysis.opened.is_empty() {
        let what = format!("{name} is {}: QEMU and firmware read a file as it is", analysis.kind);
        let help = format!("Nothing was put in place. Take the ROM out first: oprom extract {name} -o parts");
        return Err(CliError::new(Exit::Refused, what, help));
    }
    match analysis.error() {
        None => Ok(analysis),
        Some(finding) => {
            let what =
                format!("{name} is no ROM that works: {}: {} ({})", finding.code.title(), finding.fact, finding.code.id());
            Err(CliError::new(Exit::Refused, what, format!("Nothing was put in place. {}", finding.code.hint())))
        }
    }
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
