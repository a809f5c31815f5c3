//! What QEMU does with an Intel GPU when a VM starts: whether it starts at all, and what the guest
//! is given (QEMU, `hw/vfio/igd.c` of 7.2, 8.2, 9.2, 10.0, 10.1, 10.2 and 11.0: until 9.2
//! `vfio_probe_igd_bar4_quirk`, from then on `vfio_pci_igd_config_quirk`).

use super::igd::{Gpu, QemuVersion, Vga};

/// The property that puts Intel's LPC bridge at 00:1f.0.
pub const LPC: &str = "x-igd-lpc";
/// The property that gives the guest the `OpRegion`.
pub const OPREGION: &str = "x-igd-opregion";
/// The property that switches legacy mode.
pub const LEGACY_MODE: &str = "x-igd-legacy-mode";
/// The property that says how much stolen memory the guest is told.
pub const GMS: &str = "x-igd-gms";
/// The property that replaces the device's class.
pub const CLASS_CODE: &str = "x-pci-class-code";

/// The first QEMU that has a property; `None` where every version that is known here has it.
fn first_with(property: &str) -> Option<QemuVersion> {
    match property {
        LPC | LEGACY_MODE => Some(QemuVersion::V10_0),
        CLASS_CODE => Some(QemuVersion::V10_1),
        _ => None,
    }
}

/// Whether QEMU of this version has a property of vfio-pci. Without it the VM does not start.
#[must_use]
pub fn has_property(property: &str, qemu: QemuVersion) -> bool {
    first_with(property).is_none_or(|first| qemu >= first)
}

/// What of a VM decides how QEMU takes its GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The GPU as the host shows it.
    pub gpu: Gpu,
    /// The QEMU.
    pub qemu: QemuVersion,
    /// Where it is in the VM.
    pub place: Place,
    /// What there is for it.
    pub host: HostGives,
    /// What the VM asks for.
    pub asked: Asked,
}

/// Where a GPU is in a VM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Whether the machine type is pc (i440fx).
    pub on_pc: bool,
    /// Whether the GPU is at 00:02.0 of the first bus.
    pub at_2_0: bool,
    /// Whether another device is at 00:1f.0, as always on q35.
    pub lpc_taken: bool,
}

/// What legacy mode needs beside the GPU itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostGives {
    /// A ROM: a file, or the device's own.
    pub rom: bool,
    /// The `OpRegion`: not of a virtual function.
    pub opregion: bool,
    /// The VGA ranges: not with `disable_vga=1`, and not without `CONFIG_VFIO_PCI_VGA`.
    pub vga_ranges: bool,
}

/// Properties that a VM sets; `None` where it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `x-igd-lpc`.
    pub lpc: Option<bool>,
    /// `x-igd-opregion`.
    pub opregion: Option<bool>,
    /// `x-igd-legacy-mode`, where it is on or off.
    pub legacy_mode: Option<bool>,
    /// `x-igd-gms`.
    pub gms: Option<u32>,
    /// `x-pci-class-code`.
    pub class_code: Option<u32>,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// QEMU says why, and stops.
    Refuses(Why),
    /// QEMU ends by a signal.
    Crashes(Why),
    /// The VM starts.
    Starts(Given),
}

/// What the guest of a VM that starts is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Legacy mode.
    pub legacy_mode: bool,
    /// Intel's LPC bridge at 00:1f.0.
    pub lpc: bool,
    /// The `OpRegion`.
    pub opregion: bool,
}

/// Why a VM does not start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// QEMU of this version has no such property.
    UnknownProperty(&'static str),
    /// The LPC bridge is asked for, or tried in legacy mode, and another device is there.
    LpcTaken,
    /// Legacy mode is tried, and the host gives no VGA ranges.
    NoVgaRanges,
    /// The `OpRegion` is asked for, or tried in legacy mode, and the host gives none.
    NoOpRegion,
    /// Legacy mode is demanded, and this GPU, machine or address cannot have it.
    LegacyModeImpossible,
    /// Legacy mode is demanded, and there is no ROM.
    NoRom,
    /// `x-igd-gms` has a value that this generation does not take.
    GmsRange,
    /// `x-igd-gms` is set for a GPU whose generation QEMU does not know.
    GmsGeneration,
}

