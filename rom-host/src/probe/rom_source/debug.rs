//! What Intel's graphics drivers show in debugfs (Linux,
//! `drivers/gpu/drm/i915/display/intel_opregion.c` and `intel_bios.c`).

use super::super::access::{link_name, word};
use super::super::pci::{self, Display};
use super::{Missing, SourceBytes, failed};
use crate::advice::Advice;
use crate::files::HostFiles;
use std::io::ErrorKind;

/// The Video BIOS Table.
pub(super) const VBT: &str = "i915_vbt";
/// The `OpRegion`.
pub(super) const OP_REGION: &str = "i915_opregion";

const DEBUG: &str = "/sys/kernel/debug";
const DRI: &str = "/sys/kernel/debug/dri";
/// Drivers that show them.
const DRIVERS: [&str; 2] = ["i915", "xe"];
/// Bytes that are read: tables have a tenth of that.
const MOST: u64 = 1 << 20;

/// Where `name` of the GPU is: new kernels have a folder by its address, all have one by a number.
pub(super) fn path(files: &dyn HostFiles, gpu: Option<&Display>, name: &str) -> String {
    let bdf = gpu.map_or("0000:00:02.0", |gpu| gpu.bdf.as_str());
    let by_address = format!("{DRI}/{bdf}");
    if files.exists(&format!("{by_address}/{name}")) {
        return format!("{by_address}/{name}");
    }
    let is_own = |folder: &&String| {
        word(files, &format!("{DRI}/{folder}/name")).is_some_and(|text| text.contains(bdf))
    };
    let folder = files.names(DRI).iter().find(is_own).cloned();
    format!("{DRI}/{}/{name}", folder.unwrap_or_else(|| bdf.to_owned()))
}

/// Reads what is at `path`, or says why not.
pub(super) fn read(
    files: &dyn HostFiles,
    path: &str,
    gpu: Option<&Display>,
) -> Result<SourceBytes, Missing> {
    let Some(gpu) = gpu else { return Err(Missing::plain("this host shows no GPU of Intel")) };
    let error = match files.read(path, MOST) {
        Ok(bytes) => return Ok(bytes.into()),
        Err(error) => error,
    };
    if error.kind() != ErrorKind::NotFound {
        return Err(failed(&error));
    }
    let driver = link_name(files, &format!("{}/{}/driver", pci::DEVICES, gpu.bdf));
    match driver.as_deref() {
        Some(driver) if DRIVERS.contains(&driver) => Err(not_there(files, driver)),
        Some(other) => Err(Missing::with(
            format!("it is there only while i915 or xe is bound to the GPU, and {other} is"),
            "Boot the host once without binding the GPU to another driver, or use one of the \
             other sources.",
        )),
        None => Err(Missing::with(
            "it is there only while i915 or xe is bound to the GPU, and no driver is",
            Advice::from("Load the driver, then run this again. The console then uses the GPU:")
                .run(["modprobe", "i915"])
                .run(["oprom", "extract", "--host"]),
        )),
    }
}

/// Why a driver that is bound shows nothing.
fn not_there(files: &dyn HostFiles, driver: &str) -> Missing {
    if files.exists(DRI) {
        return Missing::plain(format!("{driver} of this kernel does not show it"));
    }
    if !files.names(DEBUG).is_empty() {
        return Missing::plain("this kernel does not show graphics in debugfs");
    }
    Missing::with(
        "debugfs is not mounted, or there is none",
        Advice::from("Mount it, then run this again:")
            .run(["mount", "-t", "debugfs", "none", DEBUG])
            .run(["oprom", "extract", "--host"]),
    )
}
