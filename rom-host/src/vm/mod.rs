//! What QEMU makes of a VM that has an Intel GPU, and how such a VM is set up, by Proxmox VE, by libvirt or by hand.

pub(crate) mod change;
pub(crate) mod command_line;
pub(crate) mod configuration;
pub(crate) mod guest;
pub(crate) mod igd;
pub(crate) mod judge;
pub(crate) mod libvirt;
pub(crate) mod plan;
pub(crate) mod proxmox;
