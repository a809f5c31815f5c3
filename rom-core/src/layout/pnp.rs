//! The Plug and Play expansion header.

use super::field::structure;

structure! {
    /// Plug and Play expansion header (Plug and Play BIOS 1.0A, 3.2). 32 bytes; its bytes sum to
    /// zero.
    PnpExpansionHeader, PnpExpansionHeaderPlaces, "$PnP header" {
        /// "$PnP".
        signature: [u8; 4] = "signature" Ascii,
        /// Revision of the structure: 1.
        revision: u8 = "revision" Number,
        /// Length of the structure, in units of 16 bytes.
        length: u8 = "length in 16 bytes" Number,
        /// Offset of the next header from the start of the image, in bytes; zero for none.
        next_header_offset: u16 = "next header offset" Offset,
        /// Zero.
        reserved: u8 = "reserved" Raw,
        /// Makes the sum of all bytes zero.
        checksum: u8 = "checksum" Number,
        /// Plug and Play device identifier.
        device_identifier: u32 = "device identifier" Number,
        /// Offset of the manufacturer's name from the start of the image; zero for none.
        manufacturer_offset: u16 = "manufacturer offset" Offset,
        /// Offset of the product's name from the start of the image; zero for none.
        product_name_offset: u16 = "product name offset" Offset,
        /// Device type: base, sub-type, interface.
        device_type: [u8; 3] = "device type" Raw,
        /// What the device can do for the boot.
        device_indicators: u8 = "device indicators" Number,
        /// Boot connection vector; zero for none.
        boot_connection_vector: u16 = "boot connection vector" Offset,
        /// Disconnect vector; zero for none.
        disconnect_vector: u16 = "disconnect vector" Offset,
        /// Bootstrap entry vector; zero for none.
        bootstrap_entry_vector: u16 = "bootstrap entry vector" Offset,
        /// Zero.
        reserved_2: u16 = "reserved" Raw,
        /// Static resource information vector; zero for none.
        static_resource_vector: u16 = "static resource vector" Offset,
    }
}

impl PnpExpansionHeader {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"$PnP";
}
