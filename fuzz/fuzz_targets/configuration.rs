//! Any text as the configuration of a VM: a .conf of Proxmox VE, XML of libvirt, a command line of QEMU.
#![no_main]

#[path = "../targets/configuration.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
