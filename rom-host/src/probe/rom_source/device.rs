//! AMD's table of VBIOSes, and the ROM BAR of a device.

use super::super::access::{link_name, word};
use super::super::{amd, pci};
use super::{Missing, RomSource, SourceBytes, failed};
use crate::advice::Advice;
use crate::files::HostFiles;
use rom_core::Limits;
use std::io::ErrorKind;

/// Bytes of a ROM that are read.
fn most() -> u64 {
    u64::try_from(Limits::DEFAULT.file).unwrap_or(u64::MAX)
}

/// Reads AMD's table.
pub(super) fn vfct(files: &dyn HostFiles, has_amd: bool) -> Result<SourceBytes, Missing> {
    match amd::vfct_bytes(files) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if error.kind() == ErrorKind::NotFound && has_amd => Err(Missing::with(
            "the firmware made none: it does so only in a UEFI boot",
            "Switch CSM (legacy boot) off in the BIOS setup, and boot by UEFI.",
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Missing::plain("only firmware for a GPU of AMD makes one"))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// Reads the ROM of a device.
pub(super) fn rom_bar(
    files: &dyn HostFiles,
    source: &RomSource,
    in_use: bool,
) -> Result<SourceBytes, Missing> {
    let Some(device) = source.display() else {
        return Err(Missing::with(
            "there is no PCI device at this address",
            Advice::from("This lists all:").run(["lspci", "-nn"]),
        ));
    };
    if !files.exists(&source.path) {
        let why = "this device has no ROM of its own";
        return Err(Missing::plain(why));
    }
    let at = |name: &str| format!("{}/{}/{name}", pci::DEVICES, device.bdf);
    if let Some(user) = user(files, &at("driver"), &at("power/runtime_status")).filter(|_| !in_use)
    {
        return Err(Missing::with(
            format!("the device is in use: {user}"),
            Advice::from(
                "While its ROM is read, a device may not answer its driver. Stop the VM or \
                 unbind the driver first. To take the risk:",
            )
            .run(["oprom", "extract", "--host", "--in-use", "--bdf", &device.bdf]),
        ));
    }
    match files.rom_bar(&source.path, most()) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if matches!(error.raw_os_error(), Some(EIO | EINVAL)) => Err(Missing::with(
            format!("the kernel finds no ROM there ({error})"),
            if device.bdf == crate::address::IGPU_BDF {
                "An iGPU has no ROM of its own: the board's firmware has it, in its flash chip and \
                 in the vendor's update files."
            } else {
                "Its ROM may be hidden because the firmware did not start the device, or because \
                 it sleeps: try after a cold start, with a monitor connected."
            },
        )),
        Err(error) => Err(failed(&error)),
    }
}

/// No ROM begins where one should.
const EIO: i32 = 5;
/// Reading was not switched on.
const EINVAL: i32 = 22;

/// Who uses a device: a driver of the host, or a VM. What is bound to vfio-pci and asleep is used
/// by nobody.
fn user(files: &dyn HostFiles, driver: &str, power: &str) -> Option<String> {
    /// What passes devices through.
    const VFIO: &str = "vfio-pci";
    let driver = link_name(files, driver)?;
    if driver != VFIO {
        return Some(format!("{driver} is bound to it"));
    }
    (word(files, power).as_deref() != Some("suspended"))
        .then(|| "vfio-pci is bound to it and it is awake, so a VM may have it".to_owned())
}
