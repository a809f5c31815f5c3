//! The header of a legacy x86 image.

use binrw::binrw;

/// PC-AT compatible expansion ROM header (PCI Firmware 3.3, 5.2.1.1; Plug and Play BIOS 1.0A, 3.2). 28 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegacyRomHeader {
    /// 0xAA55.
    pub signature: u16,
    /// Length that the checksum runs over, in units of 512 bytes.
    pub initialization_size: u8,
    /// Where the BIOS jumps to: usually a jump over the rest of the header.
    pub entry_point: [u8; 4],
    /// Vendor's own.
    pub reserved: [u8; 0x11],
    /// Offset of the PCI data structure from the start of this header, in bytes.
    pub pcir_offset: u16,
    /// Offset of the first $PnP structure from the start of this header, in bytes; zero for none.
    pub pnp_offset: u16,
}

impl LegacyRomHeader {
    /// Bytes of the structure.
    pub const SIZE: usize = 0x1C;
}
