//! PCI functions, from sysfs.

use super::access::word;
use crate::address::IGPU_BDF;
use crate::files::HostFiles;
use rom_core::DeviceId;
use rom_core::layout::ClassCode;
use rom_core::model::hex_u16;

/// A display controller of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// Address: domain, bus, device, function.
    pub bdf: String,
    /// Ids.
    pub id: DeviceId,
    /// Class.
    pub class: ClassCode,
    /// Whether the firmware booted with it, where the kernel tells.
    pub boot_vga: Option<bool>,
    /// Whether it is an SR-IOV virtual function.
    pub virtual_function: bool,
    /// Virtual functions that it has switched on.
    pub virtual_functions: u32,
}

/// Folder of the PCI functions.
pub const DEVICES: &str = "/sys/bus/pci/devices";

/// The function at `bdf`, whatever its class; `None` if there is none.
pub fn function(files: &dyn HostFiles, bdf: &str) -> Option<Display> {
    let at = |name: &str| format!("{DEVICES}/{bdf}/{name}");
    let text = |name: &str| word(files, &at(name));
    let class = u32::from_str_radix(text("class")?.trim_start_matches("0x"), 16).ok()?;
    Some(Display {
        bdf: bdf.to_owned(),
        id: DeviceId {
            vendor: hex_u16(&text("vendor")?).ok()?,
            device: hex_u16(&text("device")?).ok()?,
        },
        class: ClassCode::from_u32(class),
        boot_vga: text("boot_vga").map(|value| value == "1"),
        virtual_function: files.link(&at("physfn")).is_some() || files.exists(&at("physfn")),
        virtual_functions: text("sriov_numvfs").and_then(|value| value.parse().ok()).unwrap_or(0),
    })
}

/// The host's Intel iGPU, where it is visible.
pub fn igpu(files: &dyn HostFiles) -> Option<Display> {
    function(files, IGPU_BDF)
        .filter(|seen| seen.class.base() == 0x03 && seen.id.vendor == DeviceId::INTEL)
}

/// Vendor and device id of every function, as `8086:a7a8`.
pub fn ids(files: &dyn HostFiles) -> Vec<String> {
    let all = files.names(DEVICES).into_iter().filter_map(|name| function(files, &name));
    all.map(|seen| seen.id.to_string()).collect()
}

/// Every display controller, by address.
pub fn displays(files: &dyn HostFiles) -> Vec<Display> {
    let all = files.names(DEVICES).into_iter().filter_map(|name| function(files, &name));
    let mut displays: Vec<Display> = all.filter(|seen| seen.class.base() == 0x03).collect();
    displays.sort_by(|a, b| a.bdf.cmp(&b.bdf));
    displays
}
