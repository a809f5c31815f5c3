//! AAVMF, the firmware of arm64 VMs. With Secure Boot it holds option ROMs to their signature
//! (edk2, `ArmVirt.dsc.inc`: `PcdOptionRomImageVerificationPolicy` is 4).

use super::option_rom::{Edk2, Handed};
use super::{ImageOutcome, Outcome};
use crate::layout::Machine;
use crate::model::Signature;

/// This build.
pub(super) const BUILD: Edk2 = Edk2 { machine: Machine::AARCH64, verify: |_| None };

/// The same with Secure Boot switched on.
pub(super) const SECURE_BOOT: Edk2 = Edk2 { machine: Machine::AARCH64, verify };

const SOURCE: &str = "edk2, DxeImageVerificationLib.c, DxeImageVerificationHandler";

/// Why Secure Boot refuses a driver, whoever signed it.
fn verify(driver: &Handed<'_>) -> Option<ImageOutcome> {
    let refused = |reason: &str| Some(ImageOutcome::new(Outcome::Refused, SOURCE, reason));
    match &driver.pe.signature {
        Signature::Absent => refused(
            "it is not signed, and the firmware does not list its digest unless the owner added it",
        ),
        Signature::Unreadable => refused("its signature is not readable"),
        Signature::Present(signed) if !signed.table_filled => {
            refused("its certificate table ends with data that is not a certificate")
        }
        Signature::Present(signed) if signed.handed_matches() => None,
        Signature::Present(signed) if signed.image_matches() => refused(
            "firmware includes the padding after the signed driver in its digest, which then \
            differs from the signed one",
        ),
        Signature::Present(_) => refused("the driver differs from what was signed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::model::{Body, Payload, Pe, Signed};
    use crate::read::parse;

    /// A signed driver, with its signature changed.
    fn told(change: impl Fn(&mut Pe)) -> String {
        let rom = parse(include_bytes!("../../../samples/good-signed.rom"), &Limits::default());
        let Body::Efi(efi) = &rom.images[0].body else { panic!("it holds a driver") };
        let Payload::Pe(pe) = &efi.payload else { panic!("a PE image") };
        let mut pe = pe.clone();
        change(&mut pe);
        verify(&Handed { pe: &pe }).map_or_else(String::new, |predicted| predicted.reason)
    }

    fn with(change: fn(&mut Signed)) -> String {
        told(|pe| {
            let Signature::Present(signed) = &mut pe.signature else { panic!("it is signed") };
            change(signed);
        })
    }

    #[test]
    fn a_signature_is_right_or_it_is_said_what_is_wrong() {
        assert_eq!(with(|_| {}), "");
        assert!(told(|pe| pe.signature = Signature::Absent).contains("not signed"));
        assert!(told(|pe| pe.signature = Signature::Unreadable).contains("not readable"));
        assert!(with(|signed| signed.table_filled = false).contains("not a certificate"));
        assert!(with(|signed| signed.handed = None).contains("padding after the signed driver"));
        let changed = with(|signed| (signed.handed, signed.image) = (None, None));
        assert!(changed.contains("differs from what was signed"), "{changed}");
    }
}
