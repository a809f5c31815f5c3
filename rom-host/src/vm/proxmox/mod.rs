//! VM configurations of Proxmox VE: `/etc/pve/qemu-server/VMID.conf` (qemu-server,
//! `src/PVE/QemuServer.pm`, `parse_vm_config`).

mod change;
mod devices;
pub mod mapping;
mod property;
mod schema;
mod slots;
mod starts;
mod to_vm;

use super::command_line::CommandLine;
use super::command_line::perl_words;
use super::command_line::shell_words::Words;
use super::model::{IgnoredLines, Refusal, Sourced};
use crate::address::IGPU_BDF;
use rom_core::catalog::QemuVersion;
use std::collections::BTreeMap;

/// The folder that `romfile` is relative to.
pub const ROM_FOLDER: &str = "/usr/share/kvm";

/// Where they are.
pub const FOLDER: &str = "/etc/pve/qemu-server";

/// A configuration as it is in force: without snapshots, pending changes and description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    values: BTreeMap<String, String>,
    /// What comes into force at the next start; a key without a value goes.
    pending: Option<BTreeMap<String, Option<String>>>,
    /// Lines that Proxmox VE ignores, and why.
    ignored: IgnoredLines,
}

/// Which part of the file a line is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Main,
    Pending,
    Other,
}

impl Config {
    /// Reads the text of a configuration. Sections in brackets hold snapshots, and one of them what
    /// is pending. A line that Proxmox VE does not accept is not there.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut config = Self::default();
        let mut section = Section::Main;
        let lines = text.split('\n').map(|line| line.trim_end_matches(is_blank));
        for (line, number) in lines.zip(1_usize..) {
            if line.trim_start_matches(is_blank).is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(name) = section_name(line) {
                section = if name.eq_ignore_ascii_case("pending") {
                    config.pending = Some(BTreeMap::new());
                    Section::Pending
                } else {
                    Section::Other
                };
                continue;
            }
            if section == Section::Other {
                continue;
            }
            if let Err(reason) = config.add(line, section) {
                config.ignored.push(line, || Sourced::new(reason, shown(line, number)));
            }
        }
        config
    }

    /// Adds a line.
    fn add(&mut self, line: &str, section: Section) -> Result<(), String> {
        let split = line.split_once(':').filter(|(key, _)| schema::is_key(key));
        let Some((key, value)) = split else {
            return Err("it does not have the form KEY: VALUE".to_owned());
        };
        let value = value.trim_matches(is_blank);
        if value.is_empty() {
            return Err("it has no value".to_owned());
        }
        if key == "delete" {
            let Some(pending) = self.pending.as_mut().filter(|_| section == Section::Pending)
            else {
                return Err("delete is only allowed in [PENDING]".to_owned());
            };
            let keys = value.split([',', ' ', ';']).map(|key| key.trim_start_matches('!'));
            pending
                .extend(keys.filter(|key| schema::is_key(key)).map(|key| (key.to_owned(), None)));
            return Ok(());
        }
        let value = match key {
            "args" | "description" => value.to_owned(),
            key => schema::accepted(key, value)?,
        };
        match (section, &mut self.pending) {
            (Section::Pending, Some(pending)) => {
                pending.insert(key.to_owned(), Some(value));
            }
            _ => {
                self.values.insert(key.to_owned(), value);
            }
        }
        Ok(())
    }

    /// The configuration as it is from the next start on, where changes are pending.
    #[must_use]
    pub fn pending(&self) -> Option<Self> {
        let mut next =
            Self { values: self.values.clone(), pending: None, ignored: self.ignored.clone() };
        for (key, value) in self.pending.as_ref()? {
            match value {
                Some(value) => next.values.insert(key.clone(), value.clone()),
                None => next.values.remove(key),
            };
        }
        Some(next)
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// The lines, by key.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Lines that Proxmox VE ignores: where each is, and why.
    #[must_use]
    pub const fn ignored(&self) -> &IgnoredLines {
        &self.ignored
    }

    /// The arguments for QEMU.
    #[must_use]
    pub fn args(&self) -> CommandLine {
        let text = self.get("args").unwrap_or_default();
        let words = perl_words::split(text);
        // An unclosed quote gives no words at all.
        let open_quote = words.is_empty() && !text.is_empty();
        CommandLine::read(Words { words, open_quote })
    }

    /// The arguments for QEMU without what hands over the iGPU and what sets properties of
    /// `device`.
    #[must_use]
    pub fn args_without_settings_of(&self, device: &str) -> String {
        let mut args = self.args();
        args.without_host_device(IGPU_BDF);
        args.unset_all(device);
        args.write_with(perl_words::quoted)
    }

    /// Why a host with this QEMU does not start it, whatever its devices.
    #[must_use]
    pub fn version_refusal(&self, qemu: QemuVersion) -> Option<Refusal> {
        starts::version_refusal(self, qemu)
    }
}

