//! What the ROM is fit for.

use super::{Finding, FitnessFact};
use crate::layout::{CodeType, Machine};
use crate::model::{Body, DeviceId, Image, Payload, Rom};

pub(super) fn check(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    let efi = || {
        rom.images
            .iter()
            .filter_map(|image| if let Body::Efi(efi) = &image.body { Some(efi) } else { None })
    };
    let readable = rom.images.iter().any(|image| image.pcir.is_ok());
    if readable && efi().next().is_none() && !rom.images.iter().any(|image| image.efi_header) {
        let legacy = rom.images.iter().any(|image| matches!(image.body, Body::Legacy(_)));
        findings.push(if legacy {
            Finding::of_file(rom.span(), FitnessFact::LegacyOnly)
        } else {
            let mut types: Vec<CodeType> = rom.images.iter().filter_map(Image::code_type).collect();
            types.sort_by_key(ToString::to_string);
            types.dedup();
            Finding::of_file(rom.span(), FitnessFact::NoPcImage { types })
        });
    }
    let machines: Vec<Machine> = efi()
        .filter_map(|efi| match &efi.payload {
            Payload::Pe(pe) => Some(pe.machine),
            Payload::Terse(machine) => Some(*machine),
            Payload::Absent | Payload::NotPe | Payload::Unreadable => None,
        })
        .collect();
    if !machines.is_empty() && !machines.contains(&Machine::X64) {
        findings.push(Finding::of_file(rom.span(), FitnessFact::NoX64Driver { machines }));
    }
    decimal_vendor(rom, findings);
}

/// Vendors whose ids, all digits, get typed in decimal where hex is meant: AMD's two and Intel.
const DIGIT_ONLY_VENDORS: [u16; 3] = [DeviceId::AMD, 0x1022, DeviceId::INTEL];

fn decimal_vendor(rom: &Rom<'_>, findings: &mut Vec<Finding>) {
    for (index, image) in rom.images.iter().enumerate() {
        let Ok(block) = &image.pcir else { continue };
        let vendor = block.pcir.vendor_id;
        let meant = u16::from_str_radix(&vendor.to_string(), 16)
            .ok()
            .filter(|meant| DIGIT_ONLY_VENDORS.contains(meant));
        if let Some(meant) = meant {
            findings.push(Finding::of_image(
                index,
                block.span,
                FitnessFact::DecimalVendor { vendor, meant },
            ));
        }
    }
}
