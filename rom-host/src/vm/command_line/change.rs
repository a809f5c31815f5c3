//! Changes to a command line.

use super::{CommandLine, Device, DeviceSetting, Opt};
use crate::address::with_domain;
use crate::vm::change::Change;
use crate::vm::model::Machine;

/// Where a package puts OVMF: Debian and Proxmox VE's own.
const OVMF: &str = "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd";

impl CommandLine {
    /// This command line with one change. What cannot be changed here stays as it is.
    #[must_use]
    pub fn with(&self, change: &Change) -> Self {
        let mut line = self.clone();
        match change {
            Change::Uefi => {
                line.options.retain(|option| option.name != "-bios");
                line.options.push(Opt::new("-drive", OVMF));
            }
            Change::Pc => {
                line.machine("pc");
                line.replace_in_devices("bus", Machine::Q35.root_bus(), Machine::I440fx.root_bus());
            }
            Change::NoDisplay => line.no_display(),
            Change::AtSlot2 { device } => {
                line.put_on_root_bus(device);
                line.set(device, "addr", "2.0");
            }
            Change::Set { device, property, value } => line.set(device, property, value),
            Change::Unset { device, property } => line.unset(device, property),
            Change::WithoutCpu => line.options.retain(|option| option.name != "-cpu"),
            Change::WithoutCutWord => line.without_cut_word(),
            // A command line names one function at a time, and has no ballooning that is not asked
            // for.
            Change::OneFunction { .. } | Change::NoBallooning => {}
            Change::Memory(size) => {
                line.options.retain(|option| option.name != "-m");
                line.options.push(Opt::new("-m", size.to_string()));
            }
            Change::AddressBits(bits) => line.address_bits(*bits),
        }
        line
    }

    fn machine(&mut self, kind: &str) {
        let own = self
            .options
            .iter_mut()
            .rev()
            .find(|option| matches!(option.name.as_str(), "-machine" | "-M"));
        match own {
            Some(option) => {
                let rest = option
                    .value
                    .as_deref()
                    .unwrap_or_default()
                    .split_once(',')
                    .map(|(_, rest)| rest.to_owned());
                option.value =
                    Some(rest.map_or_else(|| kind.to_owned(), |rest| format!("{kind},{rest}")));
            }
            None => self.options.push(Opt::new("-machine", kind)),
        }
    }

    fn no_display(&mut self) {
        let is_display = |option: &Opt| {
            option
                .value
                .as_deref()
                .and_then(Device::read)
                .is_some_and(|device| super::to_vm::is_display(&device))
        };
        self.options.retain(|option| {
            !(option.name == "-vga" || (option.name == "-device" && is_display(option)))
        });
        if !self.options.iter().any(|option| option.name == "-nodefaults") {
            self.options.push(Opt::new("-vga", "none"));
        }
    }

    fn replace_in_devices(&mut self, key: &str, from: &str, to: &str) {
        for option in self.options.iter_mut().filter(|option| option.name == "-device") {
            let Some(mut device) = option.value.as_deref().and_then(Device::read) else { continue };
            if device.get(key) == Some(from) {
                device.put(key, to);
                option.value = Some(device.write());
            }
        }
    }

    /// Sets a property where the device is, if it is on this line, else by `-set`.
    fn set(&mut self, name: &str, property: &str, value: &str) {
        self.without_setting(|setting| setting.device == name && setting.property == property);
        let changed = self.change_device(name, |device| {
            device.put(property, value);
            true
        });
        if !changed {
            self.options.push(Opt::new("-set", format!("device.{name}.{property}={value}")));
        }
    }

    /// Takes a property of a device out, wherever it is set.
    fn unset(&mut self, name: &str, property: &str) {
        self.without_setting(|setting| setting.device == name && setting.property == property);
        self.change_device(name, |device| device.remove(property));
    }

    /// A device that stands behind a bridge goes to the first bus.
    fn put_on_root_bus(&mut self, name: &str) {
        let is_root = |bus: &str| {
            [Machine::I440fx, Machine::Q35].iter().any(|machine| machine.root_bus() == bus)
        };
        self.without_setting(|setting| setting.device == name && setting.property == "bus");
        self.change_device(name, |device| {
            !device.get("bus").is_none_or(is_root) && device.remove("bus")
        });
    }

