//! What every expansion ROM image begins with, whatever its code type.

use binrw::binrw;

/// PCI expansion ROM header, generic view (PCI Firmware 3.3, 5.1.1). 26 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RomHeader {
    /// 0xAA55, which is the bytes 55 AA.
    pub signature: u16,
    /// Different for each code type.
    pub processor_architecture_unique: [u8; 0x16],
    /// Offset of the PCI data structure from the start of the image, in bytes.
    pub pcir_offset: u16,
}

impl RomHeader {
    /// The value of `signature`.
    pub const SIGNATURE: u16 = 0xAA55;
    /// The same as it stands in a file.
    pub const SIGNATURE_BYTES: [u8; 2] = [0x55, 0xAA];
    /// Bytes of the structure.
    pub const SIZE: usize = 0x1A;
}
