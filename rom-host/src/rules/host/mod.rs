//! Is this host ready: rules over its facts. A rule reads [`Facts`] and says what it found; it
//! reads no file and knows no flag.
//!
//! The order is that of causes: what fails first explains what would fail behind it, and that is
//! then not said again.

mod boot;
mod gpu;
mod iommu;
mod machine;
mod qemu;
mod rom;
mod vfio;

use crate::checks::Check;
use crate::pick::Picked;
use crate::probe::Host;
use crate::probe::Probe;
use crate::qemu as igd;
use rom_core::Analysis;

/// What the rules look at.
pub struct Facts {
    /// The host.
    pub host: Host,
    /// What the catalog has for it.
    pub picked: Picked,
    /// The ROM in place.
    pub rom: Probe<Analysis>,
    /// Guests with the GPU that are for a display at boot, in words: they need a ROM.
    pub at_boot: Vec<String>,
}

impl Facts {
    /// The GPU as QEMU's rules see it, if the catalog knows it.
    fn igd(&self) -> Option<igd::Gpu> {
        let device = self.picked.device.as_ref()?;
        let vga = self.host.gpu.as_ref()?.vga();
        Some(igd::Gpu::new(device.id.device, &device.platform.as_ref()?.generation).with_vga(vga))
    }
}

/// Every check, in order.
#[must_use]
pub fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for rules in [
        machine::checks,
        iommu::checks,
        gpu::checks,
        qemu::checks,
        vfio::checks,
        boot::checks,
        rom::checks,
    ] {
        rules(facts, &mut checks);
    }
    checks
}

/// What has to be typed so that a changed file in /etc/modprobe.d counts.
const REBUILD_INITRAMFS: [&str; 4] = ["update-initramfs", "-u", "-k", "all"];
