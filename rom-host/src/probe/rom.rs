//! ROM files of a host, and what `rom_core` says of them.

use super::access::Probe;
use crate::files::HostFiles;
use crate::host_change::HostRom;
use rom_core::contents::DriverKind;
use rom_core::{Analysis, Context, analyze};

/// Where the ROM goes if nothing else is said.
pub const DEFAULT_PATH: &str = HostRom::Intel.path();

/// Where the VBIOS of an AMD iGPU goes.
pub const AMD_VBIOS_PATH: &str = HostRom::AmdVbios.path();

/// Where the GOP driver of an AMD iGPU goes, as the ROM of its audio function.
pub const AMD_GOP_PATH: &str = HostRom::AmdGop.path();

/// The ROM at `path` of a host, analyzed as that of the device of `context`.
#[must_use]
pub fn read(files: &dyn HostFiles, path: &str, context: &Context<'_>) -> Probe<Analysis> {
    let most = u64::try_from(context.limits().file).unwrap_or(u64::MAX).saturating_add(1);
    match Probe::bytes(files, path, most) {
        Probe::Is(bytes) => Probe::Is(analyze(&bytes, context)),
        Probe::Absent => Probe::Absent,
        Probe::Denied => Probe::Denied,
    }
}

/// Whether a ROM has a driver that draws; yes where that is not known.
#[must_use]
pub fn has_gop(rom: &Analysis) -> bool {
    let contents = rom.images.iter().filter_map(|image| image.contents.as_ref());
    let mut drivers = contents.filter_map(|contents| contents.driver).peekable();
    // What holds no known driver is not taken for one that cannot draw.
    drivers.peek().is_none() || drivers.any(|kind| kind != DriverKind::IgdAssignment)
}
