//! Any bytes, mended: a repair that is done is not needed any more, and what it says it changed is what changed.

use rom_core::Limits;
use rom_core::mend::{Repair, mend};

pub(crate) fn run(bytes: &[u8]) {
    let limits = Limits::default();
    for repair in Repair::ALL {
        let Ok(mended) = mend(bytes, &[repair], &limits) else { continue };
        assert_eq!(mended.edits.is_empty(), mended.bytes == bytes, "{repair:?}");
        if let Ok(again) = mend(&mended.bytes, &[repair], &limits) {
            assert!(again.edits.is_empty() || again.bytes.len() < mended.bytes.len(), "{repair:?} twice: {:?}", again.edits);
        }
    }
}
