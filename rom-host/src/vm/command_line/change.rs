//! Changes to a command line.

use super::shell_words::Words;
use super::{CommandLine, Device, DeviceSetting, Opt};
use crate::address::Slot;
use crate::vm::change::Change;
use crate::vm::model::Machine;

/// Where a package puts OVMF: Debian and Proxmox VE's own.
const OVMF: &str = "if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd";

/// Root ports of q35.
const ROOT_PORTS: [&str; 3] = ["ioh3420", "pcie-root-port", "x3130-upstream"];

impl CommandLine {
    /// This command line with one change. What cannot be changed here stays as it is.
    #[must_use]
    pub fn with(&self, change: &Change) -> Self {
        let mut line = self.clone();
        match change {
            Change::PassThrough { host } => line.pass_through(host),
            Change::Uefi => {
                line.options.retain(|option| option.name != "-bios");
                line.options.push(Opt::new("-drive", OVMF));
            }
            Change::Pc => {
                line.machine("pc");
                line.leave_q35();
            }
            Change::NoDisplay => line.no_display(),
            Change::AtSlot2 { device } => {
                line.put_on_root_bus(device);
                line.set(device, "addr", "2.0");
                line.before_other_devices(device);
                line.network_cards_elsewhere();
            }
            Change::FreeLpc => line.free_lpc(),
            Change::Set { device, property, value } => line.set(device, property, value),
            Change::Unset { device, property } => line.unset(device, property),
            Change::UnsetAll { device } => line.unset_all(device),
            Change::WithoutCpu => line.options.retain(|option| option.name != "-cpu"),
            Change::WithoutCutWord => line.without_cut_word(),
            Change::Remove { device } => line.remove(device),
            Change::WithoutWord(word) => line.without_word(word),
            Change::WithoutSetting(value) => line
                .options
                .retain(|option| option.name != "-set" || option.value.as_ref() != Some(value)),
            Change::Hyphen(word) => line = line.with_hyphen(word),
            Change::WithoutMachine => line.without_machine(),
            // A command line names one function at a time, has no ballooning that is not asked for,
            // and no lines of Proxmox VE.
            Change::OneFunction { .. }
            | Change::NoBallooning
            | Change::WithoutOption { .. }
            | Change::Line { .. } => {}
            Change::Memory(size) => {
                line.options.retain(|option| option.name != "-m");
                line.options.push(Opt::new("-m", size.to_string()));
            }
            Change::AddressBits(bits) => line.address_bits(*bits),
        }
        line
    }

    /// These arguments, which are added to a line of the manager's, with one change: what they do
    /// not say, the manager says.
    #[must_use]
    pub fn with_in_args(&self, change: &Change) -> Self {
        let mut line = self.clone();
        let has = |name: &str| self.options.iter().any(|option| option.name == name);
        match change {
            Change::NoDisplay => line.without_displays(),
            Change::Pc => {
                if has("-machine") || has("-M") {
                    line.machine("pc");
                }
                line.leave_q35();
            }
            Change::AddressBits(_) if !has("-cpu") => {}
            _ => return self.with(change),
        }
        line
    }

    fn pass_through(&mut self, host: &str) {
        let taken = |id: &str| self.devices().any(|device| device.id() == id);
        let free = (0_u8..=u8::MAX).map(|number| format!("hostpci{number}")).find(|id| !taken(id));
        if let Some(id) = free {
            self.options.push(Opt::new("-device", format!("vfio-pci,host={host},id={id}")));
        }
    }

    /// Puts `kind` in the place of the machine's type: a first part without a name, or `type=`.
    fn machine(&mut self, kind: &str) {
        let mut found = false;
        for option in self.options.iter_mut().filter(|option| option.is_machine()) {
            found = true;
            let value = option.value.as_deref().unwrap_or_default();
            let rest: Vec<&str> = value
                .split(',')
                .enumerate()
                .filter(|part| !is_type(*part))
                .map(|(_, part)| part)
                .collect();
            let all: Vec<&str> = [kind].into_iter().chain(rest).collect();
            option.value = Some(all.join(","));
        }
        if !found {
            self.options.push(Opt::new("-machine", kind));
        }
    }

    /// What is on q35 alone goes: root ports, and the places on the bus that pc does not have.
    fn leave_q35(&mut self) {
        let ports: Vec<String> = self
            .devices()
            .filter(|device| ROOT_PORTS.contains(&device.driver.as_str()))
            .map(|device| device.id().to_owned())
            .collect();
        self.options.retain(|option| {
            let device =
                option.value.as_deref().filter(|_| option.name == "-device").and_then(Device::read);
            device.is_none_or(|device| !ROOT_PORTS.contains(&device.driver.as_str()))
        });
        let (from, to) = (Machine::Q35.root_bus(), Machine::I440fx.root_bus());
        for option in self.options.iter_mut().filter(|option| option.name == "-device") {
            let Some(mut device) = option.value.as_deref().and_then(Device::read) else { continue };
            let bus = device.get("bus").unwrap_or_default().to_owned();
            if ports.contains(&bus) {
                device.put("bus", to);
                device.remove("addr");
            } else if bus == from {
                device.put("bus", to);
            } else {
                continue;
            }
            option.value = Some(device.write());
        }
        for option in self.options.iter_mut().filter(|option| option.name == "-set") {
            let own = option.value.as_deref().and_then(DeviceSetting::read);
            if let Some(own) = own.filter(|own| own.property == "bus" && own.value == from) {
                option.value = Some(format!("device.{}.bus={to}", own.device));
            }
        }
    }

