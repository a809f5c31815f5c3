//! The header of EFI images.

use super::{Code, Finding};
use crate::bytes::Span;
use crate::layout::{BLOCK, CompressionType, EfiRomHeader};
use crate::model::{Body, EfiImage, Image, Payload, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let at = |field: Span| Span::new(image.span().offset.saturating_add(field.offset), field.length);
        let mut report = |code, field, message| findings.push(Finding::of_image(code, index, at(field), message));
        let Body::Efi(efi) = &image.body else {
            if let Some(code_type) = image.code_type().filter(|_| image.efi_header) {
                report(Code::EfiUnderOtherType, EFI_SIGNATURE, format!("code type {code_type}, and an EFI header"));
            }
            continue;
        };
        kind(efi, &mut report);
        sizes(image, efi, &mut report);
    }
}

/// Fields of the header, from its start.
const INITIALIZATION_SIZE: Span = Span::new(0x02, 2);
const EFI_SIGNATURE: Span = Span::new(0x04, 4);
const EFI_SUBSYSTEM: Span = Span::new(0x08, 2);
const EFI_MACHINE_TYPE: Span = Span::new(0x0A, 2);
const COMPRESSION_TYPE: Span = Span::new(0x0C, 2);
const EFI_IMAGE_HEADER_OFFSET: Span = Span::new(0x16, 2);

fn kind(efi: &EfiImage<'_>, report: &mut impl FnMut(Code, Span, String)) {
    let header = &efi.header;
    if header.efi_signature != EfiRomHeader::EFI_SIGNATURE {
        report(Code::EfiSignature, EFI_SIGNATURE, format!("{:#010x} instead of 0x00000ef1", header.efi_signature));
    }
    if !header.efi_subsystem.is_driver() {
        report(Code::EfiSubsystem, EFI_SUBSYSTEM, format!("subsystem {}", header.efi_subsystem));
    }
    if header.compression_type.name().is_none() {
        report(Code::EfiCompressionType, COMPRESSION_TYPE, format!("type {}", header.compression_type));
    }
    let inner = match &efi.payload {
        Payload::Pe(pe) => pe.machine,
        Payload::Terse(machine) => *machine,
        Payload::Absent | Payload::NotPe | Payload::Unreadable => return,
    };
    if inner != header.efi_machine_type {
        let message = format!("the header says {}, the driver {inner}", header.efi_machine_type);
        report(Code::EfiMachineDiffers, EFI_MACHINE_TYPE, message);
    }
}

fn sizes(image: &Image<'_>, efi: &EfiImage<'_>, report: &mut impl FnMut(Code, Span, String)) {
    let header = &efi.header;
    let initialization = usize::from(header.initialization_size).saturating_mul(BLOCK);
    if initialization == 0 {
        report(Code::EfiInitializationZero, INITIALIZATION_SIZE, "firmware would hand over nothing".to_owned());
        return;
    }
    if image.declared_length > 0 && initialization > image.declared_length {
        let message = format!("{initialization} bytes of an image of {}", image.declared_length);
        report(Code::EfiInitializationBeyondImage, INITIALIZATION_SIZE, message);
    }
    let offset = usize::from(header.efi_image_header_offset);
    if offset >= initialization || offset < EfiRomHeader::SIZE {
        let kind = if header.compression_type == CompressionType::UEFI { "compressed driver" } else { "driver" };
        let message = format!("the {kind} would begin at {offset:#x} of {initialization:#x} bytes");
        report(Code::EfiPayloadOffset, EFI_IMAGE_HEADER_OFFSET, message);
    }
}
