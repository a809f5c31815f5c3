//! What every expansion ROM image begins with, whatever its code type.

use super::field::structure;

structure! {
    /// PCI expansion ROM header, generic view (PCI Firmware 3.3, 5.1.1). 26 bytes.
    RomHeader, RomHeaderPlaces, "ROM header" {
        /// 0xAA55, which is the bytes 55 AA.
        signature: u16 = "signature" Number,
        /// Different for each code type.
        processor_architecture_unique: [u8; 0x16] = "processor architecture unique" Raw,
        /// Offset of the PCI data structure from the start of the image, in bytes.
        pcir_offset: u16 = "PCIR offset" Offset,
    }
}

impl RomHeader {
    /// The value of `signature`.
    pub const SIGNATURE: u16 = 0xAA55;
    /// The same as it is in a file.
    pub const SIGNATURE_BYTES: [u8; 2] = [0x55, 0xAA];
}
