//! Any text as a catalog: what the lint passes, the reader takes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rom_core::catalog;

fuzz_target!(|text: &str| {
    let findings = catalog::lint(text);
    for finding in &findings {
        let (line, column) = catalog::line_and_column(text, finding.span);
        assert!(line > 0 && column > 0);
    }
    if findings.is_empty() {
        catalog::read(text).expect("a catalog without a fault is readable");
    }
});
