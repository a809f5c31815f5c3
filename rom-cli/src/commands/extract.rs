//! Takes a ROM or a firmware image apart.

use super::check::shown;
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use rom_core::compose;
use rom_core::contents::{self, Contents, DriverKind, GpuIds};
use rom_core::layout::{FfsFileType, Guid};
use rom_core::model::{Foreign, Payload};
use rom_core::unpack::{self, Found, FoundKind, Item, ItemKind, Sealed, UnpackLimits, Unpacked};
use rom_core::{Body, Context, Image, Limits, Rom, Window, parse};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What was found, and where it was written.
pub(crate) struct Extracted {
    pub(crate) path: String,
    /// "option ROM", "firmware image", "driver".
    pub(crate) kind: &'static str,
    pub(crate) pieces: Vec<Piece>,
    /// Everything in a firmware image, where that is asked for.
    pub(crate) tree: Vec<Leaf>,
    /// What cannot be opened, in words.
    pub(crate) sealed: Vec<String>,
    /// The folder that the pieces were written to.
    pub(crate) folder: Option<String>,
    /// How many drivers there are beside the pieces.
    pub(crate) others: usize,
}

/// A part that can be written to a file.
pub(crate) struct Piece {
    /// Its name as a file.
    pub(crate) name: String,
    /// What it is, in words.
    pub(crate) what: String,
    /// Where it is, in words.
    pub(crate) place: String,
    pub(crate) length: usize,
    /// GPUs that tables in it name.
    pub(crate) devices: Vec<String>,
    bytes: Vec<u8>,
}

/// A line of the tree of a firmware image.
pub(crate) struct Leaf {
    pub(crate) depth: usize,
    pub(crate) what: String,
    pub(crate) guid: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) offset: usize,
    pub(crate) length: usize,
}

/// Bytes of a firmware image that are read: twice the largest flash chip of a PC.
const LARGEST: usize = 128 << 20;

pub(super) fn run(args: &args::Extract, env: &Env<'_>) -> Result<Outcome, CliError> {
    let limits = Limits { file: LARGEST, ..Limits::default() };
    let file = files::read_rom(&args.file, &limits)?;
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let rom = parse(&file.bytes, &Limits::default());
    let mut extracted = match rom.foreign {
        None if !rom.images.is_empty() => of_rom(&rom, context.gpu_ids()),
        Some(Foreign::BareDriver) => of_driver(&file.bytes, context.gpu_ids()),
        Some(_) | None => of_firmware(&file.bytes, args.all, context.gpu_ids()),
    };
    extracted.path = shown(&args.file);
    number_doubles(&mut extracted.pieces);
    if !args.name.is_empty() {
        extracted
            .pieces
            .retain(|piece| args.name.iter().any(|name| *name == piece.name || piece.name.split('.').next() == Some(name)));
    }
    if let Some(folder) = &args.output {
        write(&extracted.pieces, folder)?;
        extracted.folder = Some(shown(folder));
    }
    let found = !extracted.pieces.is_empty() || !extracted.tree.is_empty();
    Ok(Outcome { exit: if found { Exit::Yes } else { Exit::No }, report: Report::Extract(extracted) })
}

fn empty(kind: &'static str) -> Extracted {
    Extracted { path: String::new(), kind, pieces: Vec::new(), tree: Vec::new(), sealed: Vec::new(), folder: None, others: 0 }
}

