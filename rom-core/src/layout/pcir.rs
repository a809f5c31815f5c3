//! The PCI data structure.

use super::field::{Field, Meaning, structure};
use crate::bytes::Span;
use binrw::binrw;
use std::fmt;

structure! {
    /// PCI data structure (PCI Firmware 3.3, 5.1.2). 24 bytes; revision 3 has [`PcirRevision3`]
    /// behind it.
    Pcir, PcirPlaces, "PCI data structure" {
        /// "PCIR".
        signature: [u8; 4] = "signature" Ascii,
        /// PCI vendor id.
        vendor_id: u16 = "vendor id" Number,
        /// PCI device id.
        device_id: u16 = "device id" Number,
        /// Revision 3: offset of the device list from the start of this structure, in bytes, zero
        /// for none. Revision 0: offset of vital product data.
        device_list_offset: u16 = "device list offset" Number,
        /// Length of this structure, in bytes.
        length: u16 = "length" Number,
        /// Revision of this structure: 0 or 3.
        revision: u8 = "revision" Number,
        /// Class code of the device.
        class_code: ClassCode = "class code" Class,
        /// Length of the image, in units of 512 bytes.
        image_length: u16 = "image length" Blocks,
        /// The vendor's own version.
        code_revision: u16 = "code revision" Number,
        /// What the image holds.
        code_type: CodeType = "code type" CodeType,
        /// Bit 7: last image.
        indicator: Indicator = "indicator" Indicator,
        /// Revision 3: length that the image needs at run time, in units of 512 bytes. Revision 0:
        /// reserved.
        maximum_run_time_image_length: u16 = "maximum run-time image length" Blocks,
    }
}

impl Pcir {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"PCIR";
    /// Bytes of the structure with it.
    pub const SIZE_REVISION_3: usize = Self::SIZE.saturating_add(PcirRevision3::SIZE);
}

structure! {
    /// What revision 3 of the PCI data structure adds at its end (PCI Firmware 3.3, 5.1.2). 4
    /// bytes.
    PcirRevision3, PcirRevision3Places, "PCI data structure, revision 3" {
        /// Offset of the configuration utility code from the start of the image, in bytes; zero for
        /// none.
        configuration_utility_offset: u16 = "configuration utility offset" Offset,
        /// Offset of the DMTF CLP entry point from the start of the image, in bytes; zero for none.
        dmtf_clp_offset: u16 = "DMTF CLP entry point offset" Offset,
    }
}

/// The one field of an entry of the device list (PCI Firmware 3.3, 5.1.2).
pub(crate) const DEVICE_LIST_ENTRY: &[Field] =
    &[Field { name: "device id", span: Span::new(0, size_of::<u16>()), meaning: Meaning::Number }];

/// Class code: programming interface, sub-class, base class, in this order in a file.
#[binrw]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClassCode(pub [u8; 3]);

impl ClassCode {
    /// Base class, for example 0x03 for a display controller.
    #[must_use]
    pub const fn base(self) -> u8 {
        self.0[2]
    }

    /// Sub-class, for example 0x00 for a VGA controller below 0x03.
    #[must_use]
    pub const fn sub(self) -> u8 {
        self.0[1]
    }

    /// The class code of six digits, as sysfs prints it.
    #[must_use]
    pub fn from_u32(value: u32) -> Self {
        let [interface, sub, base, _] = value.to_le_bytes();
        Self([interface, sub, base])
    }

    /// As one number, the base class in its highest byte.
    #[must_use]
    pub const fn to_u32(self) -> u32 {
        let [interface, sub, base] = self.0;
        u32::from_le_bytes([interface, sub, base, 0])
    }
}

impl fmt::Display for ClassCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [interface, sub, base] = self.0;
        write!(f, "{base:02x}{sub:02x}{interface:02x}")
    }
}

impl fmt::Debug for ClassCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClassCode({self})")
    }
}

/// What an image holds (PCI Firmware 3.3, table 5-6).
#[binrw]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeType(pub u8);

impl CodeType {
    /// Legacy x86 code.
    pub const LEGACY: Self = Self(0);
    /// Open Firmware code.
    pub const OPEN_FIRMWARE: Self = Self(1);
    /// HP PA-RISC code.
    pub const HP_PA_RISC: Self = Self(2);
    /// EFI image.
    pub const EFI: Self = Self(3);
    /// NVIDIA's own.
    pub const NVIDIA: Self = Self(0xE0);

    /// The usual name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::LEGACY => "legacy x86",
            Self::OPEN_FIRMWARE => "Open Firmware",
            Self::HP_PA_RISC => "HP PA-RISC",
            Self::EFI => "EFI",
            Self::NVIDIA => "NVIDIA's own",
            _ => return None,
        })
    }
}

impl fmt::Display for CodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "code type {:#04x}", self.0),
        }
    }
}

impl fmt::Debug for CodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeType({:#04x})", self.0)
    }
}

/// Indicator byte (PCI Firmware 3.3, 5.1.2).
#[binrw]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indicator(pub u8);

impl Indicator {
    /// Bit 7.
    pub const LAST_IMAGE: u8 = 0x80;

    /// Whether no image follows.
    #[must_use]
    pub const fn is_last(self) -> bool {
        self.0 & Self::LAST_IMAGE != 0
    }

    /// The reserved bits that are set.
    #[must_use]
    pub const fn reserved(self) -> u8 {
        self.0 & !Self::LAST_IMAGE
    }
}
