//! How much of a file is read, and why no more.

/// Bounds on the work that one file can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file that are looked at.
    ///
    /// 16 MiB is the largest expansion ROM that a PCI device can ask address space for (PCI Local
    /// Bus 3.0, 6.2.5.2).
    pub file: usize,
    /// Bytes of a firmware image that is taken apart: the largest flash chip of a PC, and half of
    /// one around it.
    pub firmware: usize,
    /// Option ROMs that are told of a file that is something else. Real firmware images hold up to
    /// ten.
    pub roms: usize,
    /// Bytes that everything in an archive, or in compressed data, may become: four times the
    /// largest ROM.
    pub opened: usize,
    /// Images in a chain. Real ROMs hold one to four; 64 leaves room for every oddity, and bounds
    /// what is reported.
    pub images: usize,
    /// Entries of a PCIR device list. The longest seen in the wild has fewer than 100.
    pub device_list: usize,
    /// Structures in a $PnP chain: one for each bootable device of a card.
    pub pnp_chain: usize,
    /// Bytes that one compressed driver may become. The largest driver seen in the wild has 0.4 MB.
    pub decompressed: usize,
    /// Bytes that all compressed drivers of a file together may become: a few small images could
    /// ask for as much work as a large file.
    pub decompressed_in_all: usize,
    /// Blocks of compressed data, each of which has code tables to build. edk2's compressor makes
    /// one for about 8 KiB of output, and the largest driver would be 512.
    pub compressed_blocks: usize,
    /// Sections of a PE payload. Drivers have three to eight.
    pub sections: usize,
    /// Base relocations of a PE payload. The largest driver seen in the wild has 4,000.
    pub relocations: usize,
}

impl Limits {
    /// The bounds that every command has.
    pub const DEFAULT: Self = Self {
        file: 16 << 20,
        firmware: 96 << 20,
        roms: 256,
        opened: 64 << 20,
        images: 64,
        device_list: 1024,
        pnp_chain: 32,
        decompressed: 4 << 20,
        decompressed_in_all: 16 << 20,
        compressed_blocks: 8192,
        sections: 96,
        relocations: 1 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
