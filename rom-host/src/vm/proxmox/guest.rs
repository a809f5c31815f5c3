//! What Proxmox VE makes of a configuration (qemu-server, `src/PVE/QemuServer.pm` and `src/PVE/QemuServer/PCI.pm`).

use super::Config;
use crate::address::with_domain;
use crate::vm::guest::{Display, Firmware, Guest, HostDevice, Machine, Manager, Said, is_on};

/// The folder that `romfile` is relative to.
pub const ROM_FOLDER: &str = "/usr/share/kvm";

/// Words of the configuration for its line with this key.
fn line(config: &Config, key: &str, otherwise: &str) -> String {
    config.get(key).map_or_else(|| otherwise.to_owned(), |value| format!("{key}: {value}"))
}

impl Config {
    /// The VM that Proxmox VE makes of it.
    #[must_use]
    pub fn guest(&self) -> Guest {
        let firmware = if self.get("bios") == Some("ovmf") { Firmware::Uefi } else { Firmware::SeaBios };
        let machine = self.machine();
        let mut guest = Guest {
            manager: Manager::Proxmox,
            firmware: Said::new(firmware, line(self, "bios", "no bios line, which means SeaBIOS")),
            machine: Said::new(machine, line(self, "machine", "no machine line, which means pc")),
            display: Said::new(self.display(machine), line(self, "vga", "no vga line, which means a standard display")),
            devices: self.host_devices(machine),
            at_slot_2: None,
            at_lpc: None,
            cut: None,
            own_cpu: None,
            all_address_bits: self.all_address_bits(),
            strays: Vec::new(),
            ballooning: (self.get("balloon") != Some("0")).then(|| line(self, "balloon", "no balloon line")),
            memory: self.memory().map(|memory| Said::new(memory, line(self, "memory", "no memory line"))),
            windows: self.get("ostype").is_some_and(|kind| kind.starts_with("win")),
            forgets: (firmware == Firmware::Uefi && self.get("efidisk0").is_none()).then(|| "no efidisk0 line".to_owned()),
        };
        let legacy = guest.devices.iter().any(|device| device.legacy_igd);
        guest.at_lpc = match machine {
            Machine::Q35 => Some("the chipset's own LPC bridge".to_owned()),
            Machine::I440fx if !legacy => Some("Proxmox VE's bridge pci.2".to_owned()),
            Machine::I440fx | Machine::Other => None,
        };
        self.args().tell(&mut guest, "args: ");
        // Proxmox VE gives names to other devices too, which are not looked at.
        guest.strays.retain(|stray| stray.value.starts_with("hostpci"));
        guest
    }

    fn machine(&self) -> Machine {
        let machine = self.get("machine").unwrap_or("pc");
        let kind = machine.split(',').map(|part| part.strip_prefix("type=").unwrap_or(part)).find(|part| !part.contains('='));
        Machine::read(kind.unwrap_or("pc"))
    }

    /// A display is at slot 1 of q35 and at slot 2 of pc.
    fn display(&self, machine: Machine) -> Display {
        let vga = self.get("vga").unwrap_or("std");
        let kind = vga.split(',').next().unwrap_or_default();
        match kind.strip_prefix("type=").unwrap_or(kind) {
            "none" => Display::None,
            kind if kind.starts_with("serial") => Display::None,
            _ if machine == Machine::Q35 => Display::Beside,
            _ => Display::InTheWay,
        }
    }

    fn memory(&self) -> Option<u64> {
        let memory = self.get("memory")?;
        memory.strip_prefix("current=").unwrap_or(memory).parse().ok()
    }

    fn all_address_bits(&self) -> Option<String> {
        let cpu = self.get("cpu")?;
        let kind = cpu.split(',').next().unwrap_or_default();
        let is_host = kind.strip_prefix("cputype=").unwrap_or(kind) == "host";
        (is_host && !cpu.contains("phys-bits=")).then(|| format!("cpu: {cpu}"))
    }

