//! Takes ROMs and firmware images apart: files, folders of them, and what this machine has.

mod firmware;
mod host;
mod parts;

use super::{Outcome, Report, page};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::extract::{Extract, Extracted, Kind};
use crate::report::failure::Error;
use crate::text::{Line, block, file_or_placeholder};
use firmware::{of_firmware, stem_of};
use parts::{Taken, driver_of, of_driver, of_rom, of_table, of_vfct, part};
use rom_core::contents::{self, Contents, GpuIds};
use rom_core::file_kind::{FileKind, OpenLimits, reach};
use rom_core::inside::{taken_apart, unpack_limits};
use rom_core::unpack::{self, FoundKind, UnpackLimits};
use rom_core::{Context, Image, Limits, Window, parse_at};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a firmware image that are read.
const LARGEST: usize = Limits::DEFAULT.firmware;

pub(super) fn run(args: &args::Extract, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let job = Job { args, context: &Context::new(&catalog), env };
    if args.host {
        return host::run(&job);
    }
    match args.files.as_slice() {
        [file] if !file.is_dir() => job.alone(file),
        files => job.several(files),
    }
}

/// What is to be done with each file.
struct Job<'j> {
    args: &'j args::Extract,
    context: &'j Context<'j>,
    env: &'j Env<'j>,
}

impl Job<'_> {
    /// A file by itself.
    fn alone(&self, path: &Path) -> Result<Outcome, CliError> {
        let file = read(path)?;
        let folder = self.args.output.as_deref();
        let mut extracted = self.taken(&file.bytes, Line::from(path), Vec::new(), folder)?;
        if let Some(html) = &self.args.html {
            extracted.page = Some(page::write(html, path, &file, self.context, self.env)?);
        }
        let exit = match (extracted.errors.is_empty(), extracted.is_something()) {
            (false, _) => Exit::Failed,
            (true, false) => Exit::No,
            (true, true) => Exit::Yes,
        };
        Ok(Outcome { exit, report: Report::Extract(Box::new(extracted)) })
    }

    /// Each of several files, or of the files of a folder. What is written of each is in a folder
    /// of its own.
    fn several(&self, named: &[PathBuf]) -> Result<Outcome, CliError> {
        if self.args.html.is_some() {
            let help = "Name one file.";
            return Err(CliError::new(Exit::Usage, "--html writes the page of one file", help));
        }
        let (paths, troubles) = files::walk(named);
        if paths.is_empty() && troubles.is_empty() {
            return Err(files::none_in(named));
        }
        let mut sum = Sum::new(self.env);
        for error in &troubles {
            sum.fail(error);
        }
        let mut taken_names = HashSet::new();
        for path in &paths {
            let own = |folder: &PathBuf| folder.join(free_name(path, &mut taken_names));
            let folder = self.args.output.as_ref().map(own);
            let taken = read(path).and_then(|file| {
                self.taken(&file.bytes, Line::from(path), Vec::new(), folder.as_deref())
            });
            match taken {
                Ok(extracted) => {
                    if !sum.add(Extract { alone: false, ..extracted }) {
                        break;
                    }
                }
                Err(error) => sum.fail(&error),
            }
        }
        Ok(sum.outcome(self.args))
    }

    /// The parts of `bytes`, with `whole` before them, written below `folder` if there is one.
    fn taken(
        &self,
        bytes: &[u8],
        path: Line,
        whole: Vec<Taken<'_>>,
        folder: Option<&Path>,
    ) -> Result<Extract, CliError> {
        let known = self.context.gpu_ids();
        let reached = reach(bytes, &open_limits());
        let rom = parse_at(&reached.bytes, reached.first_image(), &Limits::default());
        let unpacked;
        let (mut extracted, mut taken) = match reached.inner() {
            FileKind::Vfct => (empty(Kind::Table), of_vfct(&reached.bytes)),
            _ if !rom.images.is_empty() => (empty(Kind::OptionRom), of_rom(&rom, known)),
            FileKind::EfiDriver(_) => (empty(Kind::Driver), of_driver(&reached.bytes, known)),
            FileKind::OpRegion | FileKind::VideoBiosTable => {
                (empty(Kind::Table), of_table(&reached.bytes))
            }
            _ => {
                unpacked =
                    unpack::unpack(taken_apart(bytes, &reached), &unpack_limits(bytes, &reached));
                of_firmware(&unpacked, self.args.all, known)
            }
        };
        if !reached.is_plain() && !rom.images.is_empty() {
            let bytes = reached.bytes.to_vec();
            let what = block!["the ROM that was in the file"];
            taken.insert(0, part("opened.rom".to_owned(), what, None, bytes));
        }
        taken.splice(0..0, whole);
        extracted.path = path;
        name_each(&mut taken);
        let wanted = &self.args.name;
        if !wanted.is_empty() {
            let is_wanted = |own: &str| {
                wanted.iter().any(|name| name == own || own.split('.').next() == Some(name))
            };
            taken.retain(|taken| is_wanted(taken.part.name.raw()));
        }
        if let Some(folder) = folder.filter(|_| !taken.is_empty()) {
            extracted.errors = write(&taken, folder, self.env)?;
            extracted.written = taken.len().saturating_sub(extracted.errors.len());
            extracted.folder = Some(Line::from(folder));
        }
        extracted.parts = taken.into_iter().map(|taken| taken.part).collect();
        Ok(extracted)
    }
}

