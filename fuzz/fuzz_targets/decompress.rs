//! Any bytes as compressed data: it ends, and keeps to its limit. The same bytes as data: compressed, they come back.
#![no_main]

#[path = "../targets/decompress.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
