//! Intel's Video BIOS Table and the BIOS Data Block behind its header.

use binrw::binrw;

/// Header of a Video BIOS Table (Linux, `drivers/gpu/drm/i915/display/intel_vbt_defs.h`:
/// `vbt_header`). 48 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VbtHeader {
    /// "$VBT", then the product in ASCII, filled up with spaces.
    pub signature: [u8; 20],
    /// Version of this header times 100.
    pub version: u16,
    /// Length of this header, in bytes.
    pub header_size: u16,
    /// Length of the table with this header, in bytes.
    pub vbt_size: u16,
    /// Makes the sum of all bytes zero.
    pub vbt_checksum: u8,
    /// Zero.
    pub reserved: u8,
    /// Offset of the BIOS Data Block from the start of this header, in bytes.
    pub bdb_offset: u32,
    /// Offsets of add-in modules; zero for none.
    pub aim_offsets: [u32; 4],
}

impl VbtHeader {
    /// What `signature` begins with.
    pub const SIGNATURE: [u8; 4] = *b"$VBT";
    /// Bytes of the structure.
    pub const SIZE: usize = 0x30;
}

/// Header of a BIOS Data Block (same file: `bdb_header`). 22 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BdbHeader {
    /// "`BIOS_DATA_BLOCK` ".
    pub signature: [u8; 16],
    /// Version, which says what the blocks behind it hold.
    pub version: u16,
    /// Length of this header, in bytes.
    pub header_size: u16,
    /// Length of the block with this header, in bytes.
    pub bdb_size: u16,
}

impl BdbHeader {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 16] = *b"BIOS_DATA_BLOCK ";
    /// Bytes of the structure.
    pub const SIZE: usize = 0x16;
}
