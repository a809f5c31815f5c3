//! A VM as QEMU is told of it, whatever program starts it.

use super::change::Change;
use crate::address::IGPU_BDF;
use crate::address::Slot;
use crate::advice::Advice;
use rom_core::plain::shortened;
use std::collections::BTreeMap;

/// What starts QEMU, and so how a configuration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Proxmox VE.
    Proxmox,
    /// libvirt.
    Libvirt,
    /// Nothing but QEMU.
    Qemu,
}

impl Manager {
    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxmox => "proxmox",
            Self::Libvirt => "libvirt",
            Self::Qemu => "qemu",
        }
    }

    /// The name in a sentence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Proxmox => "Proxmox VE",
            Self::Libvirt => "libvirt",
            Self::Qemu => "QEMU",
        }
    }
}

/// A setting, and the words of the configuration that make it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The setting.
    pub value: T,
    /// The words that make it so.
    pub source: String,
}

impl<T> Sourced<T> {
    /// A setting and its words.
    pub fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: quoted(source.into()) }
    }
}

/// Words of a configuration as they are repeated: what somebody reads of them.
pub(super) fn quoted(source: String) -> String {
    const LONGEST: usize = 2000;
    if source.len() > LONGEST { shortened(&source, LONGEST).into_owned() } else { source }
}

/// What a VM starts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Firmware {
    /// OVMF, or another UEFI.
    Uefi,
    /// The BIOS that QEMU starts if nothing else is said.
    SeaBios,
    /// A file that the owner names, of which nothing is known.
    Own,
}

/// The chipset of a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Machine type pc.
    I440fx,
    /// Machine type q35.
    Q35,
    /// One without Intel's chipset of a PC.
    Other,
}

impl Machine {
    /// Reads the type as QEMU names it: `pc`, `pc-i440fx-10.1`, `q35`, `pc-q35-10.1`.
    #[must_use]
    pub fn read(name: &str) -> Self {
        // Proxmox VE adds its own revision.
        let name = name.split('+').next().unwrap_or(name);
        match name {
            "pc" => Self::I440fx,
            "q35" => Self::Q35,
            _ if name.starts_with("pc-i440fx-") => Self::I440fx,
            _ if name.starts_with("pc-q35-") => Self::Q35,
            _ => Self::Other,
        }
    }

    /// The name of its first PCI bus.
    #[must_use]
    pub const fn root_bus(self) -> &'static str {
        match self {
            Self::I440fx | Self::Other => "pci.0",
            Self::Q35 => "pcie.0",
        }
    }
}

/// The display that a VM has beside devices of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// It has none.
    None,
    /// At 00:02.0, where the GPU has to be.
    InTheWay,
    /// Somewhere else.
    Beside,
}

/// A VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vm {
    /// What starts it.
    pub manager: Manager,
    /// What it starts by.
    pub firmware: Sourced<Firmware>,
    /// Its chipset.
    pub machine: Sourced<Machine>,
    /// Its display.
    pub display: Sourced<Display>,
    /// The devices of the host that it gets.
    pub devices: Vec<HostDevice>,
    /// Where the host's AMD iGPU is, on a host that has one instead of Intel's.
    pub amd_gpu: Option<String>,
    /// What was read, where it is a part of a configuration: firmware and machine type are assumed.
    pub is_part: Option<String>,
    /// What has 00:02.0 before the GPU comes, beside a display.
    pub at_slot_2: Option<String>,
    /// What is at 00:1f.0, where Intel's LPC bridge would be.
    pub at_lpc: Option<String>,
    /// Arguments that end in the middle of something.
    pub cut: Option<String>,
    /// A `-cpu` that replaces the manager's own.
    pub own_cpu: Option<String>,
    /// Whether the CPU is passed through with all its address bits.
    pub all_address_bits: Option<String>,
    /// Properties that are set of devices which the VM does not have.
    pub unknown_targets: Vec<Sourced<String>>,
    /// Ballooning, where it is on.
    pub ballooning: Option<String>,
    /// Memory in MiB.
    pub memory: Option<Sourced<u64>>,
    /// The guest's operating system, as far as the configuration says.
    pub guest_os: GuestOs,
    /// That the firmware's settings are lost at each stop.
    pub forgets: Option<String>,
    /// Why its manager or QEMU does not start it.
    pub refusals: Vec<Refusal>,
    /// Lines that its manager ignores: why, and the line.
    pub ignored: IgnoredLines,
}

/// Lines that a manager ignores: the first of them, and how many more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoredLines {
    /// Why each is ignored, and the line.
    pub first: Vec<Sourced<String>>,
    /// How many more are ignored.
    pub more: usize,
}

impl IgnoredLines {
    /// How many are kept, of those that would have passed a device through and of the others.
    const KEPT: usize = 8;

    /// Whether a line would have passed a device through, had it been accepted.
    #[must_use]
    pub fn is_of_device(source: &str) -> bool {
        source.trim_start().starts_with("hostpci")
    }

