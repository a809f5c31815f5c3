//! What the boot of a machine shows of a ROM: which of its images the firmware started.
//!
//! The ROM is on a device of an emulated machine, between two ROMs that are made here. The first
//! makes the firmware speak, the last says that the firmware came past the ROM and switches the
//! machine off. What the machine writes to its debug port is read here. Nothing here starts a
//! machine.

mod efi;
pub mod machine_code;
mod seabios;

use crate::compose::{self, ComposeError, Image, Kind, Named, Spec};
use crate::firmware::{Firmware, Outcome, Prediction};
use crate::model::{DeviceId, Rom};
use machine_code::Then;
use std::borrow::Cow;
use std::fmt;

/// The device that carries a ROM: QEMU's `pvpanic-pci` has a configuration space and nothing that
/// firmware has a driver for.
pub const STAND_IN: DeviceId = DeviceId { vendor: 0x1B36, device: 0x0011 };
/// The slots of the first ROM, of the one that is observed, and of the last one, on the root bus.
/// Firmware comes to them in this order.
pub const SLOTS: [u8; 3] = [2, 3, 0x1E];

/// What the first and the last ROM say.
const BEGIN: &str = "<#begin#>";
const END: &str = "<#end#>";

/// What a boot showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Whether the firmware started the ROM before, so that it can be heard.
    pub reached: bool,
    /// Whether it came past the ROM.
    pub passed: bool,
    /// What became of each image, in the order of the file.
    pub images: Vec<ImageSeen>,
    /// Where the firmware started images that are not among these.
    pub unknown: Vec<u64>,
    /// What the firmware said, one line each.
    pub said: Vec<String>,
}

/// What became of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSeen {
    /// The firmware did not start it, and did not say why.
    NotStarted,
    /// The firmware did not load it.
    Refused(EfiStatus),
    /// The firmware started it.
    Started(Ending),
}

/// How an image ended that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It did not return.
    Never,
    /// It returned. What a legacy image returns, nobody asks.
    Returned(Option<EfiStatus>),
}

/// A status of UEFI (UEFI 2.10, appendix D).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EfiStatus(pub u64);

impl EfiStatus {
    /// All is well.
    pub const SUCCESS: Self = Self(0);
    const ERROR: u64 = 1 << 63;
}

impl fmt::Display for EfiStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 ^ Self::ERROR {
            Self::ERROR => "EFI_SUCCESS",
            1 => "EFI_LOAD_ERROR",
            2 => "EFI_INVALID_PARAMETER",
            3 => "EFI_UNSUPPORTED",
            4 => "EFI_BAD_BUFFER_SIZE",
            5 => "EFI_BUFFER_TOO_SMALL",
            6 => "EFI_NOT_READY",
            7 => "EFI_DEVICE_ERROR",
            9 => "EFI_OUT_OF_RESOURCES",
            14 => "EFI_NOT_FOUND",
            15 => "EFI_ACCESS_DENIED",
            16 => "EFI_NO_RESPONSE",
            18 => "EFI_TIMEOUT",
            19 => "EFI_NOT_STARTED",
            20 => "EFI_ALREADY_STARTED",
            21 => "EFI_ABORTED",
            26 => "EFI_SECURITY_VIOLATION",
            _ => return write!(f, "status {:#x}", self.0),
        };
        f.write_str(name)
    }
}

impl ImageSeen {
    /// Whether it was started.
    #[must_use]
    pub const fn is_started(self) -> bool {
        matches!(self, Self::Started(_))
    }

    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotStarted => "not-started",
            Self::Refused(_) => "refused",
            Self::Started(_) => "started",
        }
    }
}

impl Observation {
    /// Indices of the images that were started.
    pub fn started(&self) -> impl Iterator<Item = usize> + '_ {
        let started = |(index, seen): (usize, &ImageSeen)| seen.is_started().then_some(index);
        self.images.iter().enumerate().filter_map(started)
    }

    /// The image that was started and did not return.
    #[must_use]
    pub fn stuck_in(&self) -> Option<usize> {
        self.images.iter().position(|seen| *seen == ImageSeen::Started(Ending::Never))
    }

    /// Whether the firmware did what was predicted. A driver that does not return is not the
    /// firmware's fault: what would have come after it is left open.
    #[must_use]
    pub fn agrees(&self, prediction: &Prediction) -> bool {
        if !prediction.boots() {
            return !self.passed;
        }
        let stuck = self.stuck_in();
        let came_to = stuck.map_or(self.images.len(), |index| index.saturating_add(1));
        let as_predicted = |(seen, predicted): (&ImageSeen, &crate::firmware::ImageOutcome)| {
            seen.is_started() == (predicted.outcome == Outcome::Runs)
        };
        self.unknown.is_empty()
            && (self.passed || stuck.is_some())
            && self.images.len() == prediction.images.len()
            && self.images.iter().zip(&prediction.images).take(came_to).all(as_predicted)
    }
}

