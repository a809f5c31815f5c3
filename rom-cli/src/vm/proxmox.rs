//! VM configurations of Proxmox VE: `/etc/pve/qemu-server/VMID.conf`.

use super::args::Args;
use std::collections::BTreeMap;

/// Where they are.
pub(crate) const FOLDER: &str = "/etc/pve/qemu-server";

/// A configuration as it is in force: without snapshots, pending changes and description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Config {
    values: BTreeMap<String, String>,
}

impl Config {
    /// Reads the text of a configuration. Everything from the first section in brackets on belongs to snapshots or is pending.
    pub(crate) fn read(text: &str) -> Self {
        let lines = text.lines().take_while(|line| !line.trim_start().starts_with('['));
        let entries = lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'));
        Self { values: entries.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect() }
    }

    /// The value of `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The arguments for QEMU.
    pub(crate) fn args(&self) -> Args {
        Args::read(self.get("args").unwrap_or_default())
    }

    /// The arguments for QEMU without what sets properties of `device`.
    pub(crate) fn args_without_settings_of(&self, device: &str) -> String {
        let own = format!("device.{device}.");
        let mut kept: Vec<&str> = Vec::new();
        let mut words = self.get("args").unwrap_or_default().split_whitespace().peekable();
        while let Some(word) = words.next() {
            if word == "-set" && words.peek().is_some_and(|setting| setting.starts_with(&own)) {
                words.next();
            } else {
                kept.push(word);
            }
        }
        kept.join(" ")
    }

    /// The devices that are handed over, by their names.
    pub(crate) fn host_devices(&self) -> Vec<HostDevice> {
        self.values
            .iter()
            .filter(|(key, _)| key.starts_with("hostpci"))
            .map(|(key, value)| HostDevice::read(key, value))
            .collect()
    }

    /// The family of the machine: i440fx unless something else is said.
    pub(crate) fn is_q35(&self) -> bool {
        let machine = self.get("machine").unwrap_or_default();
        machine
            .split(',')
            .map(|part| part.strip_prefix("type=").unwrap_or(part))
            .any(|part| part == "q35" || part.starts_with("pc-q35"))
    }
}

/// A `hostpci` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostDevice {
    /// Its name, which is that of the device in QEMU too.
    pub(crate) name: String,
    /// Address on the host with its domain; without function where all functions are meant. `None` for a mapping.
    pub(crate) host: Option<String>,
    options: BTreeMap<String, String>,
}

impl HostDevice {
    fn read(name: &str, value: &str) -> Self {
        let mut host = None;
        let mut options = BTreeMap::new();
        for (index, part) in value.split(',').enumerate() {
            match part.split_once('=') {
                Some(("host", address)) => host = Some(with_domain(address)),
                Some((key, value)) => {
                    options.insert(key.trim().to_owned(), value.trim().to_owned());
                }
                None if index == 0 => host = Some(with_domain(part)),
                None => {}
            }
        }
        Self { name: name.to_owned(), host, options }
    }

    /// The value of an option.
    pub(crate) fn option(&self, key: &str) -> Option<&str> {
        self.options.get(key).map(String::as_str)
    }

    /// Whether an option is switched on, in any of the ways in which Proxmox VE reads that.
    pub(crate) fn is_on(&self, key: &str) -> bool {
        self.option(key).is_some_and(|value| matches!(value.to_lowercase().as_str(), "1" | "on" | "yes" | "true"))
    }

    /// Whether an option is switched off explicitly.
    pub(crate) fn is_off(&self, key: &str) -> bool {
        self.option(key).is_some_and(|value| matches!(value.to_lowercase().as_str(), "0" | "off" | "no" | "false"))
    }
}

/// An address with its domain, in lower case.
fn with_domain(address: &str) -> String {
    let address = address.trim().to_lowercase();
    if address.matches(':').count() == 1 { format!("0000:{address}") } else { address }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "#a note: with a colon\nargs: -set device.hostpci0.x-igd-gms=0x2 -smbios type=1 -set device.hostpci1.rombar=0\nbios: ovmf\n\
                        hostpci0: 0000:00:02.0,legacy-igd=1\n[PENDING]\nbios: seabios\n[before]\nvga: std\n";

    #[test]
    fn snapshots_and_pending_changes_are_not_in_force() {
        let config = Config::read(TEXT);
        assert_eq!(config.get("bios"), Some("ovmf"));
        assert_eq!(config.get("vga"), None);
        assert_eq!(config.get("hostpci0"), Some("0000:00:02.0,legacy-igd=1"));
    }

    #[test]
    fn every_form_of_a_device_is_read() {
        for value in [
            "00:02.0,legacy-igd=on,rombar=no",
            "host=0000:00:02.0,legacy-igd=1,rombar=0",
            "legacy-igd=true,host=00:02.0,rombar=off",
        ] {
            let device = HostDevice::read("hostpci0", value);
            assert_eq!(device.host.as_deref(), Some("0000:00:02.0"), "{value}");
            assert!(device.is_on("legacy-igd") && device.is_off("rombar"), "{value}");
        }
        assert_eq!(HostDevice::read("hostpci0", "mapping=igpu").host, None);
    }

    #[test]
    fn machines_are_told_apart() {
        let of = |machine: &str| Config::read(&format!("machine: {machine}\n")).is_q35();
        assert!(of("q35") && of("pc-q35-9.0") && of("type=q35,viommu=intel"));
        assert!(!of("pc") && !of("pc-i440fx-10.1+pve0") && !Config::default().is_q35());
    }

    #[test]
    fn other_arguments_are_kept() {
        assert_eq!(Config::read(TEXT).args_without_settings_of("hostpci0"), "-smbios type=1 -set device.hostpci1.rombar=0");
        assert_eq!(Config::default().args_without_settings_of("hostpci0"), "");
    }
}
