//! Any text as the configuration of a VM: a .conf of Proxmox VE, XML of libvirt, a command line of QEMU.

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        rom_cli::hostile::configuration(text);
    }
}
