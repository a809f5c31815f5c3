//! Legacy x86 images.

use crate::bytes::Span;
use crate::layout::{LegacyRomHeader, PnpExpansionHeader};

/// A legacy x86 image.
#[derive(Clone, Debug)]
pub struct LegacyImage {
    /// Its header; `None` if the image is shorter than that.
    pub header: Option<LegacyRomHeader>,
    /// Sum of the bytes that the size byte covers, modulo 256; `None` if they are not all in the
    /// file.
    pub checksum: Option<u8>,
    /// The $PnP headers, in the order of the chain.
    pub pnp: Vec<PnpBlock>,
    /// The pointer that leads the $PnP chain to something else, if one does.
    pub pnp_fault: Option<Span>,
}

/// A $PnP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PnpBlock {
    /// Where it stands.
    pub span: Span,
    /// The structure.
    pub header: PnpExpansionHeader,
    /// Sum of its bytes, modulo 256.
    pub checksum: u8,
}
