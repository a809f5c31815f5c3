//! What libvirt makes of a domain (libvirt, `src/qemu/qemu_command.c` and
//! `src/qemu/qemu_domain_address.c`).

use super::places::{Places, implied_display, key, number, place, places};
use super::{Domain, QEMU_NAMESPACE, all, at, document, domain, host_devices};
use crate::address::Slot;
use crate::vm::command_line::CommandLine;
use crate::vm::command_line::shell_words::Words;
use crate::vm::model::{
    Display, Firmware, GuestOs, HostDevice, IgnoredLines, Machine, Manager, Sourced, Vm, is_off,
    is_on,
};
use roxmltree::Node;

/// An element, as it is named in evidence.
fn element(node: Node<'_, '_>, attributes: &[&str]) -> String {
    let given = attributes.iter().filter_map(|name| Some((name, node.attribute(*name)?)));
    let given = given.map(|(name, value)| format!("{name}='{value}'"));
    let words: Vec<String> = [node.tag_name().name().to_owned()].into_iter().chain(given).collect();
    format!("<{}>", words.join(" "))
}

impl Domain {
    /// The VM that libvirt makes of it.
    pub fn vm(&self) -> Vm {
        let document = document(&self.text).ok();
        let domain = document.as_ref().and_then(|document| domain(document));
        let machine = domain.map_or_else(|| Sourced::new(Machine::I440fx, "no <domain>"), machine);
        let mut vm = Vm {
            manager: Manager::Libvirt,
            firmware: domain
                .map_or_else(|| Sourced::new(Firmware::SeaBios, "no <domain>"), firmware),
            display: domain.map_or_else(
                || Sourced::new(Display::None, "no <domain>"),
                |domain| display(domain, machine.value),
            ),
            amd_gpu: None,
            devices: domain.map(|domain| devices(domain, machine.value)).unwrap_or_default(),
            is_part: self.is_part.then(|| "elements of a domain, without the domain".to_owned()),
            at_slot_2: None,
            at_lpc: (machine.value == Machine::Q35)
                .then(|| "the chipset's own LPC bridge".to_owned()),
            machine,
            cut: None,
            own_cpu: None,
            all_address_bits: domain.and_then(all_address_bits),
            unknown_targets: Vec::new(),
            ballooning: None,
            memory: domain.and_then(memory),
            guest_os: domain.map_or(GuestOs::Unknown, guest_os),
            forgets: None,
            refusals: Vec::new(),
            ignored: IgnoredLines::default(),
        };
        if let Some(domain) = domain {
            at_lpc(domain, &mut vm);
            commandline(domain, &mut vm);
            overrides(domain, &mut vm);
            at_slot_2(domain, &mut vm);
        }
        vm.unknown_targets.retain(|unknown| {
            unknown.value.starts_with("hostdev") || unknown.value.starts_with("ua-")
        });
        vm
    }
}

fn machine(domain: Node<'_, '_>) -> Sourced<Machine> {
    match at(domain, &["os", "type"]) {
        Some(kind) if kind.has_attribute("machine") => Sourced::new(
            Machine::read(kind.attribute("machine").unwrap_or_default()),
            element(kind, &["arch", "machine"]),
        ),
        _ => Sourced::new(Machine::I440fx, "no machine in <type>, which means pc"),
    }
}

fn firmware(domain: Node<'_, '_>) -> Sourced<Firmware> {
    let os = at(domain, &["os"]);
    if let Some(os) = os.filter(|os| os.attribute("firmware") == Some("efi")) {
        return Sourced::new(Firmware::Uefi, element(os, &["firmware"]));
    }
    match os.and_then(|os| at(os, &["loader"])) {
        Some(loader) => {
            let path = loader.text().unwrap_or_default().trim();
            let said = format!("{}{path}", element(loader, &["type"]));
            let name = path.to_lowercase();
            let known = loader.attribute("type") == Some("pflash")
                || name.contains("ovmf")
                || name.contains("edk2");
            Sourced::new(if known { Firmware::Uefi } else { Firmware::Own }, said)
        }
        None => Sourced::new(
            Firmware::SeaBios,
            "no firmware='efi' and no <loader> in <os>, which means SeaBIOS",
        ),
    }
}

/// Without an address a display is at slot 2 of pc where that is free, and at slot 1 of q35.
fn display(domain: Node<'_, '_>, machine: Machine) -> Sourced<Display> {
    let Some(devices) = at(domain, &["devices"]) else {
        return Sourced::new(Display::None, "no <devices>");
    };
    let Some(video) = all(devices, "video").next() else {
        return match all(devices, "graphics").next() {
            Some(graphics) => Sourced::new(
                match machine {
                    Machine::I440fx if implied_display(domain) == Some(Slot::IGD) => {
                        Display::InTheWay
                    }
                    _ => Display::Beside,
                },
                format!("{} without <video>", element(graphics, &["type"])),
            ),
            None => Sourced::new(Display::None, "no <video>"),
        };
    };
    let model = at(video, &["model"]);
    let said = model.map_or_else(
        || "<video>".to_owned(),
        |model| format!("<video>{}", element(model, &["type"])),
    );
    if model.and_then(|model| model.attribute("type")) == Some("none") {
        return Sourced::new(Display::None, said);
    }
    let value = match places(domain, machine).get(&key(video)) {
        Some((0, slot)) if slot.slot == Slot::IGD.slot => Display::InTheWay,
        Some(_) | None => Display::Beside,
    };
    Sourced::new(value, said)
}

