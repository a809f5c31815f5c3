//! Boot loaders: where the options of the kernel are, and what applies a change.

use super::{Distribution, Words};
use crate::files::HostFiles;
use std::path::Path;

/// What starts a kernel and gives it its options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loader {
    /// GRUB as Debian has it: update-grub.
    Grub,
    /// GRUB on partitions that proxmox-boot-tool keeps alike.
    GrubProxmoxBoot,
    /// GRUB by grub-mkconfig: Arch Linux and others.
    GrubMkconfig,
    /// GRUB by grub2-mkconfig: openSUSE, and Fedora without grubby.
    Grub2Mkconfig,
    /// GRUB with one file for each kernel, which grubby edits: Fedora, RHEL.
    Grubby,
    /// rpm-ostree, which keeps the options itself.
    RpmOstree,
    /// systemd-boot through proxmox-boot-tool.
    ProxmoxBoot,
    /// systemd-boot through kernel-install, which initramfs-tools calls.
    KernelInstall,
    /// systemd-boot with one file for each entry, written by hand, in /boot/loader/entries.
    Entries,
    /// The same, with the EFI partition at /efi.
    EntriesOnEfi,
    /// A unified kernel image that mkinitcpio makes.
    UnifiedImage,
    /// NixOS, whatever starts it.
    NixOs,
    /// Syslinux on the flash drive of Unraid.
    Syslinux,
    /// `TrueNAS`, whose database has the options.
    TrueNas,
}

/// How options are written where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// GRUB's file: a shell file, in which [`crate::system`]'s reader finds two variables.
    Shell,
    /// One line of options.
    Line,
    /// Lines that begin with this word.
    Lines(&'static str),
    /// A list in a language of its own.
    Declared,
    /// A program keeps them: what adds one and what removes one, each to be followed by the option
    /// in the same word.
    Program {
        /// Words that end in what an option to add is written after.
        add: Words,
        /// Words that end in what an option to remove is written after.
        remove: Words,
    },
    /// A program keeps them, and takes them as a whole.
    Whole,
}

/// Where options of the kernel are, and what applies a change.
#[derive(Debug, PartialEq, Eq)]
pub struct BootOptions {
    /// The boot loader's name.
    pub name: &'static str,
    /// The file or, where there is one for each entry, the folder; `None` where a program keeps
    /// them.
    pub path: Option<&'static str>,
    /// Where in it, in words: a variable, a line.
    pub within: &'static str,
    /// How they are written.
    pub format: Format,
    /// The commands that apply a change, in this order; none where the file is read at the start.
    pub apply: &'static [Words],
}

const GRUB: &str = "GRUB_CMDLINE_LINUX_DEFAULT";
const GRUB_FILE: Option<&str> = Some("/etc/default/grub");

const fn grub(apply: &'static [Words]) -> BootOptions {
    BootOptions { name: "GRUB", path: GRUB_FILE, within: GRUB, format: Format::Shell, apply }
}

const fn cmdline(name: &'static str, apply: &'static [Words]) -> BootOptions {
    let path = Some("/etc/kernel/cmdline");
    BootOptions { name, path, within: "its one line", format: Format::Line, apply }
}

const fn entries(path: &'static str) -> BootOptions {
    BootOptions {
        name: "systemd-boot",
        path: Some(path),
        within: "the line `options` of each file",
        format: Format::Lines("options"),
        apply: &[],
    }
}

const REFRESH: &[Words] = &[&["proxmox-boot-tool", "refresh"]];

static GRUB_DEBIAN: BootOptions = grub(&[&["update-grub"]]);
static GRUB_PROXMOX_BOOT: BootOptions = grub(REFRESH);
static GRUB_MKCONFIG: BootOptions = grub(&[&["grub-mkconfig", "-o", "/boot/grub/grub.cfg"]]);
static GRUB2_MKCONFIG: BootOptions = grub(&[&["grub2-mkconfig", "-o", "/boot/grub2/grub.cfg"]]);
static GRUBBY: BootOptions = BootOptions {
    name: "GRUB",
    path: None,
    within: "",
    format: Format::Program {
        add: &["grubby", "--update-kernel=ALL", "--args="],
        remove: &["grubby", "--update-kernel=ALL", "--remove-args="],
    },
    apply: &[],
};
static RPM_OSTREE: BootOptions = BootOptions {
    name: "rpm-ostree",
    path: None,
    within: "",
    format: Format::Program {
        add: &["rpm-ostree", "kargs", "--append-if-missing="],
        remove: &["rpm-ostree", "kargs", "--delete-if-present="],
    },
    apply: &[],
};
static PROXMOX_BOOT: BootOptions = cmdline("systemd-boot", REFRESH);
// /etc/initramfs/post-update.d/systemd-boot calls kernel-install.
static KERNEL_INSTALL: BootOptions =
    cmdline("systemd-boot", &[&["update-initramfs", "-u", "-k", "all"]]);
