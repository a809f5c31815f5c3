//! Makes a ROM: from a specification, from drivers, or like another with the GOP driver of one's
//! own BIOS.

use super::extract;
use super::pick::own_install;
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::build::Build;
use crate::report::file::File;
use crate::text::{Block, Line, block, file_or_placeholder};
use rom_core::compose::{self, Compressed, Image, Kind, Named, Spec};
use rom_core::contents::{self, Contents, DriverKind, GpuIds};
use rom_core::file_kind::{FileKind, OpenLimits, identify, reach};
use rom_core::repair::{self, Repair};
use rom_core::usable::Answer;
use rom_core::{Context, Limits, analyze, parse_at};
use rom_host::probe::pci;
use std::path::Path;

pub(super) fn run(args: &args::Build, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let device = args.device.or_else(|| pci::igpu(&env.files()).map(|seen| seen.id));
    let context = Context::new(&catalog).with_device(device);
    let mut steps = Vec::new();
    let mut spec = match (&args.spec, &args.like) {
        (Some(path), _) => from_text(path)?,
        (None, Some(path)) => like(path, args, &context, &mut steps)?,
        (None, None) => of_parts(args)?,
    };
    apply(args, &mut spec);
    let mut bytes = compose::compose(&spec).map_err(|error| refused(&error.to_string()))?;
    let ids = args.ids.map(Repair::Ids);
    let repairs: Vec<Repair> = ids.into_iter().chain(args.pad.then_some(Repair::Pad)).collect();
    bytes = repair::repair(&bytes, &repairs, &Limits::default())
        .map_err(|refusal| refused(&refusal.to_string()))?
        .bytes;
    let analysis = analyze(&bytes, &context);
    if let Some(finding) = analysis.error() {
        let what = format!(
            "it would not work: {}: {} ({})",
            finding.code.title(),
            finding.fact,
            finding.code.id()
        );
        return Err(CliError::new(
            Exit::Refused,
            what,
            format!("Nothing was written. {}", finding.code.hint()),
        ));
    }
    files::write_new(&args.output, &bytes)?;
    // For a GPU that is named, it has to do its job.
    let useless = args.device.is_some() && analysis.usable.answer == Answer::No;
    let exit = if useless { Exit::No } else { Exit::Yes };
    let file = File::new(Line::from(&args.output), &analysis);
    let install =
        analysis.sha256.filter(|_| !useless).and_then(|digest| own_install(&args.output, digest));
    Ok(Outcome { exit, report: Report::Build(Box::new(Build { steps, file, install })) })
}

fn refused(reason: &str) -> CliError {
    CliError::new(
        Exit::Failed,
        format!("the ROM cannot be made: {reason}"),
        "Check what was given.",
    )
}

fn from_text(path: &Path) -> Result<Spec, CliError> {
    let text = files::read_text(path, u64::try_from(Spec::LONGEST).unwrap_or(u64::MAX))?;
    let mut spec =
        text.parse::<Spec>().map_err(|error| refused(&format!("{}: {error}", path.display())))?;
    // Its files are beside it.
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut rest = Rest::new();
    spec.give(|name| rest.take(&folder.join(name), files::read_plain))?;
    Ok(spec)
}

/// Bytes that the files of one ROM may still have: together they are no more than the largest ROM.
struct Rest(usize);

impl Rest {
    fn new() -> Self {
        Self(Limits::DEFAULT.file)
    }

    /// Reads `path` by `read`, if it is small enough.
    fn take(
        &mut self,
        path: &Path,
        read: impl Fn(&Path, &Limits) -> Result<files::FileBytes, CliError>,
    ) -> Result<Vec<u8>, CliError> {
        let bytes = read(path, &Limits { file: self.0, ..Limits::DEFAULT })?.bytes;
        let Some(rest) = self.0.checked_sub(bytes.len()) else {
            let most = Limits::DEFAULT.file >> 20;
            return Err(refused(&format!(
                "with {}, its files are larger than {most} MiB in total",
                path.display()
            )));
        };
        self.0 = rest;
        Ok(bytes)
    }
}

