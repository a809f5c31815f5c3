//! What Phoenix's packer ("TDK Packer") puts behind a program.
//!
//! No specification is public; the fields are those that platomav's `BIOSUtilities` reads
//! (`phoenix_tdk_extract.py`).

use binrw::binrw;

/// Head of the list. 16 bytes; 512 bytes follow, then the entries.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TdkHeader {
    /// "$PACK" and three zeros.
    pub signature: [u8; 8],
    /// Bytes of this header, of what follows, and of the entries.
    pub size: u32,
    /// Number of entries.
    pub count: u32,
}

impl TdkHeader {
    /// Bytes of the structure.
    pub const SIZE: usize = 16;
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 8] = *b"$PACK\0\0\0";
    /// Where the entries begin.
    pub const ENTRIES_AT: usize = 0x210;
}

/// An entry. 272 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TdkEntry {
    /// Name, filled up with zeros.
    pub name: [u8; 256],
    /// Where its data is, from the start of the program before it.
    pub offset: u32,
    /// Bytes of its data.
    pub size: u32,
    /// 1: LZMA.
    pub compressed: u32,
    /// Zero.
    pub reserved: u32,
}

impl TdkEntry {
    /// Bytes of the structure.
    pub const SIZE: usize = 272;
}
