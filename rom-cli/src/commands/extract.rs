//! Takes a ROM or a firmware image apart.

use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::extract::{self as report, Extract, Kind, Part, Place};
use crate::report::failure::Error;
use crate::text::{Block, Hex, Line, block, file_or_placeholder};
use rom_core::compose;
use rom_core::contents::{self, Contents, DriverKind, GpuIds, Vbt};
use rom_core::file_kind::{FileKind, OpenLimits, reach};
use rom_core::inside::{taken_apart, unpack_limits};
use rom_core::layout::{FfsFileType, Guid};
use rom_core::model::Payload;
use rom_core::unpack::{self, Found, FoundKind, Item, ItemKind, Opaque, UnpackLimits, Unpacked};
use rom_core::{Body, Context, Image, Limits, Rom, Span, Window, parse, parse_at, read};
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

/// A part, and its bytes where they are: a copy of each would double what a file can ask for.
struct Taken<'a> {
    part: Part,
    bytes: Cow<'a, [u8]>,
}

/// Bytes of a firmware image that are read.
const LARGEST: usize = Limits::DEFAULT.firmware;

/// Parts that are listed. Real images hold a tenth of that.
const MOST_PARTS: usize = 20_000;

/// GPUs that are listed for a driver. The largest lists have 311.
const MOST_DEVICES: usize = 1024;

pub(super) fn run(args: &args::Extract, env: &Env<'_>) -> Result<Outcome, CliError> {
    let file = read(&args.file)?;
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let reached = reach(&file.bytes, &open_limits());
    let rom = parse_at(&reached.bytes, reached.first_image(), &Limits::default());
    let unpacked;
    let (mut extracted, mut taken) = match reached.inner() {
        _ if !rom.images.is_empty() => (empty(Kind::OptionRom), of_rom(&rom, context.gpu_ids())),
        FileKind::EfiDriver(_) => {
            (empty(Kind::Driver), of_driver(&reached.bytes, context.gpu_ids()))
        }
        _ => {
            unpacked = unpack::unpack(
                taken_apart(&file.bytes, &reached),
                &unpack_limits(&file.bytes, &reached),
            );
            of_firmware(&unpacked, args.all, context.gpu_ids())
        }
    };
    if !reached.is_plain() && !rom.images.is_empty() {
        let bytes = reached.bytes.to_vec();
        taken.insert(
            0,
            part("opened.rom".to_owned(), block!["the ROM that was in the file"], None, bytes),
        );
    }
    if *reached.inner() == FileKind::Vfct {
        taken.splice(0..0, of_vfct(&reached.bytes));
    }
    extracted.path = Line::from(&args.file);
    name_each(&mut taken);
    if !args.name.is_empty() {
        let is_wanted = |own: &str| {
            args.name.iter().any(|name| name == own || own.split('.').next() == Some(name))
        };
        taken.retain(|taken| is_wanted(taken.part.name.raw()));
    }
    if let Some(folder) = &args.output {
        extracted.errors = write(&taken, folder, env)?;
        extracted.written = taken.len().saturating_sub(extracted.errors.len());
        extracted.folder = Some(Line::from(folder));
    }
    extracted.parts = taken.into_iter().map(|taken| taken.part).collect();
    let exit = match (
        extracted.errors.is_empty(),
        extracted.parts.is_empty() && extracted.items.is_empty(),
    ) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    };
    Ok(Outcome { exit, report: Report::Extract(Box::new(extracted)) })
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
        parts: Vec::new(),
        items: Vec::new(),
        opaque: Vec::new(),
        other_drivers: 0,
        folder: None,
        written: 0,
        errors: Vec::new(),
    }
}

