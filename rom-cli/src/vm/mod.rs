//! What QEMU and Proxmox VE make of a VM that has an Intel GPU, and how such a VM is set up.

pub(crate) mod args;
pub(crate) mod igd;
pub(crate) mod judge;
pub(crate) mod plan;
pub(crate) mod proxmox;
