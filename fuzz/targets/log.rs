//! Any text as a log to explain.

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        rom_cli::hostile::log(text);
    }
}