fn of_parts(args: &args::Build) -> Result<Spec, CliError> {
    let mut rest = Rest::new();
    let mut image = Vec::new();
    for path in &args.legacy {
        let given = Some(rest.take(path, files::read_rom)?);
        image.push(Image { given, ..Image::new(Kind::Named(Named::Legacy)) });
    }
    for path in &args.efi {
        let bytes = rest.take(path, files::read_rom)?;
        image.push(driver(path, one_driver(path, bytes)?)?);
    }
    if image.is_empty() {
        let help = "Give a driver, a ROM and a BIOS, or a specification:";
        let error = CliError::new(Exit::Usage, "there is nothing to make a ROM from", help);
        return Err(error
            .run(["oprom", "build", "-o", "own.rom", "--efi", "driver.efi"])
            .run(["oprom", "build", "-o", "own.rom", "--like", "ROM", "--gop", "BIOS"])
            .run(["oprom", "build", "-o", "own.rom", "rom.toml"]));
    }
    Ok(Spec { image, ..Spec::default() })
}

/// The driver that `bytes` of `path` are, or the only one that is in them: in an archive, in text,
/// in sections of firmware, in another ROM.
fn one_driver(path: &Path, bytes: Vec<u8>) -> Result<Vec<u8>, CliError> {
    if !may_hold_drivers(&identify(&bytes)) {
        return Ok(bytes);
    }
    let mut drivers = extract::drivers_in(&bytes, &GpuIds::default(), |_, _| true).into_iter();
    match (drivers.next(), drivers.next()) {
        (Some((_, _, driver)), None) => Ok(driver),
        (None, _) => Ok(bytes),
        (Some((first, ..)), Some((second, ..))) => {
            let others = drivers.map(|(name, ..)| name);
            let names: Vec<String> = [first, second].into_iter().chain(others).take(8).collect();
            let what = format!("{} holds several drivers: {}", path.display(), names.join(", "));
            let help = format!(
                "Extract the one that you want: oprom extract {} --name NAME -o parts",
                path.display()
            );
            Err(CliError::new(Exit::Refused, what, help))
        }
    }
}

/// Whether drivers may be inside of a file of this kind.
fn may_hold_drivers(kind: &FileKind) -> bool {
    let is_part = matches!(kind, FileKind::FirmwareSection(_) | FileKind::FirmwareFile(_));
    is_part || kind.is_wrapped() || kind.is_rom()
}

/// An image around the driver that was read from `path`.
fn driver(path: &Path, bytes: Vec<u8>) -> Result<Image, CliError> {
    let refused = || {
        let what = format!("{} is not a UEFI driver: it has no readable PE image", path.display());
        let help = "This extracts drivers from a BIOS or a ROM:";
        CliError::new(Exit::Refused, what, help).run(["oprom", "extract", "FILE"])
    };
    compose::around(bytes, &Limits::default()).ok_or_else(refused)
}

/// What is asked for on the command line, over what is there.
fn apply(args: &args::Build, spec: &mut Spec) {
    let count = spec.image.len();
    for (index, image) in spec.image.iter_mut().enumerate() {
        if let Some(class) = args.class {
            image.class = class;
        }
        if !args.devices.is_empty() {
            image.devices.clone_from(&args.devices);
        }
        if args.compress
            && image.driver.given.is_some()
            && image.compressed == Compressed::Uefi(false)
        {
            image.compressed = Compressed::Uefi(true);
            image.driver_at = None;
        }
        if args.spec.is_none() {
            image.last = Some(index.saturating_add(1) == count);
        }
    }
}

