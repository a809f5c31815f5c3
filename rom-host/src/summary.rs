//! A VM in a few words: what was read of it.

use crate::address::Slot;
use crate::goal::Inferred;
use crate::quotation::bounded;
use crate::vm::model::{Display, Firmware, Machine, Vm};
use rom_core::plain::shortened;

/// What was read of a VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VmSummary {
    /// `proxmox`, `libvirt` or `qemu`.
    pub manager: &'static str,
    /// `i440fx`, `q35` or `other`.
    pub machine: &'static str,
    /// `uefi`, `seabios` or `own`.
    pub firmware: &'static str,
    /// The display beside the GPU: `none`, `at-00:02.0` or `elsewhere`.
    pub display: &'static str,
    /// What it is for: a goal's name, `vf`, `mdev` or `unclear`, and why; `None` if it has no GPU.
    pub goal: Option<(&'static str, String)>,
    /// The GPU, if it has one.
    pub gpu: Option<GpuSummary>,
}

/// What was read of a VM's GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GpuSummary {
    /// Its address on the host.
    pub host: Option<String>,
    /// Its slot and function in the VM, such as `02.0`, where the configuration says it.
    pub address: Option<String>,
    /// Its bus in the VM, where the configuration says it.
    pub bus: Option<String>,
    /// Its id in QEMU; empty where it has none.
    pub id: String,
    /// Its ROM file.
    pub romfile: Option<String>,
    /// Whether the ROM is shown to the guest.
    pub rombar: bool,
}

/// Bytes of a path of Linux (`include/uapi/linux/limits.h`, `PATH_MAX`). No other text is as long.
const LONGEST: usize = 4096;

impl VmSummary {
    /// Of a VM and what it is for.
    #[must_use]
    pub fn of(vm: &Vm, inferred: Option<&Inferred>) -> Self {
        let text = |value: Option<&str>| {
            value.filter(|text| !text.is_empty()).map(|text| shortened(text, LONGEST).into_owned())
        };
        let gpu = vm.gpu().map(|gpu| GpuSummary {
            host: text(gpu.host.as_deref()),
            address: gpu
                .get("addr")
                .and_then(Slot::read)
                .map(|slot| format!("{:02x}.{:x}", slot.slot, slot.function)),
            bus: text(gpu.get("bus")),
            id: shortened(gpu.id(), LONGEST).into_owned(),
            romfile: text(gpu.get("romfile")),
            rombar: !gpu.is_off("rombar"),
        });
        Self {
            manager: vm.manager.name(),
            machine: match vm.machine.value {
                Machine::I440fx => "i440fx",
                Machine::Q35 => "q35",
                Machine::Other => "other",
            },
            firmware: match vm.firmware.value {
                Firmware::Uefi => "uefi",
                Firmware::SeaBios => "seabios",
                Firmware::Own => "own",
            },
            display: match vm.display.value {
                Display::None => "none",
                Display::InTheWay => "at-00:02.0",
                Display::Beside => "elsewhere",
            },
            goal: inferred.map(|inferred| (inferred.purpose.name(), bounded(&inferred.reason))),
            gpu,
        }
    }
}
