//! Any bytes, read and judged: regions tile, spans stay inside, the answer is the same twice, and what hangs a machine is an error.

use rom_core::contents::{self, Contents, GpuIds};
use rom_core::firmware::{self, Firmware};
use rom_core::{DeviceId, Limits, Verdict, check, parse};

pub(crate) fn run(bytes: &[u8]) {
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
    let known: GpuIds = (0xA700..=0xA7FF).collect();
    let contents: Vec<Option<Contents>> = rom.images.iter().map(|image| contents::contents(image, &known)).collect();
    for finding in check::contents(&rom, &contents) {
        assert!(finding.span.offset <= bytes.len());
    }
    let _ = contents::serves(&rom, &contents, DeviceId::intel(0xA7A8));
    for firmware in Firmware::ALL {
        let forecast = firmware::forecast(&rom, firmware, None);
        assert_eq!(forecast.images.len(), rom.images.len());
        assert!(forecast.boots() || Verdict::of(&findings) == Verdict::Bad);
    }
}
