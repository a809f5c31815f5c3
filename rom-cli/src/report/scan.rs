//! `oprom scan`.

use super::usable::Usable;
use super::{Name, Sha256};
use crate::text::Line;
use rom_core::inside::RomPlace;
use rom_core::model::ImageKind;
use rom_core::{Analysis, DeviceId, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

/// What was looked at. Each hit is reported by itself, as soon as it is found.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) hits: usize,
    pub(crate) files: usize,
    /// Bytes that were read.
    pub(crate) bytes: u64,
    /// Files that hold firmware volumes, in which more may be compressed; the first few.
    pub(crate) firmware: Vec<Line>,
}

/// A ROM inside of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hit {
    /// The file that it is in.
    pub(crate) path: Line,
    #[serde(flatten)]
    pub(crate) rom: FoundRom,
}

/// A ROM that is inside of something.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FoundRom {
    /// Where: in the file, in what was opened in it, or in what was decoded from it.
    pub(crate) offset: u64,
    /// Number of the decoded data that it is in, from 1 on; absent for the file itself.
    pub(crate) decoded: Option<usize>,
    /// Whether something had to be opened first: an archive, compressed data, text.
    pub(crate) opened: bool,
    /// The name of the file that it is in, inside of this one.
    pub(crate) name: Option<Line>,
    /// Bytes of it that are there.
    pub(crate) length: usize,
    /// Bytes that it says it has and that are not there.
    pub(crate) missing: usize,
    pub(crate) sha256: Option<Sha256>,
    /// The ROM of the catalog that it is.
    pub(crate) rom: Option<Line>,
    pub(crate) verdict: Name<Verdict>,
    /// Whether it does its job, taken out.
    pub(crate) usable: Usable,
    pub(crate) images: Vec<HitImage>,
}

impl FoundRom {
    /// The ROM at `place`, which says of `missing` bytes that it has them too.
    pub(crate) fn new(place: &RomPlace, missing: usize, analysis: &Analysis) -> Self {
        Self {
            offset: u64::try_from(place.span.offset).unwrap_or(u64::MAX),
            decoded: place.decoded,
            opened: place.opened,
            name: place.name.as_deref().map(Line::from),
            ..Self::plain(0, place.span.length, missing, analysis)
        }
    }

    /// Adds what `name` calls the devices that its images are for.
    pub(crate) fn name_devices(&mut self, name: &dyn Fn(DeviceId) -> Option<String>) {
        for image in &mut self.images {
            image.name = image.id.and_then(name).map(Line::from);
        }
    }

    /// The ROM at `offset` of the file itself.
    pub(crate) fn plain(offset: u64, length: usize, missing: usize, analysis: &Analysis) -> Self {
        let hex = |word: u16| Line::new(format!("{word:04x}"));
        let images = analysis.images.iter().map(|image| HitImage {
            kind: image.kind.into(),
            code_type: image.code_type.map(|code_type| code_type.0),
            vendor: image.device.map(|id| hex(id.vendor)),
            device: image.device.map(|id| hex(id.device)),
            name: None,
            length: image.span.length,
            id: image.device,
        });
        Self {
            offset,
            decoded: None,
            opened: false,
            name: None,
            length,
            missing,
            sha256: analysis.sha256.map(Into::into),
            rom: analysis.known.as_ref().map(|known| Line::from(known.rom.as_str())),
            verdict: analysis.verdict.into(),
            usable: Usable::new(&analysis.usable),
            images: images.collect(),
        }
    }
}

/// An image of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct HitImage {
    pub(crate) kind: Name<ImageKind>,
    /// Code type, if its PCI data structure is readable.
    pub(crate) code_type: Option<u8>,
    /// Vendor id, in hex.
    pub(crate) vendor: Option<Line>,
    /// Device id, in hex.
    pub(crate) device: Option<Line>,
    /// What the device is called: by the catalog, or by the list of PCI ids of the host.
    pub(crate) name: Option<Line>,
    pub(crate) length: usize,
    #[serde(skip)]
    pub(crate) id: Option<DeviceId>,
}
