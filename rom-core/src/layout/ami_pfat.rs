//! AMI's update format for boards with Intel BIOS Guard ("PFAT"): plain data in blocks, each with a
//! script for the flash chip.
//!
//! No specification is public; the fields are those that platomav's `BIOSUtilities` reads
//! (`ami_pfat_extract.py`).

use binrw::binrw;

/// Head of an update. 17 bytes; a text with a line for each file follows, then the blocks of each
/// file.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PfatHeader {
    /// Bytes of this header and of the text.
    pub(crate) header_size: u32,
    /// By a rule that is not known.
    pub(crate) checksum: u32,
    /// "_AMIPFAT".
    pub(crate) signature: [u8; 8],
    /// Not known.
    pub(crate) flags: u8,
}

impl PfatHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 17;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 8] = *b"_AMIPFAT";
    /// Offset of `signature`.
    pub(crate) const SIGNATURE_AT: usize = 8;
    /// What the text begins with.
    pub(crate) const TITLE: &'static [u8] = b"AMI_BIOS_GUARD_FLASH_CONFIGURATIONS";
}

/// Head of a block (Intel BIOS Guard). 48 bytes; script, data and, where an attribute says so, a
/// signature follow.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BiosGuardHeader {
    /// Version of the format, major and minor.
    pub(crate) version: [u16; 2],
    /// Name of the board.
    pub(crate) platform: [u8; 16],
    /// Bit 0: a signature follows the data.
    pub(crate) attributes: u32,
    /// Version of the script's language.
    pub(crate) script_version: [u16; 2],
    /// Bytes of the script.
    pub(crate) script_size: u32,
    /// Bytes of the data.
    pub(crate) data_size: u32,
    /// Security versions of BIOS and embedded controller, and the vendor's word.
    pub(crate) versions: [u32; 3],
}

impl BiosGuardHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 48;
    /// Bytes that all blocks of a file begin with: version and platform.
    pub(crate) const COMMON: usize = 20;
    /// Bit 0 of `attributes`.
    pub(crate) const SIGNED: u32 = 1;
    /// Offset in the script of the word that says where in the flash chip the data goes.
    pub(crate) const SCRIPT_OFFSET_AT: usize = 0x0C;
    /// Bytes of a signature whose first word is 1: 2048 bits.
    pub(crate) const SIGNATURE_2048: usize = 0x20C;
    /// Bytes of a signature whose first word is 2 or 3: 3072 bits.
    pub(crate) const SIGNATURE_3072: usize = 0x30C;
}
