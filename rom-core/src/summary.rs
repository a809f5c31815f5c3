//! An image in values of its own, which keep nothing of the file's bytes.

use crate::bytes::Span;
use crate::contents::Contents;
use crate::layout::{ClassCode, CodeType, CompressionType, Machine, Subsystem};
use crate::model::{Body, DeviceId, EfiImage, Image, ImageKind, Payload, Signature};

/// An image, in values of its own.
#[derive(Clone, Debug)]
pub struct ImageSummary {
    /// Where it is in the file, as far as the file has it.
    pub span: Span,
    /// What it holds.
    pub kind: ImageKind,
    /// Vendor and device id, if its PCI data structure is readable.
    pub device: Option<DeviceId>,
    /// Class code, if its PCI data structure is readable.
    pub class: Option<ClassCode>,
    /// Code type, if its PCI data structure is readable.
    pub code_type: Option<CodeType>,
    /// Whether it is marked as the last one.
    pub last: bool,
    /// The driver of an EFI image.
    pub efi: Option<DriverSummary>,
    /// What stands inside of it.
    pub contents: Option<Contents>,
}

/// The driver of an EFI image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverSummary {
    /// The machine that the driver is for; what the image's header says where no driver is
    /// readable.
    pub machine: Machine,
    /// The subsystem, from the same place.
    pub subsystem: Subsystem,
    /// Whether it is stored compressed.
    pub compressed: bool,
    /// Its signature.
    pub signature: Signature,
}

impl ImageSummary {
    /// That of `image`, in which are `contents`.
    #[must_use]
    pub fn of(image: &Image<'_>, contents: Option<Contents>) -> Self {
        let pcir = image.pcir();
        Self {
            span: image.span(),
            kind: image.body.kind(),
            device: image.device(),
            class: pcir.map(|pcir| pcir.class_code),
            code_type: image.code_type(),
            last: pcir.is_some_and(|pcir| pcir.indicator.is_last()),
            efi: if let Body::Efi(efi) = &image.body { Some(driver(efi)) } else { None },
            contents,
        }
    }
}

fn driver(efi: &EfiImage<'_>) -> DriverSummary {
    let (machine, subsystem, signature) = match &efi.payload {
        Payload::Pe(pe) => (pe.machine, pe.subsystem, pe.signature.clone()),
        Payload::Terse(machine) => (*machine, efi.header.efi_subsystem, Signature::Absent),
        Payload::Absent | Payload::NotPe | Payload::Unreadable => {
            (efi.header.efi_machine_type, efi.header.efi_subsystem, Signature::Absent)
        }
    };
    DriverSummary {
        machine,
        subsystem,
        compressed: efi.header.compression_type != CompressionType::NONE,
        signature,
    }
}
