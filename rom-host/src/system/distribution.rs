//! Distributions, and where each has what.

use super::Words;
use crate::files::HostFiles;

/// Distributions that differ in what an administrator types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Proxmox VE.
    ProxmoxVe,
    /// Debian, Ubuntu and what is made of them.
    Debian,
    /// Fedora, RHEL and what is made of them.
    Fedora,
    /// A Fedora whose system is an image of rpm-ostree: Silverblue, Bazzite, `CoreOS`.
    FedoraAtomic,
    /// openSUSE and SLE.
    Suse,
    /// Arch Linux and what is made of it.
    Arch,
    /// NixOS.
    NixOs,
    /// Unraid, whose root is made again at each start.
    Unraid,
    /// `TrueNAS`, whose root is read-only.
    TrueNas,
    /// Another one.
    Other,
}

/// Where a distribution has what, and what is typed there.
#[derive(Debug, PartialEq, Eq)]
pub struct Places {
    /// Its name.
    pub name: &'static str,
    /// The folder for a ROM that QEMU is to read: it stays after a restart, and what confines QEMU
    /// lets it be read. `None` where the distribution's VMs take no ROM file.
    pub rom_folder: Option<&'static str>,
    /// The folder for the journal of changes: it stays after a restart.
    pub journal_folder: &'static str,
    /// The folder for files with module options; `None` where they are declared in
    /// [`Self::declared`], or cannot be set.
    pub modprobe_folder: Option<&'static str>,
    /// The file in which the whole system is declared, where there is one.
    pub declared: Option<&'static str>,
    /// Programs that may be its QEMU, as they are started: the first that is there.
    pub qemu: &'static [&'static str],
    /// What installs and starts an SSH server: commands, in this order.
    pub ssh: &'static [Words],
    /// The same in words, where no command does it.
    pub ssh_by_hand: &'static str,
}

/// What most of them have. /usr/share/kvm can be read by libvirt's QEMU: its `AppArmor` profile
/// lists it (abstractions/libvirt-qemu), and for `SELinux` files there are `usr_t`.
const MOST: Places = Places {
    name: "this distribution",
    rom_folder: Some("/usr/share/kvm"),
    journal_folder: "/var/lib/oprom",
    modprobe_folder: Some("/etc/modprobe.d"),
    declared: None,
    qemu: &["qemu-system-x86_64"],
    ssh: &[],
    ssh_by_hand: "Install and start an SSH server.",
};

const APT: &[Words] = &[&["apt", "install", "openssh-server"]];
const START_SSHD: Words = &["systemctl", "enable", "--now", "sshd"];

static PROXMOX_VE: Places = Places {
    name: "Proxmox VE",
    // A romfile is looked for there (qemu-server, src/PVE/QemuServer/PCI.pm).
    qemu: &["kvm", "qemu-system-x86_64"],
    ssh: APT,
    ssh_by_hand: "",
    ..MOST
};

static DEBIAN: Places = Places { name: "Debian", ssh: APT, ssh_by_hand: "", ..MOST };

static FEDORA: Places = Places {
    name: "Fedora",
    qemu: &["qemu-system-x86_64", "/usr/libexec/qemu-kvm", "qemu-kvm"],
    ssh: &[&["dnf", "install", "openssh-server"], START_SSHD],
    ssh_by_hand: "",
    ..MOST
};

static FEDORA_ATOMIC: Places = Places {
    name: "Fedora with rpm-ostree",
    // /usr is read-only; /usr/local is in /var.
    rom_folder: Some("/usr/local/share/kvm"),
    qemu: FEDORA.qemu,
    ssh: &[START_SSHD],
    ssh_by_hand: "",
    ..MOST
};

static SUSE: Places = Places {
    name: "openSUSE",
    ssh: &[&["zypper", "install", "openssh-server"], START_SSHD],
    ssh_by_hand: "",
    ..MOST
};

static ARCH: Places = Places {
    name: "Arch Linux",
    ssh: &[&["pacman", "-S", "openssh"], START_SSHD],
    ssh_by_hand: "",
    ..MOST
};

static NIX_OS: Places = Places {
    name: "NixOS",
    // /usr has nothing but env there, and QEMU is confined by nothing.
    rom_folder: Some("/var/lib/libvirt/roms"),
    modprobe_folder: None,
    declared: Some("/etc/nixos/configuration.nix"),
    qemu: &["qemu-system-x86_64", "/run/libvirt/nix-emulators/qemu-system-x86_64"],
    ssh_by_hand: "In /etc/nixos/configuration.nix set services.openssh.enable = true; and switch \
        to it.",
    ..MOST
};

