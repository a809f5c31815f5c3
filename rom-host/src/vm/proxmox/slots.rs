//! Which devices a VM of Proxmox VE has, and which places on its first PCI bus they take
//! (qemu-server, `src/PVE/QemuServer/PCI.pm`, `get_pci_addr_map`).

use super::{Config, schema};
use crate::address::Slot;
use crate::vm::change::Change;
use crate::vm::command_line::CommandLine;
use crate::vm::model::{Display, Machine, Refusal, Vm};

/// Devices that Proxmox VE gives QEMU whatever the configuration says, or by settings that are not
/// looked at.
const ALWAYS: [&str; 16] = [
    "ahci0",
    "ahci1",
    "audio0",
    "audio0-codec0",
    "audio0-codec1",
    "ehci",
    "qga0",
    "rng0",
    "scsihw0",
    "scsihw1",
    "tablet",
    "uhci",
    "virtserial0",
    "watchdog",
    "xhci",
    "spice",
];

/// Keys of drives, networks and the like, which name the devices that are made of them.
const BY_KEY: [&str; 9] =
    ["ide", "ivshmem", "net", "sata", "scsi", "serial", "usb", "virtio", "virtiofs"];

/// Whether QEMU has a device of this id beside those of the host.
pub(super) fn has_device(config: &Config, id: &str) -> bool {
    let name = id.trim_end_matches(|letter: char| letter.is_ascii_digit());
    match id {
        "vga" => config.get("vga") != Some("none"),
        "balloon0" => config.get("balloon") != Some("0"),
        _ if ALWAYS.contains(&id) => true,
        _ if id.starts_with("virtioscsi") => true,
        _ => BY_KEY.contains(&name) && config.get(id).is_some(),
    }
}

/// A device on the first bus, and where.
struct Placed {
    id: String,
    slot: Slot,
}

/// What is where on the first bus before args are read.
fn own(config: &Config, vm: &Vm) -> Vec<Placed> {
    let mut placed = Vec::new();
    let mut put = |id: &str, slot: u8| {
        placed.push(Placed { id: id.to_owned(), slot: Slot { slot, function: 0 } });
    };
    let q35 = vm.machine.value == Machine::Q35;
    if vm.display.value != Display::None && vm.display.source.starts_with(['v', 'n']) {
        put("vga", if q35 { 1 } else { 2 });
    }
    if q35 {
        for slot in [0x1A, 0x1C, 0x1D, 0x1E, 0x1F] {
            put("a chipset device", slot);
        }
        return placed;
    }
    if config.get("balloon") != Some("0") {
        put("balloon0", 3);
    }
    let has_scsi = config.lines().any(|(key, _)| {
        key.strip_prefix("scsi").is_some_and(|number| number.parse::<u8>().is_ok())
    });
    if has_scsi {
        let single = config.get("scsihw") == Some("virtio-scsi-single");
        put(if single { "pci.3" } else { "scsihw0" }, 5);
    }
    for number in 0..=5_u8 {
        if config.get(&format!("virtio{number}")).is_some() {
            put(&format!("virtio{number}"), number.saturating_add(10));
        }
        if config.get(&format!("net{number}")).is_some() {
            put(&format!("net{number}"), number.saturating_add(18));
        }
    }
    put("pci.1", 30);
    if !vm.devices.iter().any(|device| device.legacy_igd) {
        put("pci.2", 31);
    }
    placed
}

/// Places on the first bus that two devices have: QEMU does not start.
pub(super) fn conflicts(config: &Config, args: &CommandLine, vm: &Vm) -> Vec<Refusal> {
    let root = vm.machine.value.root_bus();
    let mut placed = own(config, vm);
    // Proxmox VE's own place of the host's devices, and where args put them.
    for device in &vm.devices {
        if device.get("bus").is_none_or(|bus| bus == root)
            && let Some(slot) = device.get("addr").and_then(Slot::read)
        {
            placed.push(Placed { id: device.name.clone(), slot });
        }
    }
    for (id, slot) in args.moved(root) {
        if schema::hostpci(&id).is_some() {
            continue;
        }
        placed.retain(|own| own.id != id);
        if has_device(config, &id) {
            placed.push(Placed { id, slot });
        }
    }
    placed.extend(args.placed(root).into_iter().map(|(id, slot)| Placed { id, slot }));
    let is_legacy = |id: &str| vm.devices.iter().any(|own| own.name == id && own.legacy_igd);
    let mut refusals = Vec::new();
    for (index, later) in placed.iter().enumerate() {
        // Of a display beside legacy-igd Proxmox VE itself says that it must go.
        let said = |own: &&Placed| own.id == "vga" && is_legacy(&later.id);
        let mut before = placed.iter().take(index).filter(|own| own.slot == later.slot);
        let earlier = before.find(|own| !said(own));
        if let Some(earlier) = earlier {
            refusals.push(conflict(earlier, later, vm));
        }
    }
    refusals
}

fn conflict(earlier: &Placed, later: &Placed, vm: &Vm) -> Refusal {
    let place = format!("{:02x}.{:x}", later.slot.slot, later.slot.function);
    let (first, second) = (shown(&earlier.id), shown(&later.id));
    let reason = format!("{first} and {second} are both at {place} of the first bus");
    let device = vm.devices.iter().find(|device| device.name == later.id);
    let source = device.map_or(vm.machine.source.as_str(), |device| device.source("addr"));
    let mut refusal = Refusal::by_qemu(reason, source);
    if earlier.id == "vga" {
        refusal.changes.push(Change::NoDisplay);
    }
    refusal
}

fn shown(id: &str) -> &str {
    match id {
        "" => "a device of args",
        "vga" => "the VM's own display",
        other => other,
    }
}
