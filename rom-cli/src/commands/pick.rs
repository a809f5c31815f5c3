//! Which ROM this host needs, and why.

use super::{Outcome, Report, check};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::meant;
use crate::report::pick::{Candidate, Cpu, Device, Found, OwnFile, Pick, Platform};
use crate::report::usable::Usable;
use crate::text::{Advice, Line, Sentence, ShellCommand, file_word};
use rom_core::catalog::{Catalog, RomEntry};
use rom_core::usable::{Answer, Reason};
use rom_core::{Analysis, Context, DeviceId, Digest, Verdict};
use rom_host::pick::{self, Choice, Picked, PlatformName};
use std::path::{Path, PathBuf};
use std::slice;

pub(super) fn run(args: &args::Pick, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let mut picked = match (&args.device, &args.cpu) {
        (Some(id), _) => pick::for_device(&catalog, *id).named(&env.files()),
        (None, Some(name)) => pick::for_cpu(&catalog, name),
        (None, None) => on_host(&catalog, env, args.bdf.as_deref())?,
    };
    let is_known = picked.cpu.as_ref().is_none_or(|answer| !answer.platforms.is_empty());
    if let Some(name) = args.cpu.as_ref().filter(|_| !is_known) {
        let models = catalog.brands.iter().flat_map(|brand| &brand.models);
        let near = meant::similar(name, models.map(String::as_str));
        if let Some(reason) = picked.refused.as_mut().filter(|_| !near.is_empty()) {
            *reason = format!("{}{reason}", meant::did_you_mean(&near));
        }
    }
    let device = picked.device.as_ref().map(|device| device.id);
    let files = ranked(&args.files, &catalog, device)?;
    let own_serves = files.iter().any(|file| file.install.is_some());
    let exit = if picked.refused.is_some() && !own_serves { Exit::No } else { Exit::Yes };
    let installs = picked.refused.is_none() && !picked.candidates.is_empty();
    let next = ShellCommand::new(["oprom", "install"]).filter(|_| installs);
    let pick = Pick {
        next,
        found: found(&picked),
        candidates: picked.candidates.iter().map(candidate).collect(),
        files,
        refused: picked.refused.map(|reason| Sentence(reason).into()),
        remarks: picked.remarks.into_iter().map(Into::into).collect(),
    };
    Ok(Outcome { report: Report::Pick(Box::new(pick)), exit })
}

/// What was found of a host, or asked for.
pub(super) fn found(picked: &Picked) -> Found {
    let platform = |platform: &PlatformName| Platform {
        code: Line::from(platform.code.as_str()),
        name: Line::from(platform.name.as_str()),
        generation: Line::from(platform.generation.as_str()),
    };
    let line = |text: &String| Line::from(text.as_str());
    Found {
        device: picked.device.as_ref().map(|device| Device {
            id: device.id.into(),
            name: device.name.as_ref().map(line),
            platform: device.platform.as_ref().map(|platform| line(&platform.code)),
            platform_name: device.platform.as_ref().map(|platform| line(&platform.name)),
            generation: device.platform.as_ref().map(|platform| line(&platform.generation)),
            bdf: device.bdf.as_ref().map(line),
            class: device.class.as_ref().map(line),
        }),
        cpu: picked.cpu.as_ref().map(|answer| Cpu {
            name: line(&answer.cpu.name),
            family: answer.cpu.signature.map(|(family, _, _)| family),
            model: answer.cpu.signature.map(|(_, model, _)| model),
            stepping: answer.cpu.signature.map(|(_, _, stepping)| stepping),
            platforms: answer.platforms.iter().map(platform).collect(),
        }),
    }
}

/// A name that is not in the catalog: one that was mistyped, or a file of the user's.
fn unknown_rom(catalog: &Catalog, name: &str) -> CliError {
    let what = format!("the catalog has no ROM {name:?}");
    let path = Path::new(name);
    if let Some(file) = file_word(path).filter(|_| path.is_file()) {
        let own = ["oprom", "install", "--from", &file, "--expect-sha256", "HEX"];
        return CliError::new(Exit::Usage, what, "To install a file:").run(own);
    }
    if let Some(command) = meant::command_for_no_file(name) {
        return CliError::new(Exit::Usage, what, Advice::from("This takes it:").and(command));
    }
    let near = meant::similar(name, catalog.roms.iter().map(|rom| rom.name.as_str()));
    let help = format!("{}This lists the names:", meant::did_you_mean(&near));
    CliError::new(Exit::Usage, what, help).run(["oprom", "list"])
}

