//! What writes a host's initramfs, which has its own copy of the files with module options.

use super::{Distribution, Words};
use crate::files::HostFiles;

/// Programs that write an initramfs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initramfs {
    /// initramfs-tools: Proxmox VE, Debian, Ubuntu.
    UpdateInitramfs,
    /// dracut: Fedora, RHEL, openSUSE.
    Dracut,
    /// mkinitcpio: Arch Linux.
    Mkinitcpio,
    /// rpm-ostree, which makes none of its own until it is told to.
    RpmOstree,
    /// NixOS, which makes it with the rest of the system.
    NixOs,
}

/// Programs, and where they are.
const PROGRAMS: [(&str, Initramfs); 5] = [
    ("/usr/sbin/update-initramfs", Initramfs::UpdateInitramfs),
    ("/usr/bin/mkinitcpio", Initramfs::Mkinitcpio),
    ("/usr/bin/dracut", Initramfs::Dracut),
    ("/usr/sbin/dracut", Initramfs::Dracut),
    ("/sbin/dracut", Initramfs::Dracut),
];

impl Initramfs {
    /// What a host has: the program that is there, else the one that its distribution comes with.
    pub(super) fn read(files: &dyn HostFiles, distribution: Distribution) -> Option<Self> {
        match distribution {
            Distribution::NixOs => return Some(Self::NixOs),
            Distribution::FedoraAtomic => return Some(Self::RpmOstree),
            // Their image comes with the system, and reads no option of its owner.
            Distribution::Unraid | Distribution::TrueNas => return None,
            _ => {}
        }
        let found = PROGRAMS.into_iter().find(|(path, _)| files.exists(path));
        found.map(|(_, own)| own).or(match distribution {
            Distribution::ProxmoxVe | Distribution::Debian => Some(Self::UpdateInitramfs),
            Distribution::Fedora | Distribution::Suse => Some(Self::Dracut),
            Distribution::Arch => Some(Self::Mkinitcpio),
            _ => None,
        })
    }

    /// The commands that write it again for every kernel, in this order.
    #[must_use]
    pub const fn commands(self) -> &'static [Words] {
        match self {
            Self::UpdateInitramfs => &[&["update-initramfs", "-u", "-k", "all"]],
            Self::Dracut => &[&["dracut", "--regenerate-all", "--force"]],
            Self::Mkinitcpio => &[&["mkinitcpio", "-P"]],
            // It makes the image with the files of this host, at once and with each update.
            Self::RpmOstree => &[&["rpm-ostree", "initramfs", "--enable"]],
            Self::NixOs => &[&["nixos-rebuild", "boot"]],
        }
    }
}
