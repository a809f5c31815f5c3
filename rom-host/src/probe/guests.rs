//! The guests of this host that use its GPU: VMs of Proxmox VE and of libvirt, and containers.

use crate::files::HostFiles;
use crate::vm::configuration::Configuration;
use crate::vm::libvirt::Domain;
use crate::vm::model::Vm;
use crate::vm::proxmox::{self, Config};
use std::fmt;

/// Where Proxmox VE keeps containers.
const CONTAINERS: &str = "/etc/pve/lxc";
/// Where a file for each running VM of Proxmox VE is.
const RUNNING: &str = "/run/qemu-server";
/// Where libvirt keeps the domains of the system, and a file for each that runs.
const DOMAINS: &str = "/etc/libvirt/qemu";
const RUNNING_DOMAINS: &str = "/run/libvirt/qemu";

/// What a guest is, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestName {
    /// A VM of Proxmox VE.
    Vm(u32),
    /// A domain of libvirt.
    Domain(String),
    /// A container of Proxmox VE.
    Container(u32),
}

impl GuestName {
    /// Its number, if it is a VM of Proxmox VE.
    #[must_use]
    pub const fn vmid(&self) -> Option<u32> {
        match self {
            Self::Vm(number) => Some(*number),
            Self::Domain(_) | Self::Container(_) => None,
        }
    }
}

impl fmt::Display for GuestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vm(number) => write!(f, "VM {number}"),
            Self::Domain(name) => write!(f, "VM {name}"),
            Self::Container(number) => write!(f, "Container {number}"),
        }
    }
}

/// A guest that uses the GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// What it is.
    pub name: GuestName,
    /// Whether it runs. Containers are not seen to run.
    pub running: bool,
    /// Whether it starts with the host.
    pub starts_with_host: bool,
    /// Its configuration, if it is a VM.
    pub configuration: Option<Configuration>,
}

/// Guests with the GPU that are looked at: at most a few can run.
const MOST: usize = 100;

/// The guests that use the GPU.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guests {
    /// Those that were found, by kind and name.
    pub found: Vec<Guest>,
    /// Configurations that were left out: there are too many, or too large ones.
    pub unread: usize,
}

/// All guests whose configuration has the GPU. None where the configurations cannot be read. `amd`
/// is where the GPU is if it is AMD's.
#[must_use]
pub fn with_gpu(files: &dyn HostFiles, amd: Option<&str>) -> Guests {
    let has_gpu = |vm: Vm| Vm { amd_gpu: amd.map(str::to_owned), ..vm }.gpu().is_some();
    let mut found = Vec::new();
    let mut budget = Budget::default();
    for (number, text) in numbered(proxmox::FOLDER, files, &mut budget) {
        let config = Config::read(&text);
        if has_gpu(config.vm()) {
            found.push(Guest {
                name: GuestName::Vm(number),
                running: files.exists(&format!("{RUNNING}/{number}.pid")),
                starts_with_host: config.get("onboot") == Some("1"),
                configuration: Some(Configuration::Proxmox(config)),
            });
        }
    }
    let domains = files.names(DOMAINS);
    let domains = domains.iter().filter_map(|file| Some((file.strip_suffix(".xml")?, file)));
    for (name, text) in read(DOMAINS, domains, files, &mut budget) {
        let Ok(domain) = Domain::read(&text) else { continue };
        let configuration = Configuration::Libvirt(domain);
        if has_gpu(configuration.vm()) {
            found.push(Guest {
                running: files.exists(&format!("{RUNNING_DOMAINS}/{name}.pid")),
                starts_with_host: files.exists(&format!("{DOMAINS}/autostart/{name}.xml")),
                configuration: Some(configuration),
                name: GuestName::Domain(name.to_owned()),
            });
        }
    }
    for (number, text) in numbered(CONTAINERS, files, &mut budget) {
        // What follows the first section is a snapshot.
        let mut lines = text.lines().take_while(|line| !line.starts_with('['));
        if lines.any(|line| line.contains("/dev/dri")) {
            found.push(Guest {
                name: GuestName::Container(number),
                running: false,
                starts_with_host: Config::read(&text).get("onboot") == Some("1"),
                configuration: None,
            });
        }
    }
    let unread = budget.unread.saturating_add(found.len().saturating_sub(MOST));
    found.truncate(MOST);
    Guests { found, unread }
}

/// Other guests than the VM `own` that have the GPU already, or will have it when the host starts,
/// in words. They are named by their numbers alone. Without its number the VM would be
/// one of them.
#[must_use]
pub fn other_users(own: Option<u32>, guests: &[Guest]) -> Vec<String> {
    let Some(own) = own else { return Vec::new() };
    let mut other_users = Vec::new();
    for guest in guests {
        match (&guest.name, guest.running, guest.starts_with_host) {
            (GuestName::Vm(number), _, _) if *number == own => {}
            (GuestName::Vm(number), true, _) => {
                other_users.push(format!("VM {number}, which is running"));
            }
            (GuestName::Vm(number), false, true) => {
                other_users.push(format!("VM {number}, which starts with the host"));
            }
            (GuestName::Container(number), _, true) => other_users
                .push(format!("container {number} by /dev/dri, which starts with the host")),
            (GuestName::Vm(_) | GuestName::Container(_), _, false)
            | (GuestName::Domain(_), _, _) => {}
        }
    }
    other_users
}

