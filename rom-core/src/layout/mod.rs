//! The structures of the format, one a file, each declared once for reading and writing.
//!
//! Names are the specifications', in Rust case. All integers are little-endian. Values that a specification enumerates
//! are integer newtypes, so that a value nobody has named yet is still a value.

pub mod efi_header;
pub mod legacy_header;
pub mod npde;
pub mod pcir;
pub mod pnp;
pub mod rom_header;

pub use efi_header::{CompressionHeader, CompressionType, EfiRomHeader, Machine, Subsystem};
pub use legacy_header::LegacyRomHeader;
pub use npde::Npde;
pub use pcir::{ClassCode, CodeType, Indicator, Pcir, PcirRevision3};
pub use pnp::PnpExpansionHeader;
pub use rom_header::RomHeader;

/// Bytes in the units that image lengths are counted in (PCI Firmware 3.3, 5.1.2; UEFI 2.10, 14.4.2).
pub const BLOCK: usize = 512;
