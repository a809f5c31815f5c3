//! Which ROM this host needs, and why.

use super::check::{self, AnalyzedFile};
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use rom_core::catalog::Catalog;
use rom_core::usable::Answer;
use rom_core::{Context, DeviceId, Verdict};
use rom_host::pick::{self, Picked};
use std::path::PathBuf;

/// The answer, and what there is to say of the user's own files.
pub(crate) struct Answered {
    pub(crate) picked: Picked,
    /// Files of the user's, the best first.
    pub(crate) own: Vec<AnalyzedFile>,
}

pub(super) fn run(args: &args::Pick, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let picked = match (&args.device, &args.cpu) {
        (Some(id), _) => pick::for_device(&catalog, *id),
        (None, Some(name)) => pick::for_cpu(&catalog, name),
        (None, None) => on_host(&catalog, env, args.bdf.as_deref())?,
    };
    let device = picked.device.as_ref().map(|device| device.id);
    let own = ranked(&args.files, &catalog, device)?;
    let own_serves = own.iter().any(serves);
    let exit = if picked.refused.is_some() && !own_serves { Exit::No } else { Exit::Yes };
    Ok(Outcome { report: Report::Pick(Box::new(Answered { picked, own })), exit })
}

/// Whether a file of the user's works with the device.
pub(crate) fn serves(file: &AnalyzedFile) -> bool {
    file.analysis.verdict != Verdict::Bad && file.analysis.usable.answer == Answer::Yes
}

/// The user's files, those that work and name the device first, those that do not serve it last.
fn ranked(files: &[PathBuf], catalog: &Catalog, device: Option<DeviceId>) -> Result<Vec<AnalyzedFile>, CliError> {
    let context = Context::new(catalog).with_device(device);
    let mut all = Vec::new();
    for path in files {
        let file = files::read_rom(path, context.limits())?;
        all.push(check::of_file(&check::shown(path), &file, &context));
    }
    all.sort_by_key(|AnalyzedFile { analysis, .. }| {
        let place = match analysis.usable.answer {
            Answer::Yes => 0,
            Answer::Unknown => 1,
            Answer::No => 2,
        };
        (place, analysis.verdict)
    });
    Ok(all)
}

/// What the function at `bdf` of the host under the sysroot needs, or its iGPU.
fn on_host(catalog: &Catalog, env: &Env<'_>, bdf: Option<&str>) -> Result<Picked, CliError> {
    let Some(bdf) = bdf else { return Ok(pick::on_host(catalog, &env.files())) };
    pick::at(catalog, &env.files(), bdf).ok_or_else(|| {
        let what = format!("there is no PCI device {bdf} on this host");
        CliError::new(Exit::Failed, what, "`lspci -nn` lists the devices and their addresses.")
    })
}