/// The class code of a VGA controller without its lowest byte.
const VGA_CLASS: u32 = 0x0300;

impl Assignment {
    /// What QEMU does.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let asked = [
            (LPC, self.asked.lpc.is_some()),
            (LEGACY_MODE, self.asked.legacy_mode.is_some()),
            (CLASS_CODE, self.asked.class_code.is_some()),
        ];
        let unknown = asked.iter().find(|(name, set)| *set && !has_property(name, self.qemu));
        if let Some((name, _)) = unknown {
            return Outcome::Refuses(Why::UnknownProperty(name));
        }
        if self.qemu < QemuVersion::V10_0 {
            self.until_9_2()
        } else if self.qemu < QemuVersion::V10_1 {
            self.in_10_0()
        } else {
            self.since_10_1()
        }
    }

    /// Whether QEMU tries legacy mode without being told to, whatever comes of it.
    #[must_use]
    pub fn tries_legacy_mode(&self) -> bool {
        self.gpu().automatic_legacy_mode(self.qemu)
            && self.asked.legacy_mode != Some(false)
            && self.place.at_2_0
            && (self.place.on_pc || self.qemu < QemuVersion::V10_0)
    }

    /// The GPU as QEMU sees it: with the class that the VM gives it.
    fn gpu(&self) -> Gpu {
        match (self.asked.class_code, self.gpu.vga) {
            (Some(class), Vga::OtherClass) if class >> 8 == VGA_CLASS => {
                self.gpu.with_vga(Vga::Served)
            }
            (Some(class), _) if class >> 8 != VGA_CLASS => self.gpu.with_vga(Vga::OtherClass),
            (None | Some(_), _) => self.gpu,
        }
    }

    /// Whether legacy mode would lack the VGA ranges: a GPU that says that it serves none needs
    /// none.
    fn lacks_vga_ranges(&self) -> bool {
        !self.host.vga_ranges && self.gpu().vga == Vga::Served
    }

    fn until_9_2(&self) -> Outcome {
        if self.asked.opregion == Some(true) && !self.host.opregion {
            return Outcome::Refuses(Why::NoOpRegion);
        }
        // What legacy mode lacks is said on the console, and the VM starts without it.
        let legacy_mode = self.place.at_2_0
            && self.gpu().vga != Vga::OtherClass
            && (self.qemu < QemuVersion::V9_2 || self.gpu.is_known_to(self.qemu))
            && !self.place.lpc_taken
            && self.host.rom
            && self.host.opregion
            && !self.lacks_vga_ranges();
        let opregion = legacy_mode || self.asked.opregion == Some(true);
        Outcome::Starts(Given { legacy_mode, lpc: legacy_mode, opregion })
    }

    fn in_10_0(&self) -> Outcome {
        if self.gpu().vga == Vga::OtherClass || !self.gpu.is_known_to(self.qemu) {
            return Outcome::Starts(Given::default());
        }
        let demanded = self.asked.legacy_mode == Some(true);
        let fails = |why| if demanded { Outcome::Refuses(why) } else { Outcome::Crashes(why) };
        if self.place.on_pc && self.place.at_2_0 && self.asked.legacy_mode != Some(false) {
            return if !self.host.rom {
                self.without_rom()
            } else if self.lacks_vga_ranges() {
                Outcome::Crashes(Why::NoVgaRanges)
            } else if !self.host.opregion {
                fails(Why::NoOpRegion)
            } else if self.place.lpc_taken {
                fails(Why::LpcTaken)
            } else {
                Outcome::Starts(Given { legacy_mode: true, lpc: true, opregion: true })
            };
        }
        if demanded {
            return Outcome::Refuses(Why::LegacyModeImpossible);
        }
        let (lpc, opregion) = (self.asked.lpc == Some(true), self.asked.opregion == Some(true));
        if opregion && !self.host.opregion {
            Outcome::Refuses(Why::NoOpRegion)
        } else if lpc && self.place.lpc_taken {
            Outcome::Refuses(Why::LpcTaken)
        } else {
            Outcome::Starts(Given { legacy_mode: false, lpc, opregion })
        }
    }

    fn since_10_1(&self) -> Outcome {
        let ignored = self.gpu().vga == Vga::OtherClass && self.qemu < QemuVersion::ANY_DISPLAY;
        if ignored || !self.host.opregion {
            return Outcome::Starts(Given::default());
        }
        let demanded = self.asked.legacy_mode == Some(true);
        let legacy_mode = self.tries_legacy_mode();
        let fails = |why| {
            if legacy_mode && !demanded { Outcome::Crashes(why) } else { Outcome::Refuses(why) }
        };
        if demanded && !legacy_mode {
            return Outcome::Refuses(Why::LegacyModeImpossible);
        }
        if legacy_mode && !self.host.rom {
            return self.without_rom();
        }
        if legacy_mode && self.lacks_vga_ranges() {
            return Outcome::Crashes(Why::NoVgaRanges);
        }
        let lpc = legacy_mode || self.asked.lpc == Some(true);
        if lpc && self.place.lpc_taken {
            return fails(Why::LpcTaken);
        }
        if let Some(why) = self.asked.gms.and_then(|gms| self.gms_fault(gms)) {
            return Outcome::Crashes(why);
        }
        let opregion = legacy_mode || self.asked.opregion != Some(false);
        Outcome::Starts(Given { legacy_mode, lpc, opregion })
    }

    fn without_rom(&self) -> Outcome {
        if self.asked.legacy_mode == Some(true) {
            Outcome::Refuses(Why::NoRom)
        } else {
            Outcome::Starts(Given::default())
        }
    }

    /// What QEMU 10.1 and newer have against a value of `x-igd-gms`.
    fn gms_fault(&self, gms: u32) -> Option<Why> {
        if gms == 0 {
            return None;
        }
        if !self.gpu.is_known_to(self.qemu) {
            return Some(Why::GmsGeneration);
        }
        let generation = self.gpu.generation.0;
        let steps_of_4_mib = generation >= 9 && (0xF0..=0xFE).contains(&gms);
        (gms > most_gms(generation) && !steps_of_4_mib).then_some(Why::GmsRange)
    }
}