    /// Lets `change` change the device of this name, and say whether it did.
    fn change_device(&mut self, name: &str, change: impl FnOnce(&mut Device) -> bool) -> bool {
        for option in self.options.iter_mut().filter(|option| option.name == "-device") {
            let Some(mut device) =
                option.value.as_deref().and_then(Device::read).filter(|device| device.id() == name)
            else {
                continue;
            };
            let changed = change(&mut device);
            if changed {
                option.value = Some(device.write());
            }
            return changed;
        }
        false
    }

    fn without_setting(&mut self, goes: impl Fn(&DeviceSetting) -> bool) {
        self.options.retain(|option| {
            let setting = option
                .value
                .as_deref()
                .filter(|_| option.name == "-set")
                .and_then(DeviceSetting::read);
            setting.is_none_or(|setting| !goes(&setting))
        });
    }

    /// Takes out what hands over the device of the host at `bdf`.
    pub fn without_host_device(&mut self, bdf: &str) {
        self.options.retain(|option| {
            let device =
                option.value.as_deref().filter(|_| option.name == "-device").and_then(Device::read);
            device
                .and_then(|device| device.get("host").map(with_domain))
                .is_none_or(|host| host != bdf)
        });
    }

    /// Takes everything out that is set of a device.
    pub fn unset_all(&mut self, name: &str) {
        self.without_setting(|setting| setting.device == name);
    }

    fn without_cut_word(&mut self) {
        if self.is_cut() {
            self.options.pop();
            self.open_quote = false;
        }
    }

    fn address_bits(&mut self, bits: u32) {
        let own = self.options.iter_mut().rev().find(|option| option.name == "-cpu");
        match own {
            Some(option) => {
                let cpu = option.value.as_deref().unwrap_or("host");
                option.value = Some(format!("{cpu},host-phys-bits-limit={bits}"));
            }
            None => {
                self.options.push(Opt::new("-cpu", format!("host,host-phys-bits-limit={bits}")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::shell_words::Words;
    use super::*;

    fn changed(text: &str, change: &Change) -> String {
        CommandLine::read(Words::read(text)).with(change).write()
    }

    #[test]
    fn properties_change_where_they_are() {
        let set =
            Change::Set { device: "gpu".to_owned(), property: "x-igd-lpc", value: "on".to_owned() };
        assert_eq!(
            changed("-device vfio-pci,id=gpu", &set),
            "-device vfio-pci,id=gpu,x-igd-lpc=on"
        );
        assert_eq!(changed("", &set), "-set device.gpu.x-igd-lpc=on");
        assert_eq!(changed("-set device.gpu.x-igd-lpc=off", &set), "-set device.gpu.x-igd-lpc=on");
        let unset = Change::Unset { device: "gpu".to_owned(), property: "rombar".to_owned() };
        assert_eq!(
            changed("-device vfio-pci,id=gpu,rombar=0 -set device.gpu.rombar=0", &unset),
            "-device vfio-pci,id=gpu"
        );
    }

    #[test]
    fn the_machine_keeps_its_other_options() {
        let text = "-machine q35,accel=kvm -device vfio-pci,bus=pcie.0,id=gpu";
        assert_eq!(
            changed(text, &Change::Pc),
            "-machine pc,accel=kvm -device vfio-pci,bus=pci.0,id=gpu"
        );
        assert_eq!(changed("", &Change::Pc), "-machine pc");
    }

    #[test]
    fn displays_go() {
        assert_eq!(changed("-vga std -device qxl-vga,id=v", &Change::NoDisplay), "-vga none");
        assert_eq!(changed("-nodefaults -device VGA", &Change::NoDisplay), "-nodefaults");
    }

    #[test]
    fn what_was_cut_goes() {
        assert_eq!(changed("-name a -set device.hostpci0>", &Change::WithoutCutWord), "-name a");
        assert_eq!(changed("-name a", &Change::WithoutCutWord), "-name a");
    }
}
