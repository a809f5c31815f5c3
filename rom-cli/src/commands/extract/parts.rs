//! The parts of a ROM, of a driver, and of a table.

use crate::report::extract::{Part, Place};
use crate::text::{Block, Line, block};
use rom_core::compose;
use rom_core::contents::{self, Contents, DriverKind, GpuIds, Vbt};
use rom_core::model::Payload;
use rom_core::{Body, Image, Rom, Span, Window, read};
use std::borrow::Cow;

/// A part, and its bytes where they are: a copy of each would double what a file can ask for.
pub(super) struct Taken<'a> {
    pub(super) part: Part,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// GPUs that are listed for a driver. The largest lists have 311.
const MOST_DEVICES: usize = 1024;

/// A place in the file itself.
pub(super) const fn in_file(span: Span) -> Place {
    Place { offset: span.offset, length: span.length, decoded: None }
}

/// The driver of an image, without the padding behind it.
pub(super) fn driver_of<'a>(image: &'a Image<'_>) -> Option<&'a [u8]> {
    let Body::Efi(efi) = &image.body else { return None };
    let end = if let Payload::Pe(pe) = &efi.payload {
        pe.extent.min(efi.driver.len())
    } else {
        efi.driver.len()
    };
    efi.driver.get(..end).filter(|driver| !driver.is_empty())
}

/// The VBIOS images of AMD's table, each by the ids of its GPU.
pub(super) fn of_vfct<'a>(bytes: &[u8]) -> Vec<Taken<'a>> {
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

/// The table for the screens in what the firmware left in memory, or by itself.
pub(super) fn of_table<'a>(bytes: &[u8]) -> Vec<Taken<'a>> {
    let vbt = contents::find_vbt(Window::of_file(bytes));
    let own = vbt.and_then(|vbt| {
        let own = bytes.get(vbt.span.offset..vbt.span.end())?.to_vec();
        Some(part("table.vbt".to_owned(), vbt_text(&vbt), Some(in_file(vbt.span)), own))
    });
    own.into_iter().collect()
}

pub(super) fn of_rom<'a>(rom: &'a Rom<'_>, known: &GpuIds) -> Vec<Taken<'a>> {
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
pub(super) fn of_driver<'a>(bytes: &'a [u8], known: &GpuIds) -> Vec<Taken<'a>> {
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
pub(super) fn part<'a>(
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

pub(super) fn driver_piece<'a>(
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
pub(super) fn inner<'a>(
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

pub(super) fn vbt_text(vbt: &Vbt) -> Block {
    let product = if vbt.product.is_empty() {
        block!["no product"]
    } else {
        block![Line::new(vbt.product.as_str())]
    };
    block!["Video BIOS Table of ", product]
}
