//! Where a device is: on the host, and on a PCI bus of a VM as QEMU reads it (QEMU,
//! `hw/core/qdev-properties-system.c`, `set_pci_devfn`).

/// Where an Intel iGPU is, on every platform.
pub const IGPU_BDF: &str = "0000:00:02.0";

/// An address of the host with its domain, in lower case.
#[must_use]
pub fn with_domain(address: &str) -> String {
    let address = address.trim().to_lowercase();
    if address.matches(':').count() == 1 { format!("0000:{address}") } else { address }
}

/// A slot and a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Its number on the bus: 0 to 31.
    pub slot: u8,
    /// Its function: 0 to 7.
    pub function: u8,
}

impl Slot {
    /// Where an Intel GPU is on the host, and has to be in a VM.
    pub const IGD: Self = Self { slot: 0x02, function: 0 };
    /// Where Intel's LPC bridge is on the host.
    pub const LPC: Self = Self { slot: 0x1F, function: 0 };

    /// Reads `2`, `02.0`, `0x2`, `1f.3`: hexadecimal, with or without a function.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (slot, function) = text.split_once('.').unwrap_or((text, "0"));
        let number =
            |text: &str| u8::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok();
        Some(Self { slot: number(slot)?, function: number(function)? })
    }
}

/// `00:02.0` as `0000:00:02.0`.
///
/// # Errors
/// A sentence that says what an address looks like.
pub fn full_bdf(text: &str) -> Result<String, String> {
    let full =
        if text.matches(':').count() == 1 { format!("0000:{text}") } else { text.to_owned() };
    let shape: String = full.chars().map(|c| if c.is_ascii_hexdigit() { 'h' } else { c }).collect();
    if shape == "hhhh:hh:hh.h" {
        Ok(full.to_lowercase())
    } else {
        Err("an address looks like 00:02.0 or 0000:00:02.0".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_same_place() {
        for text in ["2", "02", "2.0", "02.0", "0x2", "0x02", "0x2.0x0"] {
            assert_eq!(Slot::read(text), Some(Slot::IGD), "{text}");
        }
        assert_eq!(Slot::read("1f.3"), Some(Slot { slot: 0x1F, function: 3 }));
        assert_eq!(Slot::read("0x1f"), Some(Slot::LPC));
        for text in ["", "x", "2.", "100"] {
            assert_eq!(Slot::read(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_completed_or_refused() {
        assert_eq!(full_bdf("00:02.0").as_deref(), Ok("0000:00:02.0"));
        assert_eq!(full_bdf("0000:00:1F.3").as_deref(), Ok("0000:00:1f.3"));
        for wrong in ["", "2", "00:02", "../../x", "00:02.0/.."] {
            assert!(full_bdf(wrong).is_err(), "{wrong:?}");
        }
    }
}
