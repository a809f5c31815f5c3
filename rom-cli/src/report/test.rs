//! `oprom test`.

use super::file::Prediction;
use super::{Name, PciId, Sha256};
use crate::text::{Block, Line};
use rom_core::contents::DriverKind;
use rom_core::model::ImageKind;
use rom_core::observe::{self, Ending, Observation};
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to a ROM in this machine's QEMU, without the GPU.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Test {
    pub(crate) path: Line,
    pub(crate) sha256: Option<Sha256>,
    /// The program that was started.
    pub(crate) qemu: Line,
    /// The ids of the device that had the ROM.
    pub(crate) device: PciId,
    /// Whether each firmware did what was predicted and came past the ROM, and one of them started
    /// an image.
    pub(crate) starts: bool,
    pub(crate) firmware: Vec<Boot>,
}

/// What one firmware did.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Boot {
    /// ovmf or seabios.
    pub(crate) id: &'static str,
    /// Its usual name.
    pub(crate) name: &'static str,
    /// The file that it was; null for the one that QEMU brings.
    pub(crate) file: Option<&'static str>,
    pub(crate) result: BootResult,
    /// Why nothing is known.
    pub(crate) not_tested: Option<Block>,
    /// Milliseconds that it took.
    pub(crate) milliseconds: u128,
    /// Whether it did what was predicted.
    pub(crate) as_predicted: Option<bool>,
    pub(crate) predicted: Option<Prediction>,
    /// What became of each image, in the order of the file.
    pub(crate) images: Vec<ImageSeen>,
    /// Offsets of images that it started and that the file has not.
    pub(crate) unknown: Vec<u64>,
    /// What it said, line by line.
    pub(crate) said: Vec<Line>,
}

/// How a boot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BootResult {
    /// The firmware came past the ROM.
    Passed,
    /// It did not: it hangs.
    Hung,
    /// An image was started and did not return.
    NotReturned,
    /// Nothing is known.
    NotTested,
}

/// What became of an image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImageSeen {
    pub(crate) index: usize,
    /// Where it is in the file.
    pub(crate) offset: usize,
    pub(crate) kind: Name<ImageKind>,
    pub(crate) driver: Option<Name<DriverKind>>,
    /// AMD or NVIDIA, where it is a VBIOS of theirs.
    pub(crate) vbios: Option<&'static str>,
    pub(crate) seen: Seen,
    /// The status with which the firmware refused it, or with which it returned.
    pub(crate) status: Option<Line>,
}

/// What became of an image, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Seen {
    /// The firmware started it, and it returned without an error.
    Started,
    /// The firmware started it, and it returned an error: the firmware unloaded it.
    ReturnedError,
    /// The firmware started it, and it did not return.
    NotReturned,
    /// The firmware did not load it.
    Refused,
    /// The firmware did not start it, and did not say why.
    NotStarted,
}

impl Boot {
    /// How the boot ended, and what was seen, with `images` as they are in the file.
    pub(crate) fn observed(
        self,
        observation: &Observation,
        prediction: &rom_core::firmware::Prediction,
        images: &[rom_core::analysis::ImageSummary],
    ) -> Self {
        let result = match (observation.passed, observation.stuck_in()) {
            (true, _) => BootResult::Passed,
            (false, Some(_)) => BootResult::NotReturned,
            (false, None) => BootResult::Hung,
        };
        let seen = observation.images.iter().zip(images).enumerate();
        Self {
            result,
            as_predicted: Some(observation.agrees(prediction)),
            images: seen.map(|(index, (seen, image))| image_seen(index, *seen, image)).collect(),
            unknown: observation.unknown.clone(),
            said: observation.said.iter().map(|line| Line::from(line.as_str())).collect(),
            ..self
        }
    }

    /// Indices of the images that it started.
    pub(crate) fn started(&self) -> Vec<usize> {
        let started = |image: &&ImageSeen| {
            matches!(image.seen, Seen::Started | Seen::ReturnedError | Seen::NotReturned)
        };
        self.images.iter().filter(started).map(|image| image.index).collect()
    }
}

fn image_seen(
    index: usize,
    seen: observe::ImageSeen,
    image: &rom_core::analysis::ImageSummary,
) -> ImageSeen {
    use observe::{EfiStatus, ImageSeen as From};
    let (seen, status) = match seen {
        From::NotStarted => (Seen::NotStarted, None),
        From::Refused(status) => (Seen::Refused, Some(status)),
        From::Started(Ending::Never) => (Seen::NotReturned, None),
        From::Started(Ending::Returned(status)) => match status {
            Some(status) if status != EfiStatus::SUCCESS => (Seen::ReturnedError, Some(status)),
            status => (Seen::Started, status),
        },
    };
    let contents = image.contents.as_ref();
    ImageSeen {
        index,
        offset: image.span.offset,
        kind: image.kind.into(),
        driver: contents.and_then(|own| own.driver).map(Into::into),
        vbios: contents.and_then(|own| own.vbios.as_ref()).map(|vbios| vbios.maker),
        seen,
        status: status.map(|status| Line::new(status.to_string())),
    }
}
