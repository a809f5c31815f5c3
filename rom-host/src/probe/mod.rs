//! Facts of the host, read under the sysroot. Nothing is changed, no program is started, and nothing is judged here.

pub(crate) mod boot;
pub(crate) mod cpu;
pub(crate) mod gpu;
pub(crate) mod iommu;
pub(crate) mod kernel;
pub(crate) mod memory;
pub(crate) mod modprobe;
pub(crate) mod pci;
pub(crate) mod qemu;
pub(crate) mod reading;
