//! Any text as a catalog: what the lint passes, the reader takes.

use rom_core::catalog;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let findings = catalog::lint(text);
    for finding in &findings {
        let (line, column) = catalog::line_and_column(text, finding.span);
        assert!(line > 0 && column > 0);
    }
    if findings.is_empty() {
        catalog::read(text).expect("a catalog without a fault is readable");
    }
}
