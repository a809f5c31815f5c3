//! A ROM file behind the expansion ROM BAR of a QEMU device.

use crate::bytes::Window;

/// The smallest BAR that edk2 sees. One of 2048 bytes reads back as what an absent one reads (edk2,
/// `PciOptionRomSupport.c`, `GetOpRomInfo`).
pub const SMALLEST_SEEN: usize = 4096;

/// The BAR that QEMU makes of a file: its bytes, then zeros up to the next power of two (QEMU,
/// `hw/pci/pci.c`, `pci_add_option_rom`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bar<'a> {
    file: Window<'a>,
    size: usize,
}

impl<'a> Bar<'a> {
    /// The BAR of `file`.
    #[must_use]
    pub(crate) fn of(file: Window<'a>) -> Self {
        Self { file, size: file.len().checked_next_power_of_two().unwrap_or(file.len()) }
    }

    /// Bytes of the BAR.
    #[must_use]
    pub(crate) const fn size(self) -> usize {
        self.size
    }

    /// The byte at `at`: zero behind the file.
    #[must_use]
    pub(crate) fn u8(self, at: usize) -> u8 {
        self.file.u8(at).unwrap_or(0)
    }

    /// The little-endian 16-bit word at `at`.
    #[must_use]
    pub(crate) fn u16(self, at: usize) -> u16 {
        u16::from_le_bytes([self.u8(at), self.u8(at.saturating_add(1))])
    }

    /// Whether the bytes at `at` are `wanted`, which holds no zero.
    #[must_use]
    pub(crate) fn has(self, at: usize, wanted: &[u8]) -> bool {
        self.file.has(at, wanted)
    }

    /// The sum of `length` bytes from `at` on, modulo 256.
    #[must_use]
    pub(crate) fn byte_sum(self, at: usize, length: usize) -> u8 {
        self.file.from(at).map_or(0, |tail| tail.first(length).byte_sum())
    }

    /// The file filled up to the size of the BAR.
    #[must_use]
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = self.file.bytes().to_vec();
        bytes.resize(self.size.max(bytes.len()), 0);
        bytes
    }
}
