//! What Phoenix's packer ("TDK Packer") puts behind a program.
//!
//! No specification is public; the fields are those that platomav's `BIOSUtilities` reads
//! (`phoenix_tdk_extract.py`).

use binrw::binrw;

/// Head of the list. 16 bytes; 512 bytes follow, then the entries.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TdkHeader {
    /// "$PACK" and three zeros.
    pub(crate) signature: [u8; 8],
    /// Bytes of this header, of what follows, and of the entries.
    pub(crate) size: u32,
    /// Number of entries.
    pub(crate) count: u32,
}

impl TdkHeader {
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 8] = *b"$PACK\0\0\0";
    /// Where the entries begin.
    pub(crate) const ENTRIES_AT: usize = 0x210;
}

/// An entry. 272 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TdkEntry {
    /// Name, filled up with zeros.
    pub(crate) name: [u8; 256],
    /// Where its data is, from the start of the program before it.
    pub(crate) offset: u32,
    /// Bytes of its data.
    pub(crate) size: u32,
    /// 1: LZMA.
    pub(crate) compressed: u32,
    /// Zero.
    pub(crate) reserved: u32,
}

impl TdkEntry {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 272;
}
