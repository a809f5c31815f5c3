//! Any bytes, read and judged: regions tile, spans stay inside, the answer is the same twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rom_core::{Limits, check, parse};

fuzz_target!(|bytes: &[u8]| {
    let rom = parse(bytes, &Limits::default());
    let end = rom.regions.iter().fold(0, |at, region| {
        assert_eq!(region.span.offset, at);
        assert!(region.span.length > 0);
        region.span.end()
    });
    assert_eq!(end, rom.window.len());
    let findings = check::check(&rom);
    for finding in &findings {
        assert!(finding.span.offset <= bytes.len());
    }
    assert_eq!(findings, check::check(&parse(bytes, &Limits::default())));
});
