//! Any bytes as compressed data: it ends, and keeps to its limit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rom_core::read::decompress;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(output) = decompress(bytes, 1 << 16) {
        assert!(output.len() <= 1 << 16);
    }
});
