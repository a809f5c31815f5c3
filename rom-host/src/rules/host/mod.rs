//! Is this host ready: rules over its facts. A rule reads [`Facts`] and says what it found; it
//! reads no file and knows no flag.
//!
//! The order is that of causes: what fails first explains what would fail behind it, and that is
//! then not said again.

mod amd;
mod boot;
mod gpu;
mod gvt;
mod iommu;
mod machine;
mod qemu;
mod rom;
mod vfio;

use crate::advice::Advice;
use crate::checks::Check;
use crate::goal::{self, Goal, Purpose};
use crate::pick::Picked;
use crate::probe::guests::Guests;
use crate::probe::{Host, Probe};
use crate::qemu as igd;
use rom_core::Analysis;
use std::collections::BTreeMap;

/// What the rules look at.
pub struct Facts {
    /// The host.
    pub host: Host,
    /// What the catalog has for it.
    pub picked: Picked,
    /// The ROM in place.
    pub rom: Probe<Analysis>,
    /// The VBIOS in place for an AMD iGPU.
    pub amd_vbios: Probe<Analysis>,
    /// The ROM with AMD's GOP driver in place.
    pub amd_gop: Probe<Analysis>,
    /// The guests that use the GPU.
    pub guests: Guests,
    /// What VMs of Proxmox VE are for by what their owner said, by number.
    pub goals: BTreeMap<u32, Goal>,
}

impl Facts {
    /// Whether this host is one for AMD's iGPUs.
    fn is_amd(&self) -> bool {
        let amd = self.host.processor.as_ref().is_some_and(|processor| processor.amd);
        self.host.gpu.is_none() && (amd || self.host.amd.is_some())
    }

    /// The guests that are for a display at boot, in words.
    fn at_boot(&self) -> Vec<String> {
        let has_rom = matches!(self.rom, Probe::Is(_));
        let mut names = Vec::new();
        for guest in &self.guests.found {
            let Some(configuration) = &guest.configuration else { continue };
            let vm = configuration.vm();
            let chosen = guest.name.vmid().and_then(|vmid| self.goals.get(&vmid)).copied();
            let inferred = vm.gpu().map(|gpu| goal::infer(&vm, gpu, has_rom, chosen));
            if inferred.is_some_and(|own| own.purpose == Purpose::Goal(Goal::DisplayAtBoot)) {
                names.push(guest.name.to_string());
            }
        }
        names
    }

    /// The GPU as QEMU's rules see it, if the catalog knows it.
    fn igd(&self) -> Option<igd::Gpu> {
        let device = self.picked.device.as_ref()?;
        let vga = self.host.gpu.as_ref()?.vga();
        Some(igd::Gpu::new(device.id.device, &device.platform.as_ref()?.generation).with_vga(vga))
    }
}

/// Rules of one subject.
type Rules = fn(&Facts, &mut Vec<Check>);

/// Every check, in order.
#[must_use]
pub fn checks(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    let intel: &[Rules] = &[gpu::checks, qemu::checks, vfio::checks, boot::checks, rom::checks];
    let amd: &[Rules] = &[amd::checks, qemu::checks, boot::checks];
    let own = if facts.is_amd() { amd } else { intel };
    for rules in [machine::checks as Rules, iommu::checks].iter().chain(own) {
        rules(facts, &mut checks);
    }
    checks
}

/// The advice with the commands after which a changed file with module options counts.
fn rebuild_initramfs(facts: &Facts, advice: Advice) -> Advice {
    let commands = facts.host.system.rebuild_initramfs();
    commands.iter().fold(advice, |advice, words| advice.run(words.iter().copied()))
}
