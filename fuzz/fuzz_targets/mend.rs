//! Any bytes, mended: a repair that is done is not needed any more, and what it says it changed is what changed.
#![no_main]

#[path = "../targets/mend.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
