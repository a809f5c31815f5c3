//! Terse executables: PE images of the early phases, without what these do not need.

use super::{Machine, Subsystem};
use binrw::binrw;

/// Header of a terse executable (UEFI PI 1.8, volume 1, 15.1). 40 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TeHeader {
    /// "VZ".
    pub(crate) signature: [u8; 2],
    /// Processor that it is for.
    pub(crate) machine: Machine,
    /// Sections.
    pub(crate) number_of_sections: u8,
    /// What kind of program it is: the low byte of a PE image's.
    pub(crate) subsystem: u8,
    /// Bytes of the PE image's headers that are gone.
    pub(crate) stripped_size: u16,
    /// Where it begins.
    pub(crate) address_of_entry_point: u32,
    /// Where its code is.
    pub(crate) base_of_code: u32,
    /// Address that it is linked for.
    pub(crate) image_base: u64,
    /// Relocations and debug directory: address and size of each.
    pub(crate) data_directories: [u32; 4],
}

impl TeHeader {
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 2] = *b"VZ";

    /// What kind of program it is.
    #[must_use]
    pub(crate) fn subsystem(&self) -> Subsystem {
        Subsystem(u16::from(self.subsystem))
    }
}
