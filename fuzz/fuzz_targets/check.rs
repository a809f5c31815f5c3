//! Any bytes, read and judged: regions tile, spans stay inside, the answer is the same twice, and what hangs a machine is an error.
#![no_main]

#[path = "../targets/check.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
