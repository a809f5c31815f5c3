//! The IOMMU: whether the kernel has one, and how wide its addresses are.

use super::reading::{names, word};
use crate::env::Env;

/// What a host has of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Iommu {
    /// Units that the kernel drives.
    pub(crate) units: Vec<String>,
    /// Whether the firmware describes one (the ACPI table DMAR).
    pub(crate) described: bool,
    /// Bits of an address that a device may use (maximum guest address width).
    pub(crate) address_width: Option<u32>,
}

/// Reads it.
pub(crate) fn read(env: &Env<'_>) -> Iommu {
    let folder = env.host("/sys/class/iommu");
    let units = names(&folder);
    let width = |unit: &String| capability(&folder.join(unit).join("intel-iommu/cap")).map(address_width);
    Iommu {
        address_width: units.iter().filter_map(width).min(),
        described: env.host("/sys/firmware/acpi/tables/DMAR").exists(),
        units,
    }
}

fn capability(path: &std::path::Path) -> Option<u64> {
    u64::from_str_radix(word(path)?.trim_start_matches("0x"), 16).ok()
}

/// MGAW: bits 16 to 21 of the capability register, plus one (Intel VT-d specification, 10.4.2).
fn address_width(capability: u64) -> u32 {
    let [_, _, bits, ..] = capability.to_le_bytes();
    u32::from(bits & 0x3F) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_that_of_the_register() {
        assert_eq!(address_width(0x01c0_000c_4066_0462), 39);
        assert_eq!(address_width(0x00d2_008c_222f_0686), 48);
    }
}
