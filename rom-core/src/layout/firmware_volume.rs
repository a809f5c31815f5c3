//! Firmware volumes and the files in them.

use super::Guid;
use binrw::binrw;

/// Firmware volume header (UEFI PI 1.8, volume 3, 3.2.1), without the block map behind it. 56
/// bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirmwareVolumeHeader {
    /// Zero, or a reset vector.
    pub zero_vector: [u8; 16],
    /// The file system in it.
    pub file_system_guid: Guid,
    /// Bytes of the volume, this header included.
    pub fv_length: u64,
    /// "_FVH".
    pub signature: [u8; 4],
    /// Bit 11: what erased flash reads as.
    pub attributes: u32,
    /// Bytes of this header, the block map included.
    pub header_length: u16,
    /// Makes the 16-bit words of the header sum to zero.
    pub checksum: u16,
    /// Offset of the extended header from the start of this one, in bytes; zero for none.
    pub ext_header_offset: u16,
    /// Zero.
    pub reserved: u8,
    /// 2; 1 in the Framework's time.
    pub revision: u8,
}

impl FirmwareVolumeHeader {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"_FVH";
    /// Offset of `signature`.
    pub(crate) const SIGNATURE_AT: usize = 0x28;
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 0x38;
    /// Bit 11 of `attributes`: erased flash reads as ones.
    pub(crate) const ERASE_POLARITY: u32 = 1 << 11;

    /// File systems whose volumes hold files: the three of the specification, and those that Apple,
    /// Intel and Sony call otherwise (`UEFITool`, `common/ffs.h`).
    pub(crate) const WITH_FILES: [Guid; 8] = [
        Self::FFS1,
        Self::FFS2,
        Self::FFS3,
        Guid::new(0x04AD_EEAD, 0x61FF, 0x4D31, [0xB6, 0xBA, 0x64, 0xF8, 0xBF, 0x90, 0x1F, 0x5A]),
        Guid::new(0xBD00_1B8C, 0x6A71, 0x487B, [0xA1, 0x4F, 0x0C, 0x2A, 0x2D, 0xCF, 0x7A, 0x5D]),
        Guid::new(0xAD3F_FFFF, 0xD28B, 0x44C4, [0x9F, 0x13, 0x9E, 0xA9, 0x8A, 0x97, 0xF9, 0xF0]),
        Guid::new(0xD6A1_CD70, 0x4B33, 0x4994, [0xA6, 0xEA, 0x37, 0x5F, 0x2C, 0xCC, 0x54, 0x37]),
        Guid::new(0x4F49_4156, 0xAED6, 0x4D64, [0xA5, 0x37, 0xB8, 0xA5, 0x55, 0x7B, 0xCE, 0xEC]),
    ];
    /// File systems of variables, in which there is no code (edk2,
    /// `MdeModulePkg/Include/Guid/SystemNvDataGuid.h`).
    pub(crate) const VARIABLES: [Guid; 1] =
        [Guid::new(0xFFF1_2B8D, 0x7696, 0x4C8B, [0xA9, 0x85, 0x27, 0x47, 0x07, 0x5B, 0x4F, 0x50])];

    /// Firmware file system 1 (Framework).
    pub const FFS1: Guid =
        Guid::new(0x7A93_54D9, 0x0468, 0x444A, [0x81, 0xCE, 0x0B, 0xF6, 0x17, 0xD8, 0x90, 0xDF]);
    /// Firmware file system 2.
    pub const FFS2: Guid =
        Guid::new(0x8C8C_E578, 0x8A3D, 0x4F1C, [0x99, 0x35, 0x89, 0x61, 0x85, 0xC3, 0x2D, 0xD3]);
    /// Firmware file system 3: files of more than 16 MiB.
    pub const FFS3: Guid =
        Guid::new(0x5473_C07A, 0x3DCB, 0x4DCA, [0xBD, 0x6F, 0x1E, 0x96, 0x89, 0xE7, 0x34, 0x9A]);
}

/// An entry of the block map behind the header: blocks of one size. 8 bytes; the last has zeros.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockMapEntry {
    /// How many.
    pub(crate) count: u32,
    /// Bytes of each.
    pub(crate) length: u32,
}

impl BlockMapEntry {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 8;

    /// Bytes of all its blocks.
    #[must_use]
    pub(crate) fn bytes(self) -> usize {
        let bytes = u64::from(self.count).saturating_mul(u64::from(self.length));
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }
}

/// Extended header of a firmware volume (UEFI PI 1.8, volume 3, 3.2.2). 20 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FirmwareVolumeExtHeader {
    /// The volume's own name.
    pub(crate) fv_name: Guid,
    /// Bytes of this header with all its entries.
    pub(crate) ext_header_size: u32,
}

/// File header (UEFI PI 1.8, volume 3, 3.2.3). 24 bytes; a large file has its size in 8 bytes
/// behind it.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FfsFileHeader {
    /// Name of the file.
    pub(crate) name: Guid,
    /// Checksum of the header, then of the file.
    pub(crate) integrity_check: [u8; 2],
    /// What the file is.
    pub(crate) file_type: FfsFileType,
    /// Bit 0: a large file.
    pub(crate) attributes: u8,
    /// Bytes of the file with this header; zero for a large file.
    pub(crate) size: [u8; 3],
    /// How far its writing came.
    pub(crate) state: u8,
}

impl FfsFileHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 24;
    /// Bytes of it with the size of a large file.
    pub(crate) const SIZE_LARGE: usize = 32;
    /// Bytes of it with the size that Lenovo's large files have.
    pub(crate) const SIZE_LENOVO: usize = 28;
    /// Bit 0 of `attributes`.
    pub(crate) const LARGE_FILE: u8 = 1;
    /// What files begin at a multiple of, counted from the start of their volume.
    pub(crate) const ALIGNMENT: usize = 8;
}

/// File type.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FfsFileType(pub u8);

impl FfsFileType {
    /// Bytes without sections.
    pub const RAW: Self = Self(0x01);
    /// Sections of any kind.
    pub const FREEFORM: Self = Self(0x02);
    /// A driver of the DXE phase.
    pub const DRIVER: Self = Self(0x07);
    /// A module of the PEI and of the DXE phase.
    pub const PEI_AND_DRIVER: Self = Self(0x08);
    /// A driver of the MM and of the DXE phase.
    pub const MM_AND_DRIVER: Self = Self(0x0C);
    /// A volume in a file.
    pub const FIRMWARE_VOLUME_IMAGE: Self = Self(0x0B);
    /// Padding.
    pub const PAD: Self = Self(0xF0);

    /// Its name, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x01 => "raw",
            0x02 => "freeform",
            0x03 => "security core",
            0x04 => "PEI core",
            0x05 => "DXE core",
            0x06 => "PEI module",
            0x07 => "driver",
            0x08 => "PEI module and driver",
            0x09 => "application",
            0x0A | 0x0C | 0x0D | 0x0E | 0x0F => "MM module",
            0x0B => "volume",
            0xF0 => "padding",
            _ => return None,
        })
    }
}