/// Every driver in a file, whatever it is, with the name that it has there.
pub(super) fn drivers(path: &Path, known: &GpuIds) -> Result<Vec<(String, Contents, Vec<u8>)>, CliError> {
    let limits = Limits { file: LARGEST, ..Limits::default() };
    let bytes = files::read_rom(path, &limits)?.bytes;
    let rom = parse(&bytes, &Limits::default());
    if !rom.images.is_empty() {
        let of_image = |(index, image): (usize, &Image<'_>)| {
            let contents = contents::contents(image, known)?;
            Some((format!("image-{index}"), contents, driver_of(image)?.to_vec()))
        };
        return Ok(rom.images.iter().enumerate().filter_map(of_image).collect());
    }
    if rom.foreign == Some(Foreign::BareDriver) {
        return Ok(vec![("driver".to_owned(), contents::of_driver(Window::of_file(&bytes), known), bytes)]);
    }
    let unpacked = unpack::unpack(&bytes, &UnpackLimits::default());
    let of_found = |found: Found| {
        let FoundKind::Driver(contents) = found.kind else { return None };
        let (guid, name) = found.file?;
        Some((file_name(name.as_deref(), guid), *contents, unpacked.bytes(found.place).to_vec()))
    };
    Ok(unpack::found(&unpacked, known).into_iter().filter_map(of_found).collect())
}

/// The driver of an image, without the filling behind it.
fn driver_of<'a>(image: &'a Image<'_>) -> Option<&'a [u8]> {
    let Body::Efi(efi) = &image.body else { return None };
    let end = if let Payload::Pe(pe) = &efi.payload { pe.extent.min(efi.driver.len()) } else { efi.driver.len() };
    efi.driver.get(..end).filter(|driver| !driver.is_empty())
}

fn of_rom(rom: &Rom<'_>, known: &GpuIds) -> Extracted {
    let mut pieces: Vec<Piece> =
        rom.images.iter().enumerate().flat_map(|(index, image)| of_image(index, image, known)).collect();
    pieces.extend(specification(rom, &pieces));
    Extracted { pieces, ..empty("option ROM") }
}

/// What `oprom build` makes the same ROM of, and what that needs beside the other pieces.
fn specification(rom: &Rom<'_>, pieces: &[Piece]) -> Vec<Piece> {
    let mut spec = compose::decompose(rom);
    for (index, image) in spec.image.iter_mut().enumerate() {
        let name = format!("image-{index}.efi");
        let same = pieces.iter().any(|piece| piece.name == name && Some(&piece.bytes) == image.driver.given.as_ref());
        image.driver.file = image.driver.given.is_some().then(|| if same { name } else { format!("image-{index}.stored") });
        image.file = image.given.is_some().then(|| format!("image-{index}.rom"));
    }
    let Ok(written) = spec.write("image") else { return Vec::new() };
    let piece = |name: String, what: &str, bytes: Vec<u8>| Piece {
        name,
        what: what.to_owned(),
        place: "the file".to_owned(),
        length: bytes.len(),
        devices: Vec::new(),
        bytes,
    };
    let there = |name: &str| pieces.iter().any(|piece| piece.name == name);
    let stored = written.files.into_iter().filter(|(name, _)| !there(name));
    let stored = stored.map(|(name, bytes)| piece(name, "the driver as it is stored", bytes));
    let text = piece("rom.toml".to_owned(), "what oprom build makes the same ROM of", written.text.into_bytes());
    stored.chain([text]).collect()
}

/// An image as it is, the driver in it, and what the driver holds.
fn of_image(index: usize, image: &Image<'_>, known: &GpuIds) -> Vec<Piece> {
    let stem = format!("image-{index}");
    let place = image.span().to_string();
    let whole = Piece {
        name: format!("{stem}.rom"),
        what: format!("{} image", image.body.kind().name()),
        place: place.clone(),
        length: image.window.len(),
        devices: Vec::new(),
        bytes: image.window.bytes().to_vec(),
    };
    let mut pieces = vec![whole];
    let contents = contents::contents(image, known);
    let driver = driver_of(image);
    let source = driver.unwrap_or(image.window.bytes());
    if let Some(driver) = driver {
        pieces.push(driver_piece(&stem, driver, contents.as_ref(), &place));
    }
    pieces.extend(
        contents
            .as_ref()
            .into_iter()
            .flat_map(|contents| inner(&stem, source, image.window.span().offset, contents, driver.is_some())),
    );
    pieces
}

