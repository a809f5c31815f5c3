//! AAVMF, the firmware of arm64 VMs. With Secure Boot it holds option ROMs to their signature (edk2, `ArmVirt.dsc.inc`:
//! `PcdOptionRomImageVerificationPolicy` is 4).

use super::option_rom::{self, Edk2, Handed};
use super::{Fate, Forecast, Outcome};
use crate::layout::Machine;
use crate::model::{Rom, Signature};

pub(super) fn forecast(rom: &Rom<'_>, secure_boot: bool) -> Forecast {
    let verify = if secure_boot { verify } else { |_: &Handed<'_>| None };
    option_rom::forecast(rom, &Edk2 { machine: Machine::AARCH64, verify })
}

const SOURCE: &str = "edk2, DxeImageVerificationLib.c, DxeImageVerificationHandler";

/// Why Secure Boot refuses a driver, whoever signed it.
fn verify(driver: &Handed<'_>) -> Option<Fate> {
    let refused = |reason: &str| Some(Fate::new(Outcome::Refused, SOURCE, reason));
    match &driver.pe.signature {
        Signature::Absent => {
            refused("it is not signed, and its digest is in no list of the firmware unless its owner put it there")
        }
        Signature::Unreadable => refused("its signature is not readable"),
        Signature::Present(signed) if !signed.table_filled => {
            refused("its certificate table has a rest that is no certificate")
        }
        Signature::Present(signed) if signed.handed_matches() => None,
        Signature::Present(signed) if signed.image_matches() => refused(
            "the padding behind the signed driver falls into the digest that firmware makes, which is not the signed one then",
        ),
        Signature::Present(_) => refused("the driver is not what was signed"),
    }
}
