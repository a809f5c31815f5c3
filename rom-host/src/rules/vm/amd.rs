//! A VM with an AMD iGPU: its VBIOS on the GPU, AMD's GOP driver on the audio function beside it.

use super::{RuleResult, VmContext, arguments, firmware};
use crate::advice::Advice;
use crate::checks::Check;
use crate::goal::{Goal, Purpose};
use crate::probe::Probe;
use crate::probe::amd::AmdIgpu;
use crate::probe::rom::{AMD_GOP_PATH, AMD_VBIOS_PATH};
use crate::rules::amd::{self, Fitness};
use crate::vm::change::Change;
use crate::vm::model::{Display, Firmware, GuestOs, HostDevice};
use rom_core::Analysis;
use std::rc::Rc;

/// What is known of the GPU and of the files that the VM names for it.
pub struct AmdVm {
    /// The GPU of the host.
    pub gpu: AmdIgpu,
    /// The file that the `romfile` of the GPU names.
    pub vbios: Probe<Rc<Analysis>>,
    /// The file that the `romfile` of its audio function names.
    pub gop: Probe<Rc<Analysis>>,
}

impl AmdVm {
    /// Whether the audio function's ROM starts a GOP driver.
    #[must_use]
    pub fn has_gop(&self) -> bool {
        let fitness = self.gop.as_ref().map(|rom| amd::gop(rom, self.gpu.chip.as_ref()));
        matches!(fitness, Some(Fitness::Fits(_) | Fitness::Doubtful(_)))
    }
}

pub(super) fn checks(context: &VmContext<'_>, amd: &AmdVm, gpu: &HostDevice) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    let needs_gop = needs_gop(context);
    if needs_gop {
        checks.push(firmware(context));
    }
    if context.is_for(Goal::DisplayAtBoot) {
        checks.extend(display(context));
    }
    if let Some(all) = all_functions(amd, gpu).filter(|_| needs_gop) {
        checks.push(all);
        return checks;
    }
    checks.extend(rombar(gpu, "VM016", "rombar=0 hides the VBIOS from the guest"));
    checks.push(vbios(amd, gpu));
    if needs_gop {
        checks.extend(gop(context, amd, gpu));
    }
    checks.extend(hidden_hypervisor(context));
    checks.extend(arguments::pcie(context));
    checks.extend(arguments::names(context));
    checks
}

/// Whether the guest needs what the GOP driver does: draw, and tell Windows' driver of the VBIOS.
fn needs_gop(context: &VmContext<'_>) -> bool {
    let uefi = context.vm.firmware.value != Firmware::SeaBios;
    let windows = context.vm.guest_os == GuestOs::Windows;
    match context.inferred.purpose {
        Purpose::Goal(Goal::DisplayAtBoot) => true,
        _ => uefi && windows,
    }
}

fn display(context: &VmContext<'_>) -> Option<RuleResult> {
    let (display, source) = (context.vm.display.value, &context.vm.display.source);
    (display != Display::None).then(|| {
        let fix = "Set up remote desktop in the guest first: the VM's console stops working.";
        let says = "the VM has an emulated display, which may show the boot screen instead of the \
            monitor";
        Check::warn("VM012", says, source, fix).fixed_by([Change::NoDisplay])
    })
}

/// A line for all functions has one ROM, that of the GPU.
fn all_functions(amd: &AmdVm, gpu: &HostDevice) -> Option<RuleResult> {
    let all = gpu.host.as_deref().is_some_and(|host| !host.contains('.'));
    let one_of_all = line(gpu) != gpu.name;
    let says = "the line passes all functions of the GPU through: its audio function cannot be \
        given a ROM of its own";
    let fix = format!("Pass {} through by a line of its own.", amd.gpu.display.bdf);
    (all || one_of_all).then(|| {
        Check::fail("VM013", says, &gpu.source, fix)
            .fixed_by([Change::OneFunction { device: line(gpu).to_owned() }])
    })
}

/// The line of the configuration that hands a function over: where it is for all functions of a
/// device, Proxmox VE puts the number of each after its name.
fn line(device: &HostDevice) -> &str {
    let numbered = device.name.starts_with("hostpci");
    let line = device.name.split('.').next().filter(|_| numbered);
    line.unwrap_or(&device.name)
}

fn rombar(device: &HostDevice, id: &'static str, says: &str) -> Option<RuleResult> {
    device.is_off("rombar").then(|| {
        let without =
            Change::Unset { device: line(device).to_owned(), property: "rombar".to_owned() };
        Check::fail(id, says, device.source("rombar"), "Remove rombar=0.").fixed_by([without])
    })
}

fn give(device: &HostDevice, path: &str) -> Change {
    Change::Set { device: line(device).to_owned(), property: "romfile", value: path.to_owned() }
}

