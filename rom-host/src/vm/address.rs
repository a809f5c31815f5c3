//! Where a device is on a PCI bus of a VM, as QEMU reads it (QEMU, `hw/core/qdev-properties-system.c`, `set_pci_devfn`).

/// A slot and a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) slot: u8,
    pub(crate) function: u8,
}

impl Slot {
    /// Where an Intel GPU is on the host, and has to be in a VM.
    pub(crate) const IGD: Self = Self { slot: 0x02, function: 0 };
    /// Where Intel's LPC bridge is on the host.
    pub(crate) const LPC: Self = Self { slot: 0x1F, function: 0 };

    /// Reads `2`, `02.0`, `0x2`, `1f.3`: hexadecimal, with or without a function.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (slot, function) = text.split_once('.').unwrap_or((text, "0"));
        let number = |text: &str| u8::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok();
        Some(Self { slot: number(slot)?, function: number(function)? })
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
}