/// The drivers of another ROM, with the GOP driver of a BIOS instead of its own.
fn like(
    path: &Path,
    args: &args::Build,
    context: &Context<'_>,
    steps: &mut Vec<Block>,
) -> Result<Spec, CliError> {
    let file = files::read_rom(path, &Limits::default())?;
    let reached = reach(&file.bytes, &OpenLimits::default());
    let rom = parse_at(&reached.bytes, reached.first_image(), &Limits::default());
    if rom.images.is_empty() {
        return Err(CliError::new(
            Exit::Refused,
            format!("{} is not an option ROM", path.display()),
            "This says what it is:",
        )
        .run(["oprom", "check", &file_or_placeholder(path)]));
    }
    let mut spec = compose::decompose(&rom);
    let kinds: Vec<Option<DriverKind>> = rom
        .images
        .iter()
        .map(|image| contents::contents(image, context.gpu_ids())?.driver)
        .collect();
    let Some(gop) = &args.gop else { return Ok(spec) };
    let found = gop_driver(gop, args.gop_name.as_deref(), context)?;
    let supports = support(&found, gop, args, context)?;
    let GopDriver { name, bytes, .. } = found;
    let image = driver(gop, bytes)?;
    let own = kinds.iter().position(|kind| *kind == Some(DriverKind::IntelGop));
    if let Some((index, old)) = own.and_then(|index| Some((index, spec.image.get_mut(index)?))) {
        let (vendor, device, class) = (old.vendor, old.device, old.class);
        *old = Image { vendor, device, class, ..image };
        let (name, gop) = (Line::from(name), Line::from(gop));
        let was = " was its Intel GOP driver: ";
        steps.push(block![
            "image ",
            index,
            " of ",
            Line::from(path),
            was,
            name,
            " of ",
            gop,
            " is there now"
        ]);
    } else {
        spec.image.insert(0, image);
        let (name, gop) = (Line::from(name), Line::from(gop));
        steps.push(block![
            Line::from(path),
            " has no Intel GOP driver: ",
            name,
            " of ",
            gop,
            " is put first"
        ]);
    }
    let assigns = [DriverKind::IgdAssignment, DriverKind::IgdAssignmentAndGop];
    if !kinds.iter().flatten().any(|kind| assigns.contains(kind)) {
        let what = " has no IGD assignment driver, and a GOP driver alone shows no display in a VM";
        steps.push(block![Line::from(path), what]);
    }
    steps.push(supports);
    let together = "these drivers were not tested together: keep the ROM that works until this \
        one has shown a display";
    steps.push(block![together]);
    Ok(spec)
}

/// A driver that was extracted from a BIOS.
struct GopDriver {
    name: String,
    contents: Contents,
    bytes: Vec<u8>,
}

/// The Intel GOP driver in a BIOS, a ROM, or a file of its own: the one of this name, or the only
/// one, or the only one for this GPU.
fn gop_driver(
    path: &Path,
    name: Option<&str>,
    context: &Context<'_>,
) -> Result<GopDriver, CliError> {
    let is_wanted = |own: &str, contents: &Contents| match name {
        Some(name) => name == own,
        None => contents.driver == Some(DriverKind::IntelGop),
    };
    let mut gops = extract::drivers(path, context.gpu_ids(), is_wanted)?;
    gops.retain(|(own, contents, _)| is_wanted(own, contents));
    let lists = |contents: &Contents| {
        context.device().is_some_and(|device| contents.devices().contains(&device))
    };
    if gops.len() > 1 && gops.iter().any(|(_, contents, _)| lists(contents)) {
        gops.retain(|(_, contents, _)| lists(contents));
    }
    let names: Vec<String> = gops.iter().map(|(name, _, _)| name.clone()).collect();
    let mut gops = gops.into_iter();
    let (name, contents, bytes) = match (gops.next(), gops.next()) {
        (Some(one), None) => one,
        (None, _) => {
            let what = format!("no Intel GOP driver was found in {}", path.display());
            let error = CliError::new(Exit::No, what, "This shows what is in it:");
            return Err(error.run(["oprom", "extract", "--all", &file_or_placeholder(path)]));
        }
        (Some(_), Some(_)) => {
            let what =
                format!("{} has several Intel GOP drivers: {}", path.display(), names.join(", "));
            let help = "Give the GPU with --device, or the driver with --gop-name.";
            return Err(CliError::new(Exit::No, what, help));
        }
    };
    Ok(GopDriver { name, contents, bytes })
}

/// Whether a driver lists the GPU that the ROM is for, in words; an error where it lists others.
fn support(
    gop: &GopDriver,
    path: &Path,
    args: &args::Build,
    context: &Context<'_>,
) -> Result<Block, CliError> {
    let own = Line::from(gop.name.as_str());
    let Some(device) = context.device() else {
        return Ok(block![
            "no GPU is given (--device), so whether the driver supports it was not checked"
        ]);
    };
    if gop.contents.gop_lists.is_empty() {
        return Ok(block![
            own,
            " has no readable list of GPUs: whether it supports ",
            device,
            " is unknown"
        ]);
    }
    if gop.contents.devices().contains(&device) {
        return Ok(block![own, " lists ", device]);
    }
    if args.gop_name.is_some() {
        let named = "; it was taken because --gop-name says so";
        return Ok(block![own, " lists other GPUs but not ", device, named]);
    }
    let what = format!(
        "{} in {} lists other GPUs but not {device}: it would show no display at boot",
        gop.name,
        path.display()
    );
    let help =
        format!("Use the BIOS of the board that has this GPU, or give --gop-name {}.", gop.name);
    Err(CliError::new(Exit::Refused, what, help))
}
