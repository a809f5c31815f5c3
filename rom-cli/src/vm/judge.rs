//! Whether a VM of Proxmox VE is set up for its Intel GPU: rules over its configuration, in the order of causes.

use super::args::Args;
use super::igd::{Gpu, QemuVersion};
use super::proxmox::{Config, HostDevice};
use crate::checks::{Check, Status};
use crate::commands::check::Checked;
use crate::host::pci::IGPU_BDF;
use crate::host::reading::Reading;
use rom_core::Verdict;
use rom_core::contents::Answer;

/// A VM and what is known of where it runs.
pub(crate) struct Vm<'a> {
    pub(crate) config: &'a Config,
    /// The host's GPU; `None` where it is not known.
    pub(crate) gpu: Option<Gpu>,
    /// The host's QEMU.
    pub(crate) qemu: Option<QemuVersion>,
    /// The file that `romfile` names, under /usr/share/kvm.
    pub(crate) rom: Reading<Checked>,
}

/// Every check.
pub(crate) fn checks(vm: &Vm<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    let args = vm.config.args();
    let devices = vm.config.host_devices();
    let gpu = devices.iter().find(|device| device.host.as_deref().is_some_and(|host| IGPU_BDF.starts_with(host)));
    let Some(gpu) = gpu else {
        checks.push(no_gpu(vm, &devices));
        return checks;
    };
    checks.extend(line(vm, &args));
    checks.push(firmware(vm));
    let machine = machine(vm, gpu, &args);
    let machine_fits = machine.status == Status::Pass;
    checks.push(machine);
    checks.push(display(vm, gpu));
    checks.extend(address(gpu));
    if machine_fits {
        checks.push(place(gpu, &args));
        checks.push(lpc(vm, gpu, &args));
    } else {
        checks.extend(lpc_on_q35(vm, gpu, &args));
    }
    checks.extend(options(vm, gpu, &devices));
    checks.push(rom(vm, gpu));
    checks.extend(settings(vm, &devices, &args));
    checks.extend(stale(vm, gpu, &devices, &args));
    checks.extend(memory(vm));
    checks.extend(efidisk(vm));
    checks
}

fn no_gpu(vm: &Vm<'_>, devices: &[HostDevice]) -> Check {
    const ID: &str = "VM001";
    if let Some(mapped) = devices.iter().find(|device| device.option("mapping").is_some()) {
        let mapping = mapped.option("mapping").unwrap_or_default();
        let evidence = format!("{}: mapping={mapping}", mapped.name);
        return Check::skip(ID, "the VM has a device by a mapping of the cluster, which is not looked up here", evidence);
    }
    let by_args = vm.config.args().values("-device").any(|device| device.starts_with("vfio-pci"));
    if by_args {
        return Check::skip(ID, "the VM gets its GPU through args alone, which is not judged here", "args: -device vfio-pci");
    }
    let fix = "oprom vm plan VMID";
    Check::fail(ID, "the VM does not have the iGPU", format!("no hostpci line with {IGPU_BDF}"), fix)
}

fn line(vm: &Vm<'_>, args: &Args) -> Vec<Check> {
    let text = vm.config.get("args").unwrap_or_default();
    let mut checks = Vec::new();
    if args.is_cut() {
        let fix = "Write the whole line again: `oprom vm plan VMID` shows it. An editor with a narrow window cuts it when it is copied.";
        checks.push(Check::fail("VM002", "the args line is cut", format!("args: {text}"), fix));
    }
    if args.values("-cpu").next().is_some() {
        let fix = "Take -cpu out of args and use the line `cpu: host`. The second -cpu replaces Proxmox VE's, and with it what it does for Windows \
                   (hv_relaxed, hv_vapic, hv_spinlocks, hv_synic, hv_stimer). Hiding the hypervisor is no cure for Code 43; if it is wanted: cpu: \
                   host,hidden=1.";
        checks.push(Check::warn("VM003", "args has a -cpu of its own", format!("args: {text}"), fix));
    }
    checks
}

