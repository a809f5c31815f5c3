//! Any bytes as a ROM: its specification makes the same bytes. Any text as a specification: what it makes, too.
#![no_main]

#[path = "../targets/compose.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| target::run(bytes));
