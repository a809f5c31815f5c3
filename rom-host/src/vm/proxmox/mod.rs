//! VM configurations of Proxmox VE: `/etc/pve/qemu-server/VMID.conf`.

mod change;
mod guest;
pub mod mapping;

pub use guest::ROM_FOLDER;

use super::command_line::CommandLine;
use super::command_line::words::Words;
use crate::address::IGPU_BDF;
use std::collections::BTreeMap;

/// Where they are.
pub const FOLDER: &str = "/etc/pve/qemu-server";

/// A configuration as it is in force: without snapshots, pending changes and description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    values: BTreeMap<String, String>,
    /// What comes into force at the next start; a key without a value goes.
    pending: Option<BTreeMap<String, Option<String>>>,
}

impl Config {
    /// Reads the text of a configuration. Sections in brackets hold snapshots, and one of them what is pending.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut config = Self::default();
        let mut section = None;
        for line in text.trim_start_matches('\u{feff}').lines() {
            if let Some(name) = line.trim().strip_prefix('[') {
                section = Some(name.trim_end_matches(']').to_owned());
                if section.as_deref() == Some("PENDING") {
                    config.pending.get_or_insert_default();
                }
                continue;
            }
            let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with('#')) else { continue };
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            match section.as_deref() {
                None => {
                    config.values.insert(key, value);
                }
                Some("PENDING") => {
                    let pending = config.pending.get_or_insert_default();
                    if key == "delete" {
                        pending.extend(
                            value.split([',', ' ', ';']).filter(|key| !key.is_empty()).map(|key| (key.to_owned(), None)),
                        );
                    } else {
                        pending.insert(key, Some(value));
                    }
                }
                Some(_) => {}
            }
        }
        config
    }

    /// The configuration as it is from the next start on, where changes are pending.
    #[must_use]
    pub fn pending(&self) -> Option<Self> {
        let mut next = Self { values: self.values.clone(), pending: None };
        for (key, value) in self.pending.as_ref()? {
            match value {
                Some(value) => next.values.insert(key.clone(), value.clone()),
                None => next.values.remove(key),
            };
        }
        Some(next)
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The lines, by key.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The arguments for QEMU.
    #[must_use]
    pub fn args(&self) -> CommandLine {
        CommandLine::read(Words::read(self.get("args").unwrap_or_default()))
    }

    /// The arguments for QEMU without what hands over the iGPU and what sets properties of `device`.
    #[must_use]
    pub fn args_without_settings_of(&self, device: &str) -> String {
        let mut args = self.args();
        args.without_host_device(IGPU_BDF);
        args.unset_all(device);
        args.write()
    }
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
        assert_eq!(config.pending().map(|pending| pending.get("bios").map(str::to_owned)), Some(Some("seabios".to_owned())));
    }

    #[test]
    fn windows_line_ends_and_a_byte_order_mark_do_no_harm() {
        let config = Config::read("\u{feff}bios: ovmf\r\nvga: none\r\n");
        assert_eq!((config.get("bios"), config.get("vga")), (Some("ovmf"), Some("none")));
    }

    #[test]
    fn other_arguments_are_kept() {
        assert_eq!(Config::read(TEXT).args_without_settings_of("hostpci0"), "-smbios type=1 -set device.hostpci1.rombar=0");
        assert_eq!(Config::default().args_without_settings_of("hostpci0"), "");
    }
}
