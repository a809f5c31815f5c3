//! Any bytes, repaired: a repair that is done is not needed any more, and what it says it changed
//! is what changed.

use rom_core::Limits;
use rom_core::repair::{Repair, repair};

pub(super) fn run(bytes: &[u8]) {
    let limits = Limits::default();
    for one in Repair::ALL {
        let Ok(repaired) = repair(bytes, &[one], &limits) else { continue };
        assert_eq!(repaired.edits.is_empty(), repaired.bytes == bytes, "{one:?}");
        if let Ok(again) = repair(&repaired.bytes, &[one], &limits) {
            assert!(again.edits.is_empty() || again.bytes.len() < repaired.bytes.len(), "{one:?} twice: {:?}", again.edits);
        }
    }
}
