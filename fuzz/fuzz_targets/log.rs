//! Any text as a log to explain.
#![no_main]

#[path = "../targets/log.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
