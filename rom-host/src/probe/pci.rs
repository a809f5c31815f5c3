//! PCI functions, from sysfs.

use rom_core::DeviceId;
use rom_core::layout::ClassCode;
use rom_core::model::hex_u16;
use std::fs;
use std::path::Path;

/// A display controller of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Display {
    /// Address: domain, bus, device, function.
    pub(crate) bdf: String,
    /// Ids.
    pub(crate) id: DeviceId,
    /// Class.
    pub(crate) class: ClassCode,
    /// Whether the firmware booted with it, where the kernel tells.
    pub(crate) boot_vga: Option<bool>,
    /// Whether it is an SR-IOV virtual function.
    pub(crate) virtual_function: bool,
    /// Virtual functions that it has switched on.
    pub(crate) virtual_functions: u32,
}

/// Where an Intel iGPU is, on every platform.
pub(crate) const IGPU_BDF: &str = "0000:00:02.0";

/// Folder of the PCI functions.
pub(crate) const DEVICES: &str = "/sys/bus/pci/devices";

/// The function at `bdf`, whatever its class; `None` if there is none.
pub(crate) fn function(devices: &Path, bdf: &str) -> Option<Display> {
    let folder = devices.join(bdf);
    let text = |name: &str| fs::read_to_string(folder.join(name)).ok().map(|text| text.trim().to_owned());
    let class = u32::from_str_radix(text("class")?.trim_start_matches("0x"), 16).ok()?;
    Some(Display {
        bdf: bdf.to_owned(),
        id: DeviceId { vendor: hex_u16(&text("vendor")?)?, device: hex_u16(&text("device")?)? },
        class: ClassCode::from_u32(class),
        boot_vga: text("boot_vga").map(|value| value == "1"),
        virtual_function: folder.join("physfn").exists(),
        virtual_functions: text("sriov_numvfs").and_then(|value| value.parse().ok()).unwrap_or(0),
    })
}

/// The host's Intel iGPU, where it is visible.
pub(crate) fn igpu(devices: &Path) -> Option<Display> {
    function(devices, IGPU_BDF).filter(|seen| seen.class.base() == 0x03 && seen.id.vendor == DeviceId::INTEL)
}

/// Every display controller, by address.
pub(crate) fn displays(devices: &Path) -> Vec<Display> {
    let names = fs::read_dir(devices).into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut displays: Vec<Display> =
        names.filter_map(|name| function(devices, &name)).filter(|display| display.class.base() == 0x03).collect();
    displays.sort_by(|a, b| a.bdf.cmp(&b.bdf));
    displays
}

/// `00:02.0` as `0000:00:02.0`.
pub(crate) fn full_bdf(text: &str) -> Result<String, String> {
    let full = if text.matches(':').count() == 1 { format!("0000:{text}") } else { text.to_owned() };
    let shape: String = full.chars().map(|c| if c.is_ascii_hexdigit() { 'h' } else { c }).collect();
    if shape == "hhhh:hh:hh.h" {
        Ok(full.to_lowercase())
    } else {
        Err("an address looks like 00:02.0 or 0000:00:02.0".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_completed_or_refused() {
        assert_eq!(full_bdf("00:02.0").as_deref(), Ok("0000:00:02.0"));
        assert_eq!(full_bdf("0000:00:1F.3").as_deref(), Ok("0000:00:1f.3"));
        for wrong in ["", "2", "00:02", "../../x", "00:02.0/.."] {
            assert!(full_bdf(wrong).is_err(), "{wrong:?}");
        }
    }
}