/// The ROM before the one that is observed.
///
/// # Errors
/// [`ComposeError::Machine`] for a firmware of Arm machines, which nothing makes speak.
pub fn first(firmware: Firmware) -> Result<Vec<u8>, ComposeError> {
    match firmware {
        Firmware::Ovmf => efi_rom(&efi::observer(), 0x8664),
        // SeaBIOS runs images with a $PnP header while it looks for ROMs, all others later (SeaBIOS,
        // `src/optionroms.c`, `init_optionrom` and `optionrom_setup`): the first is one of those,
        // the last is not.
        Firmware::SeaBios => legacy_rom(&machine_code::x86_16(BEGIN, Then::Return), 1),
        Firmware::Aavmf | Firmware::AavmfSecureBoot => Err(ComposeError::Machine(0xAA64)),
    }
}

/// The ROM after all others, which switches the machine off. It is not signed.
///
/// # Errors
/// Those of [`compose::compose`], which a ROM of this size does not have.
pub fn last(firmware: Firmware) -> Result<Vec<u8>, ComposeError> {
    match firmware {
        Firmware::Ovmf => efi_rom(&machine_code::x64(END, Then::PowerOff), 0x8664),
        Firmware::Aavmf | Firmware::AavmfSecureBoot => {
            efi_rom(&machine_code::arm64(END, Then::PowerOff), 0xAA64)
        }
        Firmware::SeaBios => legacy_rom(&machine_code::x86_16(END, Then::PowerOff), 0),
    }
}

/// Units of 512 bytes of these ROMs: firmware does not see one of 2048 bytes.
const BLOCKS: u16 = 9;

fn efi_rom(code: &[u8], machine: u16) -> Result<Vec<u8>, ComposeError> {
    let mut image = Image::new(Kind::Named(Named::Efi));
    image.driver.machine = machine;
    image.driver.code = Some(hex::encode(code));
    rom(image)
}

fn legacy_rom(code: &[u8], pnp: u16) -> Result<Vec<u8>, ComposeError> {
    let code = Some(hex::encode(code));
    rom(Image { pnp, code, ..Image::new(Kind::Named(Named::Legacy)) })
}

fn rom(image: Image) -> Result<Vec<u8>, ComposeError> {
    let DeviceId { vendor, device } = STAND_IN;
    let image = Image { vendor, device, blocks: BLOCKS, ..image };
    compose::compose(&Spec { image: vec![image], ..Spec::default() })
}

/// The bytes of `rom` for the stand-in device. `SeaBIOS` compares ids, so for it they are changed
/// in the images that are for the ROM's own device.
#[must_use]
pub fn for_stand_in<'a>(rom: &Rom<'a>, firmware: Firmware) -> Cow<'a, [u8]> {
    match firmware {
        Firmware::SeaBios => seabios::for_stand_in(rom),
        _ => Cow::Borrowed(rom.window.bytes()),
    }
}

/// What `heard`, which the machine wrote to its debug port, says of `rom`.
#[must_use]
pub fn read(rom: &Rom<'_>, firmware: Firmware, heard: &[u8]) -> Observation {
    let heard = String::from_utf8_lossy(heard);
    match firmware {
        Firmware::SeaBios => seabios::read(rom, &heard),
        _ => efi::read(rom, &heard),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::firmware::predict;
    use crate::limits::Limits;
    use crate::read::parse;

    #[test]
    fn the_roms_around_are_started_by_their_firmware() {
        for firmware in [Firmware::Ovmf, Firmware::SeaBios] {
            for bytes in [first(firmware).unwrap(), last(firmware).unwrap()] {
                let rom = parse(&bytes, &Limits::default());
                assert!(predict(&rom, firmware, Some(STAND_IN)).runs().eq([0]), "{firmware}");
            }
        }
        let bytes = last(Firmware::Aavmf).unwrap();
        let rom = parse(&bytes, &Limits::default());
        assert!(predict(&rom, Firmware::Aavmf, None).runs().eq([0]));
        assert_eq!(first(Firmware::Aavmf), Err(ComposeError::Machine(0xAA64)));
    }

    #[test]
    fn statuses_have_the_names_of_the_specification() {
        assert_eq!(EfiStatus::SUCCESS.to_string(), "EFI_SUCCESS");
        assert_eq!(EfiStatus(0x8000_0000_0000_0003).to_string(), "EFI_UNSUPPORTED");
        assert_eq!(EfiStatus(3).to_string(), "status 0x3");
    }
}
