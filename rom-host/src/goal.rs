//! What a VM with an Intel GPU is for, and how that is seen.

use crate::vm::model::{Display, Firmware, GuestOs, HostDevice, Manager, Vm};
use std::fmt;
use std::str::FromStr;

/// What the owner of a VM wants of the GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A monitor shows the firmware already (legacy mode).
    DisplayAtBoot,
    /// A monitor, once the guest's driver runs (UPT mode).
    Display,
    /// Transcoding, compute, remote desktop: no monitor.
    Compute,
}

impl Goal {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DisplayAtBoot => "display-at-boot",
            Self::Display => "display",
            Self::Compute => "compute",
        }
    }
}

/// A word that is no goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownGoal;

impl fmt::Display for UnknownGoal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a goal is display-at-boot, display or compute")
    }
}

impl std::error::Error for UnknownGoal {}

impl FromStr for Goal {
    type Err = UnknownGoal;

    fn from_str(text: &str) -> Result<Self, UnknownGoal> {
        match text {
            "display-at-boot" | "legacy" => Ok(Self::DisplayAtBoot),
            "display" | "upt" => Ok(Self::Display),
            "compute" | "transcode" | "headless" => Ok(Self::Compute),
            _ => Err(UnknownGoal),
        }
    }
}

/// What a VM is for: a goal, or what the device alone makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The whole GPU, for this goal.
    Goal(Goal),
    /// A virtual function (SR-IOV).
    VirtualFunction,
    /// A mediated device (GVT-g).
    Mdev,
    /// The configuration does not say it.
    Unclear,
}

impl Purpose {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Goal(goal) => goal.name(),
            Self::VirtualFunction => "vf",
            Self::Mdev => "mdev",
            Self::Unclear => "unclear",
        }
    }
}

/// What a VM is for, and why that is thought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inferred {
    /// What it is for.
    pub purpose: Purpose,
    /// The reason, without a full stop.
    pub reason: String,
}

impl Inferred {
    fn new(purpose: Purpose, reason: impl Into<String>) -> Self {
        Self { purpose, reason: reason.into() }
    }
}

/// What a VM is for. `has_gop` is whether the GPU's ROM has a driver that draws; `chosen` is what
/// the owner said.
#[must_use]
pub fn infer(vm: &Vm, gpu: &HostDevice, has_gop: bool, chosen: Option<Goal>) -> Inferred {
    if gpu.mdev {
        return Inferred::new(Purpose::Mdev, "the VM gets a mediated device (GVT-g)");
    }
    if gpu.is_virtual_function() {
        return Inferred::new(Purpose::VirtualFunction, "the VM gets a virtual function");
    }
    if let Some(goal) = chosen {
        return Inferred::new(Purpose::Goal(goal), "it was requested");
    }
    let no_display = vm.display.value == Display::None;
    let at_boot = Purpose::Goal(Goal::DisplayAtBoot);
    if gpu.legacy_igd && vm.manager == Manager::Proxmox {
        return Inferred::new(at_boot, "legacy-igd is on");
    }
    if gpu.is_on("x-igd-lpc") {
        return Inferred::new(at_boot, "x-igd-lpc is on");
    }
    let has_rom = gpu.get("romfile").is_some_and(|file| !file.is_empty());
    if has_rom && has_gop && no_display {
        return Inferred::new(at_boot, "the ROM has a GOP driver, and there is no other display");
    }
    let display = Purpose::Goal(Goal::Display);
    if gpu.is_on("x-igd-opregion") {
        return Inferred::new(display, "x-igd-opregion is on");
    }
    if no_display {
        return Inferred::new(display, "there is no other display");
    }
    with_another_display(vm)
}

/// What a VM with an AMD iGPU is for. `has_gop` is whether the ROM of the audio function beside the
/// GPU has the driver that draws.
#[must_use]
pub fn infer_amd(vm: &Vm, has_gop: bool, chosen: Option<Goal>) -> Inferred {
    if let Some(goal) = chosen {
        return Inferred::new(Purpose::Goal(goal), "it was requested");
    }
    if vm.display.value == Display::None {
        let at_boot = has_gop && vm.firmware.value != Firmware::SeaBios;
        return if at_boot {
            let reason = "the audio function has the GOP driver, and there is no other display";
            Inferred::new(Purpose::Goal(Goal::DisplayAtBoot), reason)
        } else {
            Inferred::new(Purpose::Goal(Goal::Display), "there is no other display")
        };
    }
    with_another_display(vm)
}

/// What a VM is for that has a display beside the GPU.
fn with_another_display(vm: &Vm) -> Inferred {
    match vm.guest_os {
        GuestOs::Linux => {
            let reason = "the guest is Linux, and the VM has an emulated display";
            Inferred::new(Purpose::Goal(Goal::Compute), reason)
        }
        GuestOs::Windows | GuestOs::MacOs | GuestOs::Unknown => {
            Inferred::new(Purpose::Unclear, "the VM has an emulated display")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::proxmox::Config;

    fn seen(text: &str, has_gop: bool, chosen: Option<Goal>) -> &'static str {
        let vm = Config::read(text).vm();
        infer(&vm, vm.gpu().unwrap(), has_gop, chosen).purpose.name()
    }

    #[test]
    fn the_order_of_inference() {
        for (text, gop, name) in [
            ("hostpci0: 00:02.0,legacy-igd=1\nvga: none", false, "display-at-boot"),
            (
                "hostpci0: 00:02.0\nargs: -set device.hostpci0.x-igd-lpc=on",
                false,
                "display-at-boot",
            ),
            ("hostpci0: 00:02.0,romfile=a\nvga: none", true, "display-at-boot"),
            ("hostpci0: 00:02.0,romfile=a\nvga: none", false, "display"),
            ("hostpci0: 00:02.0,romfile=a\nostype: l26", true, "compute"),
            ("hostpci0: 00:02.0\nargs: -set device.hostpci0.x-igd-opregion=on", false, "display"),
            ("hostpci0: 00:02.0\nostype: win11", false, "unclear"),
            ("hostpci0: 00:02.1,legacy-igd=1\nvga: none", false, "vf"),
            ("hostpci0: 00:02.0,mdev=i915-GVTg_V5_4", false, "mdev"),
        ] {
            assert_eq!(seen(text, gop, None), name, "{text}");
        }
    }

    #[test]
    fn the_owner_decides_what_the_device_does_not() {
        let windows = "hostpci0: 00:02.0\nostype: win11";
        assert_eq!(seen(windows, false, "upt".parse().ok()), "display");
        assert_eq!(seen("hostpci0: 00:02.1", false, Some(Goal::Compute)), "vf");
        assert_eq!("x".parse::<Goal>(), Err(UnknownGoal));
    }
}
