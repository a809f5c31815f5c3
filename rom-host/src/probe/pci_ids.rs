//! Names of PCI devices, out of the list that the host has (pci-ids, `pci.ids`).

use crate::files::HostFiles;
use rom_core::DeviceId;

/// Where distributions keep it: Debian and Arch, then Fedora and SUSE.
const PLACES: [&str; 2] = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/// Bytes of the list that are read. It has 1.5 MB.
const LONGEST: u64 = 8 << 20;

/// The list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PciIds {
    text: String,
}

impl PciIds {
    /// Reads it; without names where the host has none.
    #[must_use]
    pub fn read(files: &dyn HostFiles) -> Self {
        let bytes = PLACES.iter().find_map(|place| files.read(place, LONGEST).ok());
        let text = bytes.map_or_else(String::new, |bytes| {
            String::from_utf8(bytes)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        });
        Self { text }
    }

    /// Vendor and device in words, where both are listed.
    #[must_use]
    pub fn name(&self, id: DeviceId) -> Option<String> {
        // A vendor is at the start of a line, its devices are below it, each after one tab.
        let vendor = format!("{:04x}  ", id.vendor);
        let device = format!("\t{:04x}  ", id.device);
        let mut lines = self.text.lines().skip_while(|line| !line.starts_with(&vendor));
        let vendor = lines.next()?.get(vendor.len()..)?;
        let mut own = lines.take_while(|line| line.starts_with(['\t', '#']) || line.is_empty());
        let device = own.find_map(|line| line.strip_prefix(&device))?;
        Some(format!("{} {}", vendor.trim(), device.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    const LIST: &str = "# List\n\n0001  SafeNet\n10de  NVIDIA Corporation\n\t11c0  GK106 [GeForce \
        GTX 660]\n\t\t10de 0995  a board\n# more\n\t11c1  GK106\n8086  Intel Corporation\n\t11c2  \
        other\nC 03  Display controller\n\t00  VGA\n";

    fn name(list: &str, place: &str, vendor: u16, device: u16) -> Option<String> {
        let mut files = FileMap::default();
        files.write(place, list.as_bytes().to_vec());
        PciIds::read(&files).name(DeviceId { vendor, device })
    }

    #[test]
    fn a_device_has_the_name_of_its_vendor_and_its_own() {
        for place in PLACES {
            let gpu = name(LIST, place, 0x10DE, 0x11C0);
            assert_eq!(gpu.as_deref(), Some("NVIDIA Corporation GK106 [GeForce GTX 660]"));
        }
        let of = |vendor, device| name(LIST, PLACES[0], vendor, device);
        assert_eq!(of(0x10DE, 0x11C1).as_deref(), Some("NVIDIA Corporation GK106"));
        assert_eq!(of(0x10DE, 0x11C2), None, "that is another vendor's");
        assert_eq!(of(0x10DE, 0x10DE), None, "that is a board");
        assert_eq!(of(0x1234, 0x11C0), None);
        assert_eq!(name(LIST, "/elsewhere", 0x10DE, 0x11C0), None);
        assert_eq!(name("\u{fffd}", PLACES[1], 0x10DE, 0x11C0), None);
    }
}