fn firmware(vm: &Vm<'_>) -> Check {
    const ID: &str = "VM010";
    match vm.config.get("bios") {
        Some("ovmf") => Check::pass(ID, "the VM starts by UEFI", "bios: ovmf"),
        other => {
            let evidence = other.map_or_else(|| "no bios line, which means SeaBIOS".to_owned(), |bios| format!("bios: {bios}"));
            let fix = "qm set VMID --bios ovmf\nA guest that was installed under SeaBIOS has to be installed anew, or converted first.";
            Check::fail(ID, "the VM starts by SeaBIOS, which runs no UEFI driver of the ROM", evidence, fix)
        }
    }
}

fn machine(vm: &Vm<'_>, gpu: &HostDevice, args: &Args) -> Check {
    const ID: &str = "VM011";
    let evidence = vm
        .config
        .get("machine")
        .map_or_else(|| "no machine line, which means pc".to_owned(), |machine| format!("machine: {machine}"));
    if !vm.config.is_q35() {
        return Check::pass(ID, "machine type pc", evidence);
    }
    let fix = "qm set VMID --machine pc\nOn q35 the chipset's own device is where the GPU's driver looks for Intel's LPC bridge. Without a picture at boot it \
               can work there too: oprom vm plan --mode upt.";
    if gpu.is_on("legacy-igd") {
        return Check::fail(ID, "machine type q35 with legacy-igd: Proxmox VE does not start this VM", evidence, fix);
    }
    if at_slot_2(gpu, args, "pcie.0") {
        let says = "machine type q35: a picture only once the guest's own driver runs (UPT mode)";
        return Check::warn(
            ID,
            says,
            evidence,
            "Nothing, if that is what you want. For a picture from the start: qm set VMID --machine pc",
        );
    }
    Check::fail(ID, "machine type q35 gives no picture at boot", evidence, fix)
}

/// Whether args puts the GPU at slot 2 of this bus.
fn at_slot_2(gpu: &HostDevice, args: &Args, bus: &str) -> bool {
    let address = args.setting(&gpu.name, "addr").unwrap_or_default();
    let slot = address.trim_start_matches("0x");
    matches!(slot, "2" | "02" | "2.0" | "02.0") && args.setting(&gpu.name, "bus").is_some_and(|own| own == bus)
}

/// x-igd-lpc on a machine that has its own device at its place.
fn lpc_on_q35(vm: &Vm<'_>, gpu: &HostDevice, args: &Args) -> Option<Check> {
    let on = args.setting(&gpu.name, "x-igd-lpc").is_some_and(|value| value == "on");
    let upt = on && !gpu.is_on("legacy-igd") && at_slot_2(gpu, args, "pcie.0");
    upt.then(|| {
        let evidence = format!("args: {}", vm.config.get("args").unwrap_or_default());
        let says = "x-igd-lpc=on on q35: the chipset's own device is in its way, and the VM does not start";
        Check::fail("VM015", says, evidence, "Take x-igd-lpc=on out of args.")
    })
}

fn display(vm: &Vm<'_>, gpu: &HostDevice) -> Check {
    const ID: &str = "VM012";
    let fix = "qm set VMID --vga none\nHave remote desktop in the guest before: the console of the web interface is gone then.";
    match vm.config.get("vga") {
        Some("none") => Check::pass(ID, "the VM has no display of its own", "vga: none"),
        Some(other) if gpu.is_on("legacy-igd") => {
            Check::fail(ID, "legacy-igd wants `vga: none`, exactly so", format!("vga: {other}"), fix)
        }
        None if gpu.is_on("legacy-igd") => {
            Check::fail(ID, "legacy-igd wants `vga: none`", "no vga line, which means a standard display", fix)
        }
        // There the display is at slot 1.
        other if vm.config.is_q35() => Check::pass(
            ID,
            "the VM has no display at the GPU's place",
            format!("machine: q35, vga: {}", other.unwrap_or("std")),
        ),
        Some(other) if other.starts_with("serial") => {
            Check::pass(ID, "the VM has no display at the GPU's place", format!("vga: {other}"))
        }
        Some(other) => Check::fail(ID, "the VM's own display has the GPU's place", format!("vga: {other}"), fix),
        None => Check::fail(ID, "the VM's own display has the GPU's place", "no vga line, which means a standard display", fix),
    }
}

fn address(gpu: &HostDevice) -> Option<Check> {
    const ID: &str = "VM013";
    let host = gpu.host.as_deref()?;
    if host == IGPU_BDF {
        return None;
    }
    let fix = "Give one function: hostpci0: 0000:00:02.0. With all functions its name becomes hostpci0.0, and every -set for hostpci0 fails.";
    Some(Check::fail(ID, "the hostpci line names all functions of the device", format!("{}: {host}", gpu.name), fix))
}

