//! Where libvirt puts devices that have no `<address>` (libvirt, `src/qemu/qemu_domain_address.c`,
//! `qemuDomainAssignDevicePCISlots`): on pc at the first free slot, on q35 behind a root port each,
//! one kind of device after the other.

use super::{all, at};
use crate::address::Slot;
use crate::vm::model::Machine;
use roxmltree::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The bus and the slot of each device on PCI, by [`key`].
pub(super) type Places = BTreeMap<usize, (u32, Slot)>;

/// Where a display is that libvirt adds for `<graphics>` without `<video>`, on machine type pc.
pub(super) fn implied_display(domain: Node<'_, '_>) -> Option<Slot> {
    let devices = at(domain, &["devices"])?;
    let given = devices.children().filter_map(|device| Some((key(device), place(device)?)));
    let slot = OnPc::new(given.collect()).free()?;
    Some(Slot { slot, function: 0 })
}

/// A number as libvirt reads it: hexadecimal after 0x, octal after 0, else decimal.
pub(super) fn number(text: &str) -> Option<u32> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).ok();
    }
    let radix = if text.starts_with('0') { 8 } else { 10 };
    u32::from_str_radix(text, radix).ok()
}

/// Where an `<address type='pci'>` is: on which bus, and at which slot of it.
pub(super) fn place(node: Node<'_, '_>) -> Option<(u32, Slot)> {
    let address = at(node, &["address"])
        .filter(|address| address.attribute("type").is_none_or(|kind| kind == "pci"))?;
    let number = |name| number(address.attribute(name)?);
    let slot = u8::try_from(number("slot")?).ok()?;
    Some((
        number("bus").unwrap_or(0),
        Slot { slot, function: u8::try_from(number("function").unwrap_or(0)).ok()? },
    ))
}

/// What tells the nodes of a document apart.
pub(super) fn key(node: Node<'_, '_>) -> usize {
    node.id().get_usize()
}

/// Where each device of a domain is.
pub(super) fn places(domain: Node<'_, '_>, machine: Machine) -> Places {
    let Some(devices) = at(domain, &["devices"]) else { return Places::new() };
    let given = devices.children().filter_map(|device| Some((key(device), place(device)?)));
    let places: Places = given.collect();
    match machine {
        Machine::I440fx => OnPc::new(places).assign(devices),
        Machine::Q35 => OnQ35::new(devices, places).assign(devices),
        Machine::Other => places,
    }
}

/// Devices on PCI in the order in which libvirt gives them addresses, beside displays. A controller
/// that libvirt adds by itself is `None`.
fn in_order<'a, 'input: 'a>(
    devices: Node<'a, 'input>,
    machine: Machine,
) -> Vec<Option<Node<'a, 'input>>> {
    let mut order: Vec<Option<Node<'a, 'input>>> = Vec::new();
    let mut add = |name: &'static str, is_pci: &dyn Fn(&Node<'a, 'input>) -> bool| {
        order.extend(all(devices, name).filter(|node| is_pci(node)).map(Some));
    };
    let model = |node: &Node<'a, 'input>| node.attribute("model").unwrap_or_default().to_owned();
    let inner = |node: &Node<'a, 'input>| {
        let model = at(*node, &["model"]).and_then(|model| model.attribute("type"));
        model.unwrap_or_default().to_owned()
    };
    add("filesystem", &|_| true);
    add("interface", &|node| !inner(node).starts_with("usb"));
    add("sound", &|node| !matches!(model(node).as_str(), "pcspk" | "sb16" | "usb"));
    order.extend(controllers(devices, machine));
    let mut add = |name: &'static str, is_pci: &dyn Fn(&Node<'a, 'input>) -> bool| {
        order.extend(all(devices, name).filter(|node| is_pci(node)).map(Some));
    };
    add("disk", &|node| bus(*node) == Some("virtio"));
    add("hostdev", &|node| matches!(node.attribute("type"), Some("pci" | "mdev" | "scsi_host")));
    add("memballoon", &|node| node.attribute("model") != Some("none"));
    add("rng", &|_| true);
    add("watchdog", &|node| node.attribute("model") == Some("i6300esb"));
    order
}

/// The bus of a disk.
fn bus<'a>(disk: Node<'a, '_>) -> Option<&'a str> {
    at(disk, &["target"])?.attribute("bus")
}

/// Controllers on PCI, those too that libvirt adds for disks, channels and USB.
fn controllers<'a, 'input: 'a>(
    devices: Node<'a, 'input>,
    machine: Machine,
) -> Vec<Option<Node<'a, 'input>>> {
    let mut order = Vec::new();
    let own: Vec<Node<'a, 'input>> = all(devices, "controller").collect();
    let has = |kind: &str| own.iter().any(|node| node.attribute("type") == Some(kind));
    let disk_on = |kind: &str| all(devices, "disk").any(|disk| bus(disk) == Some(kind));
    if machine == Machine::Q35 && !has("usb") {
        order.push(None);
    }
    for node in &own {
        let model = node.attribute("model").unwrap_or_default();
        let is_pci = match node.attribute("type").unwrap_or_default() {
            "usb" if model == "none" || model == "piix3-uhci" => false,
            // Of machine type pc the first USB controller is the chipset's.
            "usb" => !(model.is_empty() && machine == Machine::I440fx),
            "sata" => machine == Machine::I440fx,
            "scsi" | "virtio-serial" => true,
            _ => false,
        };
        if is_pci {
            order.push(Some(*node));
        }
    }
    let virtio_target = |name: &'static str| {
        all(devices, name).any(|node| {
            at(node, &["target"]).and_then(|target| target.attribute("type")) == Some("virtio")
        })
    };
    let serial = virtio_target("channel") || virtio_target("console");
    order.extend((serial && !has("virtio-serial")).then_some(None));
    order.extend((disk_on("scsi") && !has("scsi")).then_some(None));
    let sata = machine == Machine::I440fx && disk_on("sata") && !has("sata");
    order.extend(sata.then_some(None));
    order
}

