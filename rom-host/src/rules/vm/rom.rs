//! The ROM that the GPU gets.

use super::{RuleResult, VmContext, wants_display_at_boot};
use crate::advice::Advice;
use crate::checks::Check;
use crate::probe::Probe;
use crate::probe::rom::has_gop;
use crate::vm::change::Change;
use crate::vm::model::{Firmware, HostDevice, Manager};
use crate::vm::proxmox::ROM_FOLDER;
use rom_core::Verdict;
use rom_core::usable::{Answer, Reason};

pub(super) fn check(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let has_one = gpu.get("romfile").is_some_and(|path| !path.is_empty());
    let needs_it = wants_display_at_boot(context);
    if gpu.mdev || (!has_one && !needs_it) {
        return None;
    }
    let check = rom(context, gpu);
    // Without a display the ROM's driver does not matter; that the file is there does.
    let matters = needs_it || matches!(context.rom, Probe::Absent);
    matters.then_some(check)
}

fn rom(context: &VmContext<'_>, gpu: &HostDevice) -> RuleResult {
    const ID: &str = "VM020";
    let install = || Advice::command(["oprom", "install"]);
    let give = Change::Set {
        device: gpu.name.clone(),
        property: "romfile",
        value: context.give_rom.clone(),
    };
    let Some(path) = gpu.get("romfile").filter(|path| !path.is_empty()) else {
        if context.vm.firmware.value == Firmware::SeaBios && super::has_vbios(context) {
            let says = "the GPU has no ROM file: SeaBIOS starts its own VBIOS";
            return Check::pass(ID, says, &gpu.source).into();
        }
        return Check::fail(ID, "the GPU has no ROM", &gpu.source, install()).fixed_by([give]);
    };
    let evidence = gpu.source("romfile");
    let doubled = format!("{ROM_FOLDER}//");
    if context.vm.manager == Manager::Proxmox && path.starts_with(&doubled) {
        let fix = format!(
            "Proxmox VE adds {ROM_FOLDER}/ before the name. Give the file name \
            only."
        );
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let alone = Change::Set { device: gpu.name.clone(), property: "romfile", value: name };
        return Check::fail(ID, "romfile is an absolute path", evidence, fix).fixed_by([alone]);
    }
    if context.vm.manager == Manager::Libvirt && !path.starts_with('/') {
        let fix = "libvirt needs an absolute path.";
        return Check::fail(ID, "the path of the ROM is not absolute", evidence, fix)
            .fixed_by([give]);
    }
    if !path.starts_with('/') {
        return Check::skip(
            ID,
            "the ROM",
            format!("{evidence}: a relative path depends on the folder in which QEMU is started"),
        )
        .into();
    }
    match &context.rom {
        Probe::Absent => Check::fail(
            ID,
            "the ROM file does not exist",
            format!("{evidence}: {path} is missing"),
            install(),
        )
        .fixed_by([give]),
        Probe::Denied => {
            Check::skip(ID, "the ROM", format!("{evidence}: it cannot be read")).into()
        }
        Probe::Is(rom) if rom.usable.answer == Answer::No => {
            let says = match &rom.usable.reason {
                Reason::Unsupported(reason) => format!(
                    "the ROM does not support this GPU: \
                    {reason}"
                ),
                reason => format!("the ROM does not work: {reason}"),
            };
            let fix = Advice::command(["oprom", "check", path]).run(["oprom", "install"]);
            Check::fail(ID, says, evidence, fix).into()
        }
        Probe::Is(rom) if rom.verdict == Verdict::Bad => {
            let fix = Advice::command(["oprom", "check", path]).run(["oprom", "install"]);
            Check::fail(ID, "the ROM is damaged", evidence, fix).into()
        }
        Probe::Is(_) if context.vm.manager == Manager::Libvirt && !context.rom_readable => {
            let fix = Advice::command(["chmod", "0644", path]);
            Check::fail(
                ID,
                "libvirt's QEMU does not run as root and cannot read the ROM",
                evidence,
                fix,
            )
            .into()
        }
        Probe::Is(rom) if rom.usable.answer == Answer::Yes => {
            Check::pass(ID, "the ROM works with this GPU", evidence).into()
        }
        Probe::Is(_) => Check::pass(ID, "the ROM has no errors", evidence).into(),
    }
}

/// A second ROM at another device.
pub(super) fn second(context: &VmContext<'_>, gpu: &HostDevice) -> Option<RuleResult> {
    let second = context.vm.devices.iter().find(|device| {
        device.name != gpu.name && device.get("romfile").is_some_and(|file| !file.is_empty())
    })?;
    // Guides of 2023 have the driver that draws in the second one.
    let draws = matches!(&context.rom, Probe::Is(rom) if has_gop(rom));
    if !draws {
        return None;
    }
    let fix = "The GPU's own ROM is enough: it has all drivers.";
    let change = Change::Unset { device: second.name.clone(), property: "romfile".to_owned() };
    let says = "another device has a ROM too, as guides of 2023 advise";
    Some(Check::warn("VM023", says, second.source("romfile"), fix).fixed_by([change]))
}