    fn host_devices(&self, machine: Machine) -> Vec<HostDevice> {
        let lines = self.lines().filter(|(key, _)| key.starts_with("hostpci"));
        lines.map(|(key, value)| host_device(key, value, machine)).collect()
    }
}

/// A `hostpci` line.
fn host_device(name: &str, value: &str, machine: Machine) -> HostDevice {
    let said = format!("{name}: {value}");
    let mut device = HostDevice { name: name.to_owned(), said: said.clone(), ..HostDevice::default() };
    let mut pcie = false;
    for (index, part) in value.split(',').enumerate() {
        let (key, value) = part.split_once('=').unwrap_or(if index == 0 { ("host", part) } else { (part, "") });
        match (key.trim(), value.trim()) {
            ("host", address) => device.host = address.split(';').next().map(with_domain),
            ("mapping", mapping) => device.mapping = Some(mapping.to_owned()),
            ("legacy-igd", value) => device.legacy_igd = is_on(value),
            ("romfile", file) => device.set("romfile", format!("{ROM_FOLDER}/{file}"), said.clone()),
            ("device-id", id) => device.set("x-pci-device-id", id, said.clone()),
            ("pcie", value) => {
                pcie = is_on(value);
                device.set("pcie", value, said.clone());
            }
            (key, value) => device.set(key, value, said.clone()),
        }
    }
    let (bus, addr) = match (device.legacy_igd, pcie, machine) {
        (true, _, _) => ("pci.0", "0x2"),
        (false, true, _) => ("ich9-pcie-port", "0x0"),
        (false, false, _) => ("pci.0", "0x10"),
    };
    device.set("bus", bus, said.clone());
    device.set("addr", addr, said);
    device
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(text: &str) -> Guest {
        Config::read(text).guest()
    }

    #[test]
    fn every_form_of_a_device_is_read() {
        for value in [
            "00:02.0,legacy-igd=on,rombar=no",
            "host=0000:00:02.0,legacy-igd=1,rombar=0",
            "legacy-igd=true,host=00:02.0,rombar=off",
        ] {
            let guest = guest(&format!("hostpci3: {value}"));
            let gpu = guest.gpu().unwrap();
            assert_eq!(gpu.host.as_deref(), Some("0000:00:02.0"), "{value}");
            assert!(gpu.legacy_igd && gpu.is_off("rombar") && guest.at_2_0(gpu), "{value}");
        }
        assert_eq!(guest("hostpci0: mapping=igpu").devices[0].mapping.as_deref(), Some("igpu"));
    }

    #[test]
    fn machines_are_told_apart() {
        let of = |machine: &str| guest(&format!("machine: {machine}\n")).machine.value;
        for q35 in ["q35", "pc-q35-9.0", "type=q35,viommu=intel", "viommu=intel,type=q35"] {
            assert_eq!(of(q35), Machine::Q35, "{q35}");
        }
        assert_eq!(of("pc-i440fx-10.1+pve0"), Machine::I440fx);
        assert_eq!(guest("").machine.value, Machine::I440fx);
    }

    #[test]
    fn the_bridge_makes_room_for_legacy_igd_alone() {
        assert!(guest("hostpci0: 00:02.0").at_lpc.is_some());
        assert!(guest("hostpci0: 00:02.0,legacy-igd=1").at_lpc.is_none());
    }

    #[test]
    fn args_come_last() {
        let guest = guest(
            "hostpci0: 00:02.0\nargs: -set device.hostpci0.addr=2.0 -set device.hostpci0.bus=pci.0 -cpu host -set device.net9.x=y",
        );
        assert!(guest.at_2_0(guest.gpu().unwrap()));
        assert!(guest.own_cpu.is_some() && guest.strays.is_empty());
        assert!(self::guest("args: -device vfio-pci,host=00:02.0,addr=2.0").gpu().is_some());
    }
}
