//! Any text as a catalog: what the lint passes, the reader takes.

use rom_core::catalog::{self, Catalog};
use rom_core::lines::Lines;

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let findings = catalog::lint(text);
    let lines = Lines::of(text);
    for finding in &findings {
        let (line, column) = lines.place(finding.span.offset);
        assert!(line > 0 && column > 0);
    }
    if findings.is_empty() {
        text.parse::<Catalog>().expect("a catalog without a fault is readable");
    }
}
