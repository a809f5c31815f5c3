//! What a command line tells QEMU.

use super::{CommandLine, Device};
use crate::address::Slot;
use crate::vm::change::Change;
use crate::vm::model::{
    Display, Firmware, GuestOs, HostDevice, IgnoredLines, Machine, Manager, Refusal, Sourced, Vm,
};

/// Displays that can be added as devices.
const DISPLAYS: [&str; 8] = [
    "VGA",
    "qxl-vga",
    "virtio-vga",
    "virtio-vga-gl",
    "vmware-svga",
    "cirrus-vga",
    "bochs-display",
    "ati-vga",
];

/// Slots of a PCI bus.
const SLOTS: usize = 32;

impl CommandLine {
    /// The VM that QEMU makes of this whole command line.
    #[must_use]
    pub fn vm(&self) -> Vm {
        let mut vm = Vm {
            manager: Manager::Qemu,
            firmware: Sourced::new(
                Firmware::SeaBios,
                "no -bios and no -drive if=pflash, which means SeaBIOS",
            ),
            machine: Sourced::new(Machine::I440fx, "no -machine, which means pc"),
            display: Sourced::new(
                Display::InTheWay,
                "no -vga none, which means a standard display",
            ),
            devices: Vec::new(),
            amd_gpu: None,
            is_part: None,
            at_slot_2: None,
            at_lpc: None,
            cut: None,
            own_cpu: None,
            all_address_bits: None,
            unknown_targets: Vec::new(),
            ballooning: None,
            memory: None,
            guest_os: GuestOs::Unknown,
            forgets: None,
            refusals: Vec::new(),
            ignored: IgnoredLines::default(),
        };
        self.add_to(&mut vm, "");
        let known: Vec<String> = self.devices().map(|device| device.id().to_owned()).collect();
        vm.unknown_targets.retain(|unknown| !known.contains(&unknown.value));
        vm.own_cpu = None;
        let display = vm.display.value != Display::None;
        let gpu = vm.gpu().map(|gpu| gpu.name.clone());
        let machine = vm.machine.value;
        let without_place = |device: &&mut HostDevice| {
            let on_root = device.get("bus").is_none_or(|bus| bus == machine.root_bus());
            on_root && device.get("addr").is_none()
        };
        // What comes after so many finds no slot that is free.
        for device in vm.devices.iter_mut().filter(without_place).take(SLOTS) {
            if let Some(slot) = self.first_free_for(&device.name, machine, display) {
                let source = format!("{}: no addr", device.source);
                device.set("addr", format!("{slot:#x}"), source);
            }
        }
        vm.at_slot_2 = gpu.and_then(|gpu| self.in_front_of(&gpu, vm.machine.value, display));
        vm
    }

