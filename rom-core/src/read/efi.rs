//! EFI images.

use super::decompress::{decompress, decompress_as_firmware};
use super::payload;
use super::structure::structure;
use crate::bytes::Window;
use crate::layout::{Algorithm, CompressionType, EfiRomHeader, blocks};
use crate::limits::Limits;
use crate::model::{Damage, EfiImage, Payload};
use std::borrow::Cow;

/// Whether the EFI signature stands where an EFI image has it, and a driver's subsystem behind it.
pub(super) fn has_header(window: Window<'_>) -> bool {
    structure::<EfiRomHeader>(window, 0).is_some_and(|header| {
        header.efi_signature == EfiRomHeader::EFI_SIGNATURE && header.efi_subsystem.name().is_some()
    })
}

/// Reads the image that fills `window`; `None` if its header is cut.
pub(super) fn read<'a>(window: Window<'a>, limits: &Limits) -> Option<EfiImage<'a>> {
    let header: EfiRomHeader = structure(window, 0)?;
    let at = usize::from(header.efi_image_header_offset);
    let end = blocks(header.initialization_size);
    // An offset below the header's own size points into the header.
    let stored = (at >= EfiRomHeader::SIZE)
        .then(|| window.first(end).from(at))
        .flatten()
        .filter(|stored| !stored.is_empty());
    let mut image = EfiImage {
        header,
        stored,
        compression: None,
        damage: None,
        driver: Cow::default(),
        payload: Payload::Absent,
    };
    match (stored, header.compression_type) {
        (Some(stored), CompressionType::NONE) => image.driver = Cow::Borrowed(stored.bytes()),
        (Some(stored), CompressionType::UEFI) => {
            image.compression = structure(stored, 0);
            decompressed(stored.bytes(), limits, &mut image);
        }
        (Some(_) | None, _) => {}
    }
    if !image.driver.is_empty() {
        image.payload = payload::read(Window::of_file(&image.driver), limits);
    }
    Some(image)
}

/// Decompresses `stored` as firmware does: where the data ends early, what it makes of that is the
/// driver.
fn decompressed(stored: &[u8], limits: &Limits, image: &mut EfiImage<'_>) {
    let (bytes, error) = match decompress_as_firmware(stored, Algorithm::Uefi, limits) {
        Ok(decompressed) => (decompressed.bytes, decompressed.short),
        Err(error) => (Vec::new(), Some(error)),
    };
    image.driver = Cow::Owned(bytes);
    image.damage = error
        .map(|error| Damage { error, tiano: decompress(stored, Algorithm::Tiano, limits).is_ok() });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_efi_header_has_its_signature_and_a_subsystem() {
        let header = |signature: u32, subsystem: u8| {
            let mut bytes = [0; 0x40];
            bytes[4..8].copy_from_slice(&signature.to_le_bytes());
            bytes[8] = subsystem;
            has_header(Window::of_file(&bytes))
        };
        assert!(header(0x0EF1, 11) && !header(0x0EF1, 77) && !header(0x0EF0, 11));
    }
}
