//! A VM and its configuration, as Proxmox VE, libvirt or a command line of QEMU write it: read and
//! changed.

pub mod change;
pub mod command_line;
pub mod configuration;
pub mod host_pci;
pub mod libvirt;
pub mod model;
mod pasted;
pub mod proxmox;
