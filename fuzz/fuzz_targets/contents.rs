//! Any bytes as a driver, by itself and in a ROM: what it holds is told the same either way, and it is judged and predicted as any ROM is.
#![no_main]

#[path = "../targets/check.rs"]
mod check;
#[path = "../targets/contents.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
