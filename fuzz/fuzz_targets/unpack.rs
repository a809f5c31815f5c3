//! Any bytes as a firmware image: every place of every item is in its part, and the limits are kept.
#![no_main]

#[path = "../targets/unpack.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
