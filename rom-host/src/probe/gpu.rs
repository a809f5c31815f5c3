//! The iGPU as sysfs shows it: driver, IOMMU group, reset, virtual functions, registers, monitors.

use super::iommu;
use super::pci::{self, Display};
use super::reading::{Reading, link_name, names, word};
use crate::env::Env;
use crate::vm::igd::Vga;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

/// What a host knows of its iGPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gpu {
    pub(crate) display: Display,
    /// The driver that has it.
    pub(crate) driver: Option<String>,
    /// Number of its IOMMU group, and the other devices in it that are no bridges.
    pub(crate) group: Option<(String, Vec<String>)>,
    /// How it can be reset; `None` where the kernel does not say.
    pub(crate) reset: Option<String>,
    /// The GGC register: graphics memory and whether VGA ranges are off.
    pub(crate) ggc: Reading<u16>,
    /// Whether a monitor is seen on one of its connectors; `None` where its driver does not say.
    pub(crate) monitor: Option<bool>,
}

/// Reads it; `None` if no Intel iGPU is at its place.
pub(crate) fn read(env: &Env<'_>) -> Option<Gpu> {
    let devices = env.host(pci::DEVICES);
    let display = pci::igpu(&devices)?;
    let folder = devices.join(&display.bdf);
    Some(Gpu {
        driver: link_name(&folder.join("driver")),
        group: iommu::group(env, &display.bdf),
        reset: folder.join("reset_method").exists().then(|| word(&folder.join("reset_method")).unwrap_or_default()),
        ggc: ggc(&folder.join("config")),
        monitor: monitor(&env.host("/sys/class/drm"), &display.bdf),
        display,
    })
}

/// The subclass of a display controller that is VGA.
const VGA_SUBCLASS: u8 = 0x00;

/// IVD in GGC: it serves no VGA ranges.
const VGA_DISABLE: u16 = 1 << 1;

/// Offset of GGC in the configuration space (Intel graphics, from Sandy Bridge on). Who is not root sees 64 bytes of it.
const GGC: u64 = 0x50;

fn ggc(config: &Path) -> Reading<u16> {
    let read = || -> io::Result<[u8; 2]> {
        let mut file = File::open(config)?;
        let mut bytes = [0; 2];
        file.seek(SeekFrom::Start(GGC))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        // A device that sleeps reads as ones.
        Ok(bytes) if bytes == [0xFF; 2] => Reading::Absent,
        Ok(bytes) => Reading::Is(u16::from_le_bytes(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::PermissionDenied) => Reading::Denied,
        Err(_) => Reading::Absent,
    }
}

/// Whether a connector of the card that belongs to `bdf` has a monitor.
fn monitor(drm: &Path, bdf: &str) -> Option<bool> {
    let all = names(drm);
    let own = |card: &&String| link_name(&drm.join(card).join("device")).as_deref() == Some(bdf);
    let card = all.iter().filter(|name| !name.contains('-')).find(own)?;
    let connectors: Vec<String> = all
        .iter()
        .filter(|name| name.starts_with(&format!("{card}-")))
        .filter_map(|name| word(&drm.join(name).join("status")))
        .collect();
    (!connectors.is_empty()).then(|| connectors.iter().any(|status| status == "connected"))
}

impl Gpu {
    /// What it has of VGA. A GGC that cannot be read counts as one that says nothing.
    pub(crate) fn vga(&self) -> Vga {
        if self.display.class.sub() != VGA_SUBCLASS {
            return Vga::OtherClass;
        }
        if self.ggc.as_ref().is_some_and(|ggc| ggc & VGA_DISABLE != 0) { Vga::Off } else { Vga::Served }
    }

    /// Whether the firmware keeps memory for it (GMS in GGC: bits 3 to 7 before generation 8, bits 8 to 15 from then on).
    pub(crate) fn has_stolen_memory(&self, generation: u32) -> Option<bool> {
        let mask = if generation < 8 { 0x00F8 } else { 0xFF00 };
        self.ggc.as_ref().map(|ggc| ggc & mask != 0)
    }
}
