//! Any bytes, scanned in blocks of any size: the same ROMs as in one piece.
#![no_main]

#[path = "../targets/scan.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
