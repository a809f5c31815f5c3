//! What QEMU does, by version.

mod igd;
mod start;

pub use igd::{BootDisplay, Gpu, Grade, QemuVersion, Vga, disable_vga};
pub use start::{
    Asked, Assignment, CLASS_CODE, GMS, Given, GmsEffect, HostGives, LEGACY_MODE, LPC, OPREGION,
    Outcome, Place, Why, gives_opregion, gms_effect, has_property, needs_gms,
};
