//! Where the GPU is in the VM, and what is around it there.

use super::{RuleResult, VmContext, failed, wants_display_at_boot};
use crate::advice::Advice;
use crate::checks::Check;
use crate::goal::Goal;
use crate::qemu::QemuVersion;
use crate::vm::change::Change;
use crate::vm::model::{Display, GuestOs, HostDevice, Machine, Manager};

/// For a display at boot.
pub(super) fn at_boot(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<RuleResult> {
    let machine = machine(context, gpu);
    let wrong_machine = failed(&machine);
    let mut checks = vec![machine, display(context, gpu)];
    checks.extend(one_function(gpu));
    if let Some(unknown) = unknown_to_qemu(context, gpu) {
        checks.push(unknown);
        return checks;
    }
    if let Some(refused) = legacy_mode(context, gpu) {
        checks.push(refused);
        return checks;
    }
    if !wrong_machine {
        let place = place(context, gpu);
        let misplaced = failed(&place);
        checks.push(place);
        if !misplaced || gpu.is_on("x-igd-lpc") {
            checks.push(lpc(context, gpu));
        }
        checks.extend(opregion(context, gpu).filter(|_| !misplaced));
    }
    checks
}

/// For a display once the guest's driver runs.
pub(super) fn with_driver(context: &VmContext<'_>, gpu: &HostDevice) -> Vec<RuleResult> {
    let mut checks = anywhere(context, gpu);
    checks.extend(no_opregion_for_it(context, gpu));
    checks.extend(opregion(context, gpu));
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
    let q35 = context.vm.machine.value == Machine::Q35;
    if q35 && (gpu.legacy_igd || gpu.is_on("x-igd-lpc")) {
        checks.push(machine(context, gpu));
    }
    if gpu.legacy_igd && context.vm.manager == Manager::Proxmox {
        checks.push(display(context, gpu));
    }
    checks.extend(legacy_mode(context, gpu));
    checks.extend(slot_2_taken(context, gpu));
    if !q35 && gpu.is_on("x-igd-lpc") {
        checks.push(lpc(context, gpu));
    }
    checks.retain(failed);
    checks
}

/// QEMU 10.0 gives a GPU that it does not know nothing at all.
fn no_opregion_for_it(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let (device, qemu) = (context.gpu?, context.qemu?);
    let ignores =
        qemu >= QemuVersion::V10_0 && qemu < QemuVersion::V10_1 && !device.is_known_to(qemu);
    ignores.then(|| {
        let says = format!(
            "QEMU {qemu} does not support this GPU and ignores x-igd-opregion: the guest finds \
            no display"
        );
        let fix = "Upgrade QEMU to 10.1 or newer (Proxmox VE 9.1).";
        RuleResult::from(Check::fail("VM028", says, &gpu.source, fix)).dead_end()
    })
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
            Check::fail(ID, says, said, fix).fixed_by([Change::Pc])
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

/// A display at boot that this QEMU cannot give, whatever else is set.
fn unknown_to_qemu(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let (device, qemu) = (context.gpu?, context.qemu?);
    let cannot = wants_display_at_boot(context) && !device.boot_picture_with(qemu);
    cannot.then(|| {
        let fix = Advice::from(
            "Upgrade QEMU to 10.1 or newer (Proxmox VE 9.1), or set up the VM without a display \
            at boot.",
        );
        let goal = Goal::Display.name();
        let fix = fix.run(["oprom", "vm", "plan", &context.name, "--goal", goal]);
        let says = format!("QEMU {qemu} does not support this GPU: there is no display at boot");
        RuleResult::from(Check::fail("VM028", says, &gpu.source, fix)).dead_end()
    })
}

fn without(gpu: &HostDevice, property: &str) -> Change {
    Change::Unset { device: gpu.name.clone(), property: property.to_owned() }
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
    if let Some(taken) = context.vm.at_lpc.as_ref().filter(|_| on) {
        let says = format!("x-igd-lpc=on is set, but {taken} is at 00:1f.0: the VM does not start");
        return match (context.vm.manager, gpu.by_arguments()) {
            (Manager::Proxmox, true) => {
                let fix = Advice::from(
                    "Pass the GPU through with a hostpci line and legacy-igd=1, which frees \
                    00:1f.0.",
                );
                let fix = fix.run(["oprom", "vm", "plan", &context.name]);
                Check::fail(ID, says, evidence, fix).into()
            }
            (Manager::Proxmox, false) => {
                Check::fail(ID, says, evidence, "legacy-igd=1 frees 00:1f.0.")
                    .fixed_by([Change::AtSlot2 { device: gpu.name.clone() }])
            }
            (Manager::Libvirt | Manager::Qemu, _) => {
                Check::fail(ID, says, evidence, "Give that device another address.").into()
            }
        };
    }
    let (Some(device), Some(qemu)) = (context.gpu, context.qemu) else {
        return Check::skip(ID, "x-igd-lpc", "the GPU or the version of QEMU is unknown").into();
    };
    if on && qemu < QemuVersion::V10_0 {
        let says = format!("QEMU {qemu} has no property x-igd-lpc: the VM does not start");
        return Check::fail(
            ID,
            says,
            evidence,
            "Remove it. In legacy mode this QEMU sets up the \
            LPC bridge by itself.",
        )
        .fixed_by([without(gpu, "x-igd-lpc")]);
    }
    let by_hand = qemu >= QemuVersion::V10_0 && gpu.is_off("x-igd-legacy-mode");
    if (device.needs_lpc(qemu) || by_hand) && !on && wants_display_at_boot(context) {
        let says = format!(
            "this GPU needs x-igd-lpc=on with QEMU {qemu}: without it there is no \
            display"
        );
        let mut changes = vec![set(gpu, "x-igd-lpc", "on")];
        // Proxmox VE's bridge is in its place until legacy-igd moves that.
        if context.vm.manager == Manager::Proxmox
            && context.vm.at_lpc.is_some()
            && !gpu.by_arguments()
        {
            changes.push(Change::AtSlot2 { device: gpu.name.clone() });
        }
        return Check::fail(ID, says, evidence, "Set this property of the GPU's device.")
            .fixed_by(changes);
    }
    Check::pass(ID, if on { "x-igd-lpc=on is set" } else { "x-igd-lpc=on is not needed" }, evidence)
        .into()
}

/// The `OpRegion`, which names the screens: QEMU 10.1 gives it by itself, legacy mode does, and
/// nothing else.
fn opregion(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    const ID: &str = "VM019";
    let (device, qemu) = (context.gpu?, context.qemu?);
    if gpu.is_off("x-igd-opregion") {
        let fix = "Remove it. Without the OpRegion the guest's driver finds no display.";
        return Some(
            Check::fail(ID, "x-igd-opregion=off is set", gpu.source("x-igd-opregion"), fix)
                .fixed_by([without(gpu, "x-igd-opregion")]),
        );
    }
    let legacy = device.automatic_legacy_mode(qemu)
        && context.vm.machine.value == Machine::I440fx
        && context.vm.at_2_0(gpu)
        && !gpu.is_off("x-igd-legacy-mode");
    let lacks = qemu < QemuVersion::V10_1 && !legacy && !gpu.is_on("x-igd-opregion");
    lacks.then(|| {
        let says = format!(
            "QEMU {qemu} passes the OpRegion through only with x-igd-opregion=on: without it the \
            guest finds no display"
        );
        let evidence = format!("{}: no x-igd-opregion=on", gpu.name);
        Check::fail(ID, says, evidence, "Set this property of the GPU's device.").fixed_by([set(
            gpu,
            "x-igd-opregion",
            "on",
        )])
    })
}

/// `x-igd-legacy-mode`, which QEMU before 10.0 does not know, and which is not to be forced.
fn legacy_mode(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    const ID: &str = "VM024";
    let value = gpu.get("x-igd-legacy-mode")?;
    let said = gpu.source("x-igd-legacy-mode");
    let change = [without(gpu, "x-igd-legacy-mode")];
    let qemu = context.qemu?;
    if qemu < QemuVersion::V10_0 {
        let says = format!("QEMU {qemu} has no property x-igd-legacy-mode: the VM does not start");
        return Some(Check::fail(ID, says, said, "Remove it.").fixed_by(change));
    }
    let possible = context.gpu.is_none_or(|device| device.automatic_legacy_mode(qemu))
        && context.vm.machine.value == Machine::I440fx
        && context.vm.at_2_0(gpu);
    (value == "on" && !possible).then(|| {
        let says = format!(
            "x-igd-legacy-mode=on is set, but legacy mode is impossible for this VM with QEMU \
            {qemu}: the VM does not start"
        );
        Check::fail(
            ID,
            says,
            said,
            "Remove it. QEMU enables legacy mode by itself where it is possible.",
        )
        .fixed_by(change)
    })
}
