//! The driver inside each EFI image.

use super::{Code, Finding};
use crate::bytes::{Span, Window};
use crate::firmware::{LoadFault, load_fault};
use crate::layout::Machine;
use crate::model::{Body, Damage, DecompressFault, EfiImage, Image, Payload, Pe, Rom, Signature};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Body::Efi(efi) = &image.body else { continue };
        // A file that was cut has that finding; what is missing inside the driver says the same again.
        let whole = image.window.len() >= image.declared_length;
        let Some(span) = efi.stored.map(Window::span).filter(|_| whole) else { continue };
        let mut report = |code, message| findings.push(Finding::of_image(code, index, span, message));
        if let Some(damage) = efi.damage {
            damaged(damage, efi.driver.is_empty(), &mut report);
            // What firmware makes of data of the other variant is nothing that anybody meant.
            if damage.tiano {
                continue;
            }
        }
        match &efi.payload {
            Payload::Absent if efi.compression.is_some() && efi.damage.is_none() => {
                report(Code::PayloadNotPe, "the compressed data becomes no byte".to_owned());
            }
            Payload::Absent => {}
            Payload::NotPe => report(Code::PayloadNotPe, "neither MZ nor VZ stands there".to_owned()),
            Payload::Terse(machine) => report(Code::TerseImage, format!("a terse executable for {machine}")),
            Payload::Unreadable => report(Code::PeDamaged, "PE header or section table".to_owned()),
            Payload::Pe(pe) => {
                loading(pe, &mut report);
                extent(image, efi, pe, span, &mut report);
                signature(pe, &mut report);
            }
        }
    }
}

fn damaged(damage: Damage, refused: bool, report: &mut impl FnMut(Code, String)) {
    let Damage { error, tiano } = damage;
    let code = match error.fault {
        _ if tiano => Code::EfiTiano,
        DecompressFault::Header | DecompressFault::Cut | DecompressFault::TooLarge | DecompressFault::Blocks => {
            Code::EfiCompressedSize
        }
        DecompressFault::Short if !refused => Code::EfiDecompressShort,
        DecompressFault::Table | DecompressFault::Distance | DecompressFault::Short => Code::EfiDecompress,
    };
    let message = match code {
        Code::EfiDecompressShort => format!("{} bytes of it are there, and more are needed", error.at),
        _ => format!("{} ({:#x} bytes into it)", error.fault, error.at),
    };
    report(code, message);
}

/// What firmware's loader would stumble over, on the machine that the driver is for.
fn loading(pe: &Pe, report: &mut impl FnMut(Code, String)) {
    let wanted = match pe.machine {
        Machine::IA32 | Machine::ARM => Pe::PE32,
        _ => Pe::PE32_PLUS,
    };
    if pe.magic != wanted {
        report(Code::PeMagic, format!("{:#x}, where {} has {wanted:#x}", pe.magic, pe.machine));
        return;
    }
    if pe.entry_point >= pe.size_of_image {
        report(Code::PeEntryPoint, format!("{:#x} of {:#x} bytes", pe.entry_point, pe.size_of_image));
    }
    let Some(fault) = load_fault(pe, pe.machine) else { return };
    match fault {
        // Missing sections have a finding of their own.
        LoadFault::Cut if pe.extent > pe.available => {}
        LoadFault::Cut => report(Code::PeCut, "its headers are longer than what is there".to_owned()),
        LoadFault::Machine => {}
        LoadFault::Magic => report(Code::PeMagic, fault.to_string()),
        LoadFault::Subsystem => report(Code::PeSubsystem, format!("subsystem {}", pe.subsystem)),
        LoadFault::Fixed => report(Code::PeFixed, format!("it is linked for address {:#x}", pe.image_base)),
        LoadFault::Relocations => report(Code::PeRelocations, "a block or an entry leads out of the driver".to_owned()),
        LoadFault::OptionalHeader
        | LoadFault::SizeOfHeaders
        | LoadFault::SectionInHeaders
        | LoadFault::SectionOutside
        | LoadFault::DebugCut
        | LoadFault::Alignment => report(Code::PeHeaders, fault.to_string()),
    }
}

fn signature(pe: &Pe, report: &mut impl FnMut(Code, String)) {
    match &pe.signature {
        Signature::Absent => {}
        Signature::Unreadable => report(Code::SignatureUnreadable, "its certificate table holds no signature".to_owned()),
        Signature::Present(signed) if signed.handed_matches() => {}
        Signature::Present(signed) if signed.image_matches() => {
            let behind = pe.available.saturating_sub(pe.extent);
            report(Code::SignaturePadding, format!("{behind} bytes behind it fall into the digest that firmware makes"));
        }
        Signature::Present(signed) if signed.image.is_some() => {
            report(Code::SignatureDiffers, format!("its {} is another than the signed one", signed.algorithm.name()));
        }
        Signature::Present(signed) => {
            report(Code::SignatureUnreadable, format!("the digest of the driver ({}) cannot be made", signed.algorithm.name()));
        }
    }
}

fn extent(image: &Image<'_>, efi: &EfiImage<'_>, pe: &Pe, stored: Span, report: &mut impl FnMut(Code, String)) {
    if pe.extent <= pe.available {
        return;
    }
    let message = format!("it has {} bytes, and only {} are there", pe.extent, pe.available);
    let in_image = image.span().end().saturating_sub(stored.offset);
    let short_initialization = efi.compression.is_none() && pe.extent <= in_image;
    report(if short_initialization { Code::EfiPayloadCut } else { Code::PeCut }, message);
}
