//! Any text as the configuration of a VM: a .conf of Proxmox VE, XML of libvirt, a command line of
//! QEMU.

use rom_host::probe::Probe;
use rom_host::qemu::{Gpu, QemuVersion};
use rom_host::rules::vm::{RuleResult, VmContext, checks};
use rom_host::steps;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox::mapping;

/// Reads it, checks it, and carries out every step of its plan.
pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = mapping::address(text, "igpu", Some("pve"));
    let Ok(configuration) = Configuration::read(text) else { return };
    for gpu in [None, Some(Gpu::new(0xA7A8, "12"))] {
        let fixed = planned(&configuration, gpu);
        let _ = configuration.steps_to(&fixed, "100");
    }
}

/// It with every step of its plan for a Raptor Lake-P.
pub(super) fn fixed(configuration: &Configuration) -> Configuration {
    planned(configuration, Some(Gpu::new(0xA7A8, "12")))
}

fn planned(configuration: &Configuration, gpu: Option<Gpu>) -> Configuration {
    let (mut steps, _) = steps::steps(configuration, "100", |own| found(own, gpu));
    steps.pop().map_or_else(|| configuration.clone(), |last| last.after)
}

fn found(configuration: &Configuration, gpu: Option<Gpu>) -> Vec<RuleResult> {
    let guest = configuration.vm();
    let context = VmContext {
        gpu,
        qemu: Some(QemuVersion::V10_1),
        rom: Probe::Absent,
        narrow_iommu: Some(39),
        host_memory: Some(32_768),
        ..VmContext::new(&guest, true, None)
    };
    checks(&context)
}
