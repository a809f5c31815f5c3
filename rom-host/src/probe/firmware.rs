//! The UEFI firmware of VMs that a host has.

use crate::files::HostFiles;

/// Where distributions put the code of OVMF, the builds without Secure Boot first: the others want
/// a machine with system management mode.
const OVMF: [&str; 16] = [
    // Proxmox VE, Debian and Ubuntu.
    "/usr/share/pve-edk2-firmware/OVMF_CODE_4M.fd",
    "/usr/share/OVMF/OVMF_CODE_4M.fd",
    "/usr/share/pve-edk2-firmware/OVMF_CODE.fd",
    "/usr/share/OVMF/OVMF_CODE.fd",
    // Fedora and RHEL.
    "/usr/share/edk2/ovmf/OVMF_CODE.fd",
    // Arch Linux, today and before.
    "/usr/share/edk2/x64/OVMF_CODE.4m.fd",
    "/usr/share/edk2/x64/OVMF_CODE.fd",
    "/usr/share/edk2-ovmf/x64/OVMF_CODE.fd",
    // openSUSE.
    "/usr/share/qemu/ovmf-x86_64-code.bin",
    "/usr/share/qemu/ovmf-x86_64-4m-code.bin",
    // Gentoo.
    "/usr/share/edk2-ovmf/OVMF_CODE.fd",
    // NixOS.
    "/run/libvirt/nix-ovmf/OVMF_CODE.fd",
    "/run/libvirt/nix-ovmf/edk2-x86_64-code.fd",
    // Unraid.
    "/usr/share/qemu/ovmf-x64/OVMF_CODE-pure-efi.fd",
    // QEMU's own.
    "/usr/share/qemu/edk2-x86_64-code.fd",
    "/usr/local/share/qemu/edk2-x86_64-code.fd",
];

/// The code of the OVMF of a host.
#[must_use]
pub fn ovmf(files: &dyn HostFiles) -> Option<&'static str> {
    OVMF.into_iter().find(|path| files.exists(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    #[test]
    fn the_managers_own_ovmf_comes_first() {
        let mut files = FileMap::default();
        assert_eq!(ovmf(&files), None);
        files.write("/usr/share/qemu/edk2-x86_64-code.fd", "x");
        assert_eq!(ovmf(&files), Some("/usr/share/qemu/edk2-x86_64-code.fd"));
        files.write("/usr/share/pve-edk2-firmware/OVMF_CODE_4M.fd", "x");
        assert_eq!(ovmf(&files), Some("/usr/share/pve-edk2-firmware/OVMF_CODE_4M.fd"));
    }
}
