//! Which devices get which slots of the first PCI bus: QEMU gives them out in order, to the
//! displays and network cards of its own options first, then to every `-device` (QEMU,
//! `hw/i386/pc.c`, `pc_nic_init`, and `hw/pci/pci.c`, `do_pci_register_device`).

use super::{CommandLine, Device};
use crate::address::Slot;
use crate::vm::model::Machine;
use std::collections::BTreeMap;

/// Devices on PCI whose names do not say so.
const PCI_DEVICES: [&str; 22] = [
    "VGA",
    "ac97",
    "AC97",
    "ahci",
    "ati-vga",
    "bochs-display",
    "cirrus-vga",
    "e1000",
    "e1000e",
    "ich9-ahci",
    "ich9-intel-hda",
    "intel-hda",
    "ivshmem-plain",
    "lsi53c895a",
    "nvme",
    "pci-bridge",
    "pvscsi",
    "qemu-xhci",
    "qxl-vga",
    "rtl8139",
    "virtio-vga",
    "vmxnet3",
];

fn is_pci(device: &Device) -> bool {
    let name = device.driver.as_str();
    PCI_DEVICES.contains(&name)
        || name.contains("-pci")
        || name.ends_with("-xhci")
        || name.starts_with("ich9-usb-")
}

/// The last slot of a bus.
const LAST: u8 = 0x1F;

/// What has which slot of the first bus.
struct Slots(BTreeMap<u8, String>);

impl Slots {
    /// The chipset's own: host bridge, and ISA bridge or LPC bridge.
    fn of(machine: Machine) -> Option<Self> {
        match machine {
            Machine::I440fx => Some(Self([(0, String::new()), (1, String::new())].into())),
            Machine::Q35 => Some(Self([(0, String::new()), (LAST, String::new())].into())),
            Machine::Other => None,
        }
    }

    fn free(&self) -> Option<u8> {
        (0..=LAST).find(|slot| !self.0.contains_key(slot))
    }

    /// Puts something in at `slot`, or at the first that is free.
    fn put(&mut self, slot: Option<u8>, what: String) {
        if let Some(slot) = slot.or_else(|| self.free()) {
            self.0.entry(slot).or_insert(what);
        }
    }
}

impl CommandLine {
    /// What has slot 2 of the first bus already when QEMU comes to the device of this name. A
    /// display of QEMU's own options is not told: that is a matter of its own.
    pub(super) fn in_front_of(
        &self,
        name: &str,
        machine: Machine,
        display: bool,
    ) -> Option<String> {
        let mut slots = self.before(name, machine, display)?;
        slots.0.remove(&Slot::IGD.slot).filter(|what| !what.is_empty())
    }

    /// The slot that QEMU gives the device of this name where it has no address.
    pub(super) fn first_free_for(&self, name: &str, machine: Machine, display: bool) -> Option<u8> {
        self.before(name, machine, display)?.free()
    }

    /// What has its place when QEMU comes to the device of this name.
    fn before(&self, name: &str, machine: Machine, display: bool) -> Option<Slots> {
        let mut slots = Slots::of(machine)?;
        if display {
            slots.put(None, String::new());
        }
        for card in self.network_cards() {
            let own = card.split(',').find_map(|part| part.strip_prefix("addr="));
            slots.put(own.and_then(Slot::read).map(|slot| slot.slot), card);
        }
        let on_root =
            |device: &Device| device.get("bus").is_none_or(|bus| bus == machine.root_bus());
        for device in self.devices().filter(is_pci).take_while(|device| device.name() != name) {
            if on_root(&device) {
                let slot = device.get("addr").and_then(Slot::read).map(|slot| slot.slot);
                slots.put(
                    slot,
                    format!("-device {} {}", device.driver, device.id()).trim_end().to_owned(),
                );
            }
        }
        Some(slots)
    }

    /// The network cards that QEMU makes before any `-device`.
    fn network_cards(&self) -> Vec<String> {
        let asked = ["-nic", "-net", "-netdev", "-nodefaults"];
        if !self.options.iter().any(|option| asked.contains(&option.name.as_str())) {
            return vec!["the network card that QEMU adds by itself".to_owned()];
        }
        let nics = self
            .values("-nic")
            .filter(|value| *value != "none")
            .map(|value| format!("-nic {value}"));
        let nets = self
            .values("-net")
            .filter(|value| value.split(',').next() == Some("nic"))
            .map(|value| format!("-net {value}"));
        nics.chain(nets).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::shell_words::Words;
    use super::*;

    #[test]
    fn what_comes_first_has_slot_2() {
        let taken = |text: &str| {
            CommandLine::read(Words::read(&format!("{text} -device vfio-pci,id=gpu,addr=2.0")))
                .in_front_of("gpu", Machine::I440fx, false)
        };
        assert_eq!(taken("qemu").as_deref(), Some("the network card that QEMU adds by itself"));
        assert_eq!(taken("qemu -nic user").as_deref(), Some("-nic user"));
        assert_eq!(
            taken("qemu -nic none -device virtio-net-pci,id=n").as_deref(),
            Some("-device virtio-net-pci n")
        );
        assert_eq!(taken("qemu -nic none -device virtio-net-pci,addr=3"), None);
        assert_eq!(taken("qemu -netdev user,id=n -device usb-tablet"), None);
        assert_eq!(taken("qemu -nodefaults -device virtio-net-pci,bus=pci.1"), None);
    }
}
