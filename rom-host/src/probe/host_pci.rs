//! The PCI functions of a host, and what its cluster calls them.

use super::access::{link_name, word};
use super::pci::DEVICES;
use crate::files::HostFiles;
use crate::probe::Probe;
use crate::vm::host_pci::{HostPci, PciFunction};
use crate::vm::proxmox::mapping;
use rom_core::DeviceId;
use rom_core::model::hex_u16;

/// Reads them.
#[must_use]
pub fn read(files: &dyn HostFiles) -> HostPci {
    let names = files.names(DEVICES);
    let functions = names.into_iter().filter_map(|name| function(files, name)).collect();
    let mappings = match Probe::file(files, mapping::FILE) {
        Probe::Is(text) => Some(text),
        Probe::Absent | Probe::Denied => None,
    };
    HostPci { functions, node: word(files, "/etc/hostname"), mappings }
}

fn function(files: &dyn HostFiles, address: String) -> Option<PciFunction> {
    let at = |name: &str| format!("{DEVICES}/{address}/{name}");
    let id = |vendor: &str, device: &str| {
        let number = |name: &str| hex_u16(&word(files, &at(name))?).ok();
        Some(DeviceId { vendor: number(vendor)?, device: number(device)? })
    };
    Some(PciFunction {
        id: id("vendor", "device")?,
        subsystem: id("subsystem_vendor", "subsystem_device"),
        group: link_name(files, &at("iommu_group")),
        mdev: files.exists(&at("mdev_supported_types")),
        address,
    })
}
