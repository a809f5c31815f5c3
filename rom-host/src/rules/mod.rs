//! The rules: what is right and wrong with a host and with a VM. A rule reads facts, and nothing
//! else.

pub mod host;
pub mod vm;