/// A driver by itself, with what it holds.
fn of_driver(bytes: &[u8], known: &GpuIds) -> Extracted {
    let contents = contents::of_driver(Window::of_file(bytes), known);
    let pieces = [driver_piece("driver", bytes, Some(&contents), "the file")].into_iter();
    Extracted { pieces: pieces.chain(inner("driver", bytes, 0, &contents, true)).collect(), ..empty("driver") }
}

fn driver_piece(stem: &str, bytes: &[u8], contents: Option<&Contents>, place: &str) -> Piece {
    let kind = contents.and_then(|contents| contents.driver).unwrap_or(DriverKind::Unknown);
    let terse = bytes.starts_with(b"VZ");
    let devices = contents.map(Contents::devices).unwrap_or_default();
    Piece {
        name: format!("{stem}.{}", if terse { "te" } else { "efi" }),
        what: kind.name().to_owned(),
        place: place.to_owned(),
        length: bytes.len(),
        devices: devices.iter().map(ToString::to_string).collect(),
        bytes: bytes.to_vec(),
    }
}

/// The table for the screens and the lists of GPUs of a driver. Spans of a legacy image count from the start of the file, at which it begins at `base`.
fn inner(stem: &str, bytes: &[u8], base: usize, contents: &Contents, is_driver: bool) -> Vec<Piece> {
    let base = if is_driver { 0 } else { base };
    let vbt = contents.vbt.as_ref().and_then(|vbt| {
        let at = vbt.span.offset.checked_sub(base)?;
        let own = bytes.get(at..at.checked_add(vbt.span.length)?)?;
        Some(Piece {
            name: format!("{stem}.vbt"),
            what: format!("Video BIOS Table of {}", if vbt.product.is_empty() { "no product" } else { &vbt.product }),
            place: vbt.span.to_string(),
            length: own.len(),
            devices: Vec::new(),
            bytes: own.to_vec(),
        })
    });
    let devices = contents.devices();
    let list = (!devices.is_empty()).then(|| {
        let text: String = devices.iter().flat_map(|device| [device.to_string(), "\n".to_owned()]).collect();
        Piece {
            name: format!("{stem}.devices.txt"),
            what: format!("{} GPUs that it names", devices.len()),
            place: "its tables".to_owned(),
            length: text.len(),
            devices: Vec::new(),
            bytes: text.into_bytes(),
        }
    });
    vbt.into_iter().chain(list).collect()
}

fn of_firmware(bytes: &[u8], all: bool, known: &GpuIds) -> Extracted {
    let unpacked = unpack::unpack(bytes, &UnpackLimits::default());
    let found = unpack::found(&unpacked, known);
    let mut extracted = empty("firmware image");
    extracted.others = found.iter().filter(|found| !matters(found)).count();
    let wanted = found.iter().filter(|found| all || matters(found));
    extracted.pieces = wanted.flat_map(|found| of_found(&unpacked, found)).collect();
    extracted.sealed = unpacked.items.iter().filter_map(|item| sealed(&unpacked, item)).collect();
    if unpacked.cut_by_limit {
        extracted.sealed.push("it holds more than is looked at".to_owned());
    }
    if unpacked.items.is_empty() {
        extracted.kind = "nothing that can be taken apart";
    }
    if all {
        extracted.tree = unpacked.items.iter().map(leaf).collect();
    }
    extracted
}

/// Whether something has to do with graphics or option ROMs. Half of a firmware image uses Graphics Output or a network: what drives a device on PCI
/// counts.
fn matters(found: &Found) -> bool {
    let FoundKind::Driver(contents) = &found.kind else { return true };
    match contents.driver {
        None | Some(DriverKind::Unknown) => contents.vbt.is_some(),
        Some(DriverKind::OtherGop | DriverKind::Network) => {
            contents.protocols.iter().any(|protocol| protocol.name == "PCI I/O")
        }
        Some(_) => true,
    }
}

