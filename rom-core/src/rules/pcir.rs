//! The ROM header and the PCI data structure of each image.

use super::legacy::is_isa_rom;
use super::{Finding, PcirFact, PcirPointer};
use crate::bytes::Span;
use crate::layout::{BLOCK, Pcir, RomHeader};
use crate::model::{Body, DeviceList, Image, PcirBlock, PcirFault, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let last_efi = rom.images.iter().rposition(|image| matches!(image.body, Body::Efi(_)));
    for (index, image) in rom.images.iter().enumerate() {
        let mut report = |span, fact: PcirFact| findings.push(Finding::of_image(index, span, fact));
        match &image.pcir {
            Err(_) if is_isa_rom(image) => {
                report(image.span(), PcirFact::IsaRom { size: image.declared_length });
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

fn unreadable(image: &Image<'_>, fault: PcirFault, report: &mut impl FnMut(Span, PcirFact)) {
    let pointer = image.header.pcir_offset;
    let fact = match fault {
        PcirFault::PointerZero => PcirFact::PointerZero,
        PcirFault::Outside => PcirFact::Outside { pointer },
        PcirFault::Signature => PcirFact::Signature { pointer },
        // What there is to say of an ISA ROM is said where it is one.
        PcirFault::Isa => return,
    };
    report(RomHeader::AT.pcir_offset.after(image.span().offset), fact);
}

fn alignment(
    image: &Image<'_>,
    block: &PcirBlock,
    efi_behind: bool,
    report: &mut impl FnMut(Span, PcirFact),
) {
    let pointer = image.header.pcir_offset;
    if !pointer.is_multiple_of(4) {
        report(block.span, PcirFact::Unaligned { pointer, efi: efi_behind });
    }
}

fn structure(block: &PcirBlock, report: &mut impl FnMut(Span, PcirFact)) {
    let pcir = &block.pcir;
    let least = if pcir.revision >= 3 { Pcir::SIZE_REVISION_3 } else { Pcir::SIZE };
    if usize::from(pcir.length) < least {
        report(
            block.span,
            PcirFact::Length { length: pcir.length, revision: pcir.revision, least },
        );
    }
    if !matches!(pcir.revision, 0 | 3) {
        report(block.span, PcirFact::Revision { revision: pcir.revision });
    }
    if pcir.indicator.reserved() != 0 {
        report(block.span, PcirFact::Indicator { indicator: pcir.indicator.0 });
    }
    if pcir.code_type.name().is_none() {
        report(block.span, PcirFact::UnknownCodeType { code_type: pcir.code_type });
    }
}

fn pointers(image: &Image<'_>, block: &PcirBlock, report: &mut impl FnMut(Span, PcirFact)) {
    if let DeviceList::Unreadable(span) = block.device_list {
        report(span, PcirFact::DeviceListEndless);
    }
    let Some(revision_3) = block.revision_3 else { return };
    let targets = [
        (PcirPointer::ConfigurationUtility, revision_3.configuration_utility_offset),
        (PcirPointer::DmtfClp, revision_3.dmtf_clp_offset),
    ];
    for (pointer, offset) in targets {
        if usize::from(offset) >= image.declared_length.max(1) {
            report(block.span, PcirFact::PointerOutside { pointer, offset });
        }
    }
}

fn npde(image: &Image<'_>, block: &PcirBlock, report: &mut impl FnMut(Span, PcirFact)) {
    let Some((span, npde)) = block.npde else { return };
    let own = usize::from(npde.subimage_length).saturating_mul(BLOCK);
    if own != image.declared_length {
        report(span, PcirFact::NpdeLength { own, declared: image.declared_length });
    }
}
