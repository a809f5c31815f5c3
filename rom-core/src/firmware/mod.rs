//! What firmware does with a ROM: one file a firmware, and what two of them share.
//!
//! Nothing here is an opinion: each function follows the walk and the comparisons of the source
//! that it names, and the conformance suite boots the real firmware with thousands of ROMs and
//! holds the prediction to what happened.

mod aavmf;
mod bar;
mod loader;
mod option_rom;
mod ovmf;
mod seabios;

pub use bar::SMALLEST_SEEN;
pub use loader::LoadFault;
pub(crate) use loader::load_fault;
pub(crate) use seabios::own_device;

use crate::model::{DeviceId, Rom};
use crate::parse_error::from_name;
use std::cell::OnceCell;
use std::fmt;

/// A firmware, as Debian and Proxmox build it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Firmware {
    /// edk2 for x86-64 VMs.
    #[default]
    Ovmf,
    /// edk2 for arm64 VMs.
    Aavmf,
    /// The same with Secure Boot switched on.
    AavmfSecureBoot,
    /// The legacy BIOS of QEMU.
    SeaBios,
}

impl Firmware {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Ovmf, Self::Aavmf, Self::AavmfSecureBoot, Self::SeaBios];

    /// The stable name in JSON and on the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ovmf => "ovmf",
            Self::Aavmf => "aavmf",
            Self::AavmfSecureBoot => "aavmf_secure_boot",
            Self::SeaBios => "seabios",
        }
    }

    /// The usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ovmf => "OVMF",
            Self::Aavmf => "AAVMF",
            Self::AavmfSecureBoot => "AAVMF with Secure Boot",
            Self::SeaBios => "SeaBIOS",
        }
    }
}

from_name!(Firmware, Firmware::ALL, id, "ovmf, aavmf, aavmf_secure_boot or seabios");

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What becomes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The firmware starts it.
    Runs,
    /// It is for another firmware; this one passes over it.
    Skipped,
    /// It is meant for this firmware, which does not start it.
    Refused,
    /// The firmware never comes to it.
    Unreached,
}

impl Outcome {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::Unreached => "unreached",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What becomes of one image, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageOutcome {
    /// What becomes of it.
    pub outcome: Outcome,
    /// Why, for people.
    pub reason: String,
    /// Where the rule stands: the firmware's file and function.
    pub source: &'static str,
}

impl ImageOutcome {
    fn new(outcome: Outcome, source: &'static str, reason: impl Into<String>) -> Self {
        Self { outcome, reason: reason.into(), source }
    }
}

/// What a firmware does with a ROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Why the machine hangs, if it does; with that, nothing of the rest matters.
    pub hang: Option<&'static str>,
    /// What becomes of each image, in the order of the file.
    pub images: Vec<ImageOutcome>,
}

impl Prediction {
    /// Whether the firmware gets past this ROM.
    #[must_use]
    pub const fn boots(&self) -> bool {
        self.hang.is_none()
    }

    /// Indices of the images that it starts.
    pub fn runs(&self) -> impl Iterator<Item = usize> + '_ {
        let running = |(index, predicted): (usize, &ImageOutcome)| {
            (predicted.outcome == Outcome::Runs).then_some(index)
        };
        self.images.iter().enumerate().filter_map(running)
    }

    /// All images fare alike.
    fn all(rom: &Rom<'_>, predicted: &ImageOutcome) -> Self {
        Self { hang: None, images: vec![predicted.clone(); rom.images.len()] }
    }
}

/// What `firmware` does with `rom` as the `romfile` of a device.
///
/// `device` has the ids of that device, which `SeaBIOS` compares; without it, those of the first
/// legacy image are taken.
#[must_use]
pub fn predict(rom: &Rom<'_>, firmware: Firmware, device: Option<DeviceId>) -> Prediction {
    let edk2 = |build| {
        let [prediction] = option_rom::predict(rom, [build]);
        prediction
    };
    match firmware {
        Firmware::Ovmf => edk2(ovmf::BUILD),
        Firmware::Aavmf => edk2(aavmf::BUILD),
        Firmware::AavmfSecureBoot => edk2(aavmf::SECURE_BOOT),
        Firmware::SeaBios => seabios::predict(rom, device),
    }
}

/// What the firmwares do with one ROM as the ROM of its own device. Each is asked when it is
/// needed, and once.
#[derive(Debug)]
pub struct Predictions<'r, 'a> {
    rom: &'r Rom<'a>,
    /// OVMF, AAVMF, AAVMF with Secure Boot.
    edk2: OnceCell<[Prediction; 3]>,
    seabios: OnceCell<Prediction>,
}

impl<'r, 'a> Predictions<'r, 'a> {
    /// For `rom`.
    #[must_use]
    pub const fn of(rom: &'r Rom<'a>) -> Self {
        Self { rom, edk2: OnceCell::new(), seabios: OnceCell::new() }
    }

    fn edk2(&self) -> &[Prediction; 3] {
        self.edk2.get_or_init(|| {
            option_rom::predict(self.rom, [ovmf::BUILD, aavmf::BUILD, aavmf::SECURE_BOOT])
        })
    }

    fn seabios(&self) -> &Prediction {
        self.seabios.get_or_init(|| seabios::predict(self.rom, None))
    }

    /// Whether some firmware starts image number `image`, and none hangs.
    #[must_use]
    pub(crate) fn some_runs(&self, image: usize) -> bool {
        let mut all = self.edk2().iter().chain([self.seabios()]);
        let runs = |prediction: &Prediction| prediction.runs().any(|index| index == image);
        all.clone().all(Prediction::boots) && all.any(runs)
    }

    /// All of them, in the order of [`Firmware::ALL`], with `SeaBIOS` as it does where the device
    /// is `device`.
    #[must_use]
    pub(crate) fn into_all(self, device: Option<DeviceId>) -> Vec<(Firmware, Prediction)> {
        let seabios = match device.filter(|_| device != seabios::own_device(self.rom)) {
            Some(_) => seabios::predict(self.rom, device),
            None => self.seabios().clone(),
        };
        self.edk2();
        let edk2 = self.edk2.into_inner().into_iter().flatten();
        Firmware::ALL.into_iter().zip(edk2.chain([seabios])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_and_outcomes_have_words() {
        assert_eq!(
            Firmware::ALL.map(Firmware::name),
            ["OVMF", "AAVMF", "AAVMF with Secure Boot", "SeaBIOS"]
        );
        let outcomes = [Outcome::Runs, Outcome::Skipped, Outcome::Refused, Outcome::Unreached];
        assert_eq!(
            outcomes.map(|outcome| outcome.to_string()),
            ["runs", "skipped", "refused", "unreached"]
        );
    }
}
