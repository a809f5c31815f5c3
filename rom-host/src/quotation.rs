//! Text of others in a sentence of ours.

use rom_core::plain::{escaped, shortened};

/// Bytes of what is said of a check. No text of a configuration that works is as long.
const LONGEST: usize = 2000;

/// Text of a configuration in a sentence: one line, and not longer than somebody reads.
pub(crate) fn bounded(text: &str) -> String {
    escaped(&shortened(text, LONGEST)).into_owned()
}
