//! Which QEMU the host has: by Debian's package database, and where that does not tell, by what
//! QEMU itself says.

use super::dpkg;
use crate::files::HostFiles;
use crate::qemu::QemuVersion;

/// QEMU and what it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qemu {
    /// What told: the database, or the program that was asked.
    pub source: &'static str,
    /// The package, or the program.
    pub package: String,
    /// Its version, as the database has it.
    pub text: String,
    /// The upstream version.
    pub version: QemuVersion,
    /// Whether it is Proxmox VE's.
    pub proxmox: bool,
    /// Whether its version does not look like the distributor's: somebody built it.
    pub own_build: bool,
}

/// Packages that QEMU comes in, the surest first.
const PACKAGES: [&str; 3] = ["pve-qemu-kvm", "qemu-system-x86", "qemu-kvm"];

/// Where a list of its files is for each package.
const LISTS: &str = "/var/lib/dpkg/info";

/// QEMU by what `program` prints for `--version`.
#[must_use]
pub fn asked(program: &str, printed: &str) -> Option<Qemu> {
    let text = version_line(printed)?.to_owned();
    let version = text.parse().ok()?;
    Some(Qemu {
        source: "--version",
        package: program.to_owned(),
        text,
        version,
        proxmox: false,
        own_build: false,
    })
}

impl Qemu {
    /// Another version than the one that is installed, as if an upgrade had brought it.
    #[must_use]
    pub fn upgraded(own: Option<Self>, version: QemuVersion) -> Self {
        let own = own.unwrap_or_else(|| Self {
            source: "--qemu",
            package: "QEMU".to_owned(),
            text: String::new(),
            version,
            proxmox: false,
            own_build: false,
        });
        Self { source: "--qemu", text: version.to_string(), version, own_build: false, ..own }
    }
}

/// The version in `QEMU emulator version 10.0.2 (pve-qemu-kvm_10.0.2-4)`.
fn version_line(text: &str) -> Option<&str> {
    text.lines().next()?.strip_prefix("QEMU emulator version ")
}

/// QEMU by the package database.
#[must_use]
pub fn packaged(files: &dyn HostFiles) -> Option<Qemu> {
    // A package without a list of its files is not installed.
    let lists = files.exists(LISTS);
    let has_list = |package: &str| files.exists(&format!("{LISTS}/{package}.list"));
    PACKAGES.iter().filter(|package| !lists || has_list(package)).find_map(|package| {
        let text = dpkg::installed(files, package)?.version;
        // An epoch is before a colon.
        let upstream = text.split_once(':').map_or(text.as_str(), |(_, rest)| rest);
        let proxmox = *package == PACKAGES[0];
        let stock = |text: &str| {
            text.split_once('-')
                .is_some_and(|(_, revision)| revision.bytes().all(|byte| byte.is_ascii_digit()))
        };
        Some(Qemu {
            source: dpkg::DATABASE,
            package: (*package).to_owned(),
            version: upstream.parse().ok()?,
            proxmox,
            own_build: proxmox && !stock(upstream),
            text,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    const STATUS: &str = "Package: pve-qemu-kvm\nStatus: install ok installed\nVersion: 10.1.2-4\n";

    #[test]
    fn the_database_is_not_read_where_no_package_has_a_list() {
        let mut files = FileMap::default();
        files.write(dpkg::DATABASE, STATUS);
        assert!(packaged(&files).is_some());
        files.write("/var/lib/dpkg/info/bash.list", "/.\n");
        assert!(packaged(&files).is_none());
        files.write("/var/lib/dpkg/info/pve-qemu-kvm.list", "/.\n");
        assert!(packaged(&files).is_some());
    }

    #[test]
    fn a_program_says_its_version() {
        let text =
            version_line("QEMU emulator version 10.1.2 (pve-qemu-kvm_10.1.2-4)\nCopyright\n")
                .unwrap();
        assert_eq!(text.parse::<QemuVersion>(), "10.1.2".parse());
        assert_eq!(version_line("GNU bash, version 5"), None);
    }
}
