//! The driver inside each EFI image.

use crate::bytes::{Span, Window};
use crate::code::Code;
use crate::finding::Finding;
use crate::layout::{Machine, Subsystem};
use crate::model::{Body, Damage, DecompressFault, EfiImage, Image, Payload, Pe, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Body::Efi(efi) = &image.body else { continue };
        // A file that was cut has that finding; what is missing inside the driver says the same again.
        let whole = image.window.len() >= image.declared_length;
        let Some(span) = efi.stored.map(Window::span).filter(|_| whole) else { continue };
        let mut report = |code, message| findings.push(Finding::of_image(code, index, span, message));
        if let Some(damage) = efi.damage {
            damaged(damage, &mut report);
            continue;
        }
        match &efi.payload {
            Payload::Absent => {}
            Payload::NotPe => report(Code::PayloadNotPe, "neither MZ nor VZ stands there".to_owned()),
            Payload::Terse(machine) => report(Code::TerseImage, format!("a terse executable for {machine}")),
            Payload::Unreadable => report(Code::PeDamaged, "PE header or section table".to_owned()),
            Payload::Pe(pe) => {
                loading(pe, &mut report);
                extent(image, efi, pe, span, &mut report);
            }
        }
    }
}

fn damaged(damage: Damage, report: &mut impl FnMut(Code, String)) {
    let Damage { error, tiano } = damage;
    let code = match error.fault {
        _ if tiano => Code::EfiTiano,
        DecompressFault::Header | DecompressFault::Cut | DecompressFault::TooLarge | DecompressFault::Blocks => {
            Code::EfiCompressedSize
        }
        DecompressFault::Table | DecompressFault::Distance | DecompressFault::Short => Code::EfiDecompress,
    };
    report(code, format!("{} ({:#x} bytes into it)", error.fault, error.at));
}

fn loading(pe: &Pe, report: &mut impl FnMut(Code, String)) {
    let wanted = match pe.machine {
        Machine::IA32 | Machine::ARM => Pe::PE32,
        _ => Pe::PE32_PLUS,
    };
    if pe.magic != wanted {
        report(Code::PeMagic, format!("{:#x}, where {} has {wanted:#x}", pe.magic, pe.machine));
        return;
    }
    if pe.subsystem != Subsystem::EFI_APPLICATION && !pe.subsystem.is_driver() {
        report(Code::PeSubsystem, format!("subsystem {}", pe.subsystem));
    }
    if pe.relocations_stripped && pe.image_base == 0 {
        report(Code::PeFixed, "its relocations were taken out, and it is linked for address 0".to_owned());
    }
    if pe.entry_point >= pe.size_of_image {
        report(Code::PeEntryPoint, format!("{:#x} of {:#x} bytes", pe.entry_point, pe.size_of_image));
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
