//! Any bytes as a ROM: its specification makes the same bytes. Any text as a specification: what it
//! makes, too.

use rom_core::compose::{self, Spec};
use rom_core::{Limits, parse};

pub(super) fn run(bytes: &[u8]) {
    again(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(spec) = text.parse::<Spec>() else { return };
    // A few letters can ask for gigabytes.
    if spec.image.iter().any(|image| image.blocks > 64) || text.contains("length") {
        return;
    }
    if let Ok(made) = compose::compose(&spec) {
        again(&made);
    }
}

pub(super) fn again(bytes: &[u8]) {
    let limits = Limits::default();
    let spec = compose::decompose(&parse(bytes, &limits));
    let made = compose::compose(&spec).expect("what was read can be made");
    assert!(made == bytes.get(..limits.file.min(bytes.len())).unwrap_or_default(), "it comes back");
}