static UNIFIED_IMAGE: BootOptions = cmdline("a unified kernel image", &[&["mkinitcpio", "-P"]]);
static ENTRIES: BootOptions = entries("/boot/loader/entries");
static ENTRIES_ON_EFI: BootOptions = entries("/efi/loader/entries");
static NIX_OS: BootOptions = BootOptions {
    name: "NixOS",
    path: Some("/etc/nixos/configuration.nix"),
    within: "boot.kernelParams",
    format: Format::Declared,
    apply: &[&["nixos-rebuild", "boot"]],
};
static SYSLINUX: BootOptions = BootOptions {
    name: "Syslinux",
    path: Some("/boot/syslinux/syslinux.cfg"),
    within: "the lines `append`",
    format: Format::Lines("append"),
    apply: &[],
};
static TRUE_NAS: BootOptions = BootOptions {
    name: "TrueNAS",
    path: None,
    within: "kernel_extra_options",
    format: Format::Whole,
    apply: &[],
};

/// Where grubby is.
const GRUBBY_PROGRAM: [&str; 3] = ["/usr/sbin/grubby", "/usr/bin/grubby", "/sbin/grubby"];

/// Whether a folder has an entry of the boot loader.
fn has_entries(files: &dyn HostFiles, folder: &str) -> bool {
    let is_entry = |name: &String| Path::new(name).extension().is_some_and(|own| own == "conf");
    files.names(folder).iter().any(is_entry)
}

impl Loader {
    /// Every one.
    pub const ALL: [Self; 14] = [
        Self::Grub,
        Self::GrubProxmoxBoot,
        Self::GrubMkconfig,
        Self::Grub2Mkconfig,
        Self::Grubby,
        Self::RpmOstree,
        Self::ProxmoxBoot,
        Self::KernelInstall,
        Self::Entries,
        Self::EntriesOnEfi,
        Self::UnifiedImage,
        Self::NixOs,
        Self::Syslinux,
        Self::TrueNas,
    ];

    /// What starts a host; `command_line` is that of the running kernel, to which systemd-boot adds
    /// the initramfs by a path of the EFI partition.
    pub(super) fn read(
        files: &dyn HostFiles,
        distribution: Distribution,
        command_line: &[String],
    ) -> Option<Self> {
        match distribution {
            Distribution::NixOs => return Some(Self::NixOs),
            Distribution::Unraid => return Some(Self::Syslinux),
            Distribution::TrueNas => return Some(Self::TrueNas),
            Distribution::FedoraAtomic => return Some(Self::RpmOstree),
            _ => {}
        }
        let begins = |with: &str| command_line.iter().any(|word| word.starts_with(with));
        if begins("initrd=\\EFI\\proxmox") {
            return Some(Self::ProxmoxBoot);
        }
        if GRUBBY_PROGRAM.iter().any(|path| files.exists(path)) {
            return Some(Self::Grubby);
        }
        let has_grub = files.exists("/etc/default/grub");
        if !begins("initrd=\\") && has_grub {
            return Some(Self::grub(files, distribution));
        }
        let has_cmdline = files.exists("/etc/kernel/cmdline");
        match distribution {
            Distribution::ProxmoxVe if has_cmdline => return Some(Self::ProxmoxBoot),
            Distribution::Debian if has_cmdline => return Some(Self::KernelInstall),
            _ => {}
        }
        for (folder, own) in
            [("/boot/loader/entries", Self::Entries), ("/efi/loader/entries", Self::EntriesOnEfi)]
        {
            if has_entries(files, folder) {
                return Some(own);
            }
        }
        if has_cmdline && distribution == Distribution::Arch {
            return Some(Self::UnifiedImage);
        }
        // Only root can see the EFI partition.
        begins("initrd=\\").then_some(Self::Entries)
    }

    /// The GRUB of a host that has GRUB's file.
    fn grub(files: &dyn HostFiles, distribution: Distribution) -> Self {
        match distribution {
            Distribution::ProxmoxVe if files.exists("/etc/kernel/proxmox-boot-uuids") => {
                Self::GrubProxmoxBoot
            }
            Distribution::ProxmoxVe | Distribution::Debian => Self::Grub,
            Distribution::Fedora | Distribution::Suse => Self::Grub2Mkconfig,
            _ if files.exists("/usr/sbin/update-grub") => Self::Grub,
            _ if files.exists("/usr/sbin/grub2-mkconfig") => Self::Grub2Mkconfig,
            _ => Self::GrubMkconfig,
        }
    }

    /// Where its options are.
    #[must_use]
    pub const fn options(self) -> &'static BootOptions {
        match self {
            Self::Grub => &GRUB_DEBIAN,
            Self::GrubProxmoxBoot => &GRUB_PROXMOX_BOOT,
            Self::GrubMkconfig => &GRUB_MKCONFIG,
            Self::Grub2Mkconfig => &GRUB2_MKCONFIG,
            Self::Grubby => &GRUBBY,
            Self::RpmOstree => &RPM_OSTREE,
            Self::ProxmoxBoot => &PROXMOX_BOOT,
            Self::KernelInstall => &KERNEL_INSTALL,
            Self::Entries => &ENTRIES,
            Self::EntriesOnEfi => &ENTRIES_ON_EFI,
            Self::UnifiedImage => &UNIFIED_IMAGE,
            Self::NixOs => &NIX_OS,
            Self::Syslinux => &SYSLINUX,
            Self::TrueNas => &TRUE_NAS,
        }
    }

    /// Whether it reads GRUB's file.
    #[must_use]
    pub fn reads_grub_file(self) -> bool {
        self.options().format == Format::Shell
    }
}
