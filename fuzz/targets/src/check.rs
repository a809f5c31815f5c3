//! Any bytes, read and checked: regions tile, spans stay inside, the answer is the same twice, and
//! what hangs a machine is an error.

use rom_core::contents::{self, Contents, GpuIds};
use rom_core::firmware::{self, Firmware, Prediction, Predictions};
use rom_core::layout::Machine;
use rom_core::model::{ChainEnd, Payload};
use rom_core::{Body, DeviceId, Image, Limits, Rom, Verdict, parse, rules};

pub(super) fn run(bytes: &[u8]) {
    let rom = parse(bytes, &Limits::default());
    let end = rom.regions.iter().fold(0, |at, region| {
        assert_eq!(region.span.offset, at);
        assert!(region.span.length > 0);
        region.span.end()
    });
    assert_eq!(end, rom.window.len());
    let findings = rules::check(&rom, &Predictions::of(&rom));
    for finding in &findings {
        assert!(finding.span.offset <= bytes.len());
    }
    let again = parse(bytes, &Limits::default());
    assert_eq!(findings, rules::check(&again, &Predictions::of(&again)));
    let known: GpuIds = (0xA700..=0xA7FF).collect();
    let contents: Vec<Option<Contents>> = rom.images.iter().map(|image| contents::contents(image, &known)).collect();
    for finding in rules::contents(&rom, &contents) {
        assert!(finding.span.offset <= bytes.len());
    }
    let _ = contents::compatibility(&rom, &contents, DeviceId::intel(0xA7A8));
    let verdict = Verdict::of(&findings);
    for firmware in Firmware::ALL {
        let prediction = firmware::predict(&rom, firmware, None);
        assert_eq!(prediction.images.len(), rom.images.len());
        assert!(prediction.boots() || verdict == Verdict::Bad);
        match firmware {
            Firmware::Ovmf => borne_out(&rom, verdict, &prediction, Machine::X64),
            Firmware::Aavmf => borne_out(&rom, verdict, &prediction, Machine::AARCH64),
            _ => {}
        }
    }
}

/// A ROM that is called good runs where its drivers are for; one that runs as a whole is not called
/// bad.
fn borne_out(rom: &Rom<'_>, verdict: Verdict, prediction: &Prediction, machine: Machine) {
    let own = |image: &Image<'_>| matches!(&image.body, Body::Efi(efi) if matches!(&efi.payload, Payload::Pe(pe) if pe.machine == machine));
    let runs: Vec<usize> = prediction.runs().collect();
    let all_run = rom.images.iter().enumerate().filter(|(_, image)| own(image)).all(|(index, _)| runs.contains(&index));
    assert!(verdict != Verdict::Good || all_run, "{machine}: called good, and not all runs");
    let complete = rom.end != ChainEnd::Limit && rom.regions.iter().all(|region| region.lost.is_none());
    let whole = complete && !rom.images.is_empty() && rom.images.iter().all(own) && prediction.boots();
    assert!(verdict != Verdict::Bad || !(whole && all_run), "{machine}: called bad, and all runs");
}
