//! The two ROMs of an AMD iGPU, which come from its owner's machine: the VBIOS that the firmware
//! left in memory, and a ROM around the GOP driver of the board's BIOS.

use super::extract;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::text::file_or_placeholder;
use rom_core::catalog::AmdFamily;
use rom_core::compose::{self, Spec};
use rom_core::contents::{Contents, DriverKind, GpuIds};
use rom_core::{DeviceId, Limits, Window, read};
use rom_host::probe::amd::{self, AmdIgpu, VFCT};
use rom_host::probe::rom::{AMD_GOP_PATH, AMD_VBIOS_PATH};
use std::io::ErrorKind;
use std::path::Path;

/// A ROM that was made here.
pub(super) struct MadeRom {
    /// What it is called.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// What it was made from.
    pub(super) source: String,
    /// Where it goes on a host.
    pub(super) dest: &'static str,
}

/// The VBIOS of `gpu`, from the table that the firmware left in memory.
pub(super) fn vbios(gpu: &AmdIgpu, env: &Env<'_>) -> Result<MadeRom, CliError> {
    let id = gpu.display.id;
    let bytes = amd::vfct_bytes(&env.files()).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => {
            let what = format!("{VFCT} can be read by root only");
            CliError::new(Exit::Failed, what, "Run this as root.")
        }
        _ => CliError::new(
            Exit::Failed,
            format!("the firmware left no VBIOS in memory: {VFCT} is missing"),
            "In the BIOS, disable CSM and make the iGPU the primary display, start the host \
                once, and run this again.",
        ),
    })?;
    let Some(image) = amd::vbios_in(&bytes, id) else {
        let table = read::vfct(Window::of_file(&bytes));
        let images = table.iter().flat_map(|table| &table.images);
        let named: Vec<String> = images.map(|image| image.id.to_string()).collect();
        let others = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
        let what = format!("{VFCT} has no VBIOS for {id}; it has: {others}");
        let help = "In the BIOS, make the iGPU the primary display, start the host once, and run \
            this again.";
        return Err(CliError::new(Exit::Failed, what, help));
    };
    Ok(MadeRom {
        name: "amd-vbios.rom".to_owned(),
        bytes: image.to_vec(),
        source: VFCT.to_owned(),
        dest: AMD_VBIOS_PATH,
    })
}

/// A ROM for the audio function of `gpu`, around the GOP driver in `bios`.
pub(super) fn gop(gpu: &AmdIgpu, bios: &Path) -> Result<MadeRom, CliError> {
    let shown = file_or_placeholder(bios);
    let is_gop = |contents: &Contents| contents.driver == Some(DriverKind::AmdGop);
    let mut found = extract::drivers(bios, &GpuIds::default(), |_, contents| is_gop(contents))?;
    found.retain(|(_, contents, _)| is_gop(contents));
    let Some((name, contents, driver)) = best(found, gpu.chip.as_ref().map(|chip| chip.family))
    else {
        let what = format!("no AMD GOP driver was found in {}", bios.display());
        let help = "It has to be a BIOS of a board for AMD CPUs. This shows what is in it:";
        let command = ["oprom", "extract", "--all", &shown];
        return Err(CliError::new(Exit::No, what, help).run(command));
    };
    let unusable = || {
        let what = format!("{name} in {} is not a readable PE image", bios.display());
        CliError::new(Exit::Refused, what, "Use the BIOS update of another version.")
    };
    let image = compose::around(driver, &Limits::default()).ok_or_else(unusable)?;
    // The ids do not matter to OVMF. Those of the function that gets it tell a reader.
    let audio =
        gpu.audio.as_ref().map_or(DeviceId { device: u16::MAX, ..gpu.display.id }, |own| own.id);
    let image =
        compose::Image { vendor: audio.vendor, device: audio.device, last: Some(true), ..image };
    let spec = Spec { image: vec![image], ..Spec::default() };
    let bytes = compose::compose(&spec).map_err(|error| {
        let what = format!("the ROM cannot be made: {error}");
        CliError::new(Exit::Failed, what, "Use the BIOS update of another version.")
    })?;
    let version = contents.version.map(|version| format!(" {version}")).unwrap_or_default();
    Ok(MadeRom {
        name: "amd-gop.rom".to_owned(),
        bytes,
        source: format!("{name}{version} in {}", bios.display()),
        dest: AMD_GOP_PATH,
    })
}

/// Why there is no use for `bios` on a host without an AMD iGPU.
pub(super) fn not_amd(bios: &Path) -> CliError {
    let bios = file_or_placeholder(bios);
    let what = "--bios is for a host with an AMD iGPU";
    let help = "For an Intel iGPU, this makes a ROM with the GOP driver of a BIOS:";
    let make = ["oprom", "build", "--like", "ROM", "--gop", &bios, "-o", "own.rom"];
    CliError::new(Exit::Usage, what, help).run(make)
}

/// A driver: its name, what is in it, its bytes.
type Driver = (String, Contents, Vec<u8>);

/// The driver of the chip's family, if there is one, and of several the newest.
fn best(found: Vec<Driver>, family: Option<AmdFamily>) -> Option<Driver> {
    let version = |(_, contents, _): &Driver| -> Vec<u32> {
        let text = contents.version.as_deref().unwrap_or_default();
        text.split('.').map_while(|part| part.parse().ok()).collect()
    };
    found.into_iter().max_by_key(|driver| {
        let version = version(driver);
        let fits = family.is_some_and(|family| version.first() == Some(&family.gop_major()));
        (fits, version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rom_core::contents;

    #[test]
    fn the_driver_of_the_family_is_taken_and_the_newest_of_several() {
        let driver = |version: &str| {
            let bytes = format!("AMD GOP X64 Release Driver Rev.{version}\0").into_bytes();
            let contents = contents::of_driver(Window::of_file(&bytes), &GpuIds::default());
            assert_eq!(contents.version.as_deref(), Some(version));
            (version.to_owned(), contents, bytes)
        };
        let all = || ["2.18.0", "3.8.9", "2.23.0", "3.10.0"].map(driver).to_vec();
        let taken = |family| best(all(), family).unwrap().0;
        assert_eq!(taken(Some(AmdFamily::Vega)), "2.23.0");
        assert_eq!(taken(Some(AmdFamily::Rdna)), "3.10.0");
        assert_eq!(taken(None), "3.10.0");
        assert!(best(Vec::new(), None).is_none());
    }
}
