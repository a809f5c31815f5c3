//! Bytes to model. Reads as much as can be read and judges nothing.

mod chain;
mod debug;
mod decompress;
mod efi;
mod flash;
mod image;
mod isa;
mod legacy;
mod loaded;
mod lost;
mod payload;
mod pcir;
mod relocations;
mod signature;
mod structure;
mod vfct;
mod volume;

pub use chain::{parse, parse_at};
pub use decompress::decompress;
pub use flash::{ChipRegion, chip_regions};
pub(crate) use image::{find_image, is_pci, locate, pcir_of};
pub(crate) use isa::{IsaExtent, LARGEST_ISA_ROM, isa_rom, locate_isa};
pub(crate) use lost::{Place as LostPlace, find as lost_image};
pub(crate) use payload::read as payload;
pub(crate) use structure::structure;
pub use vfct::vfct;
pub(crate) use volume::next_volume;
#[cfg(feature = "unpack")]
pub(crate) use volume::{Volume, volume};
