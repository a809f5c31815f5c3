//! OVMF for x86-64, as Debian and Proxmox build it. Secure Boot changes nothing: OVMF starts option
//! ROMs whatever their signature (edk2, `OvmfPkgX64.dsc`: `PcdOptionRomImageVerificationPolicy` is
//! 0, but for SEV guests).

use super::ImageOutcome;
use super::option_rom::{self, Edk2};
use crate::layout::Machine;

/// This build.
pub(super) const BUILD: Edk2 = Edk2 { machine: Machine::X64, verify: trust };

/// Every driver may run.
fn trust(_driver: &option_rom::Handed<'_>) -> Option<ImageOutcome> {
    None
}
