//! What the bytes of a field say.

use super::field::Meaning;
use super::{BLOCK, ClassCode, CodeType, CompressionType, Indicator, Machine, Subsystem};

impl Meaning {
    /// What `bytes` say; nothing where they say nothing by themselves.
    #[must_use]
    pub fn describe(self, bytes: &[u8]) -> String {
        let number = bytes
            .iter()
            .rev()
            .fold(0_u64, |number, byte| number.wrapping_shl(8) | u64::from(*byte));
        let word = u16::try_from(number).unwrap_or(u16::MAX);
        let byte = bytes.first().copied().unwrap_or(0);
        match self {
            Self::Raw => String::new(),
            Self::Number => format!("{number:#x}"),
            Self::Offset if number == 0 => "none".to_owned(),
            Self::Offset => format!("+{number:#x}"),
            Self::Blocks => {
                let length = number.saturating_mul(u64::try_from(BLOCK).unwrap_or(0));
                format!("{number:#x} = {length} bytes")
            }
            Self::Ascii => String::from_utf8_lossy(bytes).into_owned(),
            Self::Class => {
                bytes.try_into().map(|class| ClassCode(class).to_string()).unwrap_or_default()
            }
            Self::CodeType => CodeType(byte).to_string(),
            Self::Indicator if Indicator(byte).is_last() => "last image".to_owned(),
            Self::Indicator => "another follows".to_owned(),
            Self::Machine => Machine(word).to_string(),
            Self::Subsystem => Subsystem(word).to_string(),
            Self::Compression => CompressionType(word).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_described_by_what_they_mean() {
        let of = |meaning: Meaning, bytes: &[u8]| meaning.describe(bytes);
        assert_eq!(of(Meaning::Number, &[0x34, 0x12]), "0x1234");
        assert_eq!(of(Meaning::Blocks, &[2, 0]), "0x2 = 1024 bytes");
        assert_eq!(
            (of(Meaning::Offset, &[0, 0]), of(Meaning::Offset, &[0x1C, 0])),
            ("none".to_owned(), "+0x1c".to_owned())
        );
        assert_eq!(of(Meaning::Ascii, b"PCIR"), "PCIR");
        assert_eq!(of(Meaning::Class, &[0, 0, 3]), "030000");
        assert_eq!(of(Meaning::CodeType, &[3]), "EFI");
        assert_eq!(
            (of(Meaning::Indicator, &[0x80]), of(Meaning::Indicator, &[0])),
            ("last image".into(), "another follows".into())
        );
        assert_eq!(of(Meaning::Machine, &[0x64, 0x86]), "x86-64");
        assert_eq!(of(Meaning::Subsystem, &[11, 0]), "boot service driver");
        assert_eq!(of(Meaning::Compression, &[1, 0]), "UEFI");
        assert_eq!(of(Meaning::Raw, &[1, 2]), "");
    }
}