/// What several files, or sources, came to.
struct Sum<'e> {
    env: &'e Env<'e>,
    files: usize,
    with_parts: usize,
    parts: usize,
    all_read: bool,
}

impl<'e> Sum<'e> {
    const fn new(env: &'e Env<'e>) -> Self {
        Self { env, files: 0, with_parts: 0, parts: 0, all_read: true }
    }

    /// Reports one of them; whether anybody still reads on.
    fn add(&mut self, extracted: Extract) -> bool {
        self.files = self.files.saturating_add(1);
        self.with_parts = self.with_parts.saturating_add(usize::from(extracted.is_something()));
        self.parts = self.parts.saturating_add(extracted.parts.len());
        self.all_read &= extracted.errors.is_empty();
        self.env.reporter.part(&Report::Extract(Box::new(extracted))).is_ok()
    }

    /// Reports one that could not be read: in JSON it has a line of its own.
    fn fail(&mut self, error: &CliError) {
        self.files = self.files.saturating_add(1);
        self.all_read = false;
        self.env.reporter.fail(error);
        // A reader that is gone wants nothing more.
        drop(self.env.reporter.part(&Report::Failure(Box::new(error.into()))));
    }

    fn outcome(self, args: &args::Extract) -> Outcome {
        let exit = match (self.all_read, self.with_parts) {
            (false, _) => Exit::Failed,
            (true, 0) => Exit::No,
            (true, _) => Exit::Yes,
        };
        let report = Extracted {
            files: self.files,
            with_parts: self.with_parts,
            parts: self.parts,
            folder: args.output.as_ref().map(Line::from),
            words: words(args),
        };
        Outcome { exit, report: Report::Extracted(Box::new(report)) }
    }
}

/// The words that name what was looked at, for a command that writes its parts.
fn words(args: &args::Extract) -> Vec<String> {
    if !args.host {
        return args.files.iter().map(file_or_placeholder).collect();
    }
    let in_use = args.in_use.then(|| "--in-use".to_owned());
    let device = args.bdf.iter().flat_map(|bdf| ["--bdf".to_owned(), bdf.clone()]);
    ["--host".to_owned()].into_iter().chain(in_use).chain(device).collect()
}

/// The name of a file as that of a folder, with a number where another file has it already.
fn free_name(path: &Path, names: &mut HashSet<OsString>) -> OsString {
    let own = path.file_name().map_or_else(|| "input".into(), OsString::from);
    let mut name = own.clone();
    let mut count: usize = 1;
    while !names.insert(name.to_ascii_lowercase()) {
        count = count.saturating_add(1);
        name.clone_from(&own);
        name.push(format!("-{count}"));
    }
    name
}

/// Reads a file that may be a firmware image.
fn read(path: &Path) -> Result<files::FileBytes, CliError> {
    let file = files::read_rom(path, &Limits { file: LARGEST, ..Limits::default() })?;
    if file.bytes.len() <= LARGEST {
        return Ok(file);
    }
    let what = format!("{} is larger than {} MiB", path.display(), LARGEST >> 20);
    let help = "Cut out the part that contains the firmware. This finds option ROMs in files of \
        any size:";
    let error = CliError::new(Exit::Failed, what, help);
    Err(error.run(["oprom", "scan", &file_or_placeholder(path)]))
}