/// Words of the configuration for its line with this key.
fn line(config: &Config, key: &str, otherwise: &str) -> String {
    config.get(key).map_or_else(|| otherwise.to_owned(), |value| format!("{key}: {value}"))
}

/// White space of Perl in bytes.
const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r' | '\x0b' | '\x0c')
}

/// An ignored line as evidence: as it is written where its key has the form of one, else what of it
/// has, and its number. What strangers put where a key is expected is not repeated: people copy
/// such lines.
fn shown(line: &str, number: usize) -> String {
    if line.split_once(':').is_some_and(|(key, _)| schema::is_key(key)) {
        return line.to_owned();
    }
    let start = schema::key_at_start(line.trim_start_matches(is_blank));
    if start.is_empty() {
        return format!("line {number}");
    }
    format!("{start}... in line {number}")
}

/// The name of a section in brackets.
fn section_name(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "_-:".contains(letter);
    (name.starts_with(|letter: char| letter.is_ascii_alphabetic()) && name.chars().all(inner))
        .then_some(name)
}

/// Whether a text has a line of such a configuration in it.
#[must_use]
pub fn looks_like_one(text: &str) -> bool {
    let known = |line: &str| {
        let (key, value) = line.trim_end().split_once(':')?;
        (schema::is_key(key) && !value.is_empty()).then_some(())
    };
    text.lines().any(|line| known(line).is_some())
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
        let next = config.pending().unwrap();
        assert_eq!(next.get("bios"), Some("seabios"));
    }

    #[test]
    fn pending_is_read_as_proxmox_ve_does() {
        let config = Config::read(
            "vga: std\nbios: ovmf\n[pending]\nbios: seabios\n[Pending]\ndelete: !vga\n",
        );
        let next = config.pending().unwrap();
        assert_eq!((next.get("vga"), next.get("bios")), (None, Some("ovmf")));
    }

    #[test]
    fn what_is_not_a_key_is_not_repeated() {
        for (line, source) in [
            ("hostpci0$(touch${IFS}PWN): 00:02.0", "hostpci0... in line 2"),
            ("  hostpci0 --delete scsi0: 00:02.0", "hostpci0... in line 2"),
            ("boot-x9`touch PWN`: 1", "boot-x9... in line 2"),
            ("$(touch PWN): 1", "line 2"),
            ("Bios: ovmf", "line 2"),
            ("hostpci0: 00:02.0, pcie=1", "hostpci0: 00:02.0, pcie=1"),
        ] {
            let config = Config::read(&format!("bios: ovmf\n{line}\n"));
            let sources: Vec<&str> =
                config.ignored().first.iter().map(|line| line.source.as_str()).collect();
            assert_eq!(sources, [source], "{line}");
        }
    }

    #[test]
    fn windows_line_ends_do_no_harm_and_a_byte_order_mark_costs_its_line() {
        let config = Config::read("\u{feff}bios: ovmf\r\nvga: none\r\n");
        assert_eq!((config.get("bios"), config.get("vga")), (None, Some("none")));
        assert_eq!(config.ignored().first.len(), 1);
    }

    #[test]
    fn other_arguments_are_kept() {
        let kept = Config::read(TEXT).args_without_settings_of("hostpci0");
        assert_eq!(kept, "-smbios type=1 -set device.hostpci1.rombar=0");
        assert_eq!(Config::default().args_without_settings_of("hostpci0"), "");
    }
}
