//! The ways in which text holds bytes.

use std::fmt;

/// A way to write bytes as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ByteText {
    /// Hex bytes or words with their offsets: hexdump, xxd, od.
    HexDump,
    /// Hex digits without offsets.
    HexDigits,
    /// An array of C or another language.
    Array,
    /// Strings of Python, C or another language.
    Literal,
    /// Decimal numbers.
    Decimals,
    /// A value in a file of Windows' registry.
    Registry,
    /// Base64.
    Base64,
    /// uuencode.
    Uuencode,
    /// Quoted-printable, as mail has it.
    QuotedPrintable,
    /// Intel HEX.
    IntelHex,
    /// Motorola S-records.
    SRecords,
}

impl ByteText {
    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HexDump => "a hex dump",
            Self::HexDigits => "hex digits",
            Self::Array => "an array in source code",
            Self::Literal => "a string in source code",
            Self::Decimals => "decimal numbers",
            Self::Registry => "a Windows registry file",
            Self::Base64 => "base64",
            Self::Uuencode => "uuencode",
            Self::QuotedPrintable => "quoted-printable",
            Self::IntelHex => "Intel HEX",
            Self::SRecords => "Motorola S-records",
        }
    }
}

impl fmt::Display for ByteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
