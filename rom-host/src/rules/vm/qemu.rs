//! What QEMU does with the GPU of this VM: whether it starts, and what it is given then.

use super::{RuleResult, VmContext, wants_display_at_boot, without};
use crate::advice::Advice;
use crate::checks::Check;
use crate::qemu::{
    Asked, Assignment, CLASS_CODE, GMS, Given, GmsEffect, HostGives, LEGACY_MODE, LPC, OPREGION,
    Outcome, Place, Vga, Why, gms_effect, needs_gms,
};
use crate::vm::change::Change;
use crate::vm::model::{HostDevice, Machine, Manager};

/// What decides it; `None` where the GPU or QEMU is not known, or where the VM gets a mediated
/// device.
fn assignment(context: &VmContext<'_>, gpu: &HostDevice) -> Option<Assignment> {
    let device = context.gpu.filter(|_| !gpu.mdev)?;
    let switch = |name: &str| match gpu.get(name) {
        Some(_) if gpu.is_on(name) => Some(true),
        Some(_) if gpu.is_off(name) => Some(false),
        Some(_) | None => None,
    };
    Some(Assignment {
        gpu: device,
        qemu: context.qemu?,
        place: Place {
            on_pc: context.vm.machine.value == Machine::I440fx,
            at_2_0: context.vm.at_2_0(gpu),
            lpc_taken: context.vm.at_lpc.is_some(),
        },
        host: HostGives {
            // Where the configuration gives none, the device's own may be there.
            rom: true,
            opregion: !gpu.is_virtual_function(),
            vga_ranges: !context.disable_vga && device.vga != Vga::OtherClass,
        },
        asked: Asked {
            lpc: switch(LPC),
            opregion: switch(OPREGION),
            legacy_mode: switch(LEGACY_MODE),
            gms: gpu.get(GMS).and_then(number),
            class_code: gpu.get(CLASS_CODE).and_then(number),
        },
    })
}

/// What the guest is given; `None` where that is not known, or where the VM does not start.
pub(super) fn given(context: &VmContext<'_>, gpu: &HostDevice) -> Option<Given> {
    match assignment(context, gpu)?.outcome() {
        Outcome::Starts(given) => Some(given),
        Outcome::Refuses(_) | Outcome::Crashes(_) => None,
    }
}

/// Reads a number as QEMU does: `2`, `0x2`.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Why QEMU does not start the VM with this GPU.
pub(super) fn start(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let assignment = assignment(context, gpu)?;
    match assignment.outcome() {
        Outcome::Starts(_) => None,
        Outcome::Refuses(why) => Some(refused(context, gpu, &assignment, why)),
        Outcome::Crashes(why) => Some(crashed(context, gpu, &assignment, why)),
    }
}

fn refused(
    context: &VmContext<'_>,
    gpu: &HostDevice,
    assignment: &Assignment,
    why: Why,
) -> RuleResult {
    let qemu = assignment.qemu;
    match why {
        Why::UnknownProperty(property) => {
            let (id, fix) = match property {
                LPC => (
                    "VM015",
                    "Remove it. In legacy mode this QEMU sets up the LPC bridge by itself.",
                ),
                LEGACY_MODE => ("VM024", "Remove it."),
                _ => ("VM022", "Remove it."),
            };
            let says = format!("QEMU {qemu} has no property {property}: the VM does not start");
            let source = gpu.source(property);
            Check::fail(id, says, source, fix).fixed_by([without(gpu, property)])
        }
        Why::LpcTaken => lpc_taken(context, gpu),
        Why::NoOpRegion => {
            let host = gpu.host.as_deref().unwrap_or_default();
            let says = format!(
                "{OPREGION}=on is set for {host}, a virtual function: the VM does not start"
            );
            let fix = "Remove it. A virtual function has no OpRegion.";
            let source = gpu.source(OPREGION);
            Check::fail("VM027", says, source, fix).fixed_by([without(gpu, OPREGION)])
        }
        Why::LegacyModeImpossible
        | Why::NoRom
        | Why::NoVgaRanges
        | Why::GmsRange
        | Why::GmsGeneration => {
            let says = format!(
                "{LEGACY_MODE}=on is set, but legacy mode is impossible for this VM with QEMU \
                {qemu}: the VM does not start"
            );
            let fix = "Remove it. QEMU enables legacy mode by itself where it is possible.";
            let source = gpu.source(LEGACY_MODE);
            Check::fail("VM024", says, source, fix).fixed_by([without(gpu, LEGACY_MODE)])
        }
    }
}

