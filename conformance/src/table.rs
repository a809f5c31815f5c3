//! The fixed table: cases with what each firmware does, written down before any model of it.

use crate::trial::{self, Seen};
use rom_core::compose::Spec;
use rom_core::firmware::Firmware;
use serde::Deserialize;
use std::io;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Images that OVMF starts; absent where the case is not for it.
    ovmf: Option<Vec<usize>>,
    /// The same for AAVMF.
    aavmf: Option<Vec<usize>>,
    /// The same for `SeaBIOS`.
    seabios: Option<Vec<usize>>,
    /// Firmwares that it hangs.
    #[serde(default)]
    hangs: Vec<String>,
    rom: Spec,
}

impl Case {
    fn expected(&self, firmware: Firmware) -> Option<Seen> {
        let (name, runs) = match firmware {
            Firmware::Ovmf => ("ovmf", &self.ovmf),
            Firmware::Aavmf => ("aavmf", &self.aavmf),
            Firmware::SeaBios => ("seabios", &self.seabios),
            Firmware::AavmfSecureBoot => return None,
        };
        if self.hangs.iter().any(|hung| hung == name) {
            return Some(Seen::Hung);
        }
        runs.clone().map(Seen::Ran)
    }
}

/// Holds both the forecast and the machine to the table.
pub(crate) fn run() -> io::Result<trial::Result> {
    let table: Table = toml::from_str(include_str!("../table.toml")).map_err(io::Error::other)?;
    let mut result = trial::Result::default();
    for firmware in [Firmware::Ovmf, Firmware::Aavmf, Firmware::SeaBios] {
        let cases: Vec<(&Case, Seen)> = table.case.iter().filter_map(|case| Some((case, case.expected(firmware)?))).collect();
        let roms = cases.iter().enumerate().map(|(index, (case, _))| trial::spoken(&case.rom, index));
        let roms = roms.collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
        let forecasts: Vec<_> = roms.iter().map(|rom| trial::forecast(rom, firmware)).collect();
        let seen = trial::see(&roms, &forecasts, firmware)?;
        for ((((case, expected), rom), forecast), seen) in cases.iter().zip(&roms).zip(&forecasts).zip(seen) {
            let foretold = trial::foretold(&case.rom, rom, forecast)?;
            result.compared += 1;
            if foretold != *expected || seen != *expected {
                result.disagreements.push(format!(
                    "{}, {}: expected {expected:?}, foretold {foretold:?}, seen {seen:?}",
                    firmware.name(),
                    case.rom.purpose
                ));
            }
        }
    }
    Ok(result)
}