/// A place in the file itself.
const fn in_file(span: Span) -> Place {
    Place { offset: span.offset, length: span.length, decoded: None }
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

/// The driver of an image, without the padding behind it.
fn driver_of<'a>(image: &'a Image<'_>) -> Option<&'a [u8]> {
    let Body::Efi(efi) = &image.body else { return None };
    let end = if let Payload::Pe(pe) = &efi.payload {
        pe.extent.min(efi.driver.len())
    } else {
        efi.driver.len()
    };
    efi.driver.get(..end).filter(|driver| !driver.is_empty())
}

/// The VBIOS images of AMD's table, each by the ids of its GPU.
fn of_vfct<'a>(bytes: &[u8]) -> Vec<Taken<'a>> {
    let Some(table) = read::vfct(Window::of_file(bytes)) else { return Vec::new() };
    let mut taken = Vec::new();
    for image in table.images {
        let Some(own) = Window::of_file(bytes).cut(image.span.offset, image.span.length) else {
            continue;
        };
        let name = format!("vbios-{:04x}-{:04x}.rom", image.id.vendor, image.id.device);
        taken.push(part(
            name,
            block!["VBIOS of AMD"],
            Some(in_file(image.span)),
            own.bytes().to_vec(),
        ));
    }
    taken
}

fn of_rom<'a>(rom: &'a Rom<'_>, known: &GpuIds) -> Vec<Taken<'a>> {
    let images = rom.images.iter().enumerate();
    let mut taken: Vec<Taken<'_>> =
        images.flat_map(|(index, image)| of_image(index, image, known)).collect();
    taken.extend(specification(rom, &taken));
    taken
}

/// What `oprom build` makes the same ROM of, and what that needs beside the other pieces.
fn specification<'a>(rom: &Rom<'_>, pieces: &[Taken<'_>]) -> Vec<Taken<'a>> {
    let mut spec = compose::decompose(rom);
    for (index, image) in spec.image.iter_mut().enumerate() {
        let name = format!("image-{index}.efi");
        let given = image.driver.given.as_deref();
        let same = pieces
            .iter()
            .any(|taken| taken.part.name.raw() == name && Some(&*taken.bytes) == given);
        image.driver.file = image
            .driver
            .given
            .is_some()
            .then(|| if same { name } else { format!("image-{index}.stored") });
        image.file = image.given.is_some().then(|| format!("image-{index}.rom"));
    }
    let Ok(written) = spec.write("image") else { return Vec::new() };
    let there = |name: &str| pieces.iter().any(|taken| taken.part.name.raw() == name);
    let mut made = Vec::new();
    for (name, bytes) in written.files.into_iter().filter(|(name, _)| !there(name)) {
        let is_driver = name.rsplit('.').next() == Some("stored");
        let what =
            if is_driver { "the driver as it is stored" } else { "what the fields do not explain" };
        made.push(part(name, block![what], None, bytes));
    }
    let text = written.text.into_bytes();
    made.push(part(
        "rom.toml".to_owned(),
        block!["what oprom build makes the same ROM from"],
        None,
        text,
    ));
    made
}

/// An image as it is, the driver in it, and what the driver holds.
fn of_image<'a>(index: usize, image: &'a Image<'_>, known: &GpuIds) -> Vec<Taken<'a>> {
    let stem = format!("image-{index}");
    let place = in_file(image.span());
    let what = block![image.body.kind().name(), " image"];
    let mut pieces = vec![part(format!("{stem}.rom"), what, Some(place), image.window.bytes())];
    let contents = contents::contents(image, known);
    let driver = driver_of(image);
    let source = driver.unwrap_or(image.window.bytes());
    if let Some(driver) = driver {
        pieces.push(driver_piece(&stem, driver, contents.as_ref(), place));
    }
    pieces.extend(contents.as_ref().into_iter().flat_map(|contents| {
        inner(&stem, source, image.window.span().offset, contents, driver.is_some())
    }));
    pieces
}

/// A driver by itself, with what it holds.
fn of_driver<'a>(bytes: &'a [u8], known: &GpuIds) -> Vec<Taken<'a>> {
    let contents = contents::of_driver(Window::of_file(bytes), known);
    let mut taken = vec![driver_piece(
        "driver",
        bytes,
        Some(&contents),
        in_file(Window::of_file(bytes).span()),
    )];
    taken.extend(inner("driver", bytes, 0, &contents, true));
    taken
}

/// A part that names no GPUs.
fn part<'a>(
    name: String,
    what: Block,
    place: Option<Place>,
    bytes: impl Into<Cow<'a, [u8]>>,
) -> Taken<'a> {
    let bytes = bytes.into();
    let (devices, evidence) = (Vec::new(), Vec::new());
    let part =
        Part { name: name.into(), what, place, length: bytes.len(), devices, evidence, copies: 0 };
    Taken { part, bytes }
}

fn driver_piece<'a>(
    stem: &str,
    bytes: &'a [u8],
    contents: Option<&Contents>,
    place: Place,
) -> Taken<'a> {
    let kind = contents.and_then(|contents| contents.driver).unwrap_or(DriverKind::Unknown);
    let terse = bytes.starts_with(b"VZ");
    let devices = contents.map(Contents::devices).unwrap_or_default();
    let mut taken = part(
        format!("{stem}.{}", if terse { "te" } else { "efi" }),
        block![kind.name()],
        Some(place),
        bytes,
    );
    taken.part.devices = devices.iter().take(MOST_DEVICES).map(|device| (*device).into()).collect();
    let evidence = contents.into_iter().flat_map(|contents| &contents.evidence);
    taken.part.evidence = evidence.map(|evidence| Line::new(evidence.to_string())).collect();
    taken
}