/// The LPC bridge is asked for, and its place is taken.
fn lpc_taken(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    let taken = context.vm.at_lpc.as_deref().unwrap_or("another device");
    let property = if gpu.is_on(LPC) { LPC } else { LEGACY_MODE };
    let says = format!("{property}=on is set, but {taken} is at 00:1f.0: the VM does not start");
    let fail = |fix: Advice| Check::fail("VM015", says, gpu.source(property), fix);
    if !wants_display_at_boot(context) {
        let fix = "It is for a display at boot. Remove it.";
        return fail(fix.into()).fixed_by([without(gpu, property)]);
    }
    if let Some((fix, change)) = free_lpc(context, gpu) {
        return fail(fix.into()).fixed_by([change]);
    }
    fail("Pass the GPU through with a hostpci line and legacy-igd=1, which frees 00:1f.0.".into())
        .into()
}

/// What frees 00:1f.0 of machine type pc; `None` where nothing but a person can.
pub(super) fn free_lpc(
    context: &VmContext<'_>,
    gpu: &HostDevice,
) -> Option<(&'static str, Change)> {
    match (context.vm.manager, gpu.by_arguments()) {
        (Manager::Proxmox, true) => None,
        (Manager::Proxmox, false) if gpu.legacy_igd => {
            Some(("Give that device another address.", Change::FreeLpc))
        }
        (Manager::Proxmox, false) => {
            let change = Change::AtSlot2 { device: gpu.name.clone() };
            Some(("legacy-igd=1 frees 00:1f.0.", change))
        }
        (Manager::Libvirt | Manager::Qemu, _) => {
            Some(("Give that device another address.", Change::FreeLpc))
        }
    }
}

fn crashed(
    context: &VmContext<'_>,
    gpu: &HostDevice,
    assignment: &Assignment,
    why: Why,
) -> RuleResult {
    const ID: &str = "VM029";
    let qemu = assignment.qemu;
    let off =
        Change::Set { device: gpu.name.clone(), property: LEGACY_MODE, value: "off".to_owned() };
    let tries =
        |what: &str| format!("QEMU {qemu} crashes at start: it tries legacy mode, but {what}");
    match why {
        Why::GmsRange | Why::GmsGeneration => {
            let reason = match why {
                Why::GmsRange => "the value is out of range",
                _ => "it does not support this GPU's generation",
            };
            let says = format!("QEMU {qemu} crashes on x-igd-gms: {reason}");
            let fix = "Remove it. QEMU then uses the size that is set in the host's BIOS.";
            Check::fail("VM022", says, gpu.source(GMS), fix).fixed_by([without(gpu, GMS)])
        }
        Why::NoVgaRanges => {
            let reason = if context.disable_vga {
                "vfio-pci runs with disable_vga=1"
            } else {
                "the host gives no VGA ranges of this GPU, which is not its primary display"
            };
            let fix = Advice::from(
                "Without legacy mode the VM starts. To have it, fix the cause on the host.",
            );
            let fix = fix.run(["oprom", "doctor"]);
            Check::fail(ID, tries(reason), gpu.source("addr"), fix).fixed_by([off])
        }
        Why::NoOpRegion => {
            let says = tries("a virtual function has no OpRegion");
            let fix = "Disable legacy mode, or give the GPU another address than 00:02.0.";
            Check::fail(ID, says, gpu.source("addr"), fix).fixed_by([off])
        }
        Why::LpcTaken | Why::UnknownProperty(_) | Why::LegacyModeImpossible | Why::NoRom => {
            let taken = context.vm.at_lpc.as_deref().unwrap_or("another device");
            let says = tries(&format!("{taken} is at 00:1f.0"));
            let fix = match context.vm.manager {
                Manager::Proxmox => {
                    "legacy-igd=1 of Proxmox VE frees 00:1f.0. x-igd-legacy-mode=off disables \
                    legacy mode."
                }
                Manager::Libvirt | Manager::Qemu => {
                    "Give that device another address. x-igd-legacy-mode=off disables legacy mode."
                }
            };
            let freed = free_lpc(context, gpu).filter(|_| wants_display_at_boot(context));
            let change = freed.map_or(off, |(_, change)| change);
            Check::fail(ID, says, gpu.source("addr"), fix).fixed_by([change])
        }
    }
}

