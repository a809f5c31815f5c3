//! Whether a ROM does its job: with this firmware, this GPU and this QEMU.
//!
//! That is another question than the verdict, which is about the file as a ROM.

use crate::contents::{Compatibility, DeviceCompatibility, DriverKind};
use crate::firmware::{Firmware, Outcome, Prediction, SMALLEST_SEEN};
use crate::model::{DeviceId, ImageKind};
use crate::plain::Plain;
use crate::qemu::{QemuRequirement, QemuVersion};
use crate::summary::ImageSummary;
use std::fmt::{self, Display, Formatter, Write as _};

/// Whether a ROM is usable, for what, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// The firmware of the VM.
    pub firmware: Firmware,
    /// The GPU, where one was named.
    pub device: Option<DeviceId>,
    /// The version of QEMU, where one was named.
    pub qemu: Option<QemuVersion>,
    /// The answer.
    pub answer: Answer,
    /// Why, in one sentence by `Display`.
    pub reason: Reason,
}

/// Yes, no, or nothing tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nothing tells.
    Unknown,
}

impl Answer {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a ROM is usable, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The file holds no image.
    NotARom,
    /// The ROM is inside of something that neither QEMU nor the firmware opens.
    Packed {
        /// What it is in.
        holder: String,
        /// Whether the ROM by itself is usable.
        answer: Answer,
        /// Why.
        reason: Box<Self>,
    },
    /// An ISA ROM, which no firmware starts as that of a PCI device.
    IsaRom,
    /// It is too small to be seen, whatever is in it.
    TooSmall {
        /// By which firmware.
        firmware: Firmware,
        /// Bytes of the ROM.
        size: usize,
    },
    /// The firmware hangs.
    Hangs {
        /// Which.
        firmware: Firmware,
        /// At what.
        why: &'static str,
    },
    /// It is a known file, which fails with the QEMU that is asked about.
    FailsWithQemu {
        /// Versions of QEMU that it fails with.
        qemu: QemuRequirement,
        /// What happens.
        why: String,
    },
    /// It is a known file, which fails with some versions of QEMU; which one it is for was not
    /// said.
    FailsWithSomeQemu {
        /// Versions of QEMU that it fails with.
        qemu: QemuRequirement,
        /// What happens.
        why: String,
    },
    /// What is in it does not support the GPU.
    Unsupported(String),
    /// The firmware does not start any image.
    NothingStarts {
        /// Which.
        firmware: Firmware,
        /// What it says of the first image.
        why: String,
    },
    /// The firmware does not start a driver that the GPU needs.
    DriverDoesNotStart {
        /// Which.
        firmware: Firmware,
        /// The image.
        image: usize,
        /// What is in it.
        driver: DriverKind,
        /// What the firmware says.
        why: String,
    },
    /// The firmware does not start what is in it for this GPU; the guest's driver reads the VBIOS.
    ReadByGuest {
        /// Which.
        firmware: Firmware,
        /// Whose driver: "AMD" or "NVIDIA".
        vendor: &'static str,
    },
    /// The firmware does not start it, and the VBIOS that the guest's driver reads is damaged.
    DamagedVbios {
        /// Whose driver: "AMD" or "NVIDIA".
        vendor: &'static str,
    },
    /// The firmware starts it, and it supports the GPU.
    Starts {
        /// Which.
        firmware: Firmware,
        /// How it is known that it supports the GPU.
        why: String,
    },
    /// The firmware starts it, and nothing tells whether it supports the GPU.
    SupportUnknown {
        /// Which.
        firmware: Firmware,
        /// Why.
        why: String,
    },
    /// The firmware starts what is left of it, which supports the GPU, and an image was lost.
    ImageLost {
        /// Which.
        firmware: Firmware,
        /// Where in the file the image was.
        at: usize,
    },
    /// The firmware starts it, and no GPU was named.
    NoDevice {
        /// Which.
        firmware: Firmware,
    },
}