fn devices(domain: Node<'_, '_>, machine: Machine) -> Vec<HostDevice> {
    let Some(devices) = at(domain, &["devices"]) else { return Vec::new() };
    let places = places(domain, machine);
    let every = host_devices(devices).into_iter();
    every
        .filter(|(_, node)| matches!(node.attribute("type"), Some("pci" | "mdev")))
        .map(|(name, node)| host_device(name, node, machine, &places))
        .collect()
}

fn host_device(name: String, node: Node<'_, '_>, machine: Machine, places: &Places) -> HostDevice {
    let mdev = node.attribute("type") == Some("mdev");
    let source = at(node, &["source", "address"]).filter(|_| !mdev);
    let part = |name: &str| number(source?.attribute(name)?);
    let host = part("slot").map(|slot| {
        let or_0 = |name| part(name).unwrap_or(0);
        format!("{:04x}:{:02x}:{slot:02x}.{:x}", or_0("domain"), or_0("bus"), or_0("function"))
    });
    let said = match (&host, mdev) {
        (_, true) => element(node, &["type", "model"]),
        (Some(host), false) => format!("<hostdev> of {host}"),
        (None, false) => "<hostdev> of no address".to_owned(),
    };
    let mut device = HostDevice { name, host, source: said.clone(), mdev, ..HostDevice::default() };
    let words = place(node).and_then(|_| at(node, &["address"])).map_or_else(
        || format!("{said}: no <address>"),
        |address| element(address, &["bus", "slot", "function"]),
    );
    match places.get(&key(node)) {
        Some((bus, slot)) => {
            let bus = if *bus == 0 { machine.root_bus().to_owned() } else { format!("pci.{bus}") };
            device.set("bus", bus, words.clone());
            device.set("addr", format!("{:x}.{:x}", slot.slot, slot.function), words);
        }
        None => device.set("addr", "wherever libvirt puts it", words),
    }
    if let Some(rom) = at(node, &["rom"]) {
        let words = element(rom, &["enabled", "bar", "file"]);
        if let Some(file) = rom.attribute("file") {
            device.set("romfile", file, words.clone());
        }
        let off = |name: &str| rom.attribute(name).is_some_and(is_off);
        if off("bar") || off("enabled") {
            device.set("rombar", "0", words);
        }
    }
    device
}

fn all_address_bits(domain: Node<'_, '_>) -> Option<String> {
    let cpu = at(domain, &["cpu"])?;
    let whole = matches!(cpu.attribute("mode"), Some("host-passthrough" | "maximum"));
    (whole && at(cpu, &["maxphysaddr"]).is_none()).then(|| element(cpu, &["mode"]))
}

fn memory(domain: Node<'_, '_>) -> Option<Sourced<u64>> {
    let memory = at(domain, &["memory"])?;
    let size: u64 = memory.text()?.trim().parse().ok()?;
    let unit = memory.attribute("unit").unwrap_or("KiB");
    let bytes = match unit {
        "b" | "bytes" => 1,
        "KB" => 1000,
        "MB" => 1_000_000,
        "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "G" | "GiB" => 1 << 30,
        "k" | "KiB" => 1 << 10,
        _ => return None,
    };
    Some(Sourced::new(
        size.checked_mul(bytes)? >> 20,
        format!("{}{size}", element(memory, &["unit"])),
    ))
}

/// What virt-manager and the like note of the guest (libosinfo).
fn guest_os(domain: Node<'_, '_>) -> GuestOs {
    let named = domain
        .descendants()
        .find(|node| node.tag_name().name() == "os" && node.has_attribute("id"));
    match named.and_then(|os| os.attribute("id")) {
        Some(id) if id.contains("microsoft.com") => GuestOs::Windows,
        Some(id) if id.contains("apple.com") => GuestOs::MacOs,
        Some(_) => GuestOs::Linux,
        None => GuestOs::Unknown,
    }
}

fn at_lpc(domain: Node<'_, '_>, vm: &mut Vm) {
    let Some(devices) = at(domain, &["devices"]) else { return };
    let taken = devices
        .children()
        .find(|device| place(*device).is_some_and(|place| place == (0, Slot::LPC)));
    if let Some(device) = taken.filter(|_| vm.at_lpc.is_none()) {
        vm.at_lpc = Some(element(device, &["type", "index", "model"]));
    }
}

