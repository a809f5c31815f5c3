//! SeaBIOS, for legacy images (SeaBIOS, `src/optionroms.c`).

use super::bar::Bar;
use super::{ImageOutcome, Outcome, Prediction};
use crate::layout::{CodeType, Indicator, LegacyRomHeader, Pcir, RomHeader, blocks};
use crate::model::{DeviceId, Image, Rom};

const MAP: &str = "SeaBIOS, src/optionroms.c, map_pcirom";
const VALID: &str = "SeaBIOS, src/optionroms.c, is_valid_rom";
const INIT: &str = "SeaBIOS, src/optionroms.c, init_optionrom";

const ENDLESS: &str = "an image that is not for this device has length 0 and is not marked as \
    last, so SeaBIOS reads it forever";

/// What SeaBIOS does with `rom` as the ROM of `device`.
pub(super) fn predict(rom: &Rom<'_>, device: Option<DeviceId>) -> Prediction {
    let bar = Bar::of(rom.window);
    let walk = walk(bar, device.or_else(|| own_device(rom)));
    let images = rom.images.iter().map(|image| {
        match walk.passed.iter().find(|(at, _)| *at == image.span().offset) {
            Some((_, predicted)) => predicted.clone(),
            None => ImageOutcome::new(Outcome::Unreached, MAP, walk.stop),
        }
    });
    Prediction { images: images.collect(), hang: walk.hang }
}

/// The ids of the first legacy image of `rom`.
pub(crate) fn own_device(rom: &Rom<'_>) -> Option<DeviceId> {
    rom.images
        .iter()
        .find(|image| image.code_type() == Some(CodeType::LEGACY))
        .and_then(Image::device)
}

/// The walk from image to image up to the one that is taken.
struct Walk {
    /// Offsets of the images that it came to, and what became of them.
    passed: Vec<(usize, ImageOutcome)>,
    /// Why it came to no further image.
    stop: &'static str,
    hang: Option<&'static str>,
}

fn walk(bar: Bar<'_>, device: Option<DeviceId>) -> Walk {
    let mut walk =
        Walk { passed: Vec::new(), stop: "an image before it is marked as last", hang: None };
    let mut at = 0_usize;
    loop {
        if !bar.has(at, &RomHeader::SIGNATURE_BYTES) {
            walk.stop = "there is no 55 aa where the image before it ends, or where the ROM begins";
            return walk;
        }
        let pcir = at.saturating_add(usize::from(
            bar.u16(at.saturating_add(RomHeader::AT.pcir_offset.offset)),
        ));
        if !bar.has(pcir, &Pcir::SIGNATURE) {
            let reason = "PCIR is missing where its header points, and SeaBIOS stops there";
            walk.passed.push((at, ImageOutcome::new(Outcome::Refused, MAP, reason)));
            walk.stop = "PCIR is missing in an image before it";
            return walk;
        }
        let named = DeviceId {
            vendor: bar.u16(pcir.saturating_add(Pcir::AT.vendor_id.offset)),
            device: bar.u16(pcir.saturating_add(Pcir::AT.device_id.offset)),
        };
        let code_type = CodeType(bar.u8(pcir.saturating_add(Pcir::AT.code_type.offset)));
        if code_type == CodeType::LEGACY && Some(named) == device {
            walk.passed.push((at, taken(bar, at)));
            walk.stop = "SeaBIOS runs only one image, and an earlier one is for this device";
            return walk;
        }
        walk.passed.push((at, not_taken(code_type, named, device)));
        if Indicator(bar.u8(pcir.saturating_add(Pcir::AT.indicator.offset))).is_last() {
            return walk;
        }
        let length = blocks(bar.u16(pcir.saturating_add(Pcir::AT.image_length.offset)));
        if length == 0 {
            walk.hang = Some(ENDLESS);
            return walk;
        }
        at = at.saturating_add(length);
    }
}

fn not_taken(code_type: CodeType, named: DeviceId, device: Option<DeviceId>) -> ImageOutcome {
    if code_type != CodeType::LEGACY {
        return ImageOutcome::new(
            Outcome::Skipped,
            MAP,
            "its code type is not that of legacy images",
        );
    }
    let reason = device.map_or_else(
        || "no device was given to compare with".to_owned(),
        |device| format!("it is for device {named}, not for {device}"),
    );
    ImageOutcome::new(Outcome::Skipped, MAP, reason)
}

/// What becomes of the image that is for the device.
fn taken(bar: Bar<'_>, at: usize) -> ImageOutcome {
    let size = blocks(u16::from(
        bar.u8(at.saturating_add(LegacyRomHeader::AT.initialization_size.offset)),
    ));
    if size == 0 {
        return ImageOutcome::new(Outcome::Refused, VALID, "its size byte is 0");
    }
    // Behind the BAR is nothing, which reads as one byte again and again: whole blocks of that sum
    // to zero.
    match bar.byte_sum(at, size) {
        0 => ImageOutcome::new(Outcome::Runs, INIT, "ids, size and checksum match"),
        sum => ImageOutcome::new(
            Outcome::Refused,
            VALID,
            format!("its bytes sum to {sum:#04x} instead of 0"),
        ),
    }
}