impl Display for Reason {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let f = &mut Plain(formatter);
        match self {
            Self::NotARom => f.write_str("the file is not an option ROM"),
            Self::Packed { holder, answer, reason } => {
                write!(
                    f,
                    "the ROM is in {holder}, and QEMU reads a file as it is: extract it first (by \
                        itself: {}; {reason})",
                    answer.name()
                )
            }
            Self::IsaRom => f.write_str(
                "it is an ISA ROM: without a PCI data structure no firmware starts it as the ROM \
                    of a PCI device",
            ),
            Self::TooSmall { firmware, size } => write!(
                f,
                "{firmware} does not see a ROM of 2048 bytes or less, however sound it is, and \
                    this one has {size}: padded to 4096 bytes it is seen"
            ),
            Self::Hangs { firmware, why } => write!(f, "{firmware} hangs: {why}"),
            Self::FailsWithQemu { qemu, why } => {
                write!(f, "this file fails with QEMU {qemu}: {why}")
            }
            Self::FailsWithSomeQemu { qemu, why } => {
                write!(
                    f,
                    "this file fails with QEMU {qemu}, and the version of QEMU is unknown here: \
                    {why}"
                )
            }
            Self::Unsupported(why) => f.write_str(why),
            Self::NothingStarts { firmware, why } => {
                write!(f, "{firmware} does not start any image: {why}")
            }
            Self::DriverDoesNotStart { firmware, image, driver, why } => {
                write!(f, "{firmware} does not start image {image}, the {}: {why}", driver.name())
            }
            Self::ReadByGuest { firmware, vendor } => {
                write!(
                    f,
                    "{firmware} does not start it, but the guest's {vendor} driver reads its VBIOS"
                )
            }
            Self::DamagedVbios { vendor } => {
                write!(
                    f,
                    "the VBIOS is damaged, and whether the guest's {vendor} driver accepts it is \
                    unknown"
                )
            }
            Self::Starts { firmware, why } => write!(f, "{firmware} starts it; {why}"),
            Self::SupportUnknown { firmware, why } => write!(f, "{firmware} starts it, but {why}"),
            Self::ImageLost { firmware, at } => write!(
                f,
                "{firmware} starts what is left of it, but at {at:#x} an image seems to be lost, \
                    and whether its driver is needed is unknown"
            ),
            Self::NoDevice { firmware } => write!(f, "{firmware} starts it, but no GPU was given"),
        }
    }
}

/// What the answer follows from.
pub(crate) struct Evidence<'k> {
    pub(crate) firmware: Firmware,
    pub(crate) device: Option<DeviceId>,
    pub(crate) qemu: Option<QemuVersion>,
    pub(crate) images: &'k [ImageSummary],
    pub(crate) prediction: Option<&'k Prediction>,
    pub(crate) compatibility: Option<&'k DeviceCompatibility>,
    pub(crate) failures: &'k [(QemuRequirement, String)],
    /// Whether a rule says that the file does not work.
    pub(crate) bad: bool,
    /// Where an image was that firmware no longer finds, or data that may be one.
    pub(crate) lost: Option<usize>,
    /// Bytes of the ROM.
    pub(crate) size: usize,
    /// What the ROM has to be extracted from, in words.
    pub(crate) packed: Option<&'k str>,
}

