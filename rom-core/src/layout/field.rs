//! The fields of a declared structure: where each is, and how its bytes are read.

use super::{BLOCK, ClassCode, CodeType, CompressionType, Indicator, Machine, Subsystem};
use crate::bytes::Span;

/// A field of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// The specification's name for it.
    pub name: &'static str,
    /// Where it is, counted from the start of the structure.
    pub span: Span,
    /// How its bytes are read.
    pub meaning: Meaning,
}

/// How the bytes of a field are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A little-endian number.
    Number,
    /// A number of [`BLOCK`] units.
    Blocks,
    /// An offset from the start of the image; zero for none.
    Offset,
    /// Letters.
    Ascii,
    /// A [`ClassCode`].
    Class,
    /// A [`CodeType`].
    CodeType,
    /// An [`Indicator`].
    Indicator,
    /// A [`Machine`].
    Machine,
    /// A [`Subsystem`].
    Subsystem,
    /// A [`CompressionType`].
    Compression,
    /// Bytes that say nothing by themselves.
    Raw,
}

impl Meaning {
    /// What `bytes` say; nothing where they say nothing by themselves.
    #[must_use]
    pub fn describe(self, bytes: &[u8]) -> String {
        let number = bytes.iter().rev().fold(0_u64, |number, byte| number.wrapping_shl(8) | u64::from(*byte));
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
            Self::Class => bytes.try_into().map(|class| ClassCode(class).to_string()).unwrap_or_default(),
            Self::CodeType => CodeType(byte).to_string(),
            Self::Indicator if Indicator(byte).is_last() => "last image".to_owned(),
            Self::Indicator => "another follows".to_owned(),
            Self::Machine => Machine(word).to_string(),
            Self::Subsystem => Subsystem(word).to_string(),
            Self::Compression => CompressionType(word).to_string(),
        }
    }
}

/// Declares a structure once: what binrw reads and writes, where each field is, and what it is called.
///
/// `AT` has the place of every field by its name, `FIELDS` all of them in order, `SIZE` their bytes. The types of fields have the size in
/// memory that they have in a file.
macro_rules! structure {
    (
        $(#[$about:meta])*
        $name:ident, $places:ident, $title:literal {$(
            $(#[$doc:meta])*
            $field:ident: $type:ty = $label:literal $meaning:ident,
        )*}
    ) => {
        $(#[$about])*
        #[binrw::binrw]
        #[brw(little)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {$(
            $(#[$doc])*
            pub $field: $type,
        )*}

        #[doc = concat!("Where the fields of [`", stringify!($name), "`] are, counted from its start.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $places {$(
            $(#[$doc])*
            pub $field: $crate::bytes::Span,
        )*}

        impl $name {
            /// What it is called.
            pub const NAME: &'static str = $title;
            /// Where its fields are.
            pub const AT: $places = {
                let end = 0;
                $(
                    let $field = $crate::bytes::Span::new(end, size_of::<$type>());
                    let end = $field.end();
                )*
                let _ = end;
                $places { $($field),* }
            };
            /// Its fields, in order.
            pub const FIELDS: &'static [$crate::layout::Field] = &[$(
                $crate::layout::Field {
                    name: $label,
                    span: Self::AT.$field,
                    meaning: $crate::layout::Meaning::$meaning,
                },
            )*];
            /// Bytes of the structure.
            pub const SIZE: usize = {
                let end = 0_usize;
                $(let end = end.saturating_add(size_of::<$type>());)*
                end
            };
        }
    };
}
pub(super) use structure;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_described_by_what_they_mean() {
        let of = |meaning: Meaning, bytes: &[u8]| meaning.describe(bytes);
        assert_eq!(of(Meaning::Number, &[0x34, 0x12]), "0x1234");
        assert_eq!(of(Meaning::Blocks, &[2, 0]), "0x2 = 1024 bytes");
        assert_eq!((of(Meaning::Offset, &[0, 0]), of(Meaning::Offset, &[0x1C, 0])), ("none".to_owned(), "+0x1c".to_owned()));
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
