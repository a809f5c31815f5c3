//! GUIDs.

use crate::parse_error::ParseError;
use binrw::binrw;
use std::fmt;
use std::str::FromStr;

/// A GUID as it is in a file (UEFI 2.10, appendix A): a word, two half words, each
/// little-endian, and eight bytes.
#[binrw]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// A GUID from its parts as they are printed.
    #[must_use]
    pub const fn new(first: u32, second: u16, third: u16, rest: [u8; 8]) -> Self {
        let (first, second, third) =
            (first.to_le_bytes(), second.to_le_bytes(), third.to_le_bytes());
        let mut bytes = [0; 16];
        let (head, tail) = bytes.split_at_mut(8);
        let (word, halves) = head.split_at_mut(4);
        let (low, high) = halves.split_at_mut(2);
        word.copy_from_slice(&first);
        low.copy_from_slice(&second);
        high.copy_from_slice(&third);
        tail.copy_from_slice(&rest);
        Self(bytes)
    }
}

impl FromStr for Guid {
    type Err = ParseError;

    /// Reads a GUID as it is printed; case does not matter.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            u64::from_str_radix(part, 16).ok()
        };
        let narrow = |value: u64| u16::try_from(value).ok();
        let mut read = || {
            let first = u32::try_from(number(8)?).ok()?;
            let (second, third) = (narrow(number(4)?)?, narrow(number(4)?)?);
            let rest = number(4)?.wrapping_shl(48) | number(12)?;
            Some(Self::new(first, second, third, rest.to_be_bytes()))
        };
        read().ok_or(ParseError::expected("a GUID like 8c8ce578-8a3d-4f1c-9935-896185c32dd3"))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A word and two half words, lowest byte first, then bytes in two groups.
        const GROUPS: [&[usize]; 5] =
            [&[3, 2, 1, 0], &[5, 4], &[7, 6], &[8, 9], &[10, 11, 12, 13, 14, 15]];
        let group = |indices: &&[usize]| -> String {
            indices
                .iter()
                .filter_map(|index| self.0.get(*index))
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<String>>()
                .concat()
        };
        f.write_str(&GROUPS.iter().map(group).collect::<Vec<String>>().join("-"))
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_printed_as_it_is_read() {
        let text = "8c8ce578-8a3d-4f1c-9935-896185c32dd3";
        let guid = text.parse::<Guid>().unwrap();
        assert_eq!(guid.to_string(), text);
        assert_eq!(
            guid,
            Guid::new(
                0x8C8C_E578,
                0x8A3D,
                0x4F1C,
                [0x99, 0x35, 0x89, 0x61, 0x85, 0xC3, 0x2D, 0xD3]
            )
        );
        assert_eq!(text.to_uppercase().parse(), Ok(guid));
        for wrong in [
            "",
            "8c8ce578",
            "8c8ce578-8a3d-4f1c-9935-896185c32dd",
            "8c8ce578-8a3d-4f1c-9935-896185c32ddx",
        ] {
            assert!(wrong.parse::<Guid>().is_err(), "{wrong}");
        }
    }
}