fn of_found(unpacked: &Unpacked<'_>, found: &Found) -> Vec<Piece> {
    let bytes = unpacked.bytes(found.place);
    let stem = found.file.as_ref().map_or_else(|| "unnamed".to_owned(), |(guid, name)| file_name(name.as_deref(), *guid));
    let place = match found.place.part {
        0 => found.place.span.to_string(),
        part => format!("{} of decoded part {part}", found.place.span),
    };
    match &found.kind {
        FoundKind::Driver(contents) => {
            let driver = driver_piece(&stem, bytes, Some(contents), &place);
            [driver].into_iter().chain(inner(&stem, bytes, 0, contents, true)).collect()
        }
        FoundKind::OptionRom => vec![Piece {
            name: format!("{stem}.rom"),
            what: "option ROM".to_owned(),
            place,
            length: bytes.len(),
            devices: Vec::new(),
            bytes: bytes.to_vec(),
        }],
        FoundKind::Vbt(vbt) => vec![Piece {
            name: format!("{stem}.vbt"),
            what: format!("Video BIOS Table of {}", vbt.product),
            place,
            length: bytes.len(),
            devices: Vec::new(),
            bytes: bytes.to_vec(),
        }],
    }
}

/// A name that is safe as a file's: of a firmware image's own, only letters that no file system minds.
fn file_name(name: Option<&str>, guid: Guid) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || "-_+".contains(letter) { letter } else { '_' };
    match name.map(|name| name.chars().map(safe).collect::<String>()) {
        Some(name) if name.chars().any(|letter| letter.is_ascii_alphanumeric()) => name,
        Some(_) | None => guid.to_string(),
    }
}

/// Gives pieces of the same name numbers.
fn number_doubles(pieces: &mut [Piece]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for piece in pieces {
        let count = seen.entry(piece.name.clone()).or_default();
        *count = count.saturating_add(1);
        if *count > 1 {
            let (stem, ending) = piece.name.split_once('.').unwrap_or((&piece.name, "bin"));
            piece.name = format!("{stem}-{count}.{ending}");
        }
    }
}

fn sealed(unpacked: &Unpacked<'_>, item: &Item) -> Option<String> {
    let ItemKind::Sealed(sealed) = &item.kind else { return None };
    let place = if item.place.part == 0 { format!("at {:#x}", item.place.span.offset) } else { "inside".to_owned() };
    let length = unpacked.bytes(item.place).len();
    Some(match sealed {
        Sealed::AmiPfat => format!("an update that AMI protects (PFAT), {place}: what is in it is put together by the board"),
        Sealed::DellPfs => format!("an update of Dell (PFS), {place}: its parts are packed in a way of Dell's own"),
        Sealed::Guid(guid) => format!("{length} bytes encoded by {guid}, {place}: a signature, or encryption"),
        Sealed::Damaged => format!("{length} bytes, {place}: compressed data that is damaged"),
        Sealed::TooLarge => format!("{length} bytes, {place}: compressed data that would become too large"),
    })
}

fn leaf(item: &Item) -> Leaf {
    let (what, guid) = match &item.kind {
        ItemKind::Region(name) => (format!("region: {name}"), None),
        ItemKind::Capsule(name) => ((*name).to_owned(), None),
        ItemKind::Volume(system, name) => ("volume".to_owned(), Some(name.unwrap_or(*system))),
        ItemKind::File(FfsFileType(code), guid) => {
            (FfsFileType(*code).name().map_or_else(|| format!("file of type {code:#04x}"), str::to_owned), Some(*guid))
        }
        ItemKind::Section(kind) => (format!("section: {}", kind.name().unwrap_or("unknown")), None),
        ItemKind::Sealed(_) => ("sealed".to_owned(), None),
    };
    Leaf {
        depth: item.depth,
        what,
        guid: guid.map(|guid| guid.to_string()),
        name: item.name.clone(),
        offset: item.place.span.offset,
        length: item.place.span.length,
    }
}

/// Writes every piece to a file of its own in `folder`. What is there already is not replaced.
fn write(pieces: &[Piece], folder: &Path) -> Result<(), CliError> {
    fs::create_dir_all(folder).map_err(|error| CliError::file("make the folder", folder, &error))?;
    for piece in pieces {
        files::write_new(&folder.join(&piece.name), &piece.bytes)?;
    }
    Ok(())
}