/// `x-igd-gms`: how much graphics memory the guest is told of.
pub(super) fn graphics_memory(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    const ID: &str = "VM022";
    let remove = "Remove it. QEMU then uses the size that is set in the host's BIOS.";
    let Some(value) = gpu.get(GMS) else {
        let qemu = context.qemu.filter(|qemu| needs_gms(*qemu))?;
        given(context, gpu).filter(|given| given.legacy_mode && wants_display_at_boot(context))?;
        let says = format!(
            "QEMU {qemu} tells the guest of no stolen memory unless x-igd-gms is set, and the \
            ROM's driver may need it"
        );
        let set = Change::Set { device: gpu.name.clone(), property: GMS, value: "0x2".to_owned() };
        let evidence = format!("{}: no x-igd-gms", gpu.name);
        let fix = "Set this property of the GPU's device: 0x2 is 64 MiB.";
        return Some(Check::warn(ID, says, evidence, fix).fixed_by([set]));
    };
    let source = gpu.source(GMS);
    let Some(gms) = number(value) else {
        let says = "x-igd-gms is not a number: the VM does not start";
        return Some(Check::fail(ID, says, source, remove).fixed_by([without(gpu, GMS)]));
    };
    let says = match gms_effect(gms, context.gpu?, context.qemu?) {
        GmsEffect::Needed => return None,
        GmsEffect::Useless => "x-igd-gms does nothing with this QEMU",
        GmsEffect::Ignored => "x-igd-gms has a value that QEMU ignores",
        GmsEffect::Replaces => {
            "x-igd-gms, which QEMU needed before 9.2, replaces the size that the host's BIOS has \
            set"
        }
    };
    start(context, gpu)
        .is_none()
        .then(|| Check::warn(ID, says, source, remove).fixed_by([without(gpu, GMS)]))
}

/// What is asked for and cannot be given to a virtual function, where QEMU starts all the same.
pub(super) fn virtual_function(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    if !gpu.is_virtual_function() {
        return None;
    }
    let host = gpu.host.as_deref().unwrap_or_default();
    let property = [OPREGION, LPC].into_iter().find(|property| gpu.is_on(property))?;
    let fix = "Remove it. A virtual function has neither an OpRegion nor an LPC bridge.";
    let says = match assignment(context, gpu).map(|assignment| assignment.outcome()) {
        Some(Outcome::Refuses(_) | Outcome::Crashes(_)) => return None,
        Some(Outcome::Starts(given)) if given.lpc && property == LPC => return None,
        Some(Outcome::Starts(_)) => {
            format!("{property}=on is set for {host}, a virtual function: QEMU ignores it")
        }
        None => {
            format!(
                "{property}=on is set for {host}, a virtual function: QEMU before 10.1 does not \
                start the VM"
            )
        }
    };
    let check = Check::warn("VM027", says, gpu.source(property), fix);
    Some(check.fixed_by([without(gpu, property)]))
}