    /// Adds to a VM what this command line tells of it. Words for it begin with `key`, which names
    /// the line of the configuration that holds it.
    pub fn add_to(&self, vm: &mut Vm, key: &str) {
        let said = |name: &str, value: &str| format!("{key}{name} {value}");
        if self.is_cut() {
            vm.cut = Some(format!("{key}{}", self.shown()));
        } else {
            for problem in self.problems(key.is_empty()) {
                let words = format!("{key}{}", problem.words);
                let changes = problem.changes;
                let refusal = Refusal::by_qemu(problem.what, &words);
                vm.refusals.push(Refusal { changes, ..refusal });
            }
        }
        for value in self.values("-machine").chain(self.values("-M")) {
            let mut parts = value.split(',');
            let named = parts.clone().find_map(|part| part.strip_prefix("type="));
            let kind = named.or_else(|| parts.next().filter(|first| !first.contains('=')));
            let Some(kind) = kind else { continue };
            let machine = Sourced::new(Machine::read(kind), said("-machine", value));
            if vm.manager != Manager::Qemu && machine.value != vm.machine.value {
                let manager = vm.manager.title();
                let reason = format!(
                    "the arguments replace the machine type, for which {manager} made the devices"
                );
                let refusal = Refusal::by_qemu(reason, &machine.source);
                vm.refusals.push(refusal.fixed_by(Change::WithoutMachine));
            }
            vm.machine = machine;
        }
        if vm.manager == Manager::Qemu && vm.machine.value == Machine::Q35 {
            vm.at_lpc = Some("the chipset's own LPC bridge".to_owned());
        }
        self.firmware(vm, key);
        self.display(vm, key);
        for device in self.devices() {
            let at = device.get("addr").and_then(Slot::read);
            let bus = device.get("bus");
            if at == Some(Slot::LPC) && bus.is_none_or(|bus| bus == vm.machine.value.root_bus()) {
                vm.at_lpc =
                    Some(format!("{} {}", device.driver, device.id()).trim_end().to_owned());
            }
            if device.driver == "vfio-pci" || device.driver == "vfio-pci-nohotplug" {
                vm.devices.push(host_device(&device, key));
            }
        }
        // What only macOS looks for.
        if self.devices().any(|device| device.driver == "isa-applesmc") {
            vm.guest_os = GuestOs::MacOs;
        }
        for (property, value) in self.globals() {
            let words = said("-global", &format!("vfio-pci.{property}={value}"));
            for device in vm.devices.iter_mut().filter(|device| device.get(&property).is_none()) {
                device.set(&property, value.clone(), words.clone());
            }
        }
        for setting in self.settings() {
            let words = said(
                "-set",
                &format!("device.{}.{}={}", setting.device, setting.property, setting.value),
            );
            match vm.devices.iter_mut().find(|device| device.name == setting.device) {
                Some(device) => device.set(&setting.property, setting.value, words),
                None => vm.unknown_targets.push(Sourced::new(setting.device, words)),
            }
        }
        // What only Windows is told of the hypervisor.
        let for_windows =
            self.values("-cpu").any(|cpu| cpu.contains("hv_relaxed") || cpu.contains("hv-relaxed"));
        if for_windows && vm.guest_os == GuestOs::Unknown {
            vm.guest_os = GuestOs::Windows;
        }
        if let Some(cpu) = self.values("-cpu").last() {
            vm.own_cpu = Some(said("-cpu", cpu));
            let limited = cpu.contains("host-phys-bits-limit=") || cpu.contains("phys-bits=");
            let model = cpu.split(',').next().unwrap_or_default();
            let whole = matches!(model, "host" | "max") && !limited;
            vm.all_address_bits = whole.then(|| said("-cpu", cpu));
        }
        if let Some(memory) = self.values("-m").last().and_then(mebibytes) {
            vm.memory = Some(Sourced::new(
                memory,
                said("-m", self.values("-m").last().unwrap_or_default()),
            ));
        }
    }

    fn firmware(&self, vm: &mut Vm, key: &str) {
        let bios = self.values("-bios").map(|file| format!("{key}-bios {file}"));
        let pflash = self.values("-pflash").map(|file| format!("{key}-pflash {file}"));
        let drives = self.values("-drive").filter(|drive| drive.contains("if=pflash"));
        let blocks = self.values("-machine").filter(|machine| machine.contains("pflash0="));
        let files: Vec<String> = bios
            .chain(pflash)
            .chain(drives.map(|drive| format!("{key}-drive {drive}")))
            .chain(blocks.map(|machine| format!("{key}-machine {machine}")))
            .collect();
        // The first is the code, the others hold its settings.
        if let Some(file) = files.first() {
            let name = file.to_lowercase();
            let known =
                ["ovmf", "edk2", "pflash0", "qemu-server"].iter().any(|part| name.contains(part));
            let value = if known { Firmware::Uefi } else { Firmware::Own };
            vm.firmware = Sourced::new(value, file.clone());
        }
    }

