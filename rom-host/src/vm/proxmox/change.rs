//! Changes to a configuration of Proxmox VE.

use super::property::{boolean, get};
use super::{Config, schema};
use crate::advice::ShellCommand;
use crate::vm::change::Change;
use crate::vm::command_line::perl_words;
use crate::vm::model::IgnoredLines;

impl Config {
    /// This configuration with one change.
    #[must_use]
    pub fn with(&self, change: &Change) -> Self {
        let mut config = self.clone();
        match change {
            Change::PassThrough { host } => config.pass_through(host),
            Change::Uefi => config.put("bios", "ovmf"),
            Change::Pc => config.pc(),
            Change::NoDisplay => {
                config.put("vga", "none");
                config.change_args(change);
            }
            Change::OneFunction { device } => config.one_function(device),
            Change::AtSlot2 { device } => config.at_slot_2(device),
            Change::Set { device, property, value } => config.set(device, property, value),
            Change::Unset { device, property } => {
                config.unset_option(device, property);
                config.change_args(change);
            }
            Change::FreeLpc
            | Change::UnsetAll { .. }
            | Change::WithoutCpu
            | Change::WithoutWord(_)
            | Change::WithoutSetting(_)
            | Change::Hyphen(_)
            | Change::WithoutMachine
            | Change::WithoutCutWord => {
                config.change_args(change);
            }
            Change::Remove { device } => {
                config.values.remove(device);
                config.change_args(change);
                config.change_args(&Change::UnsetAll { device: device.clone() });
            }
            Change::WithoutOption { key, option } => config.unset_option(key, option),
            Change::Line { key, value } => config.put(key, value),
            Change::NoBallooning => config.put("balloon", "0"),
            Change::Memory(size) => config.put("memory", &size.to_string()),
            Change::AddressBits(bits) => {
                let cpu = config.get("cpu").unwrap_or("host").to_owned();
                config.put("cpu", &format!("{cpu},guest-phys-bits={bits}"));
                config.change_args(change);
            }
        }
        if config.values != self.values {
            // Proxmox VE writes the file again, without the lines that it does not accept.
            config.ignored = IgnoredLines::default();
        }
        config
    }

    /// By the first number that is free, so that no other device is replaced.
    fn pass_through(&mut self, host: &str) {
        let free = (0..=schema::LAST_HOSTPCI)
            .map(|number| format!("hostpci{number}"))
            .find(|key| self.get(key).is_none());
        if let Some(key) = free {
            self.put(&key, host);
        }
    }

    /// Machine type pc, with what else the line says where it is not for q35 alone.
    fn pc(&mut self) {
        let mut line = "pc".to_owned();
        for (name, value) in schema::read(schema::MACHINE, self.get("machine")) {
            if matches!(name, "enable-s3" | "enable-s4") {
                line = format!("{line},{name}={value}");
            }
        }
        self.put("machine", &line);
        self.change_args(&Change::Pc);
        let devices = (0..=schema::LAST_HOSTPCI).map(|number| format!("hostpci{number}"));
        for device in devices {
            let options = schema::read(schema::HOSTPCI, self.get(&device));
            if get(&options, "pcie").and_then(boolean) == Some(true) {
                self.unset_option(&device, "pcie");
            }
        }
    }

    /// What has to be typed to make `other` of this configuration. `None` if a value of it cannot
    /// be typed on one line.
    #[must_use]
    pub fn commands_to(&self, other: &Self, vmid: &str) -> Option<Vec<ShellCommand>> {
        let changed =
            other.values.iter().filter(|(key, value)| self.values.get(*key) != Some(value));
        let set = changed
            .map(|(key, value)| ["qm", "set", vmid, &format!("--{key}"), value].map(str::to_owned));
        let gone = self.values.keys().filter(|key| !other.values.contains_key(*key));
        let delete = gone.map(|key| ["qm", "set", vmid, "--delete", key].map(str::to_owned));
        set.chain(delete).map(ShellCommand::new).collect()
    }

    fn put(&mut self, key: &str, value: &str) {
        self.values.insert(key.to_owned(), value.to_owned());
    }

    fn change_args(&mut self, change: &Change) {
        if self.get("args").is_none() && !matches!(change, Change::Set { .. }) {
            return;
        }
        let own = self.args();
        let changed = own.with_in_args(change);
        if changed == own {
            // As it is written, so are the words that nobody asked to change.
            return;
        }
        let args = changed.write_with(perl_words::quoted);
        if args.is_empty() {
            self.values.remove("args");
        } else {
            self.put("args", &args);
        }
    }