/// The highest value of `x-igd-gms` that counts 32 MiB each.
fn most_gms(generation: u32) -> u32 {
    if generation < 8 { 0x10 } else { 0x40 }
}

/// What a value of `x-igd-gms` does in a VM that starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GmsEffect {
    /// Without one the guest would be told of no stolen memory.
    Needed,
    /// It is read by nothing.
    Useless,
    /// It is out of range, which is said on the console, and ignored.
    Ignored,
    /// It replaces the size that the host's BIOS has set.
    Replaces,
}

/// What a value of `x-igd-gms` does with QEMU of this version, where the VM starts.
#[must_use]
pub fn gms_effect(gms: u32, gpu: Gpu, qemu: QemuVersion) -> GmsEffect {
    let in_range = gms <= most_gms(gpu.generation.0);
    if qemu < QemuVersion::V9_2 {
        // 0x10 at most, whatever the generation.
        if gms <= 0x10 { GmsEffect::Needed } else { GmsEffect::Ignored }
    } else if qemu < QemuVersion::V10_0 {
        GmsEffect::Useless
    } else if in_range || qemu >= QemuVersion::V10_1 {
        GmsEffect::Replaces
    } else {
        GmsEffect::Ignored
    }
}

/// Whether legacy mode of QEMU of this version tells the guest of no stolen memory unless
/// `x-igd-gms` is set.
#[must_use]
pub fn needs_gms(qemu: QemuVersion) -> bool {
    qemu < QemuVersion::V9_2
}

