//! The ROM header and the PCI data structure of each image.

use super::legacy::is_isa_rom;
use super::{Code, Finding};
use crate::bytes::Span;
use crate::layout::{BLOCK, Pcir};
use crate::model::{Body, DeviceList, Image, PcirBlock, PcirFault, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let last_efi = rom.images.iter().rposition(|image| matches!(image.body, Body::Efi(_)));
    for (index, image) in rom.images.iter().enumerate() {
        let mut report = |code, span, message| findings.push(Finding::of_image(code, index, span, message));
        match &image.pcir {
            Err(_) if is_isa_rom(image) => {
                let message = format!("{} bytes by its size byte, with a right checksum", image.declared_length);
                report(Code::IsaRom, image.span(), message);
            }
            Err(fault) => unreadable(image, *fault, &mut report),
            Ok(block) => {
                let efi_behind = last_efi.is_some_and(|last| last >= index);
                alignment(image, block, efi_behind, &mut report);
                structure(block, &mut report);
                pointers(image, block, &mut report);
                npde(image, block, &mut report);
            }
        }
    }
}

fn unreadable(image: &Image<'_>, fault: PcirFault, report: &mut impl FnMut(Code, Span, String)) {
    let pointer = image.header.pcir_offset;
    let (code, message) = match fault {
        PcirFault::PointerZero => (Code::PcirOffsetZero, "the pointer to it is 0".to_owned()),
        PcirFault::Outside => (Code::PcirOutside, format!("the pointer {pointer:#x} leads out of the file")),
        PcirFault::Signature => (Code::PcirSignature, format!("at {pointer:#x} of the image stands something else")),
    };
    report(code, Span::new(image.span().offset.saturating_add(0x18), 2), message);
}

fn alignment(image: &Image<'_>, block: &PcirBlock, efi_behind: bool, report: &mut impl FnMut(Code, Span, String)) {
    let pointer = image.header.pcir_offset;
    if !pointer.is_multiple_of(4) {
        let code = if efi_behind { Code::PcirUnaligned } else { Code::LegacyPcirUnaligned };
        report(code, block.span, format!("it stands at {pointer:#x}, which is no multiple of 4"));
    }
}

fn structure(block: &PcirBlock, report: &mut impl FnMut(Code, Span, String)) {
    let pcir = &block.pcir;
    let least = if pcir.revision >= 3 { Pcir::SIZE_REVISION_3 } else { Pcir::SIZE };
    if usize::from(pcir.length) < least {
        let message = format!("{} bytes, where revision {} has {least}", pcir.length, pcir.revision);
        report(Code::PcirLength, block.span, message);
    }
    if !matches!(pcir.revision, 0 | 3) {
        report(Code::PcirRevision, block.span, format!("revision {}", pcir.revision));
    }
    if pcir.indicator.reserved() != 0 {
        report(Code::IndicatorReserved, block.span, format!("the indicator is {:#04x}", pcir.indicator.0));
    }
    if pcir.code_type.name().is_none() {
        report(Code::CodeTypeUnknown, block.span, format!("code type {:#04x}", pcir.code_type.0));
    }
}

fn pointers(image: &Image<'_>, block: &PcirBlock, report: &mut impl FnMut(Code, Span, String)) {
    if let DeviceList::Unreadable(span) = block.device_list {
        report(Code::DeviceList, span, "the list has no end within the file".to_owned());
    }
    let Some(revision_3) = block.revision_3 else { return };
    let targets = [
        ("configuration utility", revision_3.configuration_utility_offset),
        ("DMTF CLP entry point", revision_3.dmtf_clp_offset),
    ];
    for (name, offset) in targets {
        if usize::from(offset) >= image.declared_length.max(1) {
            report(Code::PointerOutside, block.span, format!("the {name} pointer is {offset:#x}"));
        }
    }
}

fn npde(image: &Image<'_>, block: &PcirBlock, report: &mut impl FnMut(Code, Span, String)) {
    let Some((span, npde)) = block.npde else { return };
    let own = usize::from(npde.subimage_length).saturating_mul(BLOCK);
    if own != image.declared_length {
        let message = format!("{own} bytes instead of {}", image.declared_length);
        report(Code::NpdeDiffers, span, message);
    }
}
