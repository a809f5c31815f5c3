//! VMs as their managers have them.

use super::ChangeError;
use crate::journal::{Setting, Settings};
use rom_host::advice::ShellCommand;
use rom_host::root::Root;
use rom_host::vm::proxmox::{self, Config};
use sha1::{Digest as _, Sha1};
use std::path::{Path, PathBuf};

/// Bytes of a configuration that are read.
const LONGEST: u64 = 1 << 20;
/// Where libvirt keeps the domains of the system.
const DOMAINS: &str = "/etc/libvirt/qemu";

/// A VM of Proxmox VE.
pub(super) struct Proxmox {
    vmid: u32,
    /// As the next start has it.
    config: Config,
    /// What `--digest` compares: SHA-1 of the file (qemu-server, `parse_vm_config`).
    digest: String,
}

impl Proxmox {
    pub(super) fn read(root: &Root, vmid: u32) -> Result<Self, ChangeError> {
        let path = PathBuf::from(format!("{}/{vmid}.conf", proxmox::FOLDER));
        let bytes = root.read(&path, LONGEST).map_err(|source| unreadable(root, &path, source))?;
        let digest = hex::encode(Sha1::digest(&bytes));
        let config = Config::read(&String::from_utf8_lossy(&bytes));
        let config = config.pending().unwrap_or(config);
        Ok(Self { vmid, config, digest })
    }

    /// Whether all settings are those of one side.
    pub(super) fn has(
        &self,
        settings: &Settings,
        side: impl Fn(&Setting) -> &Option<String>,
    ) -> bool {
        settings
            .iter()
            .all(|(key, setting)| is_same(self.config.get(key), side(setting).as_deref()))
    }

    /// The value of a setting.
    pub(super) fn get(&self, key: &str) -> Option<String> {
        self.config.get(key).map(str::to_owned)
    }

    /// What gives the VM the settings, unless its file changes meanwhile. `None` if one of them
    /// cannot be typed.
    pub(super) fn command(&self, settings: &Settings) -> Option<ShellCommand> {
        let mut words = vec!["qm".to_owned(), "set".to_owned(), self.vmid.to_string()];
        words.extend(options(settings));
        words.extend(["--digest".to_owned(), self.digest.clone()]);
        ShellCommand::new(words)
    }
}

/// The options of `qm set` for settings.
pub(super) fn options(settings: &Settings) -> Vec<String> {
    let mut words = Vec::new();
    let mut gone = Vec::new();
    for (key, setting) in settings {
        match &setting.after {
            Some(value) => words.extend([format!("--{key}"), value.clone()]),
            None => gone.push(key.as_str()),
        }
    }
    if !gone.is_empty() {
        words.extend(["--delete".to_owned(), gone.join(",")]);
    }
    words
}

/// Whether two values are the same to Proxmox VE: the order of a value's parts does not count.
fn is_same(own: Option<&str>, other: Option<&str>) -> bool {
    let parts = |text: &str| {
        let mut parts: Vec<String> = text.split(',').map(str::to_owned).collect();
        parts.sort();
        parts
    };
    own.map(parts) == other.map(parts)
}

/// The XML of a domain, as libvirt keeps it.
pub(super) fn domain(root: &Root, name: &str) -> Result<String, ChangeError> {
    let path = Path::new(DOMAINS).join(format!("{name}.xml"));
    let bytes = root.read(&path, LONGEST).map_err(|source| unreadable(root, &path, source))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn unreadable(root: &Root, path: &Path, source: std::io::Error) -> ChangeError {
    ChangeError::Read { path: root.shown(path), source }
}
