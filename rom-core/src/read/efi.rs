//! EFI images.

use super::decompress::decompress;
use super::image::blocks;
use super::payload;
use super::structure::structure;
use crate::bytes::Window;
use crate::layout::{Algorithm, CompressionType, EfiRomHeader};
use crate::limits::Limits;
use crate::model::{EfiImage, Payload};

/// Reads the image that fills `window`; `None` if its header is cut.
pub(super) fn read<'a>(window: Window<'a>, limits: &Limits) -> Option<EfiImage<'a>> {
    let header: EfiRomHeader = structure(window, 0)?;
    let at = usize::from(header.efi_image_header_offset);
    let end = blocks(header.initialization_size);
    // An offset below the header's own size points into the header.
    let stored = (at >= EfiRomHeader::SIZE).then(|| window.first(end).from(at)).flatten().filter(|stored| !stored.is_empty());
    let compressed = header.compression_type == CompressionType::UEFI;
    let compression = stored.filter(|_| compressed).and_then(|stored| structure(stored, 0));
    let payload = match (stored, header.compression_type) {
        (Some(stored), CompressionType::NONE) => payload::read(stored, limits),
        (Some(stored), CompressionType::UEFI) => match decompress(stored.bytes(), Algorithm::Uefi, limits) {
            Ok(bytes) => payload::read(Window::of_file(&bytes), limits),
            Err(error) => Payload::Damaged(error),
        },
        (Some(_) | None, _) => Payload::Absent,
    };
    Some(EfiImage { header, stored, compression, payload })
}
