//! What manages a VM.

/// What manages the VM. A line often tells; advice is for one of them or for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Proxmox VE.
    Proxmox,
    /// libvirt.
    Libvirt,
    /// QEMU, started by hand or by a script.
    Qemu,
}

impl Manager {
    /// The name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxmox => "Proxmox VE",
            Self::Libvirt => "libvirt",
            Self::Qemu => "QEMU",
        }
    }
}