fn place(gpu: &HostDevice, args: &Args) -> Check {
    const ID: &str = "VM014";
    if gpu.is_on("legacy-igd") {
        return Check::pass(ID, "the GPU is at 00:02.0 in the VM", format!("{}: legacy-igd=1", gpu.name));
    }
    if at_slot_2(gpu, args, "pci.0") {
        return Check::pass(ID, "the GPU is at 00:02.0 in the VM", "args: bus=pci.0, addr=2.0");
    }
    let fix = "Add legacy-igd=1 to the hostpci line. Its driver looks for it at 00:02.0.";
    Check::fail(ID, "the GPU is not at 00:02.0 in the VM", format!("{}: no legacy-igd=1", gpu.name), fix)
}

fn lpc(vm: &Vm<'_>, gpu: &HostDevice, args: &Args) -> Check {
    const ID: &str = "VM015";
    let on = args.setting(&gpu.name, "x-igd-lpc").is_some_and(|value| value == "on");
    let evidence = vm.config.get("args").map_or_else(|| "no args line".to_owned(), |text| format!("args: {text}"));
    let fix = "oprom vm plan VMID";
    if args.is_cut() && !on {
        return Check::skip(ID, "x-igd-lpc", "the args line is cut");
    }
    if on && !gpu.is_on("legacy-igd") {
        let says = "x-igd-lpc=on without legacy-igd: a bridge is in its way, and the VM does not start";
        return Check::fail(ID, says, evidence, "Add legacy-igd=1 to the hostpci line, or take x-igd-lpc=on out.");
    }
    let (Some(device), Some(qemu)) = (vm.gpu, vm.qemu) else {
        return Check::skip(ID, "x-igd-lpc", "which GPU and which QEMU it is for is not known here");
    };
    if on && qemu < QemuVersion::V10_0 {
        let says = format!("QEMU {qemu} does not know x-igd-lpc, and the VM does not start");
        return Check::fail(ID, says, evidence, "Take x-igd-lpc=on out of args: this QEMU does it by itself in legacy mode.");
    }
    if device.needs_lpc(qemu) && !on && gpu.is_on("legacy-igd") {
        let says = format!("this GPU needs x-igd-lpc=on with QEMU {qemu}: no picture without it");
        return Check::fail(ID, says, evidence, fix);
    }
    Check::pass(ID, if on { "x-igd-lpc=on is there" } else { "x-igd-lpc=on is not needed" }, evidence)
}

fn options(vm: &Vm<'_>, gpu: &HostDevice, devices: &[HostDevice]) -> Vec<Check> {
    let mut checks = Vec::new();
    if gpu.is_off("rombar") {
        let fix = "Take rombar=0 out: the VM's firmware never sees the ROM with it.";
        checks.push(Check::fail("VM016", "rombar=0 hides the ROM from the firmware", format!("{}: rombar=0", gpu.name), fix));
    }
    if gpu.is_on("x-vga") {
        let fix = "Take x-vga=1 out: it is for cards, and Proxmox VE refuses it beside legacy-igd.";
        checks.push(Check::fail("VM017", "x-vga=1 at the iGPU", format!("{}: x-vga=1", gpu.name), fix));
    }
    if let Some(device) = devices.iter().find(|device| device.is_on("pcie") && !vm.config.is_q35()) {
        let fix = "Take pcie=1 out of that line: it is for machine type q35, and on pc Proxmox VE does not start the VM.";
        checks.push(Check::fail("VM018", "pcie=1 on machine type pc", format!("{}: pcie=1", device.name), fix));
    }
    checks
}

