//! What is said of hosts and of VMs: each of many with one thing changed, a guide that is executed,
//! and every failure of a list.

mod amd;
mod doctor;
mod failures;
mod guide;
mod hosts;
mod plan;
mod public;
mod verify;
mod vm;
