//! What QEMU does, by version.

mod igd;

pub use igd::{Gpu, Grade, QemuVersion, Vga, disable_vga};