    fn display(&self, vm: &mut Vm, key: &str) {
        // Without an address it is the first free slot: 1 of q35, 2 of i440fx.
        let first =
            if vm.machine.value == Machine::Q35 { Display::Beside } else { Display::InTheWay };
        if self.options.iter().any(|option| option.name == "-nodefaults") {
            vm.display = Sourced::new(Display::None, format!("{key}-nodefaults"));
        } else if vm.manager == Manager::Qemu && vm.display.value != Display::None {
            vm.display.value = first;
        }
        if let Some(kind) = self.values("-vga").last() {
            let value = if kind == "none" { Display::None } else { first };
            vm.display = Sourced::new(value, format!("{key}-vga {kind}"));
        }
        if let Some(device) = self.devices().find(is_display) {
            let value = match device.get("addr").and_then(Slot::read) {
                Some(slot) if slot.slot == Slot::IGD.slot => Display::InTheWay,
                Some(_) => Display::Beside,
                // What is in args comes after all that Proxmox VE has.
                None if vm.manager == Manager::Proxmox => Display::Beside,
                None => first,
            };
            vm.display = Sourced::new(value, format!("{key}-device {}", device.write()));
        }
    }
}

pub(super) fn is_display(device: &Device) -> bool {
    DISPLAYS.contains(&device.driver.as_str())
}

/// A device of the host as `-device` hands it over.
fn host_device(device: &Device, key: &str) -> HostDevice {
    let said = format!("{key}-device {}", device.write());
    let mut handed = HostDevice {
        name: device.name(),
        host: device.host(),
        source: said.clone(),
        mdev: device.is_mdev(),
        ..HostDevice::default()
    };
    for (name, value) in &device.options {
        handed.set(name, value.clone(), format!("{key}-device {}: {name}={value}", device.driver));
    }
    handed
}

/// Reads `8192`, `size=8G`, `8G,slots=2`.
fn mebibytes(text: &str) -> Option<u64> {
    let size = text.split(',').next()?;
    let size = size.strip_prefix("size=").unwrap_or(size);
    let digits = size.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    match size.get(digits.len()..)?.to_uppercase().as_str() {
        "" | "M" | "MB" => Some(number),
        "G" | "GB" => number.checked_mul(1024),
        "K" | "KB" => number.checked_div(1024),
        "T" | "TB" => number.checked_mul(1024 * 1024),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::shell_words::Words;
    use super::*;

    fn vm(text: &str) -> Vm {
        CommandLine::read(Words::read(text)).vm()
    }

    #[test]
    fn what_is_not_said_is_what_qemu_does() {
        let vm = vm("qemu-system-x86_64");
        assert_eq!(vm.machine.value, Machine::I440fx);
        assert_eq!(vm.firmware.value, Firmware::SeaBios);
        assert_eq!(vm.display.value, Display::InTheWay);
        assert!(vm.gpu().is_none());
    }

    #[test]
    fn the_gpu_and_all_that_is_said_of_it() {
        let vm = vm(
            "qemu -M pc,accel=kvm -vga none -bios /usr/share/ovmf/OVMF.fd -m 8G -device vfio-pci,host=00:02.0,id=gpu,addr=2.0,romfile=/a.rom \
             -set device.gpu.x-igd-lpc=on -set device.other.x=y",
        );
        let gpu = vm.gpu().unwrap();
        assert!(vm.at_2_0(gpu) && gpu.is_on("x-igd-lpc"));
        assert_eq!(gpu.get("romfile"), Some("/a.rom"));
        assert_eq!(vm.firmware.value, Firmware::Uefi);
        assert_eq!(vm.display.value, Display::None);
        assert_eq!(vm.memory.as_ref().map(|memory| memory.value), Some(8192));
        assert_eq!(vm.unknown_targets.first().map(|unknown| unknown.value.as_str()), Some("other"));
    }

    #[test]
    fn a_bridge_in_the_way_is_seen() {
        assert_eq!(
            vm("qemu -device pci-bridge,id=b,bus=pci.0,addr=0x1f").at_lpc.as_deref(),
            Some("pci-bridge b")
        );
        assert_eq!(vm("qemu -device pci-bridge,id=b,bus=pci.1,addr=0x1f").at_lpc, None);
        assert!(vm("qemu -M q35").at_lpc.is_some());
    }

    #[test]
    fn sizes_are_in_mebibytes() {
        for (text, size) in
            [("8192", 8192), ("8G", 8192), ("size=4096M,slots=2", 4096), ("1T", 1_048_576)]
        {
            assert_eq!(mebibytes(text), Some(size), "{text}");
        }
        for wrong in ["", "x", "8Q"] {
            assert_eq!(mebibytes(wrong), None, "{wrong}");
        }
    }
}
