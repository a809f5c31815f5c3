//! Any text as a log to explain.

use rom_host::explain::{explain, in_log};

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = explain(text);
    let mut last = 0;
    let summary = in_log(text);
    assert!(summary.lines <= text.len() + 1);
    for occurrence in summary.found {
        assert!(occurrence.line > last && occurrence.count > 0, "in the order of the log");
        last = occurrence.line;
    }
}
