//! The header of a legacy x86 image.

use super::field::structure;

structure! {
    /// PC-AT compatible expansion ROM header (PCI Firmware 3.3, 5.2.1.1; Plug and Play BIOS 1.0A,
    /// 3.2). 28 bytes.
    LegacyRomHeader, LegacyRomHeaderPlaces, "legacy ROM header" {
        /// 0xAA55.
        signature: u16 = "signature" Number,
        /// Length that the checksum runs over, in units of 512 bytes.
        initialization_size: u8 = "initialization size" Blocks,
        /// Where the BIOS jumps to: usually a jump over the rest of the header.
        entry_point: [u8; 4] = "entry point" Raw,
        /// Vendor's own.
        reserved: [u8; 0x11] = "reserved" Raw,
        /// Offset of the PCI data structure from the start of this header, in bytes.
        pcir_offset: u16 = "PCIR offset" Offset,
        /// Offset of the first $PnP structure from the start of this header, in bytes; zero for
        /// none.
        pnp_offset: u16 = "$PnP offset" Offset,
    }
}
