//! What Proxmox VE makes of a configuration (qemu-server, `src/PVE/QemuServer.pm` and
//! `src/PVE/QemuServer/PCI.pm`).

use super::property::{boolean, get};
use super::{Config, devices, line, schema, slots, starts};
use crate::vm::host_pci::HostPci;
use crate::vm::model::{Display, Firmware, GuestOs, Machine, Manager, Sourced, Vm};

impl Config {
    /// The VM that Proxmox VE makes of it, as far as that can be said without its host.
    #[must_use]
    pub fn vm(&self) -> Vm {
        self.vm_on(None)
    }

    /// The VM that Proxmox VE makes of it on a host.
    #[must_use]
    pub fn vm_on(&self, host: Option<&HostPci>) -> Vm {
        let uefi = self.get("bios") == Some("ovmf");
        let firmware = if uefi { Firmware::Uefi } else { Firmware::SeaBios };
        let machine = self.machine();
        let (devices, refusals) = devices::of(self, host);
        let mut vm = Vm {
            manager: Manager::Proxmox,
            firmware: Sourced::new(
                firmware,
                line(self, "bios", "no bios line, which means SeaBIOS"),
            ),
            machine: Sourced::new(
                machine,
                line(self, "machine", "no machine line, which means pc"),
            ),
            display: self.display(machine),
            devices,
            amd_gpu: None,
            is_part: None,
            at_slot_2: None,
            at_lpc: None,
            cut: None,
            own_cpu: None,
            all_address_bits: self.all_address_bits(),
            unknown_targets: Vec::new(),
            ballooning: (self.get("balloon") != Some("0"))
                .then(|| line(self, "balloon", "no balloon line")),
            memory: self
                .memory()
                .map(|memory| Sourced::new(memory, line(self, "memory", "no memory line"))),
            guest_os: self.guest_os(),
            forgets: (uefi && self.get("efidisk0").is_none())
                .then(|| "no efidisk0 line".to_owned()),
            refusals,
            ignored: self.ignored().clone(),
        };
        let legacy = vm.devices.iter().any(|device| device.legacy_igd);
        vm.at_lpc = match machine {
            Machine::Q35 => Some("the chipset's own LPC bridge".to_owned()),
            Machine::I440fx if !legacy => Some("Proxmox VE's bridge pci.2".to_owned()),
            Machine::I440fx | Machine::Other => None,
        };
        let args = self.args();
        args.add_to(&mut vm, "args: ");
        vm.unknown_targets.retain(|unknown| !slots::has_device(self, &unknown.value));
        vm.refusals.extend(starts::refusals(self));
        vm.refusals.extend(slots::conflicts(self, &args, &vm));
        vm
    }

    fn machine(&self) -> Machine {
        let properties = schema::read(schema::MACHINE, self.get("machine"));
        Machine::read(get(&properties, "type").unwrap_or("pc"))
    }

    /// A display is at slot 1 of q35 and at slot 2 of pc. `x-vga` without a vga line takes it away.
    fn display(&self, machine: Machine) -> Sourced<Display> {
        let properties = schema::read(schema::VGA, self.get("vga"));
        let x_vga = self.lines().find(|(key, value)| {
            let device = schema::read(schema::HOSTPCI, Some(value));
            schema::hostpci(key).is_some() && get(&device, "x-vga").and_then(boolean) == Some(true)
        });
        if let (None, Some((key, value))) = (self.get("vga"), x_vga) {
            return Sourced::new(Display::None, format!("{key}: {value}, and no vga line"));
        }
        let kind = get(&properties, "type").unwrap_or("std");
        let display = match kind {
            "none" => Display::None,
            kind if kind.starts_with("serial") => Display::None,
            _ if machine == Machine::Q35 => Display::Beside,
            _ => Display::InTheWay,
        };
        Sourced::new(display, line(self, "vga", "no vga line, which means a standard display"))
    }

    fn memory(&self) -> Option<u64> {
        let properties = schema::read(schema::MEMORY, self.get("memory"));
        get(&properties, "current")?.parse().ok()
    }

    fn guest_os(&self) -> GuestOs {
        match self.get("ostype") {
            Some("l24" | "l26") => GuestOs::Linux,
            Some(kind) if kind.starts_with('w') => GuestOs::Windows,
            Some(_) | None => GuestOs::Unknown,
        }
    }

