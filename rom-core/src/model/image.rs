//! One image of the chain.

use super::{DeviceId, EfiImage, LegacyImage};
use crate::bytes::{Span, Window};
use crate::layout::{CodeType, Npde, Pcir, PcirRevision3, RomHeader};

/// One image of the chain.
#[derive(Clone, Debug)]
pub struct Image<'a> {
    /// The bytes of it that are in the file.
    pub window: Window<'a>,
    /// Bytes that its headers promise; 0 if they promise none or none could be read.
    pub declared_length: usize,
    /// What it begins with.
    pub header: RomHeader,
    /// Where in the file another image begins inside of it, if one does.
    pub inner: Option<usize>,
    /// Whether that is the header of an EFI image, whatever the code type says.
    pub efi_header: bool,
    /// The PCI data structure and what hangs on it.
    pub pcir: Result<PcirBlock, PcirFault>,
    /// What it holds.
    pub body: Body<'a>,
}

impl Image<'_> {
    /// Where it is.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.window.span()
    }

    /// The PCI data structure, if it was readable.
    #[must_use]
    pub fn pcir(&self) -> Option<&Pcir> {
        self.pcir.as_ref().ok().map(|block| &block.pcir)
    }

    /// The code type, if the PCI data structure was readable.
    #[must_use]
    pub fn code_type(&self) -> Option<CodeType> {
        self.pcir().map(|pcir| pcir.code_type)
    }

    /// The ids in the PCI data structure, if it was readable.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        self.pcir().map(|pcir| DeviceId { vendor: pcir.vendor_id, device: pcir.device_id })
    }
}

/// A readable PCI data structure and what hangs on it.
#[derive(Clone, Debug)]
pub struct PcirBlock {
    /// Where the structure stands.
    pub span: Span,
    /// The structure.
    pub pcir: Pcir,
    /// What revision 3 adds, if the structure is long enough.
    pub revision_3: Option<PcirRevision3>,
    /// The devices it names beside its own.
    pub device_list: DeviceList,
    /// NVIDIA's extension and where it stands.
    pub npde: Option<(Span, Npde)>,
}

/// The device list of a revision 3 structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceList {
    /// The structure has none.
    Absent,
    /// The ids, and where they stand with the terminating zero.
    Present(Span, Vec<u16>),
    /// It leads out of the image, or has no end.
    Unreadable(Span),
}

/// Why an image has no PCI data structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PcirFault {
    /// The pointer is zero.
    PointerZero,
    /// The pointer leads out of the file.
    Outside,
    /// "PCIR" is not there.
    Signature,
    /// It is an ISA option ROM, which has none.
    Isa,
}

/// What an image holds.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// An EFI driver.
    Efi(Box<EfiImage<'a>>),
    /// Legacy x86 code.
    Legacy(Box<LegacyImage>),
    /// Open Firmware code.
    OpenFirmware,
    /// HP PA-RISC code.
    HpPaRisc,
    /// Something else, or nobody knows.
    Unknown,
}

impl Body<'_> {
    /// What kind of image it makes.
    #[must_use]
    pub const fn kind(&self) -> ImageKind {
        match self {
            Self::Efi(_) => ImageKind::Efi,
            Self::Legacy(_) => ImageKind::Legacy,
            Self::OpenFirmware => ImageKind::OpenFirmware,
            Self::HpPaRisc => ImageKind::HpPaRisc,
            Self::Unknown => ImageKind::Unknown,
        }
    }
}

/// A kind of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageKind {
    /// With an EFI driver.
    Efi,
    /// With legacy x86 code.
    Legacy,
    /// With Open Firmware code.
    OpenFirmware,
    /// With HP PA-RISC code.
    HpPaRisc,
    /// With something else, or nobody knows.
    Unknown,
}

impl ImageKind {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Efi => "efi",
            Self::Legacy => "legacy",
            Self::OpenFirmware => "open-firmware",
            Self::HpPaRisc => "hp-pa-risc",
            Self::Unknown => "unknown",
        }
    }
}