fn empty(kind: Kind) -> Extract {
    Extract {
        path: Line::default(),
        kind,
        source: None,
        missing: None,
        parts: Vec::new(),
        items: Vec::new(),
        opaque: Vec::new(),
        opaque_bytes: 0,
        other_drivers: 0,
        folder: None,
        written: 0,
        errors: Vec::new(),
        page: None,
        alone: true,
    }
}

/// Bounds on what is opened on the way to firmware: with the file itself no more than is decoded of
/// firmware.
fn open_limits() -> OpenLimits {
    OpenLimits {
        bytes: UnpackLimits::default().memory.saturating_sub(LARGEST),
        ..OpenLimits::default()
    }
}

/// The drivers in a file, whatever it is, with the name that they have there; only those that are
/// `wanted`, each once.
pub(super) fn drivers(
    path: &Path,
    known: &GpuIds,
    wanted: impl Fn(&str, &Contents) -> bool,
) -> Result<Vec<(String, Contents, Vec<u8>)>, CliError> {
    Ok(drivers_in(&read(path)?.bytes, known, wanted))
}

/// The same of the bytes of a file.
pub(super) fn drivers_in(
    bytes: &[u8],
    known: &GpuIds,
    wanted: impl Fn(&str, &Contents) -> bool,
) -> Vec<(String, Contents, Vec<u8>)> {
    let reached = reach(bytes, &open_limits());
    let rom = parse_at(&reached.bytes, reached.first_image(), &Limits::default());
    if !rom.images.is_empty() {
        let of_image = |(index, image): (usize, &Image<'_>)| {
            let contents = contents::contents(image, known)?;
            Some((format!("image-{index}"), contents, driver_of(image)?.to_vec()))
        };
        return rom.images.iter().enumerate().filter_map(of_image).collect();
    }
    if matches!(reached.inner(), FileKind::EfiDriver(_)) {
        let contents = contents::of_driver(Window::of_file(&reached.bytes), known);
        return vec![("driver".to_owned(), contents, reached.bytes.into_owned())];
    }
    let unpacked = unpack::unpack(taken_apart(bytes, &reached), &unpack_limits(bytes, &reached));
    let mut drivers: Vec<(String, Contents, Vec<u8>)> = Vec::new();
    for found in unpack::found(&unpacked, known) {
        let stem = stem_of(&found);
        let FoundKind::Driver(contents) = found.kind else { continue };
        let bytes = unpacked.bytes(found.place);
        if wanted(&stem, &contents) && !drivers.iter().any(|(_, _, own)| own == bytes) {
            drivers.push((stem, *contents, bytes.to_vec()));
        }
    }
    drivers
}

/// Gives parts of the same name numbers, counted on until a name is free. Case makes no difference:
/// on some file systems it is none.
fn name_each(taken: &mut [Taken<'_>]) {
    let mut names: HashSet<String> = HashSet::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for Taken { part, .. } in taken {
        let mut name = part.name.raw().to_owned();
        let (stem, ending) = name.split_once('.').unwrap_or((&name, "bin"));
        let (stem, ending) = (stem.to_owned(), ending.to_owned());
        // Where the count of this name was left, so that many of one name are counted once.
        let count = counts.entry(name.to_ascii_lowercase()).or_insert(1);
        while !names.insert(name.to_ascii_lowercase()) {
            *count = count.saturating_add(1);
            name = format!("{stem}-{count}.{ending}");
        }
        part.name = name.into();
    }
}

/// Files that may fail before the rest is given up: what ails them ails all.
const MOST_FAILURES: usize = 8;

/// Writes every part to a file of its own in `folder`. What is there already is not replaced; one
/// that cannot be written does not stop the rest. Why some were not.
fn write(taken: &[Taken<'_>], folder: &Path, env: &Env<'_>) -> Result<Vec<Error>, CliError> {
    fs::create_dir_all(folder)
        .map_err(|error| CliError::file("make the folder", folder, &error))?;
    let mut failures = Vec::new();
    for Taken { part, bytes } in taken {
        let Err(error) = files::write_new(&folder.join(part.name.raw()), bytes) else { continue };
        failures.push(Error::from(&error));
        if failures.len() >= MOST_FAILURES {
            return Err(error);
        }
        env.reporter.fail(&error);
    }
    Ok(failures)
}
