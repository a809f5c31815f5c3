//! ROMs that are nearly right: bytes choose the fields, and what is damaged after that. They reach what blind bytes do not.
#![no_main]

#[path = "../targets/check.rs"]
mod check;
#[path = "../targets/shaped.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
