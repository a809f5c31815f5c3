//! PCI ids.

use crate::parse_error::ParseError;
use std::fmt;
use std::str::FromStr;

/// A PCI vendor and device id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId {
    /// Vendor id.
    pub vendor: u16,
    /// Device id.
    pub device: u16,
}

impl DeviceId {
    /// Intel's vendor id.
    pub const INTEL: u16 = 0x8086;
    /// AMD's vendor id, of GPUs.
    pub const AMD: u16 = 0x1002;
    /// NVIDIA's vendor id.
    pub const NVIDIA: u16 = 0x10DE;

    /// The Intel device of this id.
    #[must_use]
    pub const fn intel(device: u16) -> Self {
        Self { vendor: Self::INTEL, device }
    }
}

impl FromStr for DeviceId {
    type Err = ParseError;

    /// Reads `8086:a7a8`, in either case, with or without `0x`; four digits each.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (vendor, device) = text.trim().split_once(':')?;
            Some(Self { vendor: hex_u16(vendor).ok()?, device: hex_u16(device).ok()? })
        };
        read().ok_or(ParseError::expected("a vendor and a device id like 8086:a7a8"))
    }
}

/// Reads exactly four hex digits, with or without `0x`, as the files of sysfs have them.
///
/// # Errors
/// Where the text is something else.
pub fn hex_u16(text: &str) -> Result<u16, ParseError> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    (digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
        .ok_or(ParseError::expected("four hex digits"))
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_ids_are_read_whole_or_not_at_all() {
        assert_eq!("8086:A7a8".parse(), Ok(DeviceId::intel(0xa7a8)));
        assert_eq!("0x8086:0xa7a8".parse(), Ok(DeviceId::intel(0xa7a8)));
        for wrong in ["8086", "8086:a7a", "8086:a7a8a", "8086:+7a8", "8086:a7a8:1", ":", ""] {
            assert!(wrong.parse::<DeviceId>().is_err(), "{wrong:?}");
        }
    }
}