impl Evidence<'_> {
    /// The answer.
    pub(crate) fn usable(&self) -> Usable {
        let (mut answer, mut reason) = self.answer();
        if let Some(holder) = self.packed.filter(|_| reason != Reason::NotARom) {
            let holder = holder.to_owned();
            reason = Reason::Packed { holder, answer, reason: Box::new(reason) };
            answer = Answer::No;
        }
        Usable { firmware: self.firmware, device: self.device, qemu: self.qemu, answer, reason }
    }

    fn answer(&self) -> (Answer, Reason) {
        let firmware = self.firmware;
        let Some(prediction) = self.prediction.filter(|_| !self.images.is_empty()) else {
            return (Answer::No, Reason::NotARom);
        };
        if let Some(why) = prediction.hang {
            return (Answer::No, Reason::Hangs { firmware, why });
        }
        if let Some(no) = self.fails_with_qemu() {
            return (Answer::No, no);
        }
        let support = self.compatibility.map(|own| (own.compatibility, own.reason.clone()));
        if let Some((Compatibility::Unsupported, why)) = support {
            return (Answer::No, Reason::Unsupported(why));
        }
        if let Some(reason) = self.not_started(prediction) {
            return self.read_by_guest(support.as_ref()).unwrap_or((Answer::No, reason));
        }
        if let Some(some) = self.fails_with_some_qemu() {
            return (Answer::Unknown, some);
        }
        match support {
            Some((Compatibility::Supported, why)) => match self.lost {
                Some(at) if firmware != Firmware::SeaBios => {
                    (Answer::Unknown, Reason::ImageLost { firmware, at })
                }
                _ => (Answer::Yes, Reason::Starts { firmware, why }),
            },
            Some((_, why)) => (Answer::Unknown, Reason::SupportUnknown { firmware, why }),
            None => (Answer::Unknown, Reason::NoDevice { firmware }),
        }
    }

    fn fails_with_qemu(&self) -> Option<Reason> {
        let version = self.qemu?;
        let (qemu, why) = self.failures.iter().find(|(qemu, _)| qemu.matches(version))?;
        Some(Reason::FailsWithQemu { qemu: *qemu, why: why.clone() })
    }

    fn fails_with_some_qemu(&self) -> Option<Reason> {
        let (qemu, why) = self.failures.first().filter(|_| self.qemu.is_none())?;
        Some(Reason::FailsWithSomeQemu { qemu: *qemu, why: why.clone() })
    }

    /// Why the firmware does not start what the GPU needs, if it does not.
    fn not_started(&self, prediction: &Prediction) -> Option<Reason> {
        let firmware = self.firmware;
        let runs: Vec<usize> = prediction.runs().collect();
        let why = |image: usize| {
            prediction.images.get(image).map_or_else(String::new, |own| own.reason.clone())
        };
        if runs.is_empty() {
            let is_isa =
                |image: &ImageSummary| image.kind == ImageKind::Legacy && image.code_type.is_none();
            if self.images.iter().all(is_isa) {
                return Some(Reason::IsaRom);
            }
            // Of a ROM that nobody can read its size is not what is wrong.
            let is_read = self.images.iter().any(|image| image.code_type.is_some());
            let is_small = self.size.next_power_of_two() < SMALLEST_SEEN;
            if firmware != Firmware::SeaBios && is_read && is_small {
                return Some(Reason::TooSmall { firmware, size: self.size });
            }
            // What was meant for this firmware says more than what it passes over.
            let refused = prediction.images.iter().position(|own| own.outcome == Outcome::Refused);
            return Some(Reason::NothingStarts { firmware, why: why(refused.unwrap_or(0)) });
        }
        if firmware == Firmware::SeaBios {
            return None;
        }
        let drivers = self
            .images
            .iter()
            .enumerate()
            .filter_map(|(index, image)| Some((index, graphics(image)?)));
        let drivers: Vec<(usize, DriverKind)> = drivers.collect();
        let started =
            |kind| drivers.iter().any(|(index, own)| *own == kind && runs.contains(index));
        let (image, driver) = drivers.iter().copied().find(|(_, kind)| !started(*kind))?;
        Some(Reason::DriverDoesNotStart { firmware, image, driver, why: why(image) })
    }

    /// A VBIOS of AMD or NVIDIA that the guest's driver reads, whatever the firmware does with it.
    fn read_by_guest(&self, support: Option<&(Compatibility, String)>) -> Option<(Answer, Reason)> {
        let legacy = self.images.iter().filter(|image| image.kind == ImageKind::Legacy);
        let vendor = legacy.filter_map(|image| image.device).find_map(reader)?;
        if self.bad {
            return Some((Answer::Unknown, Reason::DamagedVbios { vendor }));
        }
        let answer = match support {
            Some((Compatibility::Supported, _)) => Answer::Yes,
            Some(_) | None => Answer::Unknown,
        };
        Some((answer, Reason::ReadByGuest { firmware: self.firmware, vendor }))
    }
}

/// Whose driver reads the VBIOS of a GPU (Linux, `amdgpu_bios.c` and nouveau's `bios/shadowrom.c`).
const fn reader(device: DeviceId) -> Option<&'static str> {
    match device.vendor {
        DeviceId::AMD => Some("AMD"),
        DeviceId::NVIDIA => Some("NVIDIA"),
        _ => None,
    }
}