/// The table for the screens and the lists of GPUs of a driver. Spans of a legacy image count from
/// the start of the file, at which it begins at `base`.
fn inner<'a>(
    stem: &str,
    bytes: &'a [u8],
    base: usize,
    contents: &Contents,
    is_driver: bool,
) -> Vec<Taken<'a>> {
    let base = if is_driver { 0 } else { base };
    let vbt = contents.vbt.as_ref().and_then(|vbt| {
        let at = vbt.span.offset.checked_sub(base)?;
        let own = bytes.get(at..at.checked_add(vbt.span.length)?)?;
        Some(part(format!("{stem}.vbt"), vbt_text(vbt), Some(in_file(vbt.span)), own))
    });
    let devices = contents.devices();
    let list = (!devices.is_empty()).then(|| {
        let listed = devices.iter().take(MOST_DEVICES);
        let text: String =
            listed.flat_map(|device| [device.to_string(), "\n".to_owned()]).collect();
        part(
            format!("{stem}.devices.txt"),
            block![devices.len(), " GPUs that it lists"],
            None,
            text.into_bytes(),
        )
    });
    vbt.into_iter().chain(list).collect()
}

fn vbt_text(vbt: &Vbt) -> Block {
    let product = if vbt.product.is_empty() {
        block!["no product"]
    } else {
        block![Line::new(vbt.product.as_str())]
    };
    block!["Video BIOS Table of ", product]
}

fn of_firmware<'a>(
    unpacked: &'a Unpacked<'_>,
    all: bool,
    known: &GpuIds,
) -> (Extract, Vec<Taken<'a>>) {
    let found = unpack::found(unpacked, known);
    let mut extracted = empty(Kind::FirmwareImage);
    extracted.other_drivers = found.iter().filter(|found| !matters(found)).count();
    let mut taken: Vec<Taken<'_>> = Vec::new();
    // Two halves of a chip may hold the same BIOS: each part is listed once.
    let mut seen: HashMap<&[u8], usize> = HashMap::new();
    for found in found.iter().filter(|found| all || matters(found)) {
        if taken.len() > MOST_PARTS {
            break;
        }
        match seen.entry(unpacked.bytes(found.place)) {
            Entry::Vacant(place) => {
                place.insert(taken.len());
                taken.extend(of_found(unpacked, found));
            }
            Entry::Occupied(first) => {
                if let Some(Taken { part, .. }) = taken.get_mut(*first.get()) {
                    part.copies = part.copies.saturating_add(1);
                }
            }
        }
    }
    let too_many = taken.len() > MOST_PARTS;
    taken.truncate(MOST_PARTS);
    extracted.opaque = not_understood(unpacked);
    if unpacked.cut_by_limit || too_many {
        extracted.opaque.push(block!["it contains more than is read"]);
    }
    if unpacked.items.is_empty() {
        extracted.kind = Kind::Nothing;
    }
    if all {
        extracted.items = unpacked.items.iter().map(leaf).collect();
    }
    (extracted, taken)
}

/// Whether something has to do with graphics or option ROMs. Half of a firmware image uses Graphics
/// Output or a network: what drives a device on PCI counts.
fn matters(found: &Found) -> bool {
    let FoundKind::Driver(contents) = &found.kind else { return true };
    match contents.driver {
        None | Some(DriverKind::Unknown) => contents.vbt.is_some(),
        Some(DriverKind::Network) => {
            contents.protocols.iter().any(|protocol| protocol.name == "PCI I/O")
        }
        Some(_) => true,
    }
}

fn of_found<'a>(unpacked: &'a Unpacked<'_>, found: &Found) -> Vec<Taken<'a>> {
    let bytes = unpacked.bytes(found.place);
    let stem = stem_of(found);
    let decoded = Some(found.place.part).filter(|part| *part > 0);
    let place = Place { offset: found.place.span.offset, length: found.place.span.length, decoded };
    match &found.kind {
        FoundKind::Driver(contents) => {
            let driver = driver_piece(&stem, bytes, Some(contents), place);
            [driver].into_iter().chain(inner(&stem, bytes, 0, contents, true)).collect()
        }
        FoundKind::OptionRom => {
            vec![part(format!("{stem}.rom"), rom_text(bytes), Some(place), bytes)]
        }
        FoundKind::Vbt(vbt) => vec![part(format!("{stem}.vbt"), vbt_text(vbt), Some(place), bytes)],
        _ => Vec::new(),
    }
}

/// An option ROM in words: what its images are, for which device, and whether it holds a table for
/// the screens.
fn rom_text(bytes: &[u8]) -> Block {
    let rom = parse(bytes, &Limits::default());
    let device = rom.images.iter().find_map(Image::device).map(|device| block![" for ", device]);
    let mut text = block!["option ROM", device, ", "];
    for (index, image) in rom.images.iter().enumerate() {
        text = block![text, (index > 0).then_some(" + "), image.body.kind().name()];
    }
    let vbt = contents::find_vbt(Window::of_file(bytes)).map(|vbt| block![", ", vbt_text(&vbt)]);
    block![text, vbt]
}

