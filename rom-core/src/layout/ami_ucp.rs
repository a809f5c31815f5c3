//! AMI's utility configuration program ("UCP"): modules one after the other.
//!
//! No specification is public; the fields are those that platomav's `BIOSUtilities` reads
//! (`ami_ucp_extract.py`).

use binrw::binrw;

/// Head of a module, and of the whole. 16 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UcpModule {
    /// "@" and three letters.
    pub(crate) tag: [u8; 4],
    /// Bytes of the module with this header.
    pub(crate) size: u32,
    /// Makes its 16-bit words sum to zero.
    pub(crate) checksum: u16,
    /// Not known.
    pub(crate) unknown: [u8; 6],
}

impl UcpModule {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 16;
    /// What the whole begins with: AMI's, and HP's.
    pub(crate) const WHOLE: [[u8; 4]; 2] = [*b"@UAF", *b"@HPU"];
    /// What a module begins with.
    pub(crate) const MARK: u8 = b'@';
    /// The fewest bytes of a whole.
    pub(crate) const FEWEST: usize = 0x400;
}
