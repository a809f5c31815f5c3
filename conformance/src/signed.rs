//! Signatures in AAVMF with Secure Boot, whose keys are those of Debian's snake oil.

use crate::signing::{Place, Signer, changed, cut_table, driver, rom};
use crate::trial::{self, Seen};
use rom_core::firmware::Firmware;
use rom_core::observe::machine_code::{self, Then};
use std::io;

/// What is tried.
struct Case {
    name: &'static str,
    rom: Vec<u8>,
    /// False where the firmware refuses for want of a key alone, which no prediction can know.
    trusted: bool,
    /// Whether the firmware starts it.
    runs: bool,
}

/// Holds prediction and firmware to what the signatures are worth.
pub(crate) fn run() -> io::Result<trial::Result> {
    let folder = tempfile::tempdir()?;
    let owner = Signer::enrolled(folder.path())?;
    let stranger = Signer::stranger(folder.path())?;
    let plain = |case: usize| driver(&machine_code::arm64(&format!("<#{case}.0#>"), Then::Return));
    let mut cases = Vec::new();
    let mut add = |name, rom, trusted, runs| cases.push(Case { name, rom, trusted, runs });
    add("unsigned", rom(plain(0)?, Place::Flush)?, true, false);
    add(
        "signed, flush with the initialization size",
        rom(owner.sign(&plain(1)?)?, Place::Flush)?,
        true,
        true,
    );
    add("signed, padding behind it", rom(owner.sign(&plain(2)?)?, Place::Padded)?, true, false);
    add("signed and compressed", rom(owner.sign(&plain(3)?)?, Place::Compressed)?, true, true);
    add("signed by a stranger", rom(stranger.sign(&plain(4)?)?, Place::Flush)?, false, false);
    add(
        "changed after it was signed",
        rom(changed(owner.sign(&plain(5)?)?), Place::Flush)?,
        true,
        false,
    );
    add(
        "signed, certificate table cut",
        rom(cut_table(owner.sign(&plain(6)?)?), Place::Flush)?,
        true,
        false,
    );
    let roms: Vec<Vec<u8>> = cases.iter().map(|case| case.rom.clone()).collect();
    let predictions: Vec<_> =
        roms.iter().map(|rom| trial::predict(rom, Firmware::AavmfSecureBoot)).collect();
    let seen = trial::see(&roms, &predictions, Firmware::AavmfSecureBoot)?;
    let mut result = trial::Result { compared: cases.len(), ..trial::Result::default() };
    for ((case, prediction), seen) in cases.iter().zip(&predictions).zip(seen) {
        let expected = Seen::Ran(if case.runs { vec![0] } else { Vec::new() });
        let predicted = Seen::Ran(prediction.runs().collect());
        if seen != expected || (case.trusted && predicted != expected) {
            result
                .disagreements
                .push(format!("{}: predicted {predicted:?}, seen {seen:?}", case.name));
        }
    }
    Ok(result)
}
