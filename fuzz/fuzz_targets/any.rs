//! The target whose name is in OPROM_FUZZ.
#![no_main]

use std::sync::LazyLock;

static RUN: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("OPROM_FUZZ").expect("OPROM_FUZZ names a target: use fuzz/run");
    fuzz_targets::named(&name).expect("OPROM_FUZZ names a target: `fuzz/run list` prints them").run
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| RUN(bytes));
