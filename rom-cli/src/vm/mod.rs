//! What QEMU and Proxmox VE make of a VM that has an Intel GPU.

pub(crate) mod igd;