/// What may be read of all configurations together.
struct Budget {
    /// How many more.
    files: usize,
    /// How many more bytes of them.
    bytes: usize,
    /// How many were not read.
    unread: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { files: 1000, bytes: 16 << 20, unread: 0 }
    }
}

/// Bytes of a configuration that are read: real ones have a few thousand.
const LONGEST: u64 = 1 << 20;

impl Budget {
    /// The text of a configuration; `None` where it cannot be read.
    fn read(&mut self, files: &dyn HostFiles, path: &str) -> Option<String> {
        if self.files == 0 || self.bytes == 0 {
            self.unread = self.unread.saturating_add(1);
            return None;
        }
        let bytes = files.read(path, LONGEST.saturating_add(1)).ok()?;
        self.files = self.files.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes.len());
        if u64::try_from(bytes.len()).is_ok_and(|length| length <= LONGEST) {
            return Some(String::from_utf8_lossy(&bytes).into_owned());
        }
        self.unread = self.unread.saturating_add(1);
        None
    }
}

/// Number and text of every configuration in a folder of Proxmox VE, by number.
fn numbered<'a>(
    folder: &'a str,
    files: &'a dyn HostFiles,
    budget: &'a mut Budget,
) -> impl Iterator<Item = (u32, String)> + 'a {
    let number = |file: &String| file.strip_suffix(".conf")?.parse().ok();
    let with_number = |file: String| number(&file).map(|number: u32| (number, file));
    let mut names: Vec<(u32, String)> =
        files.names(folder).into_iter().filter_map(with_number).collect();
    names.sort_by_key(|(number, _)| *number);
    read(folder, names, files, budget)
}

/// The name of every one of these files in a folder that can be read, with its text.
fn read<'a, N: 'a, F: AsRef<str> + 'a>(
    folder: &'a str,
    names: impl IntoIterator<Item = (N, F)> + 'a,
    files: &'a dyn HostFiles,
    budget: &'a mut Budget,
) -> impl Iterator<Item = (N, String)> + 'a {
    names.into_iter().filter_map(move |(name, file)| {
        Some((name, budget.read(files, &format!("{folder}/{}", file.as_ref()))?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    #[test]
    fn guests_with_the_gpu_are_found_and_others_are_not() {
        let domain = |host: &str| {
            format!(
                "<domain type='kvm'><name>x</name><os><type machine='pc'>hvm</type></os><devices>\
                 <hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0' \
                 slot='{host}' function='0'/></source></hostdev></devices></domain>"
            )
        };
        let mut files = FileMap::default();
        files.write("/etc/pve/qemu-server/1000.conf", "hostpci0: 0000:00:02.0\n");
        files.write("/etc/pve/qemu-server/101.conf", "hostpci0: 00:02,legacy-igd=1\n");
        files.write("/etc/pve/qemu-server/102.conf", "hostpci0: 0000:01:00.0\n");
        files.write("/run/qemu-server/101.pid", "1\n");
        files.write("/etc/libvirt/qemu/win11.xml", domain("2"));
        files.write("/etc/libvirt/qemu/nas.xml", domain("3"));
        files.write("/etc/libvirt/qemu/broken.xml", "<domain>");
        files.write("/etc/pve/lxc/200.conf", "dev0: /dev/dri/renderD128,gid=104\n");
        files.write("/etc/pve/lxc/201.conf", "arch: amd64\n[old]\ndev0: /dev/dri/card0\n");
        let found: Vec<(String, bool)> = with_gpu(&files, None)
            .found
            .iter()
            .map(|guest| (guest.name.to_string(), guest.running))
            .collect();
        let expected = [("VM 101", true), ("VM 1000", false), ("VM win11", false)];
        let expected = expected.iter().chain(&[("Container 200", false)]);
        let expected: Vec<(String, bool)> =
            expected.map(|(name, runs)| ((*name).to_owned(), *runs)).collect();
        assert_eq!(found, expected);
    }
    /// A folder of many configurations, or of large ones, does not keep anybody waiting, and what was
    /// not looked at is said.
    #[test]
    fn configurations_beyond_reason_are_counted_and_not_read() {
        let mut files = FileMap::default();
        for number in 100..1250 {
            files.write(&format!("{}/{number}.conf", proxmox::FOLDER), "hostpci0: 0000:00:02.0\n");
        }
        files.write(&format!("{CONTAINERS}/2000.conf"), "dev0: /dev/dri/card0\n");
        let guests = with_gpu(&files, None);
        assert_eq!((guests.found.len(), guests.unread), (100, 1051));
        assert_eq!(guests.found.last().unwrap().name, GuestName::Vm(199));

        let mut files = FileMap::default();
        let large = |bytes: usize| format!("hostpci0: 0000:00:02.0\n{}", "#\n".repeat(bytes / 2));
        for number in 100..120 {
            files.write(&format!("{}/{number}.conf", proxmox::FOLDER), large(1 << 20));
        }
        files.write(&format!("{}/50.conf", proxmox::FOLDER), large(1 << 19));
        let guests = with_gpu(&files, None);
        assert_eq!((guests.found.len(), guests.unread), (1, 20));
    }
}
