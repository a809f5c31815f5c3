//! Parts of Insyde's flash program ("iFlash").
//!
//! No specification is public; the fields are those that platomav's `BIOSUtilities` reads
//! (`insyde_ifd_extract.py`).

use binrw::binrw;

/// Head of a part. 24 bytes; the part follows.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InsydeFlashHeader {
    /// "$_IFLASH".
    pub(crate) signature: [u8; 8],
    /// What it is, filled up with low lines: `BIOSIMG_` is firmware.
    pub(crate) name: [u8; 8],
    /// Bytes that are set aside for it.
    pub(crate) total_size: u32,
    /// Bytes that it has.
    pub(crate) used_size: u32,
}

impl InsydeFlashHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 24;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 8] = *b"$_IFLASH";
}
