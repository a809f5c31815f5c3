//! Any bytes as a file: what it is, what is in it, and what to type next.

use rom_core::file_kind::{FileKind, OpenLimits, identify, open, reach};

pub(super) fn run(bytes: &[u8]) {
    let kind = identify(bytes);
    assert_eq!(kind, identify(bytes), "the same answer twice");
    assert_eq!(kind == FileKind::Empty, bytes.is_empty());
    assert!(!kind.name().is_empty() && !kind.to_string().is_empty());
    if let Some(next) = kind.next_step() {
        let words = next.words("a file");
        assert!(words.iter().all(|word| !word.is_empty()), "{words:?}");
    }
    if let Some(at) = kind.rom_at(bytes) {
        assert!(at < bytes.len(), "{at:#x} is outside");
    }
    let limits = OpenLimits { bytes: 1 << 20, files: 64, ..OpenLimits::default() };
    for opened in open(bytes, &kind, &limits).unwrap_or_default() {
        assert!(opened.bytes.len() <= limits.bytes.max(bytes.len()), "more than allowed");
        let Some(span) = opened.span else { continue };
        let place = span.offset.checked_add(span.length).and_then(|end| bytes.get(span.offset..end));
        assert_eq!(place, Some(&*opened.bytes), "it is not there");
    }
    let reached = reach(bytes, &limits);
    assert_eq!(reached.kind, kind);
    if let Some(at) = reached.first_image() {
        assert!(at < reached.bytes.len(), "{at:#x} is outside of what was reached");
    }
}
