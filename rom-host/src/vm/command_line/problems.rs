//! Words that QEMU does not take: it stops at the first.

use super::options::{self, Takes};
use super::{CommandLine, Device, DeviceSetting, Opt};
use crate::address::Slot;
use crate::vm::change::Change;

/// Words without an option of which each is taken out by a change of its own.
const FEW: usize = 16;

/// Options of a command line of which wrong ones are taken out one by one: a manager writes a
/// hundred or two.
const MOST_OPTIONS: usize = 1024;

impl CommandLine {
    /// What QEMU stops at, in sentences, each with the words that are meant and what would fix it.
    /// A line that an editor cut is not one of them. `is_whole` is whether the line begins with a
    /// program.
    pub(super) fn problems(&self, is_whole: bool) -> Vec<Problem> {
        let mut problems = Vec::new();
        let stray = if is_whole { &[] } else { self.program.as_slice() };
        if let Some(first) = stray.first() {
            let dash = stray.iter().find(|word| word.starts_with(super::DASHES));
            let changes = match dash {
                Some(word) => vec![Change::Hyphen(word.clone())],
                // A text that is no command line has more words than are worth a change each.
                None if stray.len() > FEW => Vec::new(),
                None => stray.iter().cloned().map(Change::WithoutWord).collect(),
            };
            let word = dash.unwrap_or(first);
            let what = format!("{word:?} is not an option of QEMU");
            problems.push(Problem { what, words: stray.join(" "), changes });
        }
        for option in &self.options {
            problems.extend(problem(option));
        }
        // It stops at the first.
        problems.truncate(1);
        if self.options.len() > MOST_OPTIONS {
            // Each change is a copy of all of it.
            for problem in &mut problems {
                problem.changes.clear();
            }
        }
        problems
    }

    /// Devices that `-set` moves on the bus `root`: their ids, and where they are then.
    pub(crate) fn moved(&self, root: &str) -> Vec<(String, Slot)> {
        let mut moved = Vec::new();
        let settings: Vec<DeviceSetting> = self.settings().collect();
        for setting in settings.iter().filter(|setting| setting.property == "addr") {
            let same = |own: &&DeviceSetting| own.property == "bus" && own.device == setting.device;
            if settings.iter().filter(same).all(|bus| bus.value == root)
                && let Some(slot) = Slot::read(&setting.value)
            {
                moved.push((setting.device.clone(), slot));
            }
        }
        moved
    }

    /// Devices that `-device` puts at a place of the bus `root`, beside those of the host.
    pub(crate) fn placed(&self, root: &str) -> Vec<(String, Slot)> {
        let mut placed = Vec::new();
        for device in self.devices().filter(|device| !device.driver.starts_with("vfio-pci")) {
            if device.get("bus").is_none_or(|bus| bus == root)
                && let Some(slot) = device.get("addr").and_then(Slot::read)
            {
                let id = if device.id().is_empty() { &device.driver } else { device.id() };
                placed.push((id.to_owned(), slot));
            }
        }
        placed
    }
}

/// Something that QEMU stops at.
pub(super) struct Problem {
    pub(super) what: String,
    pub(super) words: String,
    pub(super) changes: Vec<Change>,
}

fn problem(option: &Opt) -> Option<Problem> {
    let of = |what: String, change: Change| {
        Some(Problem { what, words: option.write(), changes: vec![change] })
    };
    let without = || Change::WithoutWord(option.name.clone());
    let Some(takes) = options::takes(&option.name) else {
        return of(format!("QEMU has no option {}", option.name), without());
    };
    let Some(value) = &option.value else {
        if takes == Takes::Nothing {
            return None;
        }
        return of(format!("{} has no value", option.name), without());
    };
    match option.name.as_str() {
        "-set" if value.split('.').count() < 3 || !value.contains('=') => {
            let what = format!("-set needs device.ID.PROPERTY=VALUE, not {value:?}");
            of(what, Change::WithoutSetting(value.clone()))
        }
        "-set" => {
            let setting = DeviceSetting::read(value)?;
            let what = wrong_value(&setting.property, &setting.value)?;
            let (device, property) = (setting.device, setting.property);
            of(what, Change::Unset { device, property })
        }
        "-device" => {
            let Some(device) = Device::read(value) else {
                return of(format!("{value:?} is not a device"), without());
            };
            device.host()?;
            let wrong = device
                .options
                .iter()
                .find_map(|(name, value)| Some((name.clone(), wrong_value(name, value)?)));
            let (property, what) = wrong?;
            of(what, Change::Unset { device: device.name(), property })
        }
        _ => None,
    }
}

/// What is wrong with the value of a property of vfio-pci (QEMU, `qapi_bool_parse`).
fn wrong_value(property: &str, value: &str) -> Option<String> {
    const SWITCHES: [&str; 6] =
        ["x-igd-lpc", "x-igd-opregion", "x-vga", "x-no-mmap", "ramfb", "multifunction"];
    let switch = matches!(value, "on" | "yes" | "true" | "y" | "off" | "no" | "false" | "n");
    let number = || {
        let hex = value.strip_prefix("0x").map(|hex| u64::from_str_radix(hex, 16).is_ok());
        hex.unwrap_or_else(|| value.parse::<u64>().is_ok())
    };
    if SWITCHES.contains(&property) && !switch {
        return Some(format!("{property} is on or off, not {value:?}"));
    }
    if property == "x-igd-legacy-mode" && !matches!(value, "on" | "off" | "auto") {
        return Some(format!("{property} is on, off or auto, not {value:?}"));
    }
    (matches!(property, "rombar" | "x-igd-gms") && !number())
        .then(|| format!("{property} is a number, not {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::super::shell_words::Words;
    use super::*;

    fn problems(text: &str) -> usize {
        CommandLine::read(Words::read(text)).problems(false).len()
    }

    #[test]
    fn what_qemu_does_not_take_is_found() {
        for wrong in [
            "\u{2013}set device.a.b=c",
            "igd.rom",
            "-foo",
            "-vnc",
            "-set hostpci0.x=on",
            "-device '{\"driver\"'",
            "-nodefaults extra",
        ] {
            assert!(problems(wrong) > 0, "{wrong}");
        }
        for right in ["", "-set device.a.b=c", "--cpu host -S", "-device vfio-pci,host=00:02.0"] {
            assert_eq!(problems(right), 0, "{right}");
        }
    }
}