    fn all_address_bits(&self) -> Option<String> {
        let properties = schema::read(schema::CPU, self.get("cpu"));
        let limited = ["guest-phys-bits", "phys-bits"];
        let is_host = get(&properties, "cputype") == Some("host");
        let whole = is_host && !limited.iter().any(|name| get(&properties, name).is_some());
        whole.then(|| line(self, "cpu", "no cpu line"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vm(text: &str) -> Vm {
        Config::read(text).vm()
    }

    #[test]
    fn every_form_of_a_device_is_read() {
        for value in [
            "00:02.0,legacy-igd=on,rombar=no",
            "host=0000:00:02.0,legacy-igd=1,rombar=0",
            "legacy-igd=true,host=00:02.0,rombar=off",
            "legacy-igd=YES,00:02.0,rombar=off",
        ] {
            let vm = vm(&format!("hostpci3: {value}"));
            let gpu = vm.gpu().unwrap();
            assert_eq!(gpu.host.as_deref(), Some("0000:00:02.0"), "{value}");
            assert!(gpu.legacy_igd && gpu.is_off("rombar") && vm.at_2_0(gpu), "{value}");
        }
        assert_eq!(vm("hostpci0: mapping=igpu").devices[0].mapping.as_deref(), Some("igpu"));
    }

    #[test]
    fn a_line_that_is_refused_is_not_there() {
        for line in [
            "hostpci0: 00:02.0,legacy-igd=y",
            " hostpci0: 00:02.0",
            "hostpci16: 00:02.0",
            "hostpci0 : 00:02.0",
        ] {
            let vm = vm(line);
            assert!(vm.gpu().is_none() && vm.ignored.first.len() == 1, "{line}");
        }
        let seen = vm("\u{feff}bios: ovmf\nmachine: Q35\nvga: NONE\n");
        assert_eq!(seen.firmware.value, Firmware::SeaBios);
        assert_eq!(seen.machine.value, Machine::I440fx);
        assert_eq!((seen.display.value, seen.ignored.first.len()), (Display::InTheWay, 3));
    }

    /// Each has a copy of what its line says: without an end the memory would have none.
    #[test]
    fn a_line_of_more_functions_than_a_slot_has_is_refused_by_qemu() {
        let line = |count: usize| format!("hostpci0: {}", ["00:02.0"].repeat(count).join(";"));
        let refused = |vm: &Vm| {
            vm.refusals.iter().any(|one| one.by_qemu && one.reason.contains("8 functions"))
        };
        let (eight, nine) = (vm(&line(8)), vm(&line(9)));
        assert_eq!((eight.devices.len(), refused(&eight)), (8, false));
        assert_eq!((nine.devices.len(), refused(&nine)), (8, true));
    }

    #[test]
    fn machines_are_told_apart() {
        let of = |machine: &str| vm(&format!("machine: {machine}\n")).machine.value;
        for q35 in ["q35", "pc-q35-9.0", "type=q35,viommu=intel", "viommu=intel,type=q35"] {
            assert_eq!(of(q35), Machine::Q35, "{q35}");
        }
        assert_eq!(of("pc-i440fx-10.1+pve0"), Machine::I440fx);
        assert_eq!(vm("").machine.value, Machine::I440fx);
    }

    #[test]
    fn the_bridge_makes_room_for_legacy_igd_alone() {
        assert!(vm("hostpci0: 00:02.0").at_lpc.is_some());
        assert!(vm("hostpci0: 00:02.0,legacy-igd=1").at_lpc.is_none());
    }

    #[test]
    fn x_vga_without_a_vga_line_takes_the_display_away() {
        assert_eq!(vm("hostpci0: 00:02.0,x-vga=1").display.value, Display::None);
        assert_eq!(vm("vga: std\nhostpci0: 00:02.0,x-vga=1").display.value, Display::InTheWay);
    }

    #[test]
    fn args_come_last() {
        let own = vm(
            "vga: none\nhostpci0: 00:02.0\nargs: -set device.hostpci0.addr=2.0 -set device.hostpci0.bus=pci.0 \
             -cpu host -set device.net9.x=y",
        );
        assert!(own.at_2_0(own.gpu().unwrap()));
        assert!(own.own_cpu.is_some() && own.unknown_targets.len() == 1);
        assert!(vm("args: -device vfio-pci,host=00:02.0,addr=2.0").gpu().is_some());
    }
}