/// The name of something that was found, without an ending.
fn stem_of(found: &Found) -> String {
    match (&found.file, &found.entry) {
        (Some((guid, name)), _) => file_name(name.as_deref(), *guid),
        (None, Some(entry)) => entry_stem(entry),
        (None, None) => "unnamed".to_owned(),
    }
}

/// The name of a file of an update as a stem: without its folder and its ending.
fn entry_stem(name: &str) -> String {
    let own = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = own.rsplit_once('.').map_or(own, |(stem, _)| stem);
    file_name(Some(stem), Guid([0; 16]))
}

/// A name that is safe as a file's: of a firmware image's own, only letters that no file system
/// minds.
fn file_name(name: Option<&str>, guid: Guid) -> String {
    /// Bytes of a name, so that numbers and endings fit into what every file system takes (143
    /// bytes under eCryptfs).
    const LONGEST: usize = 96;
    let safe = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-_+".contains(letter) { letter } else { '_' }
    };
    match name.map(|name| name.chars().map(safe).take(LONGEST).collect::<String>()) {
        // A leading minus would make it an option of the next command.
        Some(name) if name.starts_with('-') => format!("_{name}"),
        Some(name) if name.chars().any(|letter| letter.is_ascii_alphanumeric()) => name,
        Some(_) | None => guid.to_string(),
    }
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

/// Places that are listed of what was not understood. The count is that of all.
const MOST_PLACES: usize = 20;

/// What was not understood, in words: how much of it there is, and where.
fn not_understood(unpacked: &Unpacked<'_>) -> Vec<Block> {
    let places = unpacked.opaque().count();
    if places == 0 {
        return Vec::new();
    }
    let bytes = unpacked
        .opaque()
        .fold(0, |sum: usize, (item, _)| sum.saturating_add(item.place.span.length));
    let mut lines: Vec<Block> =
        unpacked.opaque().take(MOST_PLACES).map(|(item, why)| opaque(item, why)).collect();
    if places > MOST_PLACES {
        lines.push(block![places.saturating_sub(MOST_PLACES), " more places"]);
    }
    lines.push(block![bytes, " bytes in ", places, " places were not understood"]);
    lines
}

fn opaque(item: &Item, why: &Opaque) -> Block {
    let at = block![item.place.span.length, " bytes at ", place_text(item.place), ": "];
    let guid = |guid: &Guid| Line::new(guid.to_string());
    match why {
        Opaque::Guid(own) => {
            block![at, "encoded as ", guid(own), " says, which is not known; often encryption"]
        }
        Opaque::FileSystem(own) => {
            block![at, "a volume with the file system ", guid(own), ", which is not known"]
        }
        Opaque::Damaged => block![at, "damaged"],
        Opaque::TooLarge => block![at, "too large once decoded"],
        Opaque::Password => block![at, "encrypted with a password"],
        Opaque::Named(name) => block![at, *name, ", which is not opened"],
        Opaque::Cut(missing) => block![at, *missing, " bytes after them are missing"],
        _ => block![at, "not known"],
    }
}

/// A place in words.
fn place_text(place: unpack::Place) -> Block {
    let decoded = (place.part > 0).then(|| block![" of decoded part ", place.part]);
    block![Hex(place.span.offset), decoded]
}

fn leaf(item: &Item) -> report::Item {
    let (what, guid) = match &item.kind {
        ItemKind::Region(name) => (block!["region: ", *name], None),
        ItemKind::Capsule(name) => (block![*name], None),
        ItemKind::Volume(system, name) => (block!["volume"], Some(name.unwrap_or(*system))),
        ItemKind::File(FfsFileType(code), guid) => {
            let name = FfsFileType(*code).name();
            (
                name.map_or_else(
                    || block!["file of type ", Line::new(format!("{code:#04x}"))],
                    |name| block![name],
                ),
                Some(*guid),
            )
        }
        ItemKind::Section(kind) => (block!["section: ", kind.name().unwrap_or("unknown")], None),
        ItemKind::Program => (block!["program"], None),
        ItemKind::Container(format) => (block![format.name()], None),
        ItemKind::Entry => (block!["part"], None),
        ItemKind::OptionRom => (block!["option ROM"], None),
        _ => (block!["not understood"], None),
    };
    report::Item {
        depth: item.depth,
        what,
        guid: guid.map(|guid| guid.to_string().into()),
        name: item.name.as_deref().map(Line::from),
        offset: item.place.span.offset,
        length: item.place.span.length,
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
