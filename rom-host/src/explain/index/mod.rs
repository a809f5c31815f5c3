//! The index: what is known, one table for each layer that says it.

mod amd;
mod card;
mod driver;
mod firmware;
mod guest;
mod kernel;
mod libvirt;
mod proxmox;
mod qemu;
mod qemu_igd;
mod symptoms;
mod tools;

use super::entry::{Entry, Tip, act, run};

/// Every message of a log, the more particular before the more general.
pub(super) fn messages() -> impl Iterator<Item = &'static Entry> {
    let tables = [
        qemu_igd::ENTRIES,
        proxmox::ENTRIES,
        libvirt::ENTRIES,
        qemu::ENTRIES,
        amd::ENTRIES,
        card::ENTRIES,
        driver::ENTRIES,
        kernel::ENTRIES,
        firmware::ENTRIES,
        guest::ENTRIES,
        tools::ENTRIES,
        libvirt::WRAPPERS,
    ];
    tables.into_iter().flatten()
}

/// What people see and ask about, in their own words.
pub(super) fn symptoms() -> impl Iterator<Item = &'static Entry> {
    symptoms::ENTRIES.iter()
}

/// For what is no fault.
const NOTHING: &[Tip] = &[act("Nothing to do.")];

/// For platforms that do not remap interrupts.
const UNSAFE_INTERRUPTS: Tip = run(
    "On a machine whose guests are all trusted, VFIO can do without: options vfio_iommu_type1 \
     allow_unsafe_interrupts=1 in a file of /etc/modprobe.d. Then rebuild the initramfs and restart.",
    &["update-initramfs -u -k all"],
);
