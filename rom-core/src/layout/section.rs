//! Sections of a firmware file.

use super::Guid;
use binrw::binrw;

/// Section header (UEFI PI 1.8, volume 3, 3.2.4). 4 bytes; a section of 16 MiB or more has its size
/// in 4 bytes behind it.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SectionHeader {
    /// Bytes of the section with this header; all ones for a large section.
    pub(crate) size: [u8; 3],
    /// What it holds.
    pub(crate) section_type: SectionType,
}

impl SectionHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 4;
    /// Bytes of it with the size of a large section.
    pub(crate) const SIZE_LARGE: usize = 8;
    /// The value of `size` in a large section.
    pub(crate) const LARGE: [u8; 3] = [0xFF; 3];
    /// What sections begin at a multiple of, counted from the first.
    pub(crate) const ALIGNMENT: usize = 4;
}

/// What a compression section has behind its header (UEFI PI 1.8, volume 3, 3.2.5.1). 5 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CompressionSection {
    /// Bytes after decompression.
    pub(crate) uncompressed_length: u32,
    /// 0: not compressed. 1: the UEFI algorithm, or Tiano's. 2: LZMA. 86: LZMA over x86 code.
    pub(crate) compression_type: u8,
}

impl CompressionSection {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 5;
}

/// What a GUID-defined section has behind its header (UEFI PI 1.8, volume 3, 3.2.5.2). 20 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuidDefinedSection {
    /// How its data is encoded.
    pub section_definition_guid: Guid,
    /// Offset of the data from the start of the section, in bytes.
    pub data_offset: u16,
    /// Bit 0: the data has to be decoded before sections are in it.
    pub attributes: u16,
}

impl GuidDefinedSection {
    /// Bit 0 of `attributes`.
    pub(crate) const PROCESSING_REQUIRED: u16 = 1;

    /// LZMA (edk2, `MdeModulePkg/Include/Guid/LzmaDecompress.h`).
    pub const LZMA: Guid =
        Guid::new(0xEE4E_5898, 0x3914, 0x4259, [0x9D, 0x6E, 0xDC, 0x7B, 0xD7, 0x94, 0x03, 0xCF]);
    /// LZMA over x86 code whose jumps were made absolute (the same).
    pub const LZMA_F86: Guid =
        Guid::new(0xD42A_E6BD, 0x1352, 0x4BFB, [0x90, 0x9A, 0xCA, 0x72, 0xA6, 0xEA, 0xE8, 0x89]);
    /// Tiano's algorithm (edk2, `BaseTools/Source/C/Include/Guid/PiFirmwareFileSystem.h` and
    /// `GuidedSectionTools.txt`).
    pub const TIANO: Guid =
        Guid::new(0xA312_80AD, 0x481E, 0x41B6, [0x95, 0xE8, 0x12, 0x7F, 0x4C, 0x98, 0x47, 0x79]);
    /// LZMA, as HP calls it (`UEFITool`, `common/ffs.h`, as the next four).
    pub(crate) const LZMA_HP: Guid =
        Guid::new(0x0ED8_5E23, 0xF253, 0x413F, [0xA0, 0x3C, 0x90, 0x19, 0x87, 0xB0, 0x43, 0x97]);
    /// gzip.
    pub(crate) const GZIP: Guid =
        Guid::new(0x1D30_1FE9, 0xBE79, 0x4353, [0x91, 0xC2, 0xD2, 0x3B, 0xC9, 0x59, 0xAE, 0x0C]);
    /// zlib behind AMD's header.
    pub(crate) const ZLIB_AMD: Guid =
        Guid::new(0xCE32_33F5, 0x2CD6, 0x4D87, [0x91, 0x52, 0x4A, 0x23, 0x8B, 0xB6, 0xD1, 0xC4]);
    /// A certificate, then the sections.
    pub(crate) const SIGNED: Guid =
        Guid::new(0x0F9D_89E8, 0x9259, 0x4F76, [0xA5, 0xAF, 0x0C, 0x89, 0xE3, 0x40, 0x23, 0xDF]);
    /// A signature by RSA with 2048 bits, then the sections.
    pub(crate) const RSA_2048: Guid =
        Guid::new(0xA771_7414, 0xC616, 0x4977, [0x94, 0x20, 0x84, 0x47, 0x12, 0xA7, 0x35, 0xBF]);
    /// Bytes of the signature of [`Self::RSA_2048`].
    pub(crate) const RSA_2048_SIZE: usize = 0x210;
    /// Bytes of AMD's header before zlib's data.
    pub(crate) const ZLIB_AMD_HEADER: usize = 0x100;

    /// Brotli (edk2, `MdeModulePkg/Include/Guid/BrotliDecompress.h`).
    pub const BROTLI: Guid =
        Guid::new(0x3D53_2050, 0x5CDA, 0x4FD0, [0x87, 0x9E, 0x0F, 0x7F, 0x63, 0x0D, 0x5A, 0xFB]);
    /// A CRC-32 before the data (UEFI PI 1.8, volume 3, 3.2.5.3).
    pub const CRC32: Guid =
        Guid::new(0xFC1B_CDB0, 0x7D31, 0x49AA, [0x93, 0x6A, 0xA4, 0x60, 0x0D, 0x9D, 0xD0, 0x83]);
}

/// Section type.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionType(pub u8);

impl SectionType {
    /// Compressed sections.
    pub const COMPRESSION: Self = Self(0x01);
    /// Encoded sections.
    pub const GUID_DEFINED: Self = Self(0x02);
    /// Sections that need not be kept.
    pub const DISPOSABLE: Self = Self(0x03);
    /// A PE image.
    pub const PE32: Self = Self(0x10);
    /// A terse executable.
    pub const TE: Self = Self(0x12);
    /// A name for people, in UTF-16.
    pub const USER_INTERFACE: Self = Self(0x15);
    /// Code of a BIOS.
    pub const COMPATIBILITY16: Self = Self(0x16);
    /// A firmware volume.
    pub const FIRMWARE_VOLUME_IMAGE: Self = Self(0x17);
    /// Bytes behind a GUID.
    pub const FREEFORM_SUBTYPE_GUID: Self = Self(0x18);
    /// Bytes.
    pub const RAW: Self = Self(0x19);

    /// Its name, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x01 => "compressed",
            0x02 => "encoded",
            0x03 => "disposable",
            0x10 => "PE image",
            0x11 => "position-independent code",
            0x12 => "TE image",
            0x13 => "DXE dependencies",
            0x14 => "version",
            0x15 => "name",
            0x16 => "BIOS code",
            0x17 => "volume",
            0x18 => "freeform",
            0x19 => "raw",
            0x1B => "PEI dependencies",
            0x1C => "MM dependencies",
            0x20 => "postcode (Insyde)",
            0xF0 => "postcode (Phoenix)",
            _ => return None,
        })
    }
}
