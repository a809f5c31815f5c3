//! Any text as a catalog: what the lint passes, the reader takes.
#![no_main]

#[path = "../targets/catalog.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