/// Whether QEMU of this version gives the `OpRegion` without being asked.
#[must_use]
pub fn gives_opregion(qemu: QemuVersion) -> bool {
    qemu >= QemuVersion::V10_1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What real QEMU binaries did (7.2.22 and 8.2.2 alike, 9.2.1, 10.0.2 and 10.0.13 alike,
    /// 10.1.0, 10.2.1, 11.1.3) with a stand-in for the kernel's side of VFIO: the GPU and its
    /// generation, the set-up, and for each of the six `lpc` (it starts, with the LPC bridge at
    /// 00:1f.0), `-` (it starts without), `no` (it says why and stops) or `signal`.
    const RUNS: &str = "
        0126 6   pc                       lpc lpc lpc lpc lpc lpc
        0416 7.5 pc                       lpc lpc lpc lpc lpc lpc
        1912 9   pc                       lpc lpc lpc lpc lpc lpc
        5a85 9   pc                       lpc - lpc lpc lpc lpc
        3185 9   pc                       lpc - lpc lpc lpc lpc
        3e92 9.5 pc                       lpc lpc lpc lpc lpc lpc
        9bc5 9.5 pc                       lpc - lpc lpc lpc lpc
        8a52 11  pc                       lpc - lpc - - -
        4555 11  pc                       lpc lpc lpc - - -
        9a49 12  pc                       lpc lpc lpc - - -
        a7a8 12  pc                       lpc - lpc - - -
        7d55 12.7 pc                      lpc - - - - -
        64a0 20  pc                       lpc - - - - -
        b080 30  pc                       lpc - - - - -
        3e92 9.5 pc,1f                    - - signal signal signal signal
        a7a8 12  pc,1f                    - - signal - - -
        3e92 9.5 pc,1f,opregion=on        - - signal signal signal signal
        3e92 9.5 pc,1f,legacy=off         no no - - - -
        3e92 9.5 pc,novga                 - - signal signal signal signal
        a7a8 12  pc,novga                 - - signal - - -
        3e92 9.5 pc,novga,ivd             lpc lpc lpc - - -
        3e92 9.5 pc,ivd                   lpc lpc lpc - - -
        3e92 9.5 pc,norom                 - - - - - -
        3e92 9.5 pc,slot3                 - - - - - -
        3e92 9.5 q35                      - - - - - -
        3e92 9.5 q35,lpc=on               no no no no no no
        a7a8 12  q35                      - - - - - -
        a7a8 12  pc,lpc=on                no no lpc lpc lpc lpc
        a7a8 12  pc,legacy=on             no no lpc no no no
        3e92 9.5 pc,legacy=on             no no lpc lpc lpc lpc
        3e92 9.5 q35,legacy=on            no no no no no no
        7d55 12.7 pc,lpc=on               no no - lpc lpc lpc
        7d55 12.7 pc,gms=2                lpc - - signal signal signal
        a7a8 12  pc,gms=2                 lpc - lpc - - -
        a7a8 12  pc,gms=80                lpc - lpc signal signal signal
        0416 7.5 pc,gms=32                lpc lpc lpc signal signal signal
        3e92 9.5 pc,0380                  - - - - - -
        3e92 9.5 pc,0380,opregion=on      - - - - - -
        3e92 9.5 pc,0380,class            no no no lpc lpc lpc
        3e92 9.5 pc,vf                    - - signal - - -
        a7a8 12  pc,vf,opregion=on        no no signal - - -
        a7a8 12  pc,vf,lpc=on             no no signal - - -
        a7a8 12  q35,vf,lpc=on            no no no - - -
        a7a8 12  pc,opregion=off          lpc - lpc - - -
    ";

    fn versions() -> [QemuVersion; 6] {
        ["8.2.2", "9.2.1", "10.0.13", "10.1.0", "10.2.1", "11.1.3"]
            .map(|text| text.parse().unwrap())
    }

    fn assignment(id: &str, generation: &str, set_up: &str, qemu: QemuVersion) -> Assignment {
        let gpu = Gpu::new(u16::from_str_radix(id, 16).unwrap(), generation);
        let mut own = Assignment {
            gpu,
            qemu,
            place: Place { at_2_0: true, ..Place::default() },
            host: HostGives { rom: true, opregion: true, vga_ranges: true },
            asked: Asked::default(),
        };
        for word in set_up.split(',') {
            match word {
                "pc" => own.place.on_pc = true,
                "q35" | "1f" => own.place.lpc_taken = true,
                "slot3" => own.place.at_2_0 = false,
                "novga" => own.host.vga_ranges = false,
                "ivd" => own.gpu = own.gpu.with_vga(Vga::Off),
                "0380" => own.gpu = own.gpu.with_vga(Vga::OtherClass),
                "class" => own.asked.class_code = Some(0x03_0000),
                "norom" => own.host.rom = false,
                "vf" => own.host.opregion = false,
                "lpc=on" => own.asked.lpc = Some(true),
                "opregion=on" => own.asked.opregion = Some(true),
                "opregion=off" => own.asked.opregion = Some(false),
                "legacy=on" => own.asked.legacy_mode = Some(true),
                "legacy=off" => own.asked.legacy_mode = Some(false),
                other => own.asked.gms = Some(other.strip_prefix("gms=").unwrap().parse().unwrap()),
            }
        }
        own
    }

    #[test]
    fn it_is_what_real_ones_do() {
        let mut count = 0;
        for line in RUNS.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [id, generation, set_up, ran @ ..] = words.as_slice() else { panic!("{line}") };
            assert_eq!(ran.len(), 6, "{line}");
            for (qemu, ran) in versions().into_iter().zip(ran) {
                let outcome = match assignment(id, generation, set_up, qemu).outcome() {
                    Outcome::Starts(given) if given.lpc => "lpc",
                    Outcome::Starts(_) => "-",
                    Outcome::Refuses(_) => "no",
                    Outcome::Crashes(_) => "signal",
                };
                assert_eq!(outcome, *ran, "{line}: {qemu}");
                count += 1;
            }
        }
        assert_eq!(count, 44 * 6);
    }

    #[test]
    fn the_opregion_is_given_where_it_was_seen() {
        let gives = |set_up: &str, qemu: &str| match assignment(
            "3e92",
            "9.5",
            set_up,
            qemu.parse().unwrap(),
        )
        .outcome()
        {
            Outcome::Starts(given) => given.opregion,
            Outcome::Refuses(_) | Outcome::Crashes(_) => false,
        };
        for (set_up, qemu, given) in [
            ("q35", "9.2", false),
            ("q35,opregion=on", "9.2", true),
            ("q35", "10.0", false),
            ("q35", "10.1", true),
            ("q35,opregion=off", "10.1", false),
            ("pc,opregion=off", "10.1", true),
            ("pc,0380,opregion=on", "9.2", true),
            ("pc,0380,opregion=on", "10.0", false),
            ("pc,0380,opregion=on", "10.1.0", false),
            ("pc,0380", "10.2.1", true),
            ("pc,vf", "11.0", false),
        ] {
            assert_eq!(gives(set_up, qemu), given, "{set_up} with {qemu}");
        }
    }

    #[test]
    fn the_size_of_stolen_memory_is_read_by_some() {
        let effect =
            |gms, qemu: &str| gms_effect(gms, Gpu::new(0xA7A8, "12"), qemu.parse().unwrap());
        assert_eq!(effect(2, "8.2"), GmsEffect::Needed);
        assert_eq!(effect(0x20, "8.2"), GmsEffect::Ignored);
        assert_eq!(effect(2, "9.2"), GmsEffect::Useless);
        assert_eq!(effect(2, "10.0"), GmsEffect::Replaces);
        assert_eq!(effect(0x50, "10.0"), GmsEffect::Ignored);
        assert_eq!(effect(0xF0, "10.1"), GmsEffect::Replaces);
    }
}
