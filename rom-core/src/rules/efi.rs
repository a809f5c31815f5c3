//! The header of EFI images.

use super::{EfiFact, Finding};
use crate::bytes::Span;
use crate::layout::{BLOCK, CompressionType, EfiRomHeader};
use crate::model::{Body, EfiImage, Image, Payload, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let start = image.span().offset;
        let mut report = |field: Span, fact: EfiFact| {
            findings.push(Finding::of_image(index, field.after(start), fact));
        };
        let Body::Efi(efi) = &image.body else {
            if let Some(code_type) = image.code_type().filter(|_| image.efi_header) {
                report(EfiRomHeader::AT.efi_signature, EfiFact::OtherCodeType { code_type });
            }
            continue;
        };
        kind(efi, &mut report);
        sizes(image, efi, &mut report);
    }
}

fn kind(efi: &EfiImage<'_>, report: &mut impl FnMut(Span, EfiFact)) {
    let header = &efi.header;
    if header.efi_signature != EfiRomHeader::EFI_SIGNATURE {
        report(
            EfiRomHeader::AT.efi_signature,
            EfiFact::Signature { signature: header.efi_signature },
        );
    }
    if !header.efi_subsystem.is_driver() {
        report(
            EfiRomHeader::AT.efi_subsystem,
            EfiFact::Subsystem { subsystem: header.efi_subsystem },
        );
    }
    if header.compression_type.name().is_none() {
        report(
            EfiRomHeader::AT.compression_type,
            EfiFact::UnknownCompression { compression_type: header.compression_type },
        );
    }
    let inner = match &efi.payload {
        Payload::Pe(pe) => pe.machine,
        Payload::Terse(machine) => *machine,
        Payload::Absent | Payload::NotPe | Payload::Unreadable => return,
    };
    if inner != header.efi_machine_type {
        report(
            EfiRomHeader::AT.efi_machine_type,
            EfiFact::Machine { header: header.efi_machine_type, driver: inner },
        );
    }
}

fn sizes(image: &Image<'_>, efi: &EfiImage<'_>, report: &mut impl FnMut(Span, EfiFact)) {
    let header = &efi.header;
    let initialization = usize::from(header.initialization_size).saturating_mul(BLOCK);
    if initialization == 0 {
        report(EfiRomHeader::AT.initialization_size, EfiFact::InitializationZero);
        return;
    }
    if image.declared_length > 0 && initialization > image.declared_length {
        let declared = image.declared_length;
        report(
            EfiRomHeader::AT.initialization_size,
            EfiFact::InitializationBeyondImage { initialization, declared },
        );
    }
    let offset = usize::from(header.efi_image_header_offset);
    if offset >= initialization || offset < EfiRomHeader::SIZE {
        let compressed = header.compression_type == CompressionType::UEFI;
        report(
            EfiRomHeader::AT.efi_image_header_offset,
            EfiFact::PayloadOffset { offset, initialization, compressed },
        );
    }
}
