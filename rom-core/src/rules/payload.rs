//! The driver inside each EFI image.

use super::{DriverFact, Finding};
use crate::bytes::{Span, Window};
use crate::firmware::{LoadFault, load_fault};
use crate::layout::Machine;
use crate::model::{Body, Damage, DecompressFault, EfiImage, Image, Payload, Pe, Rom, Signature};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Body::Efi(efi) = &image.body else { continue };
        // A file that was cut has that finding; what is missing inside the driver says the same
        // again.
        let whole = image.window.len() >= image.declared_length;
        let Some(span) = efi.stored.map(Window::span).filter(|_| whole) else { continue };
        let mut report = |fact: DriverFact| findings.push(Finding::of_image(index, span, fact));
        if let Some(damage) = efi.damage {
            report(damaged(damage, efi.driver.is_empty()));
            // What firmware makes of data of the other variant is nothing that anybody meant.
            if damage.tiano {
                continue;
            }
        }
        match &efi.payload {
            Payload::Absent if efi.compression.is_some() && efi.damage.is_none() => {
                report(DriverFact::Empty);
            }
            Payload::Absent => {}
            Payload::NotPe => report(DriverFact::Unknown),
            Payload::Terse(machine) => report(DriverFact::Terse { machine: *machine }),
            Payload::Unreadable => report(DriverFact::Unreadable),
            Payload::Pe(pe) => {
                loading(pe, &mut report);
                extent(image, efi, pe, span, &mut report);
                signature(pe, &mut report);
            }
        }
    }
}

/// `refused` where firmware makes nothing of the data.
fn damaged(Damage { error, tiano }: Damage, refused: bool) -> DriverFact {
    if error.fault == DecompressFault::Short && !tiano && !refused {
        return DriverFact::DecompressShort { at: error.at };
    }
    DriverFact::Decompress { fault: error.fault, at: error.at, tiano }
}

/// What firmware's loader would stumble over, on the machine that the driver is for.
fn loading(pe: &Pe, report: &mut impl FnMut(DriverFact)) {
    let wanted = match pe.machine {
        Machine::IA32 | Machine::ARM => Pe::PE32,
        _ => Pe::PE32_PLUS,
    };
    if pe.magic != wanted {
        report(DriverFact::Magic { magic: pe.magic, machine: pe.machine, wanted });
        return;
    }
    if pe.entry_point >= pe.size_of_image {
        report(DriverFact::EntryPoint {
            entry_point: pe.entry_point,
            size_of_image: pe.size_of_image,
        });
    }
    let Some(fault) = load_fault(pe, pe.machine) else { return };
    match fault {
        // Missing sections have a finding of their own.
        LoadFault::Cut if pe.extent > pe.available => {}
        LoadFault::Cut => report(DriverFact::HeadersCut),
        LoadFault::Machine => {}
        LoadFault::Subsystem => report(DriverFact::Subsystem { subsystem: pe.subsystem }),
        LoadFault::Fixed => report(DriverFact::Fixed { image_base: pe.image_base }),
        LoadFault::Relocations => report(DriverFact::Relocations),
        LoadFault::Magic
        | LoadFault::OptionalHeader
        | LoadFault::SizeOfHeaders
        | LoadFault::SectionInHeaders
        | LoadFault::SectionOutside
        | LoadFault::DebugCut
        | LoadFault::Alignment => report(DriverFact::Refused { fault }),
    }
}

fn signature(pe: &Pe, report: &mut impl FnMut(DriverFact)) {
    match &pe.signature {
        Signature::Absent => {}
        Signature::Unreadable => report(DriverFact::NoSignature),
        Signature::Present(signed) if signed.handed_matches() => {}
        Signature::Present(signed) if signed.image_matches() => {
            report(DriverFact::SignaturePadding { after: pe.available.saturating_sub(pe.extent) });
        }
        Signature::Present(signed) if signed.image.is_some() => {
            report(DriverFact::SignatureDiffers { algorithm: signed.algorithm });
        }
        Signature::Present(signed) => {
            report(DriverFact::NoDigest { algorithm: signed.algorithm });
        }
    }
}

fn extent(
    image: &Image<'_>,
    efi: &EfiImage<'_>,
    pe: &Pe,
    stored: Span,
    report: &mut impl FnMut(DriverFact),
) {
    if pe.extent <= pe.available {
        return;
    }
    let in_image = image.span().end().saturating_sub(stored.offset);
    let short_initialization = efi.compression.is_none() && pe.extent <= in_image;
    report(DriverFact::Cut {
        extent: pe.extent,
        available: pe.available,
        in_image: short_initialization,
    });
}
