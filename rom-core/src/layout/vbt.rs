//! Intel's Video BIOS Table and the BIOS Data Block behind its header.

use binrw::binrw;

/// Header of a Video BIOS Table (Linux, `drivers/gpu/drm/i915/display/intel_vbt_defs.h`:
/// `vbt_header`). 48 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VbtHeader {
    /// "$VBT", then the product in ASCII, filled up with spaces.
    pub(crate) signature: [u8; 20],
    /// Version of this header times 100.
    pub(crate) version: u16,
    /// Length of this header, in bytes.
    pub(crate) header_size: u16,
    /// Length of the table with this header, in bytes.
    pub(crate) vbt_size: u16,
    /// Makes the sum of all bytes zero.
    pub(crate) vbt_checksum: u8,
    /// Zero.
    pub(crate) reserved: u8,
    /// Offset of the BIOS Data Block from the start of this header, in bytes.
    pub(crate) bdb_offset: u32,
    /// Offsets of add-in modules; zero for none.
    pub(crate) aim_offsets: [u32; 4],
}

impl VbtHeader {
    /// What `signature` begins with.
    pub(crate) const SIGNATURE: [u8; 4] = *b"$VBT";
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 0x30;
}

/// Header of a BIOS Data Block (same file: `bdb_header`). 22 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BdbHeader {
    /// "`BIOS_DATA_BLOCK` ".
    pub(crate) signature: [u8; 16],
    /// Version, which says what the blocks behind it hold.
    pub(crate) version: u16,
    /// Length of this header, in bytes.
    pub(crate) header_size: u16,
    /// Length of the block with this header, in bytes.
    pub(crate) bdb_size: u16,
}

impl BdbHeader {
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 16] = *b"BIOS_DATA_BLOCK ";
}
