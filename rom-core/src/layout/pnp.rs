//! The Plug and Play expansion header.

use binrw::binrw;

/// Plug and Play expansion header (Plug and Play BIOS 1.0A, 3.2). 32 bytes; its bytes sum to zero.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PnpExpansionHeader {
    /// "$PnP".
    pub signature: [u8; 4],
    /// Revision of the structure: 1.
    pub revision: u8,
    /// Length of the structure, in units of 16 bytes.
    pub length: u8,
    /// Offset of the next header from the start of the image, in bytes; zero for none.
    pub next_header_offset: u16,
    /// Zero.
    pub reserved: u8,
    /// Makes the sum of all bytes zero.
    pub checksum: u8,
    /// Plug and Play device identifier.
    pub device_identifier: u32,
    /// Offset of the manufacturer's name from the start of the image; zero for none.
    pub manufacturer_offset: u16,
    /// Offset of the product's name from the start of the image; zero for none.
    pub product_name_offset: u16,
    /// Device type: base, sub-type, interface.
    pub device_type: [u8; 3],
    /// What the device can do for the boot.
    pub device_indicators: u8,
    /// Boot connection vector; zero for none.
    pub boot_connection_vector: u16,
    /// Disconnect vector; zero for none.
    pub disconnect_vector: u16,
    /// Bootstrap entry vector; zero for none.
    pub bootstrap_entry_vector: u16,
    /// Zero.
    pub reserved_2: u16,
    /// Static resource information vector; zero for none.
    pub static_resource_vector: u16,
}

impl PnpExpansionHeader {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"$PnP";
    /// Bytes of the structure.
    pub const SIZE: usize = 0x20;
}
