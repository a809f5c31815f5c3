//! The fixed table: cases with what each firmware does, written down before any model of it.

use crate::trial::{self, MACHINES, Seen, Trial};
use rom_core::compose::Spec;
use rom_core::firmware::{Firmware, Prediction};
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
            _ => return None,
        };
        if self.hangs.iter().any(|hung| hung == name) {
            return Some(Seen::Hung);
        }
        runs.clone().map(Seen::Ran)
    }
}

/// A ROM of the table for one firmware.
struct Entry {
    expected: Seen,
    trial: Trial,
    prediction: Prediction,
}

fn table() -> io::Result<Table> {
    toml::from_str(include_str!("../table.toml")).map_err(io::Error::other)
}

/// The cases that are for `firmware`.
fn entries(table: &Table, firmware: Firmware) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for case in &table.case {
        let Some(expected) = case.expected(firmware) else { continue };
        let trial = Trial::new(case.rom.purpose.clone(), case.rom.clone(), entries.len())?;
        let prediction = trial::predict(&trial.rom, firmware);
        entries.push(Entry { expected, trial, prediction });
    }
    Ok(entries)
}

/// Holds both the predictions and the machines to the table.
pub(crate) fn run() -> io::Result<trial::Result> {
    let table = table()?;
    let mut result = trial::Result::default();
    for firmware in MACHINES {
        let entries = entries(&table, firmware)?;
        let roms: Vec<Vec<u8>> = entries.iter().map(|entry| entry.trial.rom.clone()).collect();
        let predictions: Vec<Prediction> =
            entries.iter().map(|entry| entry.prediction.clone()).collect();
        let seen = trial::see(&roms, &predictions, firmware)?;
        for (entry, seen) in entries.iter().zip(seen) {
            let (expected, predicted) = (&entry.expected, entry.trial.predicted(&entry.prediction));
            result.compared += 1;
            if predicted != *expected || seen != *expected {
                let (name, purpose) = (firmware.name(), &entry.trial.name);
                result.disagreements.push(format!(
                    "{name}, {purpose}: expected {expected:?}, predicted \
                        {predicted:?}, seen {seen:?}"
                ));
            }
        }
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part that needs no machine.
    #[test]
    fn predictions_are_those_of_the_table() {
        let table = table().unwrap();
        for firmware in MACHINES {
            let entries = entries(&table, firmware).unwrap();
            assert!(!entries.is_empty());
            for entry in entries {
                assert_eq!(
                    entry.trial.predicted(&entry.prediction),
                    entry.expected,
                    "{}, {}",
                    firmware.name(),
                    entry.trial.name
                );
            }
        }
    }
}
