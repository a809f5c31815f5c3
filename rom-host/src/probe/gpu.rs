//! The iGPU as sysfs shows it: driver, IOMMU group, reset, virtual functions, registers, monitors.

use super::access::{Probe, link_name, word};
use super::iommu;
use super::pci::{self, Display};
use crate::files::HostFiles;
use crate::qemu::Vga;

/// What a host knows of its iGPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gpu {
    /// Address, ids and class.
    pub display: Display,
    /// The driver that has it.
    pub driver: Option<String>,
    /// Number of its IOMMU group, and the other devices in it that are no bridges.
    pub group: Option<(String, Vec<String>)>,
    /// How it can be reset; `None` where the kernel does not say.
    pub reset: Option<String>,
    /// The GGC register: graphics memory and whether VGA ranges are off.
    pub ggc: Probe<u16>,
    /// The mediated devices (GVT-g) that it has, by UUID.
    pub mediated: Vec<String>,
    /// Whether a monitor is seen on one of its connectors; `None` where its driver does not say.
    pub monitor: Option<bool>,
}

/// Reads it; `None` if no Intel iGPU is at its place.
pub fn read(files: &dyn HostFiles) -> Option<Gpu> {
    let display = pci::igpu(files)?;
    let at = |name: &str| format!("{}/{}/{name}", pci::DEVICES, display.bdf);
    let reset = at("reset_method");
    Some(Gpu {
        driver: link_name(files, &at("driver")),
        group: iommu::group(files, &display.bdf),
        reset: files.exists(&reset).then(|| word(files, &reset).unwrap_or_default()),
        ggc: ggc(files, &at("config")),
        mediated: mediated(files, &display.bdf),
        monitor: monitor(files, &display.bdf),
        display,
    })
}

/// The subclass of a display controller that is VGA.
const VGA_SUBCLASS: u8 = 0x00;

/// IVD in GGC: it serves no VGA ranges.
const VGA_DISABLE: u16 = 1 << 1;

/// Offset of GGC in the configuration space (Intel graphics, from Sandy Bridge on). Who is not root
/// sees 64 bytes of it.
const GGC: usize = 0x50;

fn ggc(files: &dyn HostFiles, config: &str) -> Probe<u16> {
    match Probe::bytes(files, config, 0x100) {
        Probe::Absent => Probe::Absent,
        Probe::Denied => Probe::Denied,
        Probe::Is(bytes) => match bytes.get(GGC..).and_then(|rest| rest.first_chunk()) {
            None => Probe::Denied,
            // A device that sleeps reads as ones.
            Some([0xFF, 0xFF]) => Probe::Absent,
            Some(bytes) => Probe::Is(u16::from_le_bytes(*bytes)),
        },
    }
}

/// Mediated devices are folders of their parent, each named by its UUID.
fn mediated(files: &dyn HostFiles, bdf: &str) -> Vec<String> {
    const UUID: [usize; 5] = [8, 4, 4, 4, 12];
    let is_uuid = |name: &String| {
        let parts: Vec<&str> = name.split('-').collect();
        parts.iter().map(|part| part.len()).eq(UUID)
            && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    files.names(&format!("{}/{bdf}", pci::DEVICES)).into_iter().filter(is_uuid).collect()
}

const DRM: &str = "/sys/class/drm";

/// Whether a connector of the card that belongs to `bdf` has a monitor.
fn monitor(files: &dyn HostFiles, bdf: &str) -> Option<bool> {
    let all = files.names(DRM);
    let own =
        |card: &&String| link_name(files, &format!("{DRM}/{card}/device")).as_deref() == Some(bdf);
    let card = all.iter().filter(|name| !name.contains('-')).find(own)?;
    let connectors: Vec<String> = all
        .iter()
        .filter(|name| name.starts_with(&format!("{card}-")))
        .filter_map(|name| word(files, &format!("{DRM}/{name}/status")))
        .collect();
    (!connectors.is_empty()).then(|| connectors.iter().any(|status| status == "connected"))
}

impl Gpu {
    /// What it has of VGA. A GGC that cannot be read counts as one that says nothing.
    #[must_use]
    pub fn vga(&self) -> Vga {
        if self.display.class.sub() != VGA_SUBCLASS {
            return Vga::OtherClass;
        }
        if self.ggc.as_ref().is_some_and(|ggc| ggc & VGA_DISABLE != 0) {
            Vga::Off
        } else {
            Vga::Served
        }
    }

    /// Whether the firmware keeps memory for it (GMS in GGC: bits 3 to 7 before generation 8, bits
    /// 8 to 15 from then on).
    #[must_use]
    pub fn has_stolen_memory(&self, generation: u32) -> Option<bool> {
        let mask = if generation < 8 { 0x00F8 } else { 0xFF00 };
        self.ggc.as_ref().map(|ggc| ggc & mask != 0)
    }
}
