//! The IOMMU: whether the kernel has one, and how wide its addresses are.

use super::access::{link_name, word};
use super::pci;
use crate::files::HostFiles;

/// What a host has of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Iommu {
    /// Units that the kernel drives.
    pub units: Vec<String>,
    /// Whether the firmware describes one (the ACPI table DMAR of Intel's, IVRS of AMD's).
    pub described: bool,
    /// Bits of an address that a device may use (maximum guest address width).
    pub address_width: Option<u32>,
}

/// Reads it.
pub fn read(files: &dyn HostFiles) -> Iommu {
    let units = files.names(UNITS);
    let width = |unit: &String| {
        capability(files, &format!("{UNITS}/{unit}/intel-iommu/cap")).map(address_width)
    };
    Iommu {
        address_width: units.iter().filter_map(width).min(),
        described: ["DMAR", "IVRS"]
            .iter()
            .any(|table| files.exists(&format!("/sys/firmware/acpi/tables/{table}"))),
        units,
    }
}

const UNITS: &str = "/sys/class/iommu";

fn capability(files: &dyn HostFiles, path: &str) -> Option<u64> {
    u64::from_str_radix(word(files, path)?.trim_start_matches("0x"), 16).ok()
}

/// MGAW: bits 16 to 21 of the capability register, plus one (Intel VT-d specification, 10.4.2).
fn address_width(capability: u64) -> u32 {
    let [_, _, bits, ..] = capability.to_le_bytes();
    u32::from(bits & 0x3F) + 1
}

/// Class of bridges, which stay in the host and do not count in a group.
const BRIDGE: u8 = 0x06;

/// The number of the IOMMU group that the function at `bdf` is in, and the others in it that are no
/// bridges.
pub fn group(files: &dyn HostFiles, bdf: &str) -> Option<(String, Vec<String>)> {
    let number = link_name(files, &format!("{}/{bdf}/iommu_group", pci::DEVICES))?;
    let members = files.names(&format!("/sys/kernel/iommu_groups/{number}/devices"));
    let is_bridge = |other: &String| {
        pci::function(files, other).is_some_and(|device| device.class.base() == BRIDGE)
    };
    Some((
        number,
        members.into_iter().filter(|member| member != bdf && !is_bridge(member)).collect(),
    ))
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