    fn without_displays(&mut self) {
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
    }

    fn no_display(&mut self) {
        self.without_displays();
        if !self.options.iter().any(|option| option.name == "-nodefaults") {
            self.options.push(Opt::new("-vga", "none"));
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
        self.options.retain(|option| {
            let value = option.value.as_deref().filter(|_| option.name == "-global");
            value.and_then(super::global).is_none_or(|(own, _)| own != property)
        });
        self.change_device(name, |device| device.remove(property));
    }

    /// A device that is after a bridge goes to the first bus.
    fn put_on_root_bus(&mut self, name: &str) {
        let is_root = |bus: &str| {
            [Machine::I440fx, Machine::Q35].iter().any(|machine| machine.root_bus() == bus)
        };
        self.without_setting(|setting| setting.device == name && setting.property == "bus");
        self.change_device(name, |device| {
            !device.get("bus").is_none_or(is_root) && device.remove("bus")
        });
    }

    /// QEMU gives out places in the order of the devices: with an own place the first one has it.
    fn before_other_devices(&mut self, name: &str) {
        let is_device = |option: &Opt| option.name == "-device";
        let own = self.options.iter().position(|option| {
            let device = option.value.as_deref().filter(|_| is_device(option));
            device.and_then(Device::read).is_some_and(|device| device.name() == name)
        });
        let first = self.options.iter().position(is_device);
        if let (Some(own), Some(first)) = (own, first)
            && first < own
        {
            let option = self.options.remove(own);
            self.options.insert(first, option);
        }
    }

    /// Devices of the first bus that are at 00:1f.0 go wherever QEMU puts them.
    fn free_lpc(&mut self) {
        let root = Machine::I440fx.root_bus();
        for option in self.options.iter_mut().filter(|option| option.name == "-device") {
            let Some(mut device) = option.value.as_deref().and_then(Device::read) else { continue };
            let on_root = device.get("bus").is_none_or(|bus| bus == root);
            let there = device.get("addr").and_then(Slot::read) == Some(Slot::LPC);
            if on_root && there && device.remove("addr") {
                option.value = Some(device.write());
            }
        }
    }

    /// Network cards that QEMU makes before any `-device` get a place of their own.
    fn network_cards_elsewhere(&mut self) {
        let is_card = |option: &Opt| match option.name.as_str() {
            "-nic" => option.value.as_deref() != Some("none"),
            "-net" => option.value.as_deref().is_some_and(|value| value.starts_with("nic")),
            _ => false,
        };
        let mut place = 0x10_u8;
        for option in self.options.iter_mut().filter(|option| is_card(option)) {
            if let Some(value) = option.value.as_mut().filter(|value| !value.contains(",addr=")) {
                *value = format!("{value},addr={place:#x}");
                place = place.saturating_add(1);
            }
        }
        let asked = ["-nic", "-net", "-netdev", "-nodefaults"];
        if !self.options.iter().any(|option| asked.contains(&option.name.as_str())) {
            self.options.push(Opt::new("-nic", "user,addr=0x10"));
        }
    }

    /// Lets `change` change the device of this name, and say whether it did.
    fn change_device(&mut self, name: &str, change: impl FnOnce(&mut Device) -> bool) -> bool {
        for option in self.options.iter_mut().filter(|option| option.name == "-device") {
            let Some(mut device) = option
                .value
                .as_deref()
                .and_then(Device::read)
                .filter(|device| device.name() == name)
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
            device.and_then(|device| device.host()).is_none_or(|host| host != bdf)
        });
    }

    /// Takes out what hands over the device of this name.
    fn remove(&mut self, name: &str) {
        self.unset_all(name);
        self.options.retain(|option| {
            let device =
                option.value.as_deref().filter(|_| option.name == "-device").and_then(Device::read);
            device.is_none_or(|device| device.host().is_none() || device.name() != name)
        });
    }

    /// Takes a word out that is no option, or the first option of this name with its value.
    fn without_word(&mut self, word: &str) {
        if let Some(at) = self.program.iter().position(|own| own == word) {
            self.program.remove(at);
        } else if let Some(at) = self.options.iter().position(|option| option.name == word) {
            self.options.remove(at);
        }
    }

    /// It with the dashes before a word as hyphens, read again.
    fn with_hyphen(&self, word: &str) -> Self {
        let right = word.trim_start_matches(super::DASHES);
        let words =
            self.words().into_iter().map(|own| if own == word { format!("-{right}") } else { own });
        Self::read(Words { words: words.collect(), open_quote: self.open_quote })
    }

    /// Takes the type out of `-machine`, and keeps the rest.
    fn without_machine(&mut self) {
        for option in self.options.iter_mut().filter(|option| option.is_machine()) {
            let value = option.value.as_deref().unwrap_or_default();
            let rest: Vec<&str> = value
                .split(',')
                .enumerate()
                .filter(|part| !is_type(*part))
                .map(|(_, part)| part)
                .collect();
            option.value = Some(rest.join(","));
        }
        self.options.retain(|option| !(option.is_machine() && option.value.as_deref() == Some("")));
    }

    /// Takes everything out that is set of a device.
    pub(crate) fn unset_all(&mut self, name: &str) {
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

/// Whether a part of `-machine`, with its number, is the type.
fn is_type((index, part): (usize, &str)) -> bool {
    part.starts_with("type=") || index == 0 && !part.contains('=')
}

#[cfg(test)]
mod tests {
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
