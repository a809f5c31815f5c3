//! Where a host has graphics drivers, VBIOSes and tables of its own: what of it can be read, and
//! why the rest cannot.

mod debug;
mod device;
mod flash;
mod missing;

pub use missing::Missing;

use super::amd;
use super::pci::{self, Display};
use crate::files::HostFiles;
use rom_core::DeviceId;
use std::fmt;
use std::io;

/// A place where a host may have something of its graphics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RomSource {
    /// What is there.
    pub kind: SourceKind,
    /// Where, as the host itself names it.
    pub path: String,
    /// The GPU, or the device that was named, where it is of one; its address where no such device
    /// is there.
    device: Option<Result<Display, String>>,
}

/// What a source holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// The BIOS region of the board's flash chip.
    Flash,
    /// Intel's Video BIOS Table, as its driver found it.
    VideoBiosTable,
    /// Intel's `OpRegion`, as the firmware left it in memory.
    OpRegion,
    /// AMD's table of VBIOSes.
    Vfct,
    /// The ROM of a PCI device.
    RomBar,
}

impl SourceKind {
    /// Its name, which is the name of the file for it, without an ending.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flash => "flash",
            Self::VideoBiosTable => "vbt",
            Self::OpRegion => "opregion",
            Self::Vfct => "vfct",
            Self::RomBar => "rom-bar",
        }
    }

    /// The ending of a file for it.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Flash | Self::OpRegion => "bin",
            Self::VideoBiosTable => "vbt",
            Self::Vfct => "aml",
            Self::RomBar => "rom",
        }
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flash => "BIOS region of the flash chip",
            Self::VideoBiosTable => "Video BIOS Table of the driver",
            Self::OpRegion => "OpRegion",
            Self::Vfct => "VFCT table",
            Self::RomBar => "ROM BAR",
        })
    }
}

/// What was read of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceBytes {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What of it could not be read, in sentences.
    pub gaps: Vec<String>,
}

impl From<Vec<u8>> for SourceBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, gaps: Vec::new() }
    }
}

/// The sources of a host, in the order in which they are of use. The ROM BAR is that of `device`,
/// else that of each GPU.
#[must_use]
pub fn rom_sources(files: &dyn HostFiles, device: Option<&str>) -> Vec<RomSource> {
    let displays: Vec<Display> =
        pci::displays(files).into_iter().filter(|seen| !seen.virtual_function).collect();
    let of_vendor = |vendor| displays.iter().find(|seen| seen.id.vendor == vendor);
    let intel = of_vendor(DeviceId::INTEL);
    let of_debug = |kind, name| RomSource {
        kind,
        path: debug::path(files, intel, name),
        device: intel.cloned().map(Ok),
    };
    let mut sources = vec![
        RomSource { kind: SourceKind::Flash, path: flash::path(files), device: None },
        of_debug(SourceKind::VideoBiosTable, debug::VBT),
        of_debug(SourceKind::OpRegion, debug::OP_REGION),
        RomSource {
            kind: SourceKind::Vfct,
            path: amd::VFCT.to_owned(),
            device: of_vendor(DeviceId::AMD).cloned().map(Ok),
        },
    ];
    let devices: Vec<Result<Display, String>> = match device {
        Some(bdf) => vec![pci::function(files, bdf).ok_or_else(|| bdf.to_owned())],
        None => displays.into_iter().map(Ok).collect(),
    };
    sources.extend(devices.into_iter().map(|device| {
        let bdf = device.as_ref().map_or_else(String::as_str, |seen| seen.bdf.as_str());
        let path = format!("{}/{bdf}/rom", pci::DEVICES);
        RomSource { kind: SourceKind::RomBar, path, device: Some(device) }
    }));
    sources
}

impl RomSource {
    /// The address of the device that it is of, if it is of one that is there.
    #[must_use]
    pub fn bdf(&self) -> Option<&str> {
        self.display().map(|display| display.bdf.as_str())
    }

    /// The attribute of sysfs that reading this source writes to, if it writes to one.
    #[must_use]
    pub fn switch(&self) -> Option<&str> {
        (self.kind == SourceKind::RomBar).then_some(self.path.as_str())
    }

    /// Reads it. The ROM of a device that is in use is read only if `in_use` allows it.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, files: &dyn HostFiles, in_use: bool) -> Result<SourceBytes, Missing> {
        match self.kind {
            SourceKind::Flash => flash::read(files, &self.path),
            SourceKind::VideoBiosTable | SourceKind::OpRegion => {
                debug::read(files, &self.path, self.display())
            }
            SourceKind::Vfct => device::vfct(files, self.display().is_some()),
            SourceKind::RomBar => device::rom_bar(files, self, in_use),
        }
        .and_then(|read| if read.bytes.is_empty() { Err(Missing::empty()) } else { Ok(read) })
    }

    fn display(&self) -> Option<&Display> {
        self.device.as_ref()?.as_ref().ok()
    }
}

/// Why reading failed where nothing more is known.
fn failed(error: &io::Error) -> Missing {
    match error.kind() {
        io::ErrorKind::PermissionDenied => Missing::closed(error),
        io::ErrorKind::NotFound => Missing::plain("it is not there"),
        _ => Missing::plain(format!("reading it failed: {error}")),
    }
}

#[cfg(test)]
mod tests;
