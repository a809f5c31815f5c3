//! What of a host the meaning of a configuration depends on: its PCI functions, and the devices
//! that its cluster gives names to.

use rom_core::DeviceId;

/// A PCI function of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PciFunction {
    /// Domain, bus, device and function.
    pub address: String,
    /// Vendor and device id.
    pub id: DeviceId,
    /// Vendor and device id of its subsystem, where it has one.
    pub subsystem: Option<DeviceId>,
    /// The number of its IOMMU group.
    pub group: Option<String>,
    /// Whether mediated devices (GVT-g) can be made of it.
    pub mdev: bool,
}

/// The PCI functions of a host, and what its cluster calls them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPci {
    /// Every function, by address.
    pub functions: Vec<PciFunction>,
    /// The host's name in its cluster.
    pub node: Option<String>,
    /// The text of Proxmox VE's `mapping/pci.cfg`.
    pub mappings: Option<String>,
}

impl HostPci {
    /// The functions that an address means: one, or, without a function, all of the device.
    #[must_use]
    pub fn at(&self, address: &str) -> Vec<&PciFunction> {
        let address = crate::address::with_domain(address);
        let all = self.functions.iter();
        if address.contains('.') {
            return all.filter(|function| function.address == address).collect();
        }
        let device = format!("{address}.");
        all.filter(|function| function.address.starts_with(&device)).collect()
    }
}
