//! Dell's update format ("PFS"): entries in a packed stream.
//!
//! No specification is public; the fields are those that platomav's `BIOSUtilities` reads
//! (`dell_pfs_extract.py`).

use super::Guid;
use binrw::binrw;

/// Head of a packed stream. 16 bytes; a zlib stream follows, then a [`PfsChunkFooter`].
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfsChunkHeader {
    /// Bytes of the zlib stream.
    pub(crate) length: u32,
    /// AA: firmware. BB: tools.
    pub(crate) kind: u8,
    /// Ten bytes that never change.
    pub(crate) signature: [u8; 10],
    /// Makes the exclusive or of all 16 bytes zero.
    pub(crate) xor: u8,
}

impl PfsChunkHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 16;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 10] =
        [0xEE, 0xAA, 0x76, 0x1B, 0xEC, 0xBB, 0x20, 0xF1, 0xE6, 0x51];
    /// Offset of `signature`.
    pub(crate) const SIGNATURE_AT: usize = 5;
    /// The `kind` of firmware.
    pub(crate) const FIRMWARE: u8 = 0xAA;
}

/// What follows a packed stream. 16 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfsChunkFooter {
    /// Bytes of the zlib stream once more.
    pub(crate) length: u32,
    /// Eleven bytes that never change.
    pub(crate) signature: [u8; 11],
    /// Makes the exclusive or of all 16 bytes zero.
    pub(crate) xor: u8,
}

impl PfsChunkFooter {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 16;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 11] =
        [0xEE, 0xAA, 0xEE, 0x8F, 0x49, 0x1B, 0xE8, 0xAE, 0x14, 0x37, 0x90];
}

/// Head of a list of entries. 16 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfsHeader {
    /// "PFS.HDR."
    pub(crate) signature: [u8; 8],
    /// 1 or 2.
    pub(crate) version: u32,
    /// Bytes of the entries.
    pub(crate) payload_size: u32,
}

impl PfsHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 16;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 8] = *b"PFS.HDR.";
}

/// End of a list of entries. 16 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfsFooter {
    /// Bytes of the entries once more.
    pub(crate) payload_size: u32,
    /// CRC-32 of the entries, without its last inversion.
    pub(crate) checksum: u32,
    /// "PFS.FTR."
    pub(crate) signature: [u8; 8],
}

impl PfsFooter {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 16;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 8] = *b"PFS.FTR.";
}

/// Head of an entry, without the reserved bytes at its end. 56 bytes; then data, signature,
/// metadata and the signature of that.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfsEntry {
    /// What it is.
    pub(crate) guid: Guid,
    /// 1, or 2 for a longer header.
    pub(crate) revision: u32,
    /// How each part of the version is to be printed.
    pub(crate) version_kinds: [u8; 4],
    /// Its version.
    pub(crate) version: [u16; 4],
    /// Zero.
    pub(crate) reserved: u64,
    /// Bytes of its data.
    pub(crate) data_size: u32,
    /// Bytes of the signature of the data.
    pub(crate) signature_size: u32,
    /// Bytes of the metadata.
    pub(crate) metadata_size: u32,
    /// Bytes of the signature of the metadata.
    pub(crate) metadata_signature_size: u32,
}

impl PfsEntry {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 56;

    /// Bytes of it with what is reserved.
    #[must_use]
    pub(crate) const fn header_size(&self) -> usize {
        if self.revision == 1 { 0x48 } else { 0x58 }
    }
}

/// What the metadata of a block of an update with BIOS Guard begins with. 16 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfsBlockInfo {
    /// Address in memory.
    pub(crate) address: u32,
    /// Not known.
    pub(crate) unknown: u32,
    /// Offset in the flash chip.
    pub(crate) offset: u32,
    /// Bytes of its data.
    pub(crate) length: u32,
}
