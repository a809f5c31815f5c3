//! The IOMMU: whether the kernel has one, and how wide its addresses are.

use super::pci;
use super::reading::{link_name, names, word};
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

/// Class of bridges, which stay in the host and do not count in a group.
const BRIDGE: u8 = 0x06;

/// The number of the IOMMU group that the function at `bdf` is in, and the others in it that are no bridges.
pub(crate) fn group(env: &Env<'_>, bdf: &str) -> Option<(String, Vec<String>)> {
    let devices = env.host(pci::DEVICES);
    let number = link_name(&devices.join(bdf).join("iommu_group"))?;
    let members = names(&env.host(&format!("/sys/kernel/iommu_groups/{number}/devices")));
    let is_bridge = |other: &String| pci::function(&devices, other).is_some_and(|device| device.class.base() == BRIDGE);
    Some((number, members.into_iter().filter(|member| member != bdf && !is_bridge(member)).collect()))
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
