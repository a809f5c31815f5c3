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
    checks.extend(rombar(gpu, "rombar=0 hides the VBIOS from the guest"));
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

fn rombar(device: &HostDevice, says: &str) -> Option<RuleResult> {
    device.is_off("rombar").then(|| {
        let without =
            Change::Unset { device: line(device).to_owned(), property: "rombar".to_owned() };
        Check::fail("VM016", says, device.source("rombar"), "Remove rombar=0.").fixed_by([without])
    })
}

/// One of the two ROMs: where it is checked, and what is said of it.
struct RomWords {
    /// The check.
    id: &'static str,
    /// The ROM in a sentence.
    what: &'static str,
    /// What has it.
    owner: &'static str,
    /// What is wrong without it.
    lacks: String,
    /// Where it is once it is installed.
    path: &'static str,
    /// What installs it.
    install: Advice,
}

/// The ROM that `device` has; `read` is the file, `fitness` what is thought of it.
fn rom(
    device: &HostDevice,
    read: &Probe<Rc<Analysis>>,
    words: RomWords,
    fitness: impl Fn(&Analysis) -> Fitness,
) -> RuleResult {
    let RomWords { id, what, owner, lacks, path, install } = words;
    let give = Change::Set {
        device: line(device).to_owned(),
        property: "romfile",
        value: path.to_owned(),
    };
    let Some(own) = device.get("romfile").filter(|own| !own.is_empty()) else {
        return Check::fail(id, lacks, &device.source, install).fixed_by([give]);
    };
    let evidence = device.source("romfile");
    if !own.starts_with('/') {
        let why = "a relative path depends on the folder in which QEMU is started";
        return Check::skip(id, what, format!("{evidence}: {why}")).into();
    }
    let rom = match read {
        Probe::Denied => return Check::skip(id, what, format!("{own} cannot be read")).into(),
        Probe::Absent => {
            let evidence = format!("{evidence}: {own} is missing");
            let says = format!("the file with {what} does not exist");
            return Check::fail(id, says, evidence, install).fixed_by([give]);
        }
        Probe::Is(rom) => rom,
    };
    match fitness(rom) {
        Fitness::Fits(is) => Check::pass(id, format!("{owner} has {what}: {is}"), evidence).into(),
        Fitness::Doubtful(why) => {
            Check::warn(id, format!("{what} may not work: {why}"), evidence, install).into()
        }
        Fitness::Wrong(why) => {
            let says = format!("the ROM of {owner} does not work: {why}");
            Check::fail(id, says, evidence, install).fixed_by([give])
        }
    }
}

fn vbios(amd: &AmdVm, gpu: &HostDevice) -> RuleResult {
    let words = RomWords {
        id: "VM050",
        what: "the VBIOS",
        owner: "the GPU",
        lacks: "the GPU has no VBIOS: without it no driver in the guest starts".to_owned(),
        path: AMD_VBIOS_PATH,
        install: Advice::command(["oprom", "install"]),
    };
    rom(gpu, &amd.vbios, words, |rom| amd::vbios(rom, amd.gpu.display.id))
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
    let words = RomWords {
        id: ID,
        what: "the GOP driver",
        owner: "the audio function",
        lacks: format!("the audio function has no ROM with the GOP driver: {without}"),
        path: AMD_GOP_PATH,
        install: Advice::from("Make it from the BIOS update of this board.").run([
            "oprom",
            "install",
            "--bios",
            "BIOS_UPDATE",
        ]),
    };
    let hidden = rombar(audio, "rombar=0 hides the GOP driver from the firmware");
    let rom = rom(audio, &amd.gop, words, |rom| amd::gop(rom, amd.gpu.chip.as_ref()));
    hidden.into_iter().chain([rom]).collect()
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
