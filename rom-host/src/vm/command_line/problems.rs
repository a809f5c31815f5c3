//! Words that QEMU does not take: it stops at the first.

use super::options::{self, Takes};
use super::{CommandLine, Device, DeviceSetting, Opt};
use crate::address::Slot;

impl CommandLine {
    /// What QEMU stops at, in sentences, each with the words that are meant. A line that an editor
    /// cut is not one of them. `is_whole` is whether the line begins with a program.
    pub(super) fn problems(&self, is_whole: bool) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for word in self.program.iter().filter(|_| !is_whole) {
            problems.push((format!("{word:?} is not an option of QEMU"), word.clone()));
        }
        for option in &self.options {
            problems.extend(problem(option).map(|what| (what, option.write())));
        }
        // It stops at the first.
        problems.truncate(1);
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

fn problem(option: &Opt) -> Option<String> {
    let Some(takes) = options::takes(&option.name) else {
        return Some(format!("QEMU has no option {}", option.name));
    };
    let Some(value) = &option.value else {
        return (takes == Takes::Value).then(|| format!("{} has no value", option.name));
    };
    match option.name.as_str() {
        "-set" if value.split('.').count() < 3 || !value.contains('=') => {
            Some(format!("-set needs device.ID.PROPERTY=VALUE, not {value:?}"))
        }
        "-device" if Device::read(value).is_none() => Some(format!("{value:?} is not a device")),
        _ => None,
    }
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