/// The ROM that the user named, or the first that the host needs.
pub(super) fn chosen<'c>(
    catalog: &'c Catalog,
    name: Option<&str>,
    on_host: &Picked,
) -> Result<&'c RomEntry, CliError> {
    if let Some(name) = name {
        return catalog.rom(name).ok_or_else(|| unknown_rom(catalog, name));
    }
    on_host.candidates.first().and_then(|choice| catalog.rom(&choice.rom)).ok_or_else(|| {
        let reason = on_host.refused.as_deref().unwrap_or_default();
        let what = format!("there is no ROM for this host. {reason}");
        let help = "Nothing was changed. The first command shows what was found, the second takes \
            the name of a ROM:";
        let named = ["oprom", "install", "NAME"];
        CliError::new(Exit::No, what, help).run(["oprom", "pick"]).run(named)
    })
}

fn candidate(choice: &Choice) -> Candidate {
    Candidate {
        rom: Line::from(choice.rom.as_str()),
        sha256: choice.sha256.into(),
        url: Line::from(choice.url.as_str()),
        confidence: choice.confidence.into(),
        reason: Sentence(&choice.reason).into(),
        note: choice.note.as_ref().map(|note| Sentence(note).into()),
    }
}

/// The user's files, those that work and name the device first, those that are for another last.
/// Of a folder it is those that hold a ROM.
fn ranked(
    paths: &[PathBuf],
    catalog: &Catalog,
    device: Option<DeviceId>,
) -> Result<Vec<OwnFile>, CliError> {
    let context = Context::new(catalog).with_device(device);
    let mut all = Vec::new();
    for path in paths {
        let is_folder = path.is_dir();
        let (files, errors) = files::walk(slice::from_ref(path));
        if let Some(error) = errors.into_iter().next() {
            return Err(error);
        }
        let before = all.len();
        for file in &files {
            let analysis = check::of_file(&files::read_any(file, context.limits())?, &context);
            if !is_folder || !analysis.images.is_empty() {
                all.push(own_file(file, &analysis));
            }
        }
        if is_folder && all.len() == before {
            let what = format!("there is no ROM in {}", check::shown(path));
            return Err(CliError::new(Exit::No, what, "Name a file, or a folder that has some."));
        }
    }
    all.sort_by_key(|file| {
        let place = match (file.usable.answer.0, &file.take_out) {
            (Answer::Yes, _) => 0,
            (_, Some(_)) => 1,
            (Answer::Unknown, None) => 2,
            (Answer::No, None) => 3,
        };
        (place, file.verdict.0)
    });
    Ok(all)
}

fn own_file(path: &Path, analysis: &Analysis) -> OwnFile {
    let is_sound = analysis.verdict != Verdict::Bad;
    let works = is_sound && analysis.usable.answer == Answer::Yes;
    let works_inside =
        matches!(analysis.usable.reason, Reason::Packed { answer: Answer::Yes, .. }) && is_sound;
    let sha256 = analysis.sha256;
    let take_out = file_word(path).filter(|_| works_inside);
    OwnFile {
        path: path.into(),
        sha256: sha256.map(Into::into),
        verdict: analysis.verdict.into(),
        usable: Usable::new(&analysis.usable),
        install: sha256.filter(|_| works).and_then(|digest| own_install(path, digest)),
        take_out: take_out
            .and_then(|file| ShellCommand::new(["oprom", "extract", &file, "-o", "parts"])),
    }
}

/// What installs a file of the user's.
pub(super) fn own_install(path: &Path, sha256: Digest) -> Option<ShellCommand> {
    let path = file_word(path)?;
    ShellCommand::new(["oprom", "install", "--from", &path, "--expect-sha256", &sha256.to_string()])
}

/// What the function at `bdf` of the host under the sysroot needs, or its iGPU.
fn on_host(catalog: &Catalog, env: &Env<'_>, bdf: Option<&str>) -> Result<Picked, CliError> {
    let Some(bdf) = bdf else { return Ok(pick::on_host(catalog, &env.files())) };
    pick::at(catalog, &env.files(), bdf).ok_or_else(|| {
        let what = format!("there is no PCI device {bdf} on this host");
        let help = "This lists the devices and their addresses:";
        CliError::new(Exit::Failed, what, help).run(["lspci", "-nn"])
    })
}