fn rom(vm: &Vm<'_>, gpu: &HostDevice) -> Check {
    const ID: &str = "VM020";
    const INSTALL: &str = "sudo oprom install\nand romfile=igd.rom in the hostpci line";
    let Some(romfile) = gpu.option("romfile") else {
        return Check::fail(ID, "the GPU has no ROM", format!("{}: no romfile", gpu.name), INSTALL);
    };
    let evidence = format!("{}: romfile={romfile}", gpu.name);
    if romfile.starts_with('/') {
        let fix = "Give the name alone: it is relative to /usr/share/kvm, and an absolute path ends up behind that.";
        return Check::fail(ID, "romfile is an absolute path", evidence, fix);
    }
    match &vm.rom {
        Reading::Absent => Check::fail(ID, "the ROM is not in /usr/share/kvm", evidence, INSTALL),
        Reading::Denied => Check::skip(ID, "the ROM", format!("{evidence}: it cannot be read")),
        Reading::Is(rom) if rom.verdict == Verdict::Bad => {
            Check::fail(ID, format!("the ROM does not work: oprom check /usr/share/kvm/{romfile}"), evidence, INSTALL)
        }
        Reading::Is(rom) => match rom.fit.as_ref().map(|fit| (fit.answer, fit.reason.as_str())) {
            Some((Answer::No, reason)) => Check::fail(ID, format!("the ROM is not for this GPU: {reason}"), evidence, INSTALL),
            Some((Answer::Yes, _)) => Check::pass(ID, "the ROM works and serves this GPU", evidence),
            Some((Answer::Unknown, _)) | None => Check::pass(ID, "the ROM works", evidence),
        },
    }
}

fn settings(vm: &Vm<'_>, devices: &[HostDevice], args: &Args) -> Option<Check> {
    const ID: &str = "VM021";
    let unknown = args
        .settings()
        .into_iter()
        .find(|setting| setting.device.starts_with("hostpci") && !devices.iter().any(|device| device.name == setting.device))?;
    let evidence = format!("args: {}", vm.config.get("args").unwrap_or_default());
    let fix = "Use the number of the hostpci line.";
    Some(Check::fail(
        ID,
        format!("args sets {} of {}, which the VM does not have", unknown.property, unknown.device),
        evidence,
        fix,
    ))
}

fn stale(vm: &Vm<'_>, gpu: &HostDevice, devices: &[HostDevice], args: &Args) -> Vec<Check> {
    let mut checks = Vec::new();
    let old = ["x-igd-gms", "x-vga"].into_iter().find(|property| args.setting(&gpu.name, property).is_some());
    if let Some(property) = old {
        let fix = format!("Take -set device.{}.{property}=... out of args.", gpu.name);
        let evidence = format!("args: {}", vm.config.get("args").unwrap_or_default());
        checks.push(Check::warn(
            "VM022",
            format!("{property} is from guides for QEMU before 10, and does harm or nothing"),
            evidence,
            fix,
        ));
    }
    if let Some(second) = devices.iter().find(|device| device.name != gpu.name && device.option("romfile").is_some()) {
        let evidence = format!("{}: romfile={}", second.name, second.option("romfile").unwrap_or_default());
        let fix = "Take romfile out of that line: one ROM at the GPU holds all drivers.";
        checks.push(Check::warn("VM023", "a second ROM is at another device, as in guides of 2023", evidence, fix));
    }
    checks
}

/// Megabytes below which Windows is no pleasure.
const LITTLE: u64 = 4096;

fn memory(vm: &Vm<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    if vm.config.get("balloon") != Some("0") {
        let evidence =
            vm.config.get("balloon").map_or_else(|| "no balloon line".to_owned(), |value| format!("balloon: {value}"));
        let fix = "qm set VMID --balloon 0\nAll memory of a VM with a device is locked: ballooning gives nothing back.";
        checks.push(Check::warn("VM030", "ballooning is on", evidence, fix));
    }
    let memory = vm.config.get("memory").and_then(|value| value.trim_start_matches("current=").parse::<u64>().ok());
    if let Some(memory) =
        memory.filter(|memory| *memory < LITTLE && vm.config.get("ostype").is_some_and(|kind| kind.starts_with("win")))
    {
        checks.push(Check::warn(
            "VM031",
            "little memory for Windows",
            format!("memory: {memory}"),
            "qm set VMID --memory 8192",
        ));
    }
    checks
}

fn efidisk(vm: &Vm<'_>) -> Option<Check> {
    let missing = vm.config.get("bios") == Some("ovmf") && vm.config.get("efidisk0").is_none();
    let fix = "Add an EFI disk (Hardware, Add, EFI Disk): without it the VM forgets its firmware settings at each stop.";
    missing.then(|| Check::warn("VM032", "the VM has no EFI disk", "no efidisk0 line", fix))
}
