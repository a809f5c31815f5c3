//! The header of EFI images.

use super::{EfiFact, Finding};
use crate::bytes::Span;
use crate::layout::{BLOCK, CompressionType, EfiRomHeader};
use crate::model::{Body, EfiImage, Image, Payload, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let at = |field: Span| Span::new(image.span().offset.saturating_add(field.offset), field.length);
        let mut report = |field, fact: EfiFact| findings.push(Finding::of_image(index, at(field), fact));
        let Body::Efi(efi) = &image.body else {
            if let Some(code_type) = image.code_type().filter(|_| image.efi_header) {
                report(EFI_SIGNATURE, EfiFact::OtherCodeType { code_type });
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

fn kind(efi: &EfiImage<'_>, report: &mut impl FnMut(Span, EfiFact)) {
    let header = &efi.header;
    if header.efi_signature != EfiRomHeader::EFI_SIGNATURE {
        report(EFI_SIGNATURE, EfiFact::Signature { signature: header.efi_signature });
    }
    if !header.efi_subsystem.is_driver() {
        report(EFI_SUBSYSTEM, EfiFact::Subsystem { subsystem: header.efi_subsystem });
    }
    if header.compression_type.name().is_none() {
        report(COMPRESSION_TYPE, EfiFact::UnknownCompression { compression_type: header.compression_type });
    }
    let inner = match &efi.payload {
        Payload::Pe(pe) => pe.machine,
        Payload::Terse(machine) => *machine,
        Payload::Absent | Payload::NotPe | Payload::Unreadable => return,
    };
    if inner != header.efi_machine_type {
        report(EFI_MACHINE_TYPE, EfiFact::Machine { header: header.efi_machine_type, driver: inner });
    }
}

fn sizes(image: &Image<'_>, efi: &EfiImage<'_>, report: &mut impl FnMut(Span, EfiFact)) {
    let header = &efi.header;
    let initialization = usize::from(header.initialization_size).saturating_mul(BLOCK);
    if initialization == 0 {
        report(INITIALIZATION_SIZE, EfiFact::InitializationZero);
        return;
    }
    if image.declared_length > 0 && initialization > image.declared_length {
        let declared = image.declared_length;
        report(INITIALIZATION_SIZE, EfiFact::InitializationBeyondImage { initialization, declared });
    }
    let offset = usize::from(header.efi_image_header_offset);
    if offset >= initialization || offset < EfiRomHeader::SIZE {
        let compressed = header.compression_type == CompressionType::UEFI;
        report(EFI_IMAGE_HEADER_OFFSET, EfiFact::PayloadOffset { offset, initialization, compressed });
    }
}
