//! What is left of an image whose header is damaged or gone.

use crate::bytes::Span;
use std::fmt;

/// An image that firmware does not find, by what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostImage {
    /// Where what is left of it begins, up to where the next part of the file does. An image of
    /// which the start is missing begins with the part.
    pub span: Span,
    /// What was found of it.
    pub remains: Remains,
}

impl LostImage {
    /// Where the part of it is that was found.
    #[must_use]
    pub(crate) const fn evidence_at(&self) -> usize {
        match self.remains {
            Remains::SignatureByte { at, .. }
            | Remains::Pcir { at }
            | Remains::EfiHeader { at }
            | Remains::Driver { at } => at,
            Remains::WithoutSignature
            | Remains::SignatureAlone
            | Remains::MissingStart { .. }
            | Remains::Length
            | Remains::Code => self.span.offset,
        }
    }
}

/// What is left of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remains {
    /// All of it but for one byte of 55 AA.
    SignatureByte {
        /// Where.
        at: usize,
        /// What is there.
        found: u8,
        /// What has to be there.
        expected: u8,
    },
    /// All of it but for 55 AA.
    WithoutSignature,
    /// 55 AA, without a PCI data structure.
    SignatureAlone,
    /// All from this byte of it on: the first ones are not in the file.
    MissingStart {
        /// Bytes that are missing.
        count: usize,
    },
    /// The PCI data structure, without the header before it.
    Pcir {
        /// Where it is.
        at: usize,
    },
    /// A part of the EFI header.
    EfiHeader {
        /// Where it is.
        at: usize,
    },
    /// The driver, without the headers before it.
    Driver {
        /// Where it is.
        at: usize,
    },
    /// A length that leads exactly to what follows.
    Length,
    /// What looks like the code of a driver.
    Code,
}

impl fmt::Display for LostImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.span.offset;
        match self.remains {
            Remains::SignatureByte { at, found, expected } => {
                write!(f, "the byte at {at:#x} is {found:02x} instead of {expected:02x}")
            }
            Remains::WithoutSignature => write!(f, "55 aa is missing at {start:#x}"),
            Remains::SignatureAlone => {
                write!(f, "55 aa is at {start:#x}, without a PCI data structure")
            }
            Remains::MissingStart { count: 1 } => f.write_str("its first byte is missing"),
            Remains::MissingStart { count } => write!(f, "its first {count} bytes are missing"),
            Remains::Pcir { at } => {
                write!(f, "its header at {start:#x} is lost; its PCI data structure is at {at:#x}")
            }
            Remains::EfiHeader { at } => {
                write!(f, "its header is lost; a part of an EFI header is at {at:#x}")
            }
            Remains::Driver { at } => write!(f, "its header is lost; a driver is at {at:#x}"),
            Remains::Length => {
                write!(f, "its header at {start:#x} is lost, except for a length that matches")
            }
            Remains::Code => write!(f, "its header is lost; what looks like code is at {start:#x}"),
        }
    }
}