static UNRAID: Places = Places {
    name: "Unraid",
    // The root is in memory; /boot is the flash drive, and shares are on the array.
    rom_folder: Some("/mnt/user/isos/vbios"),
    journal_folder: "/boot/config/plugins/oprom",
    modprobe_folder: Some("/boot/config/modprobe.d"),
    qemu: &["qemu-system-x86_64", "/usr/local/sbin/qemu"],
    ssh_by_hand: "In the web interface under Settings, Management Access, set Use SSH to Yes.",
    ..MOST
};

static TRUE_NAS: Places = Places {
    name: "TrueNAS",
    // Its VMs are made by its middleware, which has no option for a ROM file.
    rom_folder: None,
    modprobe_folder: None,
    ssh_by_hand: "In the web interface under System, Services, start SSH.",
    ..MOST
};

static OTHER: Places = MOST;

/// Files that one distribution alone has, and its derivatives have not.
const SIGNS: [(&str, Distribution); 5] = [
    ("/etc/pve", Distribution::ProxmoxVe),
    ("/etc/unraid-version", Distribution::Unraid),
    ("/etc/NIXOS", Distribution::NixOs),
    // Its os-release is Debian's.
    ("/usr/bin/midclt", Distribution::TrueNas),
    ("/run/ostree-booted", Distribution::FedoraAtomic),
];

/// `ID` and `ID_LIKE` of os-release.
const NAMES: [(&str, Distribution); 15] = [
    ("debian", Distribution::Debian),
    ("ubuntu", Distribution::Debian),
    ("fedora", Distribution::Fedora),
    ("rhel", Distribution::Fedora),
    ("centos", Distribution::Fedora),
    ("rocky", Distribution::Fedora),
    ("almalinux", Distribution::Fedora),
    ("suse", Distribution::Suse),
    ("opensuse", Distribution::Suse),
    ("opensuse-tumbleweed", Distribution::Suse),
    ("opensuse-leap", Distribution::Suse),
    ("sles", Distribution::Suse),
    ("arch", Distribution::Arch),
    ("manjaro", Distribution::Arch),
    ("nixos", Distribution::NixOs),
];

/// /etc/os-release is often a link to the other.
const OS_RELEASE: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];
/// Bytes of os-release that are read.
const LONGEST: u64 = 64 << 10;

impl Distribution {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::ProxmoxVe,
        Self::Debian,
        Self::Fedora,
        Self::FedoraAtomic,
        Self::Suse,
        Self::Arch,
        Self::NixOs,
        Self::Unraid,
        Self::TrueNas,
        Self::Other,
    ];

    /// The distribution of a host, by files that only it has, then by os-release.
    #[must_use]
    pub fn read(files: &dyn HostFiles) -> Self {
        if let Some((_, own)) = SIGNS.into_iter().find(|(path, _)| files.exists(path)) {
            return own;
        }
        let Some(text) = OS_RELEASE.iter().find_map(|path| files.read(path, LONGEST).ok()) else {
            return Self::Other;
        };
        let text = String::from_utf8_lossy(&text);
        // What it is comes before what it is like.
        let mut names = ["ID=", "ID_LIKE="].into_iter().flat_map(|key| {
            let value = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
            value.trim_matches(['"', '\'']).split_whitespace()
        });
        let known =
            |name: &str| NAMES.into_iter().find(|(own, _)| *own == name).map(|(_, own)| own);
        names.find_map(known).unwrap_or(Self::Other)
    }

    /// Where a ROM goes here that goes to `path`, in the folder of most distributions. Where the
    /// manager of its VMs takes none, QEMU by itself does.
    #[must_use]
    pub fn rom_place(self, path: &str) -> String {
        let most = MOST.rom_folder.unwrap_or_default();
        let own = self.places().rom_folder.unwrap_or(most);
        path.strip_prefix(most).map_or_else(|| path.to_owned(), |name| format!("{own}{name}"))
    }

    /// Where it has what.
    #[must_use]
    pub const fn places(self) -> &'static Places {
        match self {
            Self::ProxmoxVe => &PROXMOX_VE,
            Self::Debian => &DEBIAN,
            Self::Fedora => &FEDORA,
            Self::FedoraAtomic => &FEDORA_ATOMIC,
            Self::Suse => &SUSE,
            Self::Arch => &ARCH,
            Self::NixOs => &NIX_OS,
            Self::Unraid => &UNRAID,
            Self::TrueNas => &TRUE_NAS,
            Self::Other => &OTHER,
        }
    }
}
