//! Hosts and VMs that pass an iGPU through: facts in, judgement, recipe and steps out.
//!
//! # Layers
//! Lowest first. No module uses one that is further down in this list.
//!
//! 1. `quotation`: text of others in a sentence of ours; [`root`]: files of strangers, opened so
//!    that nothing waits and nothing leads elsewhere; [`files`]: the one way in which a host is
//!    read: a folder that is its root, or a map in tests.
//! 2. [`address`]: where a device is, on the host and in a VM; [`advice`]: what to do, as text and
//!    commands; [`host_change`]: what there is to change on a host; [`system`]: what differs from one
//!    distribution to the next.
//! 3. [`qemu`]: what QEMU does with an Intel GPU, by version.
//! 4. [`vm`]: Proxmox VE, libvirt and QEMU: text to a VM, and changes to text.
//! 5. [`probe`]: what a host is, as plain data.
//! 6. [`pick`]: what the catalog has for it; [`goal`]: what a VM is for; [`summary`]: what was read
//!    of it.
//! 7. [`checks`] and [`rules`]: what is right and wrong with a host and a VM.
//! 8. [`edit`]: files of a host with one thing changed; [`steps`] and [`host_steps`]: from here to
//!    there.
//! 9. [`assess`]: all of it for one host or one VM.
//! 10. [`explain`]: what a code, a check or a line of a log means.
//! 11. [`verify`]: whether a VM that was started has the GPU.
//!
//! This crate starts no program and prints nothing. What a program says of itself is given to it
//! as data.

pub mod address;
pub mod advice;
pub mod assess;
pub mod checks;
pub mod edit;
pub mod explain;
pub mod files;
pub mod goal;
pub mod host_change;
pub mod host_steps;
pub mod pick;
pub mod probe;
pub mod qemu;
mod quotation;
pub mod root;
pub mod rules;
pub mod steps;
pub mod summary;
pub mod system;
pub mod verify;
pub mod vm;
