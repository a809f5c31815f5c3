//! QEMU's rules for an Intel GPU that is passed through to a VM, by version (QEMU, `hw/vfio/igd.c`
//! of 7.2, 9.2, 10.0, 10.1 and 10.2).

pub use rom_core::catalog::QemuVersion;

/// High bytes of the device ids that QEMU 9.2 knows (`igd_gen`).
const KNOWN_TO_9_2: [u8; 13] =
    [0x01, 0x04, 0x0A, 0x0C, 0x0D, 0x0F, 0x16, 0x19, 0x22, 0x3E, 0x45, 0x59, 0x9A];
/// Those that QEMU 10.0 added.
const KNOWN_SINCE_10_0: [u8; 7] = [0x31, 0x46, 0x4C, 0x4E, 0x8A, 0x9B, 0xA7];

/// A GPU as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// Device id; a spoofed one counts.
    pub id: u16,
    /// Generation of its graphics, by the catalog: 12.7 is (12, 7).
    pub generation: (u32, u32),
    /// What the host says of its VGA.
    pub vga: Vga,
}

/// What a GPU of the host has of VGA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vga {
    /// It is a VGA controller (class 0300) and serves the VGA ranges, as far as is known.
    Served,
    /// It is a VGA controller, and bit 1 of its GGC register says that it serves no VGA ranges.
    Off,
    /// It is another kind of display (class 0380), since another GPU is the primary one.
    OtherClass,
}

impl Gpu {
    /// From Meteor Lake on there is no stolen memory register that a VM would have to be told.
    const WITHOUT_BDSM: (u32, u32) = (12, 7);

    /// Meteor Lake and Arrow Lake are before it.
    const AFTER_ARROW_LAKE: (u32, u32) = (20, 0);

    /// Sandy Bridge, the first that any QEMU has rules for.
    const FIRST: u32 = 6;

    /// The last generation of which QEMU 10.1 and newer switch legacy mode on by themselves.
    pub const LAST_AUTOMATIC: u32 = 9;

    /// Reads a generation as the catalog writes it.
    #[must_use]
    pub fn new(id: u16, generation: &str) -> Self {
        let mut parts = generation.split('.').map(|part| part.parse().unwrap_or(0));
        Self {
            id,
            generation: (parts.next().unwrap_or(0), parts.next().unwrap_or(0)),
            vga: Vga::Served,
        }
    }

    /// It with what the host says of its VGA.
    #[must_use]
    pub fn with_vga(self, vga: Vga) -> Self {
        Self { vga, ..self }
    }

    /// Whether it is Meteor Lake or newer.
    #[must_use]
    pub fn without_bdsm(self) -> bool {
        self.generation >= Self::WITHOUT_BDSM
    }

    /// Whether QEMU of this version knows its generation (`igd_gen`).
    #[must_use]
    pub fn is_known_to(self, qemu: QemuVersion) -> bool {
        let [high, _] = self.id.to_be_bytes();
        let apollo_lake = self.id & 0x0FFE == 0x0A84;
        if qemu < QemuVersion::V9_2 {
            // Everything that is not Haswell or older is taken for Broadwell, which is right up to
            // generation 9.
            return self.generation.0 <= 9;
        }
        let known = KNOWN_TO_9_2.contains(&high);
        if qemu < QemuVersion::V10_0 {
            return known || matches!(self.id, 0x0A84 | 0x1A84 | 0x5A84);
        }
        let known = known || KNOWN_SINCE_10_0.contains(&high);
        known || apollo_lake
    }

    /// What QEMU of this version gives a VGA controller of its kind of what a display before the
    /// operating system's driver needs.
    #[must_use]
    pub fn boot_display(self, qemu: QemuVersion) -> BootDisplay {
        if self.generation.0 < Self::FIRST {
            return BootDisplay::TooOld;
        }
        if qemu < QemuVersion::V9_2 && self.generation.0 > 9 && !self.without_bdsm() {
            return BootDisplay::TakenForBroadwell;
        }
        let newer = qemu >= QemuVersion::V10_1 && self.without_bdsm();
        if !self.is_known_to(qemu) && !newer {
            return BootDisplay::TooNew;
        }
        if self.has_graphics_register() { BootDisplay::Doubtful } else { BootDisplay::Supported }
    }