    /// Adds a line. `line` is asked for its words only if it is kept.
    pub fn push(&mut self, text: &str, line: impl FnOnce() -> Sourced<String>) {
        let of_device = Self::is_of_device(text);
        let same_kind = |own: &&Sourced<String>| Self::is_of_device(&own.source) == of_device;
        if self.first.iter().filter(same_kind).count() < Self::KEPT {
            self.first.push(line());
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

/// The operating system in a VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestOs {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    MacOs,
    /// The configuration does not say.
    Unknown,
}

/// Why a VM does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whether it is QEMU that stops, and not its manager.
    pub by_qemu: bool,
    /// What is wrong.
    pub reason: String,
    /// The words of the configuration that are meant.
    pub source: String,
    /// What would fix it.
    pub changes: Vec<Change>,
    /// What a person has to do, where nothing in the configuration fixes it.
    pub advice: Option<Advice>,
}

impl Refusal {
    /// The manager does not start QEMU.
    #[must_use]
    pub fn by_manager(reason: String, source: &str) -> Self {
        Self {
            by_qemu: false,
            reason,
            source: quoted(source.to_owned()),
            changes: Vec::new(),
            advice: None,
        }
    }

    /// It with what would fix it.
    #[must_use]
    pub fn fixed_by(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    /// It with what a person has to do.
    #[must_use]
    pub fn for_a_person(self, advice: Advice) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// QEMU stops.
    #[must_use]
    pub fn by_qemu(reason: String, source: &str) -> Self {
        Self { by_qemu: true, ..Self::by_manager(reason, source) }
    }
}

/// A device of the host in a VM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostDevice {
    /// What it is called in changes: its id in QEMU, or its address on the host where it has none.
    pub name: String,
    /// Address on the host with its domain; without function where all functions are meant.
    pub host: Option<String>,
    /// The line or element that hands it over.
    pub source: String,
    /// The mapping of a cluster that names it.
    pub mapping: Option<String>,
    /// Whether the VM gets a mediated device (GVT-g) and not the device itself.
    pub mdev: bool,
    /// Whether Proxmox VE's `legacy-igd` is on.
    pub legacy_igd: bool,
    /// What QEMU is told of it: `bus`, `addr`, `romfile`, `rombar`, `x-igd-lpc` and so on, each
    /// with its words.
    pub properties: BTreeMap<String, Sourced<String>>,
}

impl HostDevice {
    /// Its id in QEMU; empty where it has none.
    #[must_use]
    pub fn id(&self) -> &str {
        if self.host.as_ref() == Some(&self.name) { "" } else { &self.name }
    }

    /// Whether it is a virtual function of the iGPU (SR-IOV).
    #[must_use]
    pub fn is_virtual_function(&self) -> bool {
        let function = self.host.as_deref().and_then(|host| host.rsplit_once('.'));
        function.is_some_and(|(_, number)| number != "0")
    }

    /// The value of a property.
    #[must_use]
    pub fn get(&self, property: &str) -> Option<&str> {
        self.properties.get(property).map(|said| said.value.as_str())
    }

    /// The words that set a property.
    #[must_use]
    pub fn source(&self, property: &str) -> &str {
        self.properties.get(property).map_or(self.source.as_str(), |said| said.source.as_str())
    }

    /// Whether it is in arguments for QEMU instead of a line of the manager's own.
    #[must_use]
    pub fn by_arguments(&self) -> bool {
        self.source.contains("-device ")
    }

    /// Sets a property, with the words that do it.
    pub fn set(&mut self, property: &str, value: impl Into<String>, said: impl Into<String>) {
        self.properties.insert(property.to_owned(), Sourced::new(value.into(), said));
    }

    /// Whether a property is on, in any of the ways that QEMU, Proxmox VE or libvirt write that.
    pub fn is_on(&self, property: &str) -> bool {
        self.get(property).is_some_and(is_on)
    }

    /// Whether a property is switched off explicitly.
    pub fn is_off(&self, property: &str) -> bool {
        self.get(property).is_some_and(is_off)
    }
}

/// Whether a word means yes.
#[must_use]
pub fn is_on(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "1" | "on" | "yes" | "true" | "y")
}

/// Whether a word means no.
#[must_use]
pub fn is_off(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "0" | "off" | "no" | "false" | "n")
}

impl Vm {
    /// The host's iGPU in it: the device itself, a virtual function of it, or a mediated device.
    #[must_use]
    pub fn gpu(&self) -> Option<&HostDevice> {
        if let Some(bdf) = &self.amd_gpu {
            return self.with_function(bdf);
        }
        let is_igpu = |device: &&HostDevice| device.host.as_deref().is_some_and(is_igpu);
        let is_mdev = |device: &&HostDevice| device.mdev && device.host.is_none();
        self.devices.iter().find(is_igpu).or_else(|| self.devices.iter().find(is_mdev))
    }

    /// The device that hands over the function of the host at `bdf`, by itself or with all others
    /// of its slot.
    #[must_use]
    pub fn with_function(&self, bdf: &str) -> Option<&HostDevice> {
        let slot = bdf.split('.').next();
        let of_it = |host: &str| host == bdf || Some(host) == slot;
        self.devices.iter().find(|device| device.host.as_deref().is_some_and(of_it))
    }

    /// Whether `device` is at 00:02.0 in the VM.
    pub fn at_2_0(&self, device: &HostDevice) -> bool {
        let on_root = device.get("bus").is_none_or(|bus| bus == self.machine.value.root_bus());
        on_root && device.get("addr").and_then(Slot::read) == Some(Slot::IGD)
    }
}

/// Whether an address of the host, with or without its function, is the iGPU's or a virtual
/// function's of it.
fn is_igpu(host: &str) -> bool {
    let device = IGPU_BDF.split('.').next().unwrap_or(IGPU_BDF);
    host.split('.').next() == Some(device)
}
