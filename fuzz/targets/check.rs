//! Any bytes, read and judged: regions tile, spans stay inside, the answer is the same twice, and what hangs a machine is an error.

use rom_core::contents::{self, Contents, GpuIds};
use rom_core::firmware::{self, Firmware};
use rom_core::layout::Machine;
use rom_core::model::{ChainEnd, Payload};
use rom_core::{Body, DeviceId, Image, Limits, Rom, Verdict, check, parse};

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
    borne_out(&rom, Verdict::of(&findings));
}

/// A ROM that is called good runs where its drivers are for; one that runs as a whole is not called bad.
fn borne_out(rom: &Rom<'_>, verdict: Verdict) {
    let complete = rom.end != ChainEnd::Limit && rom.regions.iter().all(|region| region.lost.is_none());
    for (firmware, machine) in [(Firmware::Ovmf, Machine::X64), (Firmware::Aavmf, Machine::AARCH64)] {
        let own = |image: &Image<'_>| {
            matches!(&image.body, Body::Efi(efi) if matches!(&efi.payload, Payload::Pe(pe) if pe.machine == machine))
        };
        let forecast = firmware::forecast(rom, firmware, None);
        let runs: Vec<usize> = forecast.runs().collect();
        let all_run = rom.images.iter().enumerate().filter(|(_, image)| own(image)).all(|(index, _)| runs.contains(&index));
        assert!(verdict != Verdict::Good || all_run, "{}: called good, and not all runs", firmware.name());
        let whole = complete && !rom.images.is_empty() && rom.images.iter().all(own) && forecast.boots();
        assert!(verdict != Verdict::Bad || !(whole && all_run), "{}: called bad, and all runs", firmware.name());
    }
}