/// Whether a controller is a companion that shares the slot of the one before it.
fn is_companion(node: Node<'_, '_>) -> bool {
    node.attribute("model").is_some_and(|model| model.starts_with("ich9-uhci"))
}

/// Displays of the VM itself.
fn displays<'a, 'input: 'a>(devices: Node<'a, 'input>) -> Vec<Node<'a, 'input>> {
    let kind = |video: &Node<'_, '_>| {
        at(*video, &["model"]).and_then(|model| model.attribute("type")).map(str::to_owned)
    };
    all(devices, "video")
        .filter(|video| !matches!(kind(video).as_deref(), Some("none" | "ramfb")))
        .collect()
}

/// Machine type pc: one bus.
struct OnPc {
    places: Places,
    used: BTreeSet<u8>,
    last: Option<u8>,
}

impl OnPc {
    fn new(places: Places) -> Self {
        let given = places.values().filter(|(bus, _)| *bus == 0).map(|(_, slot)| slot.slot);
        // The host bridge, and the ISA bridge with IDE and USB.
        let used = given.chain([0, 1]).collect();
        Self { places, used, last: None }
    }

    fn free(&self) -> Option<u8> {
        (0..=0x1F).find(|slot| !self.used.contains(slot))
    }

    fn put(&mut self, node: Option<Node<'_, '_>>) {
        if node.is_some_and(|node| self.places.contains_key(&key(node))) {
            return;
        }
        let shared = self.last.filter(|_| node.is_some_and(is_companion));
        let Some(slot) = shared.or_else(|| self.free()) else { return };
        self.used.insert(slot);
        self.last = Some(slot);
        if let Some(node) = node {
            self.places.insert(key(node), (0, Slot { slot, function: 0 }));
        }
    }

    fn assign(mut self, devices: Node<'_, '_>) -> Places {
        let bridges = all(devices, "controller").filter(|node| {
            node.attribute("type") == Some("pci") && node.attribute("model") != Some("pci-root")
        });
        // QEMU puts the first display at slot 2, whatever comes after.
        let displays = displays(devices);
        let implied = displays.is_empty()
            && all(devices, "video").next().is_none()
            && all(devices, "graphics").next().is_some();
        if implied || !displays.is_empty() {
            self.put(displays.first().copied());
        }
        for bridge in bridges {
            self.put(Some(bridge));
        }
        for device in in_order(devices, Machine::I440fx) {
            self.put(device);
        }
        for display in displays.into_iter().skip(1) {
            self.put(Some(display));
        }
        self.places
    }
}

/// Machine type q35: a root port for each device.
struct OnQ35 {
    places: Places,
    used: BTreeSet<u32>,
    ports: BTreeSet<u32>,
    next: u32,
}

impl OnQ35 {
    fn new(devices: Node<'_, '_>, places: Places) -> Self {
        let controllers = all(devices, "controller")
            .filter(|node| node.attribute("type") == Some("pci"))
            .filter_map(|node| Some((node, node.attribute("index")?.parse::<u32>().ok()?)));
        let indexed: Vec<(Node<'_, '_>, u32)> = controllers.collect();
        let is_port = |node: &Node<'_, '_>| {
            node.attribute("model").is_some_and(|kind| kind.ends_with("port"))
        };
        Self {
            used: places.values().map(|(bus, _)| *bus).collect(),
            ports: indexed
                .iter()
                .filter(|(node, _)| is_port(node))
                .map(|(_, index)| *index)
                .collect(),
            next: indexed.iter().map(|(_, index)| *index).max().unwrap_or(0).saturating_add(1),
            places,
        }
    }

    fn assign(mut self, devices: Node<'_, '_>) -> Places {
        for device in in_order(devices, Machine::Q35) {
            let has_place = device.is_some_and(|node| self.places.contains_key(&key(node)));
            // Sound of the chipset has its place on the first bus.
            let chipset = device.is_some_and(|node| node.has_tag_name("sound"));
            if has_place || chipset {
                continue;
            }
            let free = self.ports.iter().find(|port| !self.used.contains(*port)).copied();
            let bus = free.unwrap_or_else(|| {
                let next = self.next;
                self.next = next.saturating_add(1);
                next
            });
            self.used.insert(bus);
            if let Some(node) = device {
                self.places.insert(key(node), (bus, Slot { slot: 0, function: 0 }));
            }
        }
        self.places
    }
}
