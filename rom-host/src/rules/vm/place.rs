//! Where the GPU is in the VM, and what is around it there.

use super::{RuleResult, VmContext, failed, is_set_up, qemu, wants_display_at_boot, without};
use crate::advice::Advice;
use crate::checks::Check;
use crate::goal::Goal;
use crate::qemu::{BootDisplay, CLASS_CODE, LPC, OPREGION, QemuVersion, Vga, has_property};
use crate::vm::change::Change;
use crate::vm::model::{Display, GuestOs, HostDevice, Machine, Manager};

/// For a display at boot.
pub(super) fn at_boot(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<RuleResult> {
    let machine = machine(context, gpu);
    let wrong_machine = failed(&machine);
    let mut checks = vec![machine, display(context, gpu)];
    checks.extend(one_function(gpu));
    if let Some(unsupported) = unsupported(context, gpu) {
        let is_left = failed(&unsupported);
        checks.push(unsupported);
        if is_left {
            return checks;
        }
    }
    if wrong_machine {
        return checks;
    }
    let place = place(context, gpu);
    let misplaced = failed(&place);
    checks.push(place);
    if let Some(stops) = qemu::start(context, gpu) {
        checks.push(stops);
        return checks;
    }
    if !misplaced {
        checks.push(lpc(context, gpu));
        checks.extend(opregion(context, gpu));
    }
    checks
}

/// For a display once the guest's driver runs.
pub(super) fn with_driver(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<RuleResult> {
    let mut checks = anywhere(context, gpu);
    match no_opregion_for_it(context, gpu) {
        Some(never) => checks.push(never),
        None => checks.extend(opregion(context, gpu)),
    }
    if !context.vm.at_2_0(gpu) && context.vm.guest_os != GuestOs::Linux {
        let says = "the GPU is not at 00:02.0 in the VM, where some versions of the guest's \
            driver expect it";
        let fix = "If the monitor stays dark, give the GPU the guest address 00:02.0.";
        checks.push(Check::warn("VM014", says, gpu.source("addr"), fix).into());
    }
    checks
}

/// For whatever it is: what keeps the VM from starting.
pub(super) fn anywhere(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<RuleResult> {
    let mut checks = Vec::new();
    let proxmox = context.vm.manager == Manager::Proxmox;
    if proxmox && gpu.legacy_igd && context.vm.machine.value == Machine::Q35 {
        checks.push(machine(context, gpu));
    } else if proxmox && gpu.legacy_igd {
        checks.push(display(context, gpu));
    }
    checks.extend(slot_2_taken(context, gpu));
    checks.extend(qemu::start(context, gpu));
    checks.retain(failed);
    checks
}

/// A GPU of which this QEMU does not pass the `OpRegion` through, whatever is set.
fn no_opregion_for_it(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let (device, qemu) = (context.gpu?, context.qemu?);
    if device.opregion_possible(qemu) {
        return None;
    }
    let (reason, fix) = match device.vga {
        Vga::OtherClass => (
            "it is not a VGA controller here (class 0380)",
            "Make the iGPU the primary display in the host's BIOS, or upgrade QEMU to 10.1.2 or \
            newer.",
        ),
        Vga::Served | Vga::Off => {
            ("it is newer", "Upgrade QEMU to 10.1 or newer (Proxmox VE 9.1).")
        }
    };
    let says = format!(
        "QEMU {qemu} ignores x-igd-opregion with this GPU, since {reason}: the guest finds no \
        display"
    );
    Some(RuleResult::from(Check::fail("VM028", says, &gpu.source, fix)).dead_end())
}

/// A device that is at 00:02.0 before the GPU comes.
fn slot_2_taken(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let taken = context.vm.at_slot_2.as_ref().filter(|_| context.vm.at_2_0(gpu))?;
    let says = format!(
        "{taken} is already at 00:02.0, where the GPU must be: the VM does not \
        start"
    );
    let fix = "Give it another address, or put it after the GPU. For a network card, use -netdev \
        and -device instead of -nic.";
    let check = Check::fail("VM014", says, gpu.source("addr"), fix);
    Some(check.fixed_by([Change::AtSlot2 { device: gpu.name.clone() }]))
}

fn machine(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    const ID: &str = "VM011";
    let said = &context.vm.machine.source;
    let fix = "The GPU's driver looks for Intel's LPC bridge at 00:1f.0, where q35 has a device \
        of its own. q35 can work too, without a display at boot (UPT mode).";
    match context.vm.machine.value {
        Machine::I440fx => Check::pass(ID, "machine type pc", said).into(),
        Machine::Q35 if gpu.legacy_igd => {
            let says = "machine type q35 with legacy-igd: Proxmox VE does not start this VM";
            let change = if wants_display_at_boot(context) {
                Change::Pc
            } else {
                without(gpu, "legacy-igd")
            };
            Check::fail(ID, says, said, fix).fixed_by([change])
        }
        Machine::Q35 if gpu.is_on("x-igd-lpc") => {
            let taken = context.vm.at_lpc.as_deref().unwrap_or("the chipset's own device");
            let says = format!(
                "machine type q35 with x-igd-lpc=on: {taken} is already at 00:1f.0, so the VM \
                does not start"
            );
            let to_slot_2 = Change::AtSlot2 { device: gpu.name.clone() };
            Check::fail(ID, says, said, fix).fixed_by([Change::Pc, to_slot_2])
        }
        Machine::Q35 => {
            let to_slot_2 = Change::AtSlot2 { device: gpu.name.clone() };
            Check::fail(ID, "machine type q35 gives no display at boot", said, fix)
                .fixed_by([Change::Pc, to_slot_2])
        }
        Machine::Other => Check::fail(
            ID,
            "this machine type does not have an Intel chipset",
            said,
            "Use machine type pc.",
        )
        .fixed_by([Change::Pc]),
    }
}

/// What this QEMU lacks for a display at boot, whatever else is set.
fn unsupported(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    const ID: &str = "VM028";
    let (device, qemu) = (context.gpu?, context.qemu?);
    let instead = |fix: &str| {
        let goal = Goal::Display.name();
        Advice::from(fix).run(["oprom", "vm", "plan", &context.name, "--goal", goal])
    };
    let source = &gpu.source;
    if device.vga == Vga::OtherClass && gpu.get(CLASS_CODE).is_none() {
        return Some(not_vga(context, gpu));
    }
    match device.boot_display(qemu) {
        BootDisplay::Supported => None,
        BootDisplay::Doubtful => {
            let says = format!(
                "with QEMU {qemu} the display may stay dark until the guest's driver runs: it \
                does not hide a register that makes this GPU's firmware driver draw elsewhere"
            );
            let fix = "Nothing in the VM changes that. A release of QEMU after 11.1 is expected \
                to hide it.";
            Some(Check::warn(ID, says, source, fix).into())
        }
        BootDisplay::TakenForBroadwell if is_set_up(gpu) && gpu.get("romfile").is_some() => {
            let says = format!(
                "QEMU {qemu} takes this GPU for a Broadwell: a display at boot works only with a \
                ROM that was made for that"
            );
            let fix = "Upgrade QEMU to 10.1 or newer (Proxmox VE 9.1).";
            Some(Check::warn(ID, says, source, fix).into())
        }
        BootDisplay::TooOld => {
            let says = "this GPU is older than Sandy Bridge, and no QEMU supports a display at \
                boot with it";
            let fix = instead("Set up the VM without a display at boot.");
            Some(RuleResult::from(Check::fail(ID, says, source, fix)).dead_end())
        }
        BootDisplay::TooNew | BootDisplay::TakenForBroadwell => {
            let fix = instead(
                "Upgrade QEMU to 10.1 or newer (Proxmox VE 9.1), or set up the VM without a \
                display at boot.",
            );
            let says =
                format!("QEMU {qemu} does not support this GPU: there is no display at boot");
            Some(RuleResult::from(Check::fail(ID, says, source, fix)).dead_end())
        }
    }
}

/// A GPU that is not the host's primary display: firmware drivers look for a VGA controller.
fn not_vga(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    let says = "the GPU is not a VGA controller here (class 0380), and the ROM's driver looks for \
        one: there is no display at boot";
    let bios = "Make the iGPU the primary display in the host's BIOS.";
    let check = |fix: &str| Check::fail("VM028", says, &gpu.source, fix);
    if context.qemu.is_some_and(|qemu| has_property(CLASS_CODE, qemu)) {
        let fix = format!(
            "{bios} Or let QEMU give it the class of a VGA controller, which nobody has reported \
            on yet."
        );
        return check(&fix).fixed_by([set(gpu, CLASS_CODE, "0x030000")]);
    }
    RuleResult::from(check(bios)).dead_end()
}

fn set(gpu: &HostDevice, property: &'static str, value: &str) -> Change {
    Change::Set { device: gpu.name.clone(), property, value: value.to_owned() }
}

fn display(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    const ID: &str = "VM012";
    let (display, said) = (context.vm.display.value, &context.vm.display.source);
    let fix = "Set up remote desktop in the guest first: the VM's console stops working.";
    // Proxmox VE compares the text of the line.
    if gpu.legacy_igd && said != "vga: none" && !said.starts_with("args") {
        return Check::fail(
            ID,
            "legacy-igd needs the line `vga: none`, exactly as written here",
            said,
            fix,
        )
        .fixed_by([Change::NoDisplay]);
    }
    match display {
        Display::None => Check::pass(ID, "the VM has no emulated display", said).into(),
        Display::InTheWay => {
            Check::fail(ID, "the VM's emulated display is at the GPU's address", said, fix)
                .fixed_by([Change::NoDisplay])
        }
        Display::Beside if context.vm.machine.value == Machine::Q35 => {
            Check::pass(ID, "the VM has no emulated display at the GPU's address", said).into()
        }
        Display::Beside => Check::warn(
            ID,
            "the VM has an emulated display, which may show the boot screen instead of the monitor",
            said,
            fix,
        )
        .fixed_by([Change::NoDisplay]),
    }
}

fn one_function(gpu: &HostDevice) -> Option<RuleResult> {
    let all = gpu.host.as_deref().is_some_and(|host| !host.contains('.'));
    all.then(|| {
        let fix = format!(
            "Pass only one function through. With all functions the device's name becomes {}.0, \
            and every -set option for the GPU fails.",
            gpu.name
        );
        Check::fail(
            "VM013",
            "the line passes all functions of the device through",
            &gpu.source,
            fix,
        )
        .fixed_by([Change::OneFunction { device: gpu.name.clone() }])
    })
}

fn place(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    const ID: &str = "VM014";
    if let Some(taken) = slot_2_taken(context, gpu) {
        return taken;
    }
    if context.vm.at_2_0(gpu) {
        return Check::pass(ID, "the GPU is at 00:02.0 in the VM", gpu.source("addr")).into();
    }
    let evidence =
        if context.vm.manager == Manager::Proxmox && !gpu.source("addr").starts_with("args") {
            format!("{}: no legacy-igd=1", gpu.name)
        } else {
            gpu.source("addr").to_owned()
        };
    Check::fail(
        ID,
        "the GPU is not at 00:02.0 in the VM",
        evidence,
        "The GPU's driver expects it at 00:02.0.",
    )
    .fixed_by([Change::AtSlot2 { device: gpu.name.clone() }])
}

fn lpc(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    const ID: &str = "VM015";
    let on = gpu.is_on("x-igd-lpc");
    let evidence = if on {
        gpu.source("x-igd-lpc").to_owned()
    } else {
        format!("{}: no x-igd-lpc=on", gpu.name)
    };
    if context.vm.cut.is_some() && !on {
        return Check::skip(ID, "x-igd-lpc", "the arguments are cut off").into();
    }
    if !on && context.vm.unknown_targets.iter().any(|unknown| unknown.source.contains("x-igd-lpc"))
    {
        return Check::skip(ID, "x-igd-lpc", "it is set for a device that does not exist").into();
    }
    let (Some(qemu), Some(given)) = (context.qemu, qemu::given(context, gpu)) else {
        return Check::skip(ID, "x-igd-lpc", "the GPU or the version of QEMU is unknown").into();
    };
    if !given.lpc && !has_property(LPC, qemu) {
        return no_legacy_mode(context, gpu, qemu);
    }
    if !given.lpc {
        let says = format!(
            "this GPU needs x-igd-lpc=on with QEMU {qemu}: without it there is no \
            display"
        );
        let mut changes = vec![set(gpu, LPC, "on")];
        // Another device is in its place until it is moved.
        if context.vm.at_lpc.is_some() {
            changes.extend(qemu::free_lpc(context, gpu).map(|(_, change)| change));
        }
        return Check::fail(ID, says, evidence, "Set this property of the GPU's device.")
            .fixed_by(changes);
    }
    Check::pass(ID, if on { "x-igd-lpc=on is set" } else { "x-igd-lpc=on is not needed" }, evidence)
        .into()
}

/// A QEMU that has no `x-igd-lpc`, and gives no legacy mode here.
fn no_legacy_mode(context: &VmContext<'_>, gpu: &HostDevice, qemu: QemuVersion) -> RuleResult {
    const ID: &str = "VM015";
    let Some(taken) = &context.vm.at_lpc else {
        let says = format!("QEMU {qemu} does not enable legacy mode: vfio-pci gives no VGA ranges");
        let fix = Advice::command(["oprom", "doctor"]);
        return Check::fail(ID, says, &gpu.source, fix).into();
    };
    let says = format!("QEMU {qemu} does not enable legacy mode: {taken} is at 00:1f.0");
    if let Some((fix, change)) = qemu::free_lpc(context, gpu) {
        return Check::fail(ID, says, &gpu.source, fix).fixed_by([change]);
    }
    let fix = "Pass the GPU through with a hostpci line and legacy-igd=1, which frees 00:1f.0.";
    Check::fail(ID, says, &gpu.source, fix).into()
}

/// The `OpRegion`, which names the screens: QEMU 10.1 gives it by itself, legacy mode does, and
/// nothing else.
fn opregion(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    const ID: &str = "VM019";
    let qemu = context.qemu?;
    if gpu.is_off(OPREGION) {
        let fix = "Remove it. Without the OpRegion the guest's driver finds no display.";
        return Some(
            Check::fail(ID, "x-igd-opregion=off is set", gpu.source(OPREGION), fix)
                .fixed_by([without(gpu, OPREGION)]),
        );
    }
    let given = qemu::given(context, gpu)?;
    (!given.opregion).then(|| {
        let says = format!(
            "QEMU {qemu} passes the OpRegion through only with x-igd-opregion=on: without it the \
            guest finds no display"
        );
        let evidence = format!("{}: no x-igd-opregion=on", gpu.name);
        let fix = "Set this property of the GPU's device.";
        Check::fail(ID, says, evidence, fix).fixed_by([set(gpu, OPREGION, "on")])
    })
}
