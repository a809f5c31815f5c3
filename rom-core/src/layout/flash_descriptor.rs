//! The descriptor of an Intel flash chip: which part of it is whose.

use binrw::binrw;

/// Head of the descriptor (Intel chipset datasheets, "SPI Flash Descriptor"). 24 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlashDescriptor {
    /// Ones, or a reset vector.
    pub(crate) reserved: [u8; 16],
    /// 5A A5 F0 0F.
    pub(crate) signature: [u8; 4],
    /// Bits 16 to 23: where the regions are listed, in units of 16 bytes.
    pub flmap0: u32,
}

impl FlashDescriptor {
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 4] = [0x5A, 0xA5, 0xF0, 0x0F];
    /// Offset of `signature`.
    pub(crate) const SIGNATURE_AT: usize = 0x10;
    /// The regions, in the order of their list.
    pub(crate) const REGIONS: [&str; 9] = [
        "descriptor",
        "BIOS",
        "management engine",
        "network card",
        "platform data",
        "device expansion",
        "BIOS 2",
        "region 7",
        "embedded controller",
    ];

    /// Bytes of the descriptor with its lists.
    pub(crate) const BYTES: usize = 0x1000;
    /// Which of them hold the BIOS.
    pub(crate) const BIOS: [usize; 2] = [1, 6];

    /// Offset of the list of regions that `flmap0` gives, in bytes.
    #[must_use]
    pub(crate) fn region_list_of(flmap0: u32) -> usize {
        let [_, _, base, _] = flmap0.to_le_bytes();
        usize::from(base) << 4
    }
}

/// A region: its first and its last block of 4 KiB. 4 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlashRegion {
    /// First block, in bits 0 to 14.
    pub(crate) base: u16,
    /// Last block, in bits 0 to 14.
    pub(crate) limit: u16,
}

impl FlashRegion {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 4;
    const BLOCK_BITS: u16 = 0x7FFF;

    /// Its first byte and its length; `None` where it is switched off.
    #[must_use]
    pub(crate) fn extent(self) -> Option<(usize, usize)> {
        let (base, limit) = (self.base & Self::BLOCK_BITS, self.limit & Self::BLOCK_BITS);
        let blocks = limit.checked_sub(base)?.checked_add(1)?;
        (limit > 0).then_some((usize::from(base) << 12, usize::from(blocks) << 12))
    }
}