fn vbios(amd: &AmdVm, gpu: &HostDevice) -> RuleResult {
    const ID: &str = "VM050";
    let install = || Advice::command(["oprom", "install"]);
    let ours = give(gpu, AMD_VBIOS_PATH);
    let Some(path) = gpu.get("romfile").filter(|path| !path.is_empty()) else {
        let says = "the GPU has no VBIOS: without it no driver in the guest starts";
        return Check::fail(ID, says, &gpu.source, install()).fixed_by([ours]);
    };
    let evidence = gpu.source("romfile");
    let rom = match &amd.vbios {
        Probe::Denied => {
            return Check::skip(ID, "the VBIOS", format!("{path} cannot be read")).into();
        }
        Probe::Absent => {
            let says = "the VBIOS file does not exist";
            let evidence = format!("{evidence}: {path} is missing");
            return Check::fail(ID, says, evidence, install()).fixed_by([ours]);
        }
        Probe::Is(rom) => rom,
    };
    match amd::vbios(rom, amd.gpu.display.id) {
        Fitness::Fits(is) => {
            Check::pass(ID, format!("the GPU has its VBIOS: {is}"), evidence).into()
        }
        Fitness::Doubtful(why) => {
            Check::warn(ID, format!("the VBIOS may not work: {why}"), evidence, install()).into()
        }
        Fitness::Wrong(why) => {
            let says = format!("the GPU's ROM does not work: {why}");
            Check::fail(ID, says, evidence, install()).fixed_by([ours])
        }
    }
}

fn gop(context: &VmContext<'_>, amd: &AmdVm, gpu: &HostDevice) -> Vec<RuleResult> {
    const ID: &str = "VM051";
    let Some(own) = &amd.gpu.audio else {
        let says = "the GPU has no audio function here that could be given the GOP driver";
        let fix = "Enable the HDMI audio of the iGPU in the BIOS.";
        return vec![Check::fail(ID, says, amd.gpu.display.bdf.clone(), fix).into()];
    };
    let without = without_gop(context);
    let Some(audio) = context.vm.with_function(&own.bdf) else {
        let fix = format!("Pass {} through too: it takes the GOP driver.", own.bdf);
        let says = format!("the GPU's audio function is not passed through: {without}");
        let pass = Change::PassThrough { host: own.bdf.clone() };
        return vec![Check::fail(ID, says, &gpu.source, fix).fixed_by([pass])];
    };
    let mut checks: Vec<RuleResult> =
        rombar(audio, "VM016", "rombar=0 hides the GOP driver from the firmware")
            .into_iter()
            .collect();
    let install = || {
        let fix = "Make it from the BIOS update of this board.";
        Advice::from(fix).run(["oprom", "install", "--bios", "BIOS_UPDATE"])
    };
    let ours = give(audio, AMD_GOP_PATH);
    let Some(path) = audio.get("romfile").filter(|path| !path.is_empty()) else {
        let says = format!("the audio function has no ROM with the GOP driver: {without}");
        checks.push(Check::fail(ID, says, &audio.source, install()).fixed_by([ours]));
        return checks;
    };
    let evidence = audio.source("romfile");
    let rom = match &amd.gop {
        Probe::Denied => {
            checks.push(Check::skip(ID, "the GOP driver", format!("{path} cannot be read")).into());
            return checks;
        }
        Probe::Absent => {
            let says = "the file with the GOP driver does not exist";
            let evidence = format!("{evidence}: {path} is missing");
            checks.push(Check::fail(ID, says, evidence, install()).fixed_by([ours]));
            return checks;
        }
        Probe::Is(rom) => rom,
    };
    checks.push(match amd::gop(rom, amd.gpu.chip.as_ref()) {
        Fitness::Fits(is) => {
            Check::pass(ID, format!("the audio function has the GOP driver: {is}"), evidence).into()
        }
        Fitness::Doubtful(why) => {
            Check::warn(ID, format!("the GOP driver may not work: {why}"), evidence, install())
                .into()
        }
        Fitness::Wrong(why) => {
            let says = format!("the audio function's ROM does not work: {why}");
            Check::fail(ID, says, evidence, install()).fixed_by([ours])
        }
    });
    checks
}

/// What comes of it if no GOP driver runs.
fn without_gop(context: &VmContext<'_>) -> &'static str {
    if context.vm.guest_os == GuestOs::Windows {
        "Windows shows Code 43"
    } else {
        "there is no display at boot"
    }
}

/// `-hypervisor`, which guides give for Windows, and with which a Linux guest's driver was seen to
/// fail.
fn hidden_hypervisor(context: &VmContext<'_>) -> Option<RuleResult> {
    let cpu = context.vm.own_cpu.as_ref()?;
    let linux = context.vm.guest_os == GuestOs::Linux && cpu.contains("-hypervisor");
    linux.then(|| {
        let says = "the arguments hide the hypervisor: amdgpu in a Linux guest was seen to fail \
            with that";
        let fix = "Remove -cpu from the arguments if amdgpu ends with error -22.";
        Check::warn("VM003", says, cpu, fix).into()
    })
}
