//! What starts the VMs of a host.

use crate::files::HostFiles;
use crate::vm::model::Manager;

/// What is there where each manager is installed: its folder of configurations, or its program.
const SIGNS: [(&str, Manager); 6] = [
    ("/etc/pve", Manager::Proxmox),
    ("/usr/bin/virsh", Manager::Libvirt),
    ("/etc/libvirt/qemu", Manager::Libvirt),
    ("/run/current-system/sw/bin/virsh", Manager::Libvirt),
    ("/usr/bin/qemu-system-x86_64", Manager::Qemu),
    ("/run/current-system/sw/bin/qemu-system-x86_64", Manager::Qemu),
];

/// What starts the VMs of a host; `None` where nothing shows it. A host with several is known by
/// the one that decides most: Proxmox VE, then libvirt.
#[must_use]
pub fn manager(files: &dyn HostFiles) -> Option<Manager> {
    SIGNS.into_iter().find(|(path, _)| files.exists(path)).map(|(_, manager)| manager)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    #[test]
    fn the_one_that_decides_most() {
        let host = |paths: &[&str]| {
            let mut files = FileMap::default();
            for path in paths {
                files.write(path, Vec::new());
            }
            manager(&files)
        };
        assert_eq!(host(&["/usr/bin/virsh", "/etc/pve/storage.cfg"]), Some(Manager::Proxmox));
        assert_eq!(
            host(&["/usr/bin/qemu-system-x86_64", "/usr/bin/virsh"]),
            Some(Manager::Libvirt)
        );
        assert_eq!(host(&["/usr/bin/qemu-system-x86_64"]), Some(Manager::Qemu));
        assert_eq!(host(&["/etc/os-release"]), None);
    }
}