/// What libvirt has at 00:02.0 where arguments or an override put the GPU there behind its back.
fn at_slot_2(domain: Node<'_, '_>, vm: &mut Vm) {
    let by_qemu = |gpu: &HostDevice| gpu.source("addr").starts_with("<qemu:");
    let Some(devices) = at(domain, &["devices"]) else { return };
    if !vm.gpu().is_some_and(|gpu| by_qemu(gpu) && vm.at_2_0(gpu)) {
        return;
    }
    let places = places(domain, vm.machine.value);
    let taken = devices.children().filter(Node::is_element).find(|device| {
        let there = places
            .get(&key(*device))
            .is_some_and(|(bus, slot)| *bus == 0 && slot.slot == Slot::IGD.slot);
        // A display there is a matter of its own.
        there && !device.has_tag_name("video") && !device.has_tag_name("hostdev")
    });
    vm.at_slot_2 = taken.map(|device| element(device, &["type", "index", "model"]));
}

/// `<qemu:commandline>`: arguments as they are.
fn commandline(domain: Node<'_, '_>, vm: &mut Vm) {
    let Some(own) = at(domain, &["commandline"])
        .filter(|node| node.tag_name().namespace() == Some(QEMU_NAMESPACE))
    else {
        return;
    };
    let words =
        all(own, "arg").filter_map(|arg| arg.attribute("value")).map(str::to_owned).collect();
    CommandLine::read(Words { words, open_quote: false }).add_to(vm, "<qemu:commandline> ");
}

/// `<qemu:override>`: properties of devices.
fn overrides(domain: Node<'_, '_>, vm: &mut Vm) {
    let Some(own) = at(domain, &["override"])
        .filter(|node| node.tag_name().namespace() == Some(QEMU_NAMESPACE))
    else {
        return;
    };
    for device in all(own, "device") {
        let Some(alias) = device.attribute("alias") else { continue };
        for property in
            at(device, &["frontend"]).into_iter().flat_map(|frontend| all(frontend, "property"))
        {
            let (Some(name), Some(value)) =
                (property.attribute("name"), property.attribute("value"))
            else {
                continue;
            };
            let said = format!("<qemu:override> of {alias}: {name}={value}");
            let value = match value {
                yes if property.attribute("type") == Some("bool") && is_on(yes) => "on",
                other => other,
            };
            match vm.devices.iter_mut().find(|own| own.name == alias) {
                Some(own) => own.set(name, value, said),
                None => vm.unknown_targets.push(Sourced::new(alias.to_owned(), said)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: &str = "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\
        <memory unit='GiB'>8</memory><os firmware='efi'><type arch='x86_64' machine='pc-i440fx-9.2'>hvm</type></os>\
        <cpu mode='host-passthrough'/><devices><video><model type='none'/></video>\
        <hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></source>\
        <alias name='ua-igpu'/><rom file='/roms/igd.rom'/><address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></hostdev></devices>\
        <qemu:override><qemu:device alias='ua-igpu'><qemu:frontend><qemu:property name='x-igd-lpc' type='bool' value='true'/></qemu:frontend>\
        </qemu:device></qemu:override></domain>";

    fn vm(text: &str) -> Vm {
        Domain::read(text).unwrap().vm()
    }

    #[test]
    fn a_whole_domain() {
        let vm = vm(DOMAIN);
        let gpu = vm.gpu().unwrap();
        assert_eq!((vm.firmware.value, vm.machine.value), (Firmware::Uefi, Machine::I440fx));
        assert_eq!(
            (vm.display.value, vm.memory.as_ref().map(|memory| memory.value)),
            (Display::None, Some(8192))
        );
        assert!(
            vm.at_2_0(gpu)
                && gpu.is_on("x-igd-lpc")
                && vm.at_lpc.is_none()
                && vm.unknown_targets.is_empty()
        );
        assert_eq!(gpu.get("romfile"), Some("/roms/igd.rom"));
        assert_eq!(vm.all_address_bits.as_deref(), Some("<cpu mode='host-passthrough'>"));
    }

    #[test]
    fn another_address_is_another_place() {
        let elsewhere = vm(&DOMAIN.replace(
            "type='pci' domain='0x0000' bus='0x00'",
            "type='pci' domain='0x0000' bus='0x05'",
        ));
        assert!(!elsewhere.at_2_0(elsewhere.gpu().unwrap()));
        let unknown = vm(&DOMAIN.replace("alias='ua-igpu'", "alias='ua-gpu'"));
        assert_eq!(unknown.unknown_targets.len(), 1);
    }

    #[test]
    fn a_display_without_an_address() {
        let display = |video: &str| {
            vm(&DOMAIN.replace("<video><model type='none'/></video>", video)).display.value
        };
        assert_eq!(display("<video><model type='qxl'/></video>"), Display::Beside);
        assert_eq!(display(""), Display::None);
        assert_eq!(display("<graphics type='vnc'/>"), Display::Beside);
        assert_eq!(
            display(
                "<video><model type='qxl'/><address type='pci' bus='0x00' slot='0x02' \
                    function='0x0'/></video>"
            ),
            Display::InTheWay
        );
    }
}
