//! What reads text that others wrote, for the fuzzer: it ends, does not panic, and keeps to what is said here.

use crate::explain;
use crate::host::reading::Reading;
use crate::vm::change::Change;
use crate::vm::configuration::Configuration;
use crate::vm::igd::{Gpu, QemuVersion};
use crate::vm::judge::{self, Vm};
use crate::vm::proxmox::mapping;
use std::convert::Infallible;

/// Reads a VM's configuration of any kind, judges it, and carries out every change that is proposed.
pub fn configuration(text: &str) {
    let _ = mapping::address(text, "igpu", Some("pve"));
    let Ok(configuration) = Configuration::read(text) else { return };
    for gpu in [None, Some(Gpu::new(0xA7A8, "12"))] {
        let Ok(mended) = configuration.mended(|own| Ok::<_, Infallible>(proposed(own, gpu)));
        let _ = configuration.steps_to(&mended, "100");
    }
}

fn proposed(configuration: &Configuration, gpu: Option<Gpu>) -> Vec<Change> {
    let guest = configuration.guest();
    let vm = Vm {
        guest: &guest,
        gpu,
        qemu: Some(QemuVersion::V10_1),
        rom: Reading::Absent,
        has_gop: true,
        rom_readable: true,
        narrow_iommu: Some(39),
        host_memory: Some(32_768),
        rivals: Vec::new(),
    };
    judge::judge(&vm).into_iter().flat_map(|judged| judged.changes).collect()
}

/// Explains a line and a log.
///
/// # Panics
/// If what was found is not in the order of the log.
pub fn log(text: &str) {
    let _ = explain::explain(text);
    let mut last = 0;
    for occurrence in explain::in_log(text) {
        assert!(occurrence.line > last && occurrence.count > 0, "in the order of the log");
        last = occurrence.line;
    }
}