    /// The options of a `hostpci` line.
    fn options(&self, device: &str) -> Option<Vec<String>> {
        Some(self.get(device)?.split(',').map(str::to_owned).collect())
    }

    fn unset_option(&mut self, device: &str, option: &str) {
        let own = format!("{option}=");
        if let Some(mut options) = self.options(device) {
            options.retain(|part| !part.starts_with(&own));
            if options.is_empty() {
                self.values.remove(device);
            } else {
                self.put(device, &options.join(","));
            }
        }
    }

    fn set_option(&mut self, device: &str, option: &str, value: &str) {
        self.unset_option(device, option);
        if let Some(mut options) = self.options(device) {
            options.push(format!("{option}={value}"));
            self.put(device, &options.join(","));
        }
    }

    /// Proxmox VE knows some of QEMU's properties as options of its own; the others go by args.
    fn set(&mut self, device: &str, property: &'static str, value: &str) {
        if property == "romfile" && self.get(device).is_some() {
            self.set_option(device, property, value.rsplit('/').next().unwrap_or(value));
            return;
        }
        self.change_args(&Change::Set {
            device: device.to_owned(),
            property,
            value: value.to_owned(),
        });
    }

    fn one_function(&mut self, device: &str) {
        let Some(options) = self.options(device) else { return };
        let with_function = |part: String| {
            let (key, list) = part
                .split_once("host=")
                .map_or(("", part.as_str()), |_| ("host=", part.trim_start_matches("host=")));
            // Of several the first.
            let address = list.split(';').next().unwrap_or(list);
            match (address.contains(':'), address.contains('.')) {
                (true, false) => format!("{key}{address}.0"),
                (true, true) => format!("{key}{address}"),
                (false, _) => part,
            }
        };
        self.put(
            device,
            &options.into_iter().map(with_function).collect::<Vec<String>>().join(","),
        );
    }

    /// On pc by `legacy-igd`, which clears 00:1f.0 too; on q35, or where args names the device
    /// alone, by args.
    fn at_slot_2(&mut self, device: &str) {
        for property in ["bus", "addr"] {
            self.change_args(&Change::Unset {
                device: device.to_owned(),
                property: property.to_owned(),
            });
        }
        let root = self.vm().machine.value.root_bus();
        if self.options(device).is_some() && root == "pci.0" {
            // pcie is for q35 alone.
            self.unset_option(device, "pcie");
            self.set_option(device, "legacy-igd", "1");
        } else {
            let mut set = |property, value: &str| {
                self.change_args(&Change::Set {
                    device: device.to_owned(),
                    property,
                    value: value.to_owned(),
                });
            };
            set("bus", root);
            set("addr", "2.0");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str, changes: &[Change]) -> Vec<String> {
        let own = Config::read(text);
        let other = changes.iter().fold(own.clone(), |config, change| config.with(change));
        own.commands_to(&other, "100").unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_device_is_moved_and_its_settings_go() {
        let text = "hostpci0: 0000:00:02.0,romfile=igd.rom\nargs: -set device.hostpci0.bus=pci.0 \
            -set device.hostpci0.addr=3.0";
        let commands = commands(text, &[Change::AtSlot2 { device: "hostpci0".to_owned() }]);
        assert_eq!(
            commands,
            [
                "qm set 100 --hostpci0 0000:00:02.0,romfile=igd.rom,legacy-igd=1",
                "qm set 100 --delete args"
            ]
        );
    }

    #[test]
    fn what_is_added_to_args_keeps_the_rest() {
        let set = Change::Set {
            device: "hostpci0".to_owned(),
            property: "x-igd-lpc",
            value: "on".to_owned(),
        };
        let commands =
            commands("args: -smbios 'type=1,serial=a b' -cpu host\n", &[Change::WithoutCpu, set]);
        assert_eq!(
            commands,
            [
                r#"qm set 100 --args '-smbios "type=1,serial=a b" -set device.hostpci0.x-igd-lpc=on'"#
            ]
        );
    }

    #[test]
    fn one_function_of_many() {
        let change = Change::OneFunction { device: "hostpci0".to_owned() };
        assert_eq!(
            commands("hostpci0: host=00:02,rombar=1", &[change]),
            ["qm set 100 --hostpci0 host=00:02.0,rombar=1"]
        );
    }
}
