//! Intel's `OpRegion`: what firmware leaves in memory for the graphics driver.

use super::VbtHeader;

/// What an `OpRegion` begins with (Intel, "IGD `OpRegion` Specification", 3.1).
pub const OP_REGION_SIGNATURE: [u8; 16] = *b"IntelGraphicsMem";

/// Offset of mailbox 4, in which the Video BIOS Table is where it fits (the same, 3.2.4).
pub const OP_REGION_VBT_AT: usize = 0x400;

/// Bytes of an `OpRegion`.
pub const OP_REGION_SIZE: usize = 0x2000;

// A table fits behind the header of the mailbox.
const _: () = assert!(OP_REGION_VBT_AT.saturating_add(VbtHeader::SIZE) < OP_REGION_SIZE);
