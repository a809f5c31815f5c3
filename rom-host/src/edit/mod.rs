//! Files of a host with one thing changed: text in, text out. Everything else of a file stays as it
//! is, byte for byte.

pub mod goals;
pub mod modprobe;
