//! The ROM of a PCI device, by the attribute `rom` of sysfs (Linux, `drivers/pci/pci-sysfs.c`,
//! `pci_write_rom` and `pci_read_rom`): it reads only while it is switched on.

use crate::root::Root;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

/// Switches reading on. Anything but [`OFF`] does.
const ON: &[u8] = b"1\n";
/// Switches reading off: these two bytes and no others.
const OFF: &[u8] = b"0\n";

/// Something that reads only while it is switched on.
pub(super) trait Switched {
    /// Writes to the switch.
    fn switch(&mut self, word: &[u8]) -> io::Result<()>;
    /// The first `most` bytes.
    fn bytes(&mut self, most: u64) -> io::Result<Vec<u8>>;
}

/// Switches `rom` on, reads up to `most` bytes of it, and switches it off again, whatever came of
/// reading.
///
/// # Errors
/// What the first step that failed says.
pub(super) fn read(rom: &mut impl Switched, most: u64) -> io::Result<Vec<u8>> {
    rom.switch(ON)?;
    let read = rom.bytes(most);
    let off = rom.switch(OFF);
    let bytes = read?;
    off?;
    Ok(bytes)
}

/// The attribute of a device of this host.
pub(super) struct Attribute<'p> {
    pub(super) root: Root,
    pub(super) path: &'p Path,
}

impl Switched for Attribute<'_> {
    fn switch(&mut self, word: &[u8]) -> io::Result<()> {
        // One call, at the start of the attribute: the kernel takes the words as a whole.
        let written = self.root.open_attribute(self.path)?.write(word)?;
        if written == word.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }

    fn bytes(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.root.open(self.path)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    /// A device that fails where it is told to.
    #[derive(Default)]
    struct Device {
        calls: Vec<String>,
        on: bool,
        fails_at: Option<usize>,
    }

    impl Device {
        fn call(&mut self, call: String) -> io::Result<()> {
            self.calls.push(call);
            if self.fails_at == Some(self.calls.len()) {
                return Err(io::Error::from_raw_os_error(5));
            }
            Ok(())
        }
    }

    impl Switched for Device {
        fn switch(&mut self, word: &[u8]) -> io::Result<()> {
            self.call(String::from_utf8_lossy(word).into_owned())?;
            self.on = word != OFF;
            Ok(())
        }

        fn bytes(&mut self, most: u64) -> io::Result<Vec<u8>> {
            self.call(format!("read {most}"))?;
            assert!(self.on);
            Ok(vec![0x55, 0xAA])
        }
    }

    #[test]
    fn a_rom_is_switched_on_read_and_switched_off() {
        let mut device = Device::default();
        assert_eq!(read(&mut device, 9).unwrap(), [0x55, 0xAA]);
        assert_eq!(device.calls, ["1\n", "read 9", "0\n"]);
    }

    #[test]
    fn a_rom_that_cannot_be_read_is_switched_off_too() {
        let mut device = Device { fails_at: Some(2), ..Device::default() };
        assert_eq!(read(&mut device, 9).unwrap_err().raw_os_error(), Some(5));
        assert_eq!(device.calls, ["1\n", "read 9", "0\n"]);
        assert!(!device.on);
    }

    #[test]
    fn what_cannot_be_switched_on_is_not_read() {
        let mut device = Device { fails_at: Some(1), ..Device::default() };
        assert!(read(&mut device, 9).is_err());
        assert_eq!(device.calls, ["1\n"]);
    }

    #[test]
    fn a_rom_that_stays_on_is_an_error() {
        let mut device = Device { fails_at: Some(3), ..Device::default() };
        assert!(read(&mut device, 9).is_err());
    }

    #[test]
    fn an_attribute_is_written_as_it_is() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("rom");
        fs::write(&path, "abcdef").unwrap();
        let root = Root::new(folder.path());
        let mut attribute = Attribute { root, path: Path::new("/rom") };
        assert_eq!(read(&mut attribute, 4).unwrap(), b"1\ncd");
        assert_eq!(fs::read(&path).unwrap(), b"0\ncdef", "nothing is cut");
        let missing = Attribute { root: Root::new(folder.path()), path: Path::new("/none") };
        assert!(read(&mut { missing }, 4).is_err());
        assert!(!folder.path().join("none").exists(), "nothing is made");
    }
}
