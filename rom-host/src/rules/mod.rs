//! The rules: what is right and wrong with a host and with a VM. A rule reads facts, and nothing
//! else.

mod amd;
pub mod host;
pub mod vm;
