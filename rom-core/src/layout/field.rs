//! The fields of a declared structure: where each is, and how its bytes are read.

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
    /// A number of [`BLOCK`](super::BLOCK) units.
    Blocks,
    /// An offset from the start of the image; zero for none.
    Offset,
    /// Letters.
    Ascii,
    /// A [`ClassCode`](super::ClassCode).
    Class,
    /// A [`CodeType`](super::CodeType).
    CodeType,
    /// An [`Indicator`](super::Indicator).
    Indicator,
    /// A [`Machine`](super::Machine).
    Machine,
    /// A [`Subsystem`](super::Subsystem).
    Subsystem,
    /// A [`CompressionType`](super::CompressionType).
    Compression,
    /// Bytes that say nothing by themselves.
    Raw,
}

/// Declares a structure once: what binrw reads and writes, where each field is, and what it is
/// called.
///
/// `AT` has the place of every field by its name, `FIELDS` all of them in order, `SIZE` their
/// bytes. The types of fields have the size in memory that they have in a file.
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

        #[doc = concat!("Where the fields of [`", stringify!($name), "`] are, counted from its \
            start.")]
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
