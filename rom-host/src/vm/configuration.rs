//! A VM's configuration, of whatever kind: told apart, read, changed, compared.

use super::change::Change;
use super::command_line::CommandLine;
use super::command_line::shell_words::Words;
use super::host_pci::HostPci;
use super::libvirt::Domain;
use super::model::{Manager, Vm};
use super::pasted;
use super::proxmox::{self, Config};
use crate::advice::{Steps, difference};

/// A configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Configuration {
    /// A .conf of Proxmox VE.
    Proxmox(Config),
    /// XML of libvirt.
    Libvirt(Domain),
    /// A command line of QEMU.
    Qemu(CommandLine),
}

impl Configuration {
    /// Reads a text that nothing says the kind of: XML, a command line, or what is left, lines of
    /// Proxmox VE.
    ///
    /// # Errors
    /// A reason in words: it is none of these, or XML that cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.contains('\0') {
            return Ok(Self::Qemu(CommandLine::read(Words::of_process(text))));
        }
        let bare = pasted::bare(text);
        let start = bare.trim_start_matches('\u{feff}').trim_start();
        if start.starts_with('<') {
            return Domain::read(start).map(Self::Libvirt);
        }
        if let Some(words) = Words::qemu_command(start) {
            return Ok(Self::Qemu(CommandLine::read(words)));
        }
        // A mark at the start of the text costs its line, unless there is more around it.
        let text = if proxmox::looks_like_one(text) { text } else { start };
        if proxmox::looks_like_one(text) {
            return Ok(Self::Proxmox(Config::read(text)));
        }
        Err("it is not a .conf of Proxmox VE, an XML of libvirt or a command line of QEMU"
            .to_owned())
    }

    /// A VM that has nothing yet but what its manager gives every VM.
    #[must_use]
    pub fn empty(manager: Manager) -> Self {
        match manager {
            Manager::Proxmox => Self::Proxmox(Config::default()),
            Manager::Libvirt => Self::Libvirt(Domain::empty()),
            Manager::Qemu => {
                Self::Qemu(CommandLine::read(Words::read("qemu-system-x86_64 -nodefaults")))
            }
        }
    }

    /// The VM that comes of it, as far as that can be said without its host.
    #[must_use]
    pub fn vm(&self) -> Vm {
        self.vm_on(None)
    }

    /// The VM that comes of it on a host.
    #[must_use]
    pub fn vm_on(&self, host: Option<&HostPci>) -> Vm {
        match self {
            Self::Proxmox(config) => config.vm_on(host),
            Self::Libvirt(domain) => domain.vm(),
            Self::Qemu(line) => line.vm(),
        }
    }

    /// It with changes, one after the other.
    #[must_use]
    pub fn with(&self, changes: &[Change]) -> Self {
        changes.iter().fold(self.clone(), |own, change| match own {
            Self::Proxmox(config) => Self::Proxmox(config.with(change)),
            Self::Libvirt(domain) => Self::Libvirt(domain.with(change)),
            Self::Qemu(line) => Self::Qemu(line.with(change)),
        })
    }

    /// What starts the VM.
    #[must_use]
    pub const fn manager(&self) -> Manager {
        match self {
            Self::Proxmox(_) => Manager::Proxmox,
            Self::Libvirt(_) => Manager::Libvirt,
            Self::Qemu(_) => Manager::Qemu,
        }
    }

    /// Its lines: settings of Proxmox VE, lines of XML, options of QEMU.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        match self {
            Self::Proxmox(config) => {
                config.lines().map(|(key, value)| format!("{key}: {value}")).collect()
            }
            Self::Libvirt(domain) => domain.lines(),
            Self::Qemu(line) => line.lines(),
        }
    }

    /// Its text: what `virsh define` takes, or a shell. Of Proxmox VE it is the settings alone,
    /// without comments and snapshots: `qm set` is what changes those files.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Proxmox(_) | Self::Libvirt(_) => {
                self.lines().into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
            }
            Self::Qemu(line) => line.write(),
        }
    }

    /// Lines that go, with `- ` before them, and that come, with `+ `, on the way to `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Vec<String> {
        difference(&self.lines(), &other.lines())
    }

    /// What makes `other` of this: commands to paste for Proxmox VE. Else, and where a value cannot
    /// be typed on one line, lines that go, with -, and that come, with +.
    #[must_use]
    pub fn steps_to(&self, other: &Self, vmid: &str) -> Steps {
        let commands = match (self, other) {
            (Self::Proxmox(own), Self::Proxmox(next)) => own.commands_to(next, vmid),
            _ => None,
        };
        commands.map_or_else(|| Steps::Diff(self.difference(other)), Steps::Commands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let read = |text: &str| Configuration::read(text);
        assert!(matches!(read("\u{feff}\n<domain/>"), Ok(Configuration::Libvirt(_))));
        assert!(matches!(read("/usr/bin/kvm\0-id\x00100\0"), Ok(Configuration::Qemu(_))));
        assert!(matches!(
            read("#!/bin/sh\nexec qemu-system-x86_64 -m 4G"),
            Ok(Configuration::Qemu(_))
        ));
        assert!(matches!(read("-device vfio-pci,host=00:02.0"), Ok(Configuration::Qemu(_))));
        assert!(matches!(read("#note\nbios: ovmf\n"), Ok(Configuration::Proxmox(_))));
        for wrong in ["", "hello", "<html>"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_typed_is_shown_as_lines() {
        let own = Configuration::read("args: -foo a\u{2028}b\nbios: seabios\n").unwrap();
        let device = "hostpci0".to_owned();
        let set = Change::Set { device, property: "x-igd-lpc", value: "on".to_owned() };
        let Steps::Diff(lines) = own.steps_to(&own.with(&[Change::Uefi, set]), "100") else {
            panic!("a command would lack what cannot be typed");
        };
        assert!(lines.iter().any(|line| line.starts_with("+ args: ")), "{lines:?}");
        assert!(lines.contains(&"+ bios: ovmf".to_owned()), "{lines:?}");
    }

    #[test]
    fn a_domain_is_changed_where_it_has_to_be() {
        const DOMAIN: &str = "<domain type='kvm'>\n  <os>\n    <type arch='x86_64' machine='q35'>hvm</type>\n  </os>\n  <devices>\n    <hostdev type='pci'>\n      \
                              <source>\n        <address bus='0' slot='2' function='0'/>\n      </source>\n    </hostdev>\n    <video>\n      <model type='qxl'/>\n    \
                              </video>\n  </devices>\n</domain>\n";
        let own = Configuration::read(DOMAIN).unwrap();
        let device = || "hostdev0".to_owned();
        let changes = [
            Change::Uefi,
            Change::Pc,
            Change::NoDisplay,
            Change::AtSlot2 { device: device() },
            Change::Set { device: device(), property: "romfile", value: "/igd.rom".to_owned() },
            Change::Set { device: device(), property: "x-igd-lpc", value: "on".to_owned() },
        ];
        let other = own.with(&changes);
        let vm = other.vm();
        let gpu = vm.gpu().unwrap();
        assert!(vm.at_2_0(gpu) && gpu.is_on("x-igd-lpc") && gpu.get("romfile") == Some("/igd.rom"));
        assert_eq!(vm.machine.value, super::super::model::Machine::I440fx);
        assert_eq!(vm.display.value, super::super::model::Display::None);
        let steps = own.steps_to(&other, "").lines();
        assert!(
            steps.contains(&"+     <type arch='x86_64' machine='pc'>hvm</type>".to_owned()),
            "{steps:#?}"
        );
        // What was said twice is said once, and what was there can go again.
        let unset = Change::Unset { device: device(), property: "x-igd-lpc".to_owned() };
        assert!(!other.with(&[unset]).vm().gpu().unwrap().is_on("x-igd-lpc"));
        assert_eq!(other.with(&changes[..5]), other);
    }
}
