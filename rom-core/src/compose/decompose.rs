//! The bytes of a ROM back to a specification, which composes to the same bytes.

use super::image;
use super::spec::{Compressed, Content, Image, Kind, Named, NamedAlgorithm, Patch, Spec};
use super::structure::FILL;
use crate::bytes::{Span, Window};
use crate::layout::{CompressionType, EfiRomHeader};
use crate::model::{Body, DeviceList, EfiImage, Image as Read, PcirBlock, RegionKind, Rom};

/// Runs of bytes that differ from what the fields explain, beyond which an image is taken as it is.
const MOST_PATCHES: usize = 64;

/// Bytes of such runs in all, beyond which it is taken as it is too.
const MOST_PATCHED: usize = 16 << 10;

/// Bytes around images that are in the specification as hex. More become a file.
const LONGEST_HEX: usize = 4096;

/// The specification of `rom`. Drivers and images that it cannot make are given to it as bytes;
/// what the fields do not explain is in [`Image::damage`].
#[must_use]
pub fn decompose(rom: &Rom<'_>) -> Spec {
    let mut spec = Spec { purpose: "taken from a file".to_owned(), ..Spec::default() };
    let count = rom.images.len();
    for region in &rom.regions {
        match region.kind {
            RegionKind::Image(index) => {
                if let Some(read) = rom.images.get(index) {
                    spec.image.push(of_image(read, index.saturating_add(1) == count));
                }
            }
            RegionKind::Container
            | RegionKind::Padding
            | RegionKind::Trailing
            | RegionKind::Unread => {
                let part = content(rom.window, region.span);
                let place =
                    spec.image.last_mut().map_or(&mut spec.before, |image| &mut image.after);
                place.push(part);
            }
        }
    }
    spec
}

fn content(rom: Window<'_>, span: Span) -> Content {
    let bytes = rom.cut(span.offset, span.length).map(Window::bytes).unwrap_or_default();
    match Window::of_file(bytes).uniform() {
        Some(fill) => Content::Fill { fill, length: bytes.len() },
        None if bytes.len() > LONGEST_HEX => {
            Content::File { file: String::new(), given: Some(bytes.to_vec()) }
        }
        None => Content::Hex { hex: hex::encode(bytes) },
    }
}

/// The image by its fields, or where these do not get near it, by its bytes.
fn of_image(read: &Read<'_>, is_last: bool) -> Image {
    let bytes = read.window.bytes();
    let by_fields = match (&read.body, &read.pcir) {
        (Body::Efi(efi), Ok(block)) => {
            by_fields(read, efi, block).and_then(|image| explained(image, bytes, is_last))
        }
        _ => None,
    };
    by_fields.or_else(|| explained(whole(read), bytes, is_last)).unwrap_or_else(|| whole(read))
}

/// An image that is its bytes. Only its mark as the last one and its checksum are made again.
fn whole(read: &Read<'_>) -> Image {
    let last = read.pcir().map(|pcir| pcir.indicator.is_last());
    let kind = if matches!(read.body, Body::Legacy(_)) {
        Kind::Named(Named::Legacy)
    } else {
        Kind::Named(Named::Efi)
    };
    Image { given: Some(read.window.bytes().to_vec()), last, ..Image::new(kind) }
}

fn by_fields(read: &Read<'_>, efi: &EfiImage<'_>, block: &PcirBlock) -> Option<Image> {
    let mut image = Image::new(Kind::Named(Named::Efi));
    let pcir = &block.pcir;
    image.vendor = pcir.vendor_id;
    image.device = pcir.device_id;
    image.class = pcir.class_code.to_u32();
    image.devices = match &block.device_list {
        DeviceList::Present(_, ids) => ids.clone(),
        DeviceList::Absent | DeviceList::Unreadable(_) => Vec::new(),
    };
    image.revision = pcir.revision;
    image.pcir_at = Some(read.header.pcir_offset);
    image.code_revision = pcir.code_revision;
    image.last = Some(pcir.indicator.is_last());
    image.blocks = pcir.image_length;
    image.npde = block.npde.map(|(_, npde)| npde.subimage_length);
    image.pointers = block
        .revision_3
        .map_or([0; 2], |own| [own.configuration_utility_offset, own.dmtf_clp_offset]);
    image.run_time_blocks = pcir.maximum_run_time_image_length;
    image.driver.machine = efi.header.efi_machine_type.0;
    image.driver.subsystem = efi.header.efi_subsystem.0;
    image.driver_at = Some(efi.header.efi_image_header_offset);
    if efi.header.compression_type == CompressionType::UEFI {
        image.compressed = Compressed::Named(NamedAlgorithm::Stored);
    }
    let stored = efi.stored?.bytes();
    // Padding at the end is made again.
    let end =
        stored.iter().rposition(|byte| *byte != FILL).map_or(0, |last| last.saturating_add(1));
    let start = usize::from(efi.header.efi_image_header_offset);
    image.driver.given = Some(stored.get(..end)?.to_vec());
    (start >= EfiRomHeader::SIZE).then_some(image)
}

/// `image` with patches for every byte that its fields do not explain; `None` if that is not what
/// it is made of.
fn explained(mut image: Image, bytes: &[u8], is_last: bool) -> Option<Image> {
    let composed = image::compose(&image, is_last).ok()?;
    if composed.len() != bytes.len() {
        return None;
    }
    let differs: Vec<usize> = (0..bytes.len())
        .filter(|at| composed.get(*at) != bytes.get(*at))
        .take(MOST_PATCHED.saturating_add(1))
        .collect();
    if differs.len() > MOST_PATCHED {
        return None;
    }
    let runs = differs.chunk_by(|a, b| a.saturating_add(1) == *b);
    for run in runs {
        let (first, last) = (run.first()?, run.last()?);
        image.damage.push(Patch { at: *first, hex: hex::encode(bytes.get(*first..=*last)?) });
    }
    (image.damage.len() <= MOST_PATCHES).then_some(image)
}
