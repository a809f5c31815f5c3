//! NVIDIA's extension of the PCI data structure.

use super::field::structure;

structure! {
    /// NVIDIA PCI data extension, on the first multiple of 16 bytes behind the PCI data structure,
    /// counted from the start of the image (Linux,
    /// `drivers/gpu/drm/nouveau/nvkm/subdev/bios/npde.c`). At least 11 bytes.
    Npde, NpdePlaces, "NVIDIA PCI data extension" {
        /// "NPDE".
        signature: [u8; 4] = "signature" Ascii,
        /// Revision: 0x0100 or 0x0101.
        revision: u16 = "revision" Number,
        /// Length of the structure, in bytes.
        length: u16 = "length" Number,
        /// Length of the image as NVIDIA's driver counts it, in units of 512 bytes.
        subimage_length: u16 = "subimage length" Blocks,
        /// Bit 7: last image, as NVIDIA's driver counts.
        last: u8 = "last" Indicator,
    }
}

impl Npde {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"NPDE";
    /// What its offset is a multiple of.
    pub const ALIGNMENT: usize = 16;
}
