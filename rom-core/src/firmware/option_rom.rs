//! The option ROMs of PCI devices in edk2 (edk2,
//! `MdeModulePkg/Bus/Pci/PciBusDxe/PciOptionRomSupport.c`), which OVMF and AAVMF share.

use super::bar::{Bar, SMALLEST_SEEN};
use super::loader::{LoadFault, load_fault};
use super::{ImageOutcome, Outcome, Prediction};
use crate::layout::{
    BLOCK, CodeType, CompressionType, EfiRomHeader, Indicator, LegacyRomHeader, Machine, Pcir,
    RomHeader, Subsystem, blocks,
};
use crate::limits::Limits;
use crate::model::{Body, ChainEnd, EfiImage, Image, Payload, Pe, Rom};
use crate::read::parse;

/// What makes one build of edk2 differ from another.
#[derive(Clone, Copy)]
pub(super) struct Edk2 {
    /// The machine that it runs on.
    pub(super) machine: Machine,
    /// Why it does not trust a driver.
    pub(super) verify: fn(&Handed<'_>) -> Option<ImageOutcome>,
}

/// A driver that is given to the loader.
pub(super) struct Handed<'a> {
    /// What it is.
    pub(super) pe: &'a Pe,
}

const GET_INFO: &str = "edk2, PciOptionRomSupport.c, GetOpRomInfo";
const LOAD_ROM: &str = "edk2, PciOptionRomSupport.c, LoadOpRomImage";
const CONTAIN: &str = "edk2, PciOptionRomSupport.c, ContainEfiImage";
const PROCESS: &str = "edk2, PciOptionRomSupport.c, ProcessOpRomImage";
const LOAD_FILE: &str = "edk2, PciOptionRomSupport.c, LocalLoadFile2";
const DECOMPRESS: &str = "edk2, BaseUefiDecompressLib.c";
const PE_HEADER: &str = "edk2, BasePeCoff.c, PeCoffLoaderGetPeHeader";
const START: &str = "edk2, Image.c, CoreStartImage";

const ENDLESS: &str = "an image has length 0 and is not marked as last, so firmware reads the \
    same place forever";
const NOWHERE: &str = "the entry point of a driver is outside the driver: firmware jumps to \
    address 0";

/// What each of `builds` does with `rom`.
pub(super) fn predict<const N: usize>(rom: &Rom<'_>, builds: [Edk2; N]) -> [Prediction; N] {
    // Where the last image is cut, the zeros behind the file are part of it.
    if matches!(rom.end, ChainEnd::Truncated { .. }) {
        let padded = Bar::of(rom.window).bytes();
        if padded.len() > rom.window.len() {
            let padded = parse(&padded, &Limits::default());
            return builds.map(|edk2| {
                let mut prediction = predict_whole(&padded, &edk2);
                prediction.images.truncate(rom.images.len());
                prediction
            });
        }
    }
    builds.map(|edk2| predict_whole(rom, &edk2))
}

fn predict_whole(rom: &Rom<'_>, edk2: &Edk2) -> Prediction {
    let bar = Bar::of(rom.window);
    if bar.size() < SMALLEST_SEEN {
        let reason = "firmware does not see a ROM of 2048 bytes or less; romsize=4096 fixes that";
        return Prediction::all(rom, &ImageOutcome::new(Outcome::Unreached, GET_INFO, reason));
    }
    let copied = match copied(bar) {
        Ok(copied) => copied,
        Err(hang) => {
            let predicted = ImageOutcome::new(Outcome::Unreached, LOAD_ROM, hang);
            return Prediction { hang: Some(hang), ..Prediction::all(rom, &predicted) };
        }
    };
    if let Some(stop) = copied.stop.filter(|_| copied.size == 0) {
        return Prediction::all(rom, &ImageOutcome::new(Outcome::Unreached, LOAD_ROM, stop));
    }
    let visited = visited(bar, copied.size);
    let mut hang = None;
    let images = rom.images.iter().map(|image| {
        let offset = image.span().offset;
        if !visited.contains(&offset) {
            return unreached(offset, &copied, bar);
        }
        let predicted = image_outcome(image, edk2);
        if predicted.outcome == Outcome::Runs && jumps_nowhere(image) {
            hang = Some(NOWHERE);
        }
        predicted
    });
    let images = images.collect();
    Prediction { hang, images }
}

/// What the first walk copies out of the BAR.
struct Copied {
    /// Bytes.
    size: usize,
    /// Where the walk ended.
    end: usize,
    /// Why it ended before an image that is marked as last.
    stop: Option<&'static str>,
}

