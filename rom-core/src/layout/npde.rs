//! NVIDIA's extension of the PCI data structure.

use binrw::binrw;

/// NVIDIA PCI data extension, on the first multiple of 16 bytes behind the PCI data structure, counted from the start of
/// the image (Linux, `drivers/gpu/drm/nouveau/nvkm/subdev/bios/npde.c`). At least 11 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Npde {
    /// "NPDE".
    pub signature: [u8; 4],
    /// Revision: 0x0100 or 0x0101.
    pub revision: u16,
    /// Length of the structure, in bytes.
    pub length: u16,
    /// Length of the image as NVIDIA's driver counts it, in units of 512 bytes.
    pub subimage_length: u16,
    /// Bit 7: last image, as NVIDIA's driver counts.
    pub last: u8,
}

impl Npde {
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"NPDE";
    /// Bytes of the part that is declared here.
    pub const SIZE: usize = 0x0B;
    /// What its offset is a multiple of.
    pub const ALIGNMENT: usize = 16;
}
