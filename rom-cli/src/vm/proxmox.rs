//! VM configurations of Proxmox VE: `/etc/pve/qemu-server/VMID.conf`.

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
    fn other_arguments_are_kept() {
        assert_eq!(Config::read(TEXT).args_without_settings_of("hostpci0"), "-smbios type=1 -set device.hostpci1.rombar=0");
        assert_eq!(Config::default().args_without_settings_of("hostpci0"), "");
    }
}