/// The fields of an image that the walks look at.
struct Fields {
    code_type: CodeType,
    length: usize,
    last: bool,
}

/// Reads them at `at`; says what is wrong where no image can be read there.
fn fields(bar: Bar<'_>, at: usize, end: usize) -> Result<Fields, &'static str> {
    let pointer = usize::from(bar.u16(at.saturating_add(RomHeader::AT.pcir_offset.offset)));
    let pcir = at.saturating_add(pointer);
    if pointer == 0 {
        return Err("an image has no pointer to a PCI data structure, and firmware stops there");
    }
    if !pointer.is_multiple_of(4) {
        return Err(
            "the PCI data structure of an image is not aligned to 4 bytes, and firmware stops \
                there",
        );
    }
    if pcir.saturating_add(Pcir::SIZE) > end {
        return Err(
            "the PCI data structure of an image is outside the ROM, and firmware stops there",
        );
    }
    if !bar.has(pcir, &Pcir::SIGNATURE) {
        return Err(
            "PCIR is missing where the header of an image points, and firmware stops there",
        );
    }
    Ok(Fields {
        code_type: CodeType(bar.u8(pcir.saturating_add(Pcir::AT.code_type.offset))),
        length: blocks(bar.u16(pcir.saturating_add(Pcir::AT.image_length.offset))),
        last: Indicator(bar.u8(pcir.saturating_add(Pcir::AT.indicator.offset))).is_last(),
    })
}

/// The first walk, `LoadOpRomImage`: how much of the ROM is copied. `Err` where it never ends.
fn copied(bar: Bar<'_>) -> Result<Copied, &'static str> {
    let mut at = 0_usize;
    let mut legacy: Option<usize> = None;
    let mut stop = None;
    while at < bar.size() {
        if !bar.has(at, &RomHeader::SIGNATURE_BYTES) {
            if at == 0 {
                stop = Some(
                    "there is no 55 aa at the start of the ROM, and firmware looks nowhere else",
                );
                break;
            }
            at = at.saturating_add(BLOCK);
            continue;
        }
        let image = match fields(bar, at, bar.size()) {
            Ok(image) => image,
            Err(reason) => {
                stop = Some(reason);
                break;
            }
        };
        if at.saturating_add(image.length) > bar.size() {
            stop = Some("an image is longer than the ROM, and firmware stops there");
            break;
        }
        if image.code_type == CodeType::LEGACY {
            legacy = Some(
                usize::from(
                    bar.u8(at.saturating_add(LegacyRomHeader::AT.initialization_size.offset)),
                )
                .saturating_mul(BLOCK),
            );
        }
        if image.length == 0 && !image.last {
            return Err(ENDLESS);
        }
        at = at.saturating_add(image.length);
        if image.last {
            if at == 0 {
                stop = Some("the first image is 0 bytes long, and firmware copies nothing");
            }
            break;
        }
    }
    // Old cards have the right length in the legacy header only.
    let size = if at > 0 { at.max(legacy.unwrap_or(0)) } else { 0 };
    Ok(Copied { size, end: at, stop })
}

/// The second walk, `ProcessOpRomImage`, over the copy: offsets of the images that it comes to.
/// Unlike the first it checks nothing.
fn visited(bar: Bar<'_>, size: usize) -> Vec<usize> {
    let mut visited = Vec::new();
    if !contains_efi(bar, size) {
        // Without an EFI image there is no second walk; legacy images are nobody's.
        return visited;
    }
    let mut at = 0_usize;
    while at < size {
        if !bar.has(at, &RomHeader::SIGNATURE_BYTES) {
            at = at.saturating_add(BLOCK);
            continue;
        }
        let pcir = at.saturating_add(usize::from(
            bar.u16(at.saturating_add(RomHeader::AT.pcir_offset.offset)),
        ));
        let length = blocks(bar.u16(pcir.saturating_add(Pcir::AT.image_length.offset)));
        visited.push(at);
        if length == 0
            || Indicator(bar.u8(pcir.saturating_add(Pcir::AT.indicator.offset))).is_last()
        {
            break;
        }
        at = at.saturating_add(length);
    }
    visited
}

/// `ContainEfiImage`: whether a walk over the copy comes to an image of code type 3.
fn contains_efi(bar: Bar<'_>, size: usize) -> bool {
    let mut at = 0_usize;
    while at < size {
        if !bar.has(at, &RomHeader::SIGNATURE_BYTES) {
            at = at.saturating_add(BLOCK);
            continue;
        }
        match fields(bar, at, size) {
            Ok(image) if image.code_type == CodeType::EFI => return true,
            Ok(image) if image.last || image.length == 0 => return false,
            Ok(image) => at = at.saturating_add(image.length),
            Err(_) => return false,
        }
    }
    false
}

/// Why the second walk does not come to the image at `offset`.
fn unreached(offset: usize, copied: &Copied, bar: Bar<'_>) -> ImageOutcome {
    if !contains_efi(bar, copied.size) {
        let reason = copied.stop.unwrap_or("firmware finds no EFI image");
        let outcome = if offset < copied.end { Outcome::Skipped } else { Outcome::Unreached };
        return ImageOutcome::new(outcome, CONTAIN, reason);
    }
    let marked = "an image before it is marked as last";
    ImageOutcome::new(Outcome::Unreached, LOAD_ROM, copied.stop.unwrap_or(marked))
}

/// What becomes of an image that the second walk comes to.
fn image_outcome(image: &Image<'_>, edk2: &Edk2) -> ImageOutcome {
    if image.code_type().is_some_and(|code_type| code_type != CodeType::EFI) {
        return ImageOutcome::new(
            Outcome::Skipped,
            PROCESS,
            "its code type is not that of EFI images",
        );
    }
    let Body::Efi(efi) = &image.body else {
        return ImageOutcome::new(Outcome::Refused, PROCESS, "it has no readable EFI image");
    };
    header_outcome(image, efi)
        .or_else(|| driver_outcome(efi, edk2))
        .unwrap_or_else(|| ImageOutcome::new(Outcome::Runs, START, running(efi)))
}

fn running(efi: &EfiImage<'_>) -> &'static str {
    match efi.damage {
        None => "it passes every check",
        Some(_) => {
            "firmware does not notice that the compressed data ends too early, and starts the \
            incomplete driver"
        }
    }
}

/// Why the header keeps the driver from being passed on.
fn header_outcome(image: &Image<'_>, efi: &EfiImage<'_>) -> Option<ImageOutcome> {
    let header = &efi.header;
    let refused = |source, reason: &str| Some(ImageOutcome::new(Outcome::Refused, source, reason));
    if header.efi_subsystem == Subsystem::EFI_APPLICATION {
        return refused(PROCESS, "its header says that it is an application");
    }
    if header.efi_signature != EfiRomHeader::EFI_SIGNATURE {
        return refused(LOAD_FILE, "its EFI signature is incorrect");
    }
    if !header.efi_subsystem.is_driver() {
        return refused(LOAD_FILE, "its header does not say that it is a driver");
    }
    if header.compression_type.0 > CompressionType::UEFI.0 {
        return refused(LOAD_FILE, "its compression type is unknown");
    }
    let initialization = usize::from(header.initialization_size).saturating_mul(BLOCK);
    if initialization > image.declared_length {
        return refused(LOAD_FILE, "its initialization size is larger than the image");
    }
    if usize::from(header.efi_image_header_offset) >= initialization {
        return refused(LOAD_FILE, "its driver is outside the initialization size");
    }
    None
}

/// Why the loader does not start the driver.
fn driver_outcome(efi: &EfiImage<'_>, edk2: &Edk2) -> Option<ImageOutcome> {
    let refused =
        |source, reason: String| Some(ImageOutcome::new(Outcome::Refused, source, reason));
    if let Some(damage) = efi.damage.filter(|_| efi.driver.is_empty()) {
        return refused(
            DECOMPRESS,
            format!("its compressed data is damaged: {}", damage.error.fault),
        );
    }
    let pe = match &efi.payload {
        Payload::Pe(pe) => pe,
        Payload::Absent | Payload::NotPe => {
            return refused(PE_HEADER, "there is no driver where its header points".to_owned());
        }
        Payload::Terse(_) => {
            return refused(PE_HEADER, "its driver is a terse executable".to_owned());
        }
        Payload::Unreadable => {
            return refused(PE_HEADER, "the headers of its driver are damaged".to_owned());
        }
    };
    match load_fault(pe, edk2.machine) {
        Some(LoadFault::Machine) => {
            let (own, wanted) = (pe.machine, edk2.machine);
            let reason = format!("its driver is for {own}, but this firmware runs on {wanted}");
            Some(ImageOutcome::new(Outcome::Skipped, LoadFault::Machine.source(), reason))
        }
        Some(fault) => refused(fault.source(), fault.to_string()),
        None => (edk2.verify)(&Handed { pe }),
    }
}

/// Whether the driver's entry point is one that the loader cannot find in the image.
fn jumps_nowhere(image: &Image<'_>) -> bool {
    matches!(&image.body, Body::Efi(efi) if matches!(&efi.payload, Payload::Pe(pe)
        if pe.entry_point >= pe.size_of_image.saturating_add(pe.debug.unloaded)))
}
