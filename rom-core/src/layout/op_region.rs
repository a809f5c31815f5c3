//! Intel's `OpRegion`: what firmware leaves in memory for the graphics driver.

/// What an `OpRegion` begins with (Intel, "IGD `OpRegion` Specification", 3.1).
pub(crate) const OP_REGION_SIGNATURE: [u8; 16] = *b"IntelGraphicsMem";