    /// Whether the firmware's driver of it draws by another way than the guest's memory where a
    /// register (0x138914) reads as it does on the host. No release of QEMU hides it yet (11.1.3;
    /// `vfio-igd-pcode-stolen-access-quirk`).
    fn has_graphics_register(self) -> bool {
        (Self::WITHOUT_BDSM..Self::AFTER_ARROW_LAKE).contains(&self.generation)
    }

    /// Whether QEMU of this version switches legacy mode on by itself, on the right machine and
    /// address.
    #[must_use]
    pub fn automatic_legacy_mode(self, qemu: QemuVersion) -> bool {
        let newer = qemu >= QemuVersion::V10_1;
        self.is_known_to(qemu)
            && match self.vga {
                Vga::Served => !newer || self.generation.0 <= Self::LAST_AUTOMATIC,
                Vga::Off => !newer,
                Vga::OtherClass => false,
            }
    }

    /// Whether QEMU of this version can pass its `OpRegion` through at all. Version 10.0 returns
    /// before that for a GPU that it does not know, and those up to 10.1.1 for one that is not a
    /// VGA controller.
    #[must_use]
    pub fn opregion_possible(self, qemu: QemuVersion) -> bool {
        if qemu < QemuVersion::V10_0 {
            return true;
        }
        let known = qemu >= QemuVersion::V10_1 || self.is_known_to(qemu);
        known && (self.vga != Vga::OtherClass || qemu >= QemuVersion::ANY_DISPLAY)
    }

    /// Whether a VM needs `x-igd-lpc=on`, which legacy mode would have done.
    #[must_use]
    pub fn needs_lpc(self, qemu: QemuVersion) -> bool {
        qemu >= QemuVersion::V10_1 && !self.automatic_legacy_mode(qemu)
    }
}

/// What a version of QEMU has for a display at boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BootDisplay {
    /// All that it needs.
    Supported,
    /// All that is known to be needed but one register: the display may stay dark until the
    /// guest's driver runs.
    Doubtful,
    /// This version takes the GPU for a Broadwell. ROMs that were made for that are reported to
    /// work.
    TakenForBroadwell,
    /// The GPU is older than any that QEMU has rules for.
    TooOld,
    /// The GPU is newer than those of this version.
    TooNew,
}

/// How bad a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It matters to nothing here, and does where other rules come in.
    Warn,
    /// It keeps the display dark.
    Fail,
}

/// How bad `disable_vga=1` of vfio-pci is: legacy mode takes the VGA ranges of a GPU that serves
/// them, and gives up without.
#[must_use]
pub fn disable_vga(gpu: Gpu, qemu: QemuVersion) -> Grade {
    if gpu.automatic_legacy_mode(qemu) && gpu.vga == Vga::Served {
        Grade::Fail
    } else {
        Grade::Warn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_at_boot_by_generation_and_version() {
        let of = |id, generation, qemu: &str| {
            Gpu::new(id, generation).boot_display(qemu.parse().unwrap())
        };
        assert_eq!(of(0x0042, "5", "10.1"), BootDisplay::TooOld);
        assert_eq!(of(0x9BC5, "9.5", "9.2"), BootDisplay::TooNew);
        assert_eq!(of(0xA7A8, "12", "10.1"), BootDisplay::Supported);
        assert_eq!(of(0x7D55, "12.7", "10.0"), BootDisplay::TooNew);
        assert_eq!(of(0x7D51, "12.74", "11.1"), BootDisplay::Doubtful);
        assert_eq!(of(0x64A0, "20", "10.1"), BootDisplay::Supported);
        assert_eq!(of(0x46D1, "12", "8.1"), BootDisplay::TakenForBroadwell);
        assert_eq!(of(0x7D55, "12.7", "8.1"), BootDisplay::TooNew);
    }
}
