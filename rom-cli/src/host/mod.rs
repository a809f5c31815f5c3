//! Facts of a host, read under a sysroot. Nothing here judges.

pub(crate) mod cpu;
pub(crate) mod pci;
