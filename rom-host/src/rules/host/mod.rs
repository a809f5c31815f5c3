//! Is this host ready: rules over its facts. A rule reads [`Facts`] and says what it found; it reads no file and knows no flag.
//!
//! The order is that of causes: what fails first explains what would fail behind it, and that is then not said again.

mod boot;
mod gpu;
mod iommu;
mod machine;
mod qemu;
mod rom;
mod vfio;

use crate::checks::Check;
use crate::commands::pick::Picked;
use crate::host::boot::Boot;
use crate::host::cpu::Processor;
use crate::host::gpu::Gpu;
use crate::host::iommu::Iommu;
use crate::host::kernel::Kernel;
use crate::host::modprobe::Modprobe;
use crate::host::pci::Display;
use crate::host::qemu::Qemu;
use crate::host::reading::Reading;
use crate::vm::igd;
use rom_core::Analysis;

/// All that is known of a host.
pub(crate) struct Facts {
    pub(crate) processor: Option<Processor>,
    pub(crate) iommu: Iommu,
    pub(crate) kernel: Kernel,
    pub(crate) boot: Boot,
    pub(crate) modprobe: Modprobe,
    pub(crate) gpu: Option<Gpu>,
    /// Every display controller.
    pub(crate) displays: Vec<Display>,
    pub(crate) qemu: Option<Qemu>,
    /// What the catalog has for the host.
    pub(crate) picked: Picked,
    /// The ROM in place.
    pub(crate) rom: Reading<Analysis>,
    /// Whether somebody can get in from elsewhere once the screen is gone: a running SSH server, or Proxmox VE's web interface.
    pub(crate) remote: bool,
}

impl Facts {
    /// The GPU as QEMU's rules see it, if the catalog knows it.
    fn igd(&self) -> Option<igd::Gpu> {
        let device = self.picked.device.as_ref()?;
        let vga = self.gpu.as_ref()?.vga();
        Some(igd::Gpu::new(device.id.device, &device.platform.as_ref()?.generation).with_vga(vga))
    }
}

/// Every check, in order.
pub(crate) fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for rules in [machine::checks, iommu::checks, gpu::checks, qemu::checks, vfio::checks, boot::checks, rom::checks] {
        rules(facts, &mut checks);
    }
    checks
}

/// What has to be done so that a changed file in /etc/modprobe.d counts.
const REBUILD_INITRAMFS: &str = "update-initramfs -u -k all, then restart the host";