/// The driver of an image, if a display needs it.
fn graphics(image: &ImageSummary) -> Option<DriverKind> {
    let kind = image.contents.as_ref()?.driver?;
    let needed = matches!(
        kind,
        DriverKind::IgdAssignment
            | DriverKind::IgdAssignmentAndGop
            | DriverKind::PlatformGopPolicy
            | DriverKind::IntelGop
            | DriverKind::AmdGop
            | DriverKind::NvidiaGop
            | DriverKind::OtherGop
    );
    needed.then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Spec, compose};
    use crate::{Context, analyze};

    const DEVICE: DeviceId = DeviceId::intel(0xA7A8);

    fn usable(images: &str, context: &Context<'_>) -> Usable {
        let spec = format!("purpose = ''\n{images}").parse::<Spec>().unwrap();
        analyze(&compose(&spec).unwrap(), context).usable
    }

    fn for_device(images: &str, device: DeviceId) -> (Answer, String) {
        let usable = usable(images, &Context::default().with_device(Some(device)));
        (usable.answer, usable.reason.to_string())
    }

    fn efi(more: &str) -> String {
        format!("[[image]]\nkind = 'efi'\nblocks = 8\nvendor = 0x8086\ndevice = 0xa7a8\n{more}\n")
    }

    fn legacy(vendor: u16, more: &str) -> String {
        format!(
            "[[image]]\nkind = 'legacy'\nblocks = 8\nvendor = {vendor}\ndevice = 0x1638\n{more}\n"
        )
    }

    #[test]
    fn what_starts_and_supports_the_gpu_is_usable() {
        let (answer, reason) = for_device(&efi(""), DEVICE);
        assert_eq!(
            (answer, reason.as_str()),
            (Answer::Yes, "OVMF starts it; image 0 lists this GPU in its PCI data structure")
        );
        let none = usable(&efi(""), &Context::default());
        assert_eq!(
            (none.answer, none.reason),
            (Answer::Unknown, Reason::NoDevice { firmware: Firmware::Ovmf })
        );
    }

    #[test]
    fn what_does_not_start_is_not_usable_whatever_its_verdict() {
        for more in [
            "driver.machine = 0xaa64",
            "driver.subsystem = 10",
            "driver.bytes = '565a 6486'",
            "driver.bytes = '00'",
        ] {
            assert_eq!(for_device(&efi(more), DEVICE).0, Answer::No, "{more}");
        }
        assert_eq!(
            for_device(&legacy(0x8086, ""), DeviceId { vendor: 0x8086, device: 0x1638 }).0,
            Answer::No
        );
        let seabios =
            Context::default().with_device(Some(DeviceId { vendor: 0x8086, device: 0x1638 }));
        assert_eq!(
            usable(&legacy(0x8086, ""), &seabios.with_firmware(Firmware::SeaBios)).answer,
            Answer::Yes
        );
        let arm64 = Context::default().with_device(Some(DEVICE)).with_firmware(Firmware::Aavmf);
        assert_eq!(usable(&efi("driver.machine = 0xaa64"), &arm64).answer, Answer::Yes);
        assert_eq!(analyze(b"nothing", &Context::default()).usable.reason, Reason::NotARom);
        let hangs = for_device(
            &format!("{}{}", efi("patch = [{ at = 0x2c, hex = '0000' }]\nlast = false"), efi("")),
            DEVICE,
        );
        assert!(hangs.0 == Answer::No && hangs.1.contains("hangs"), "{hangs:?}");
    }

    #[test]
    fn a_vbios_is_read_by_the_drivers_of_amd_and_nvidia() {
        let own = |vendor| DeviceId { vendor, device: 0x1638 };
        for vendor in [DeviceId::AMD, DeviceId::NVIDIA] {
            assert_eq!(for_device(&legacy(vendor, ""), own(vendor)).0, Answer::Yes);
            let damaged = legacy(vendor, "damage = [{ at = 0x100, hex = '01' }]");
            assert_eq!(for_device(&damaged, own(vendor)).0, Answer::Unknown);
            assert_eq!(
                for_device(&legacy(vendor, ""), DeviceId { vendor, device: 1 }).0,
                Answer::No
            );
        }
        assert_eq!(for_device(&legacy(0x1234, ""), own(0x1234)).0, Answer::No);
    }

    #[test]
    fn each_driver_that_a_display_needs_has_to_start() {
        let gop = "driver.data = [{ text = 'AMD GOP X64 Release' }]";
        let other =
            "driver.data = [{ text = 'etc/igd-opregion' }]\ndriver.subsystem = 13\nlast = true";
        let both = format!("{}{}", efi(&format!("{gop}\nlast = false")), efi(other));
        let (answer, reason) = for_device(&both, DEVICE);
        assert_eq!(answer, Answer::No, "{reason}");
    }

    #[cfg(feature = "catalog")]
    #[test]
    fn a_known_file_fails_with_the_qemu_that_the_catalog_names() {
        use crate::catalog::Catalog;
        let bytes =
            compose(&format!("purpose = ''\n{}", efi("")).parse::<Spec>().unwrap()).unwrap();
        let text = format!(
            "schema = 1\n[[known_file]]\nname = 'own.rom'\nkind = 'gop'\nnote = 'own'\nsha256 = '{}'\n\
             fails = [{{ qemu = '>=10.0', why = 'it is slow' }}]\n",
            crate::Digest::of(&bytes)
        );
        let catalog = text.parse::<Catalog>().unwrap();
        let of = |qemu: Option<&str>| {
            let context = Context::new(&catalog).with_device(Some(DEVICE));
            let usable =
                analyze(&bytes, &context.with_qemu(qemu.map(|qemu| qemu.parse().unwrap()))).usable;
            (usable.answer, usable.reason.to_string())
        };
        assert_eq!(
            of(Some("10.1")),
            (Answer::No, "this file fails with QEMU 10.0 and newer: it is slow".to_owned())
        );
        assert_eq!(of(Some("9.2")).0, Answer::Yes);
        assert_eq!(of(None).0, Answer::Unknown);
    }
}
