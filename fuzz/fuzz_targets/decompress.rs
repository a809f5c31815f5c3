//! Any bytes as compressed data, and as data that is compressed and then damaged: a decoder written from the specification makes the same of it.
#![no_main]

#[path = "../targets/decompress.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
