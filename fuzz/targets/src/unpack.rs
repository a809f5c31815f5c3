//! Any bytes as a firmware image: every place of every item is in its part, and the limits are
//! kept.

use rom_core::contents::GpuIds;
use rom_core::unpack::{self, UnpackLimits};

pub(super) fn run(bytes: &[u8]) {
    let limits = UnpackLimits { memory: 8 << 20, depth: 12, items: 2000 };
    let unpacked = unpack::unpack(bytes, &limits);
    assert!(unpacked.items.len() <= limits.items);
    for item in &unpacked.items {
        assert!(item.depth <= limits.depth);
        assert_eq!(unpacked.bytes(item.place).len(), item.place.span.length);
    }
    let known: GpuIds = (0xA700..=0xA7FF).collect();
    for found in unpack::found(&unpacked, &known) {
        assert_eq!(unpacked.bytes(found.place).len(), found.place.span.length);
    }
}
