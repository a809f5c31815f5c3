//! Judges a VM's configuration on a host: reads what the rules look at, applies them, and completes
//! their advice with what has to be typed.

use crate::advice::{Advice, ShellCommand, Steps};
use crate::checks::{Check, Status};
use crate::files::HostFiles;
use crate::pick;
use crate::probe::Host;
use crate::probe::other_guests::rivals;
use crate::probe::reading::{Reading, word};
use crate::probe::rom::{self, DEFAULT_PATH};
use crate::qemu::{Gpu, QemuVersion};
use crate::rules::host::{self, Facts};
use crate::rules::vm::{self, Judged, Vm};
use crate::vm::configuration::Configuration;
use crate::vm::guest::{Guest, HostDevice, Manager};
use crate::vm::proxmox::mapping;
use rom_core::catalog::Catalog;
use rom_core::model::hex_u16;
use rom_core::{Analysis, Context, DeviceId};

/// Reads everything that the rules for a host look at.
#[must_use]
pub fn facts(host: Host, files: &dyn HostFiles, catalog: &Catalog) -> Facts {
    let picked = pick::on_host(catalog, files);
    let device = picked.device.as_ref().map(|device| device.id);
    let qemu = host.qemu.as_ref().map(|qemu| qemu.version);
    let context = Context::new(catalog).with_device(device).with_qemu(qemu);
    Facts { rom: rom::read(files, DEFAULT_PATH, &context), host, picked }
}

/// Every check of a host, in the order of causes.
#[must_use]
pub fn host(facts: &Facts) -> Vec<Check> {
    host::checks(facts)
}

/// What a configuration is judged for, where it is not this host.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ground {
    /// The GPU.
    pub device: Option<DeviceId>,
    /// The QEMU that will run it.
    pub qemu: Option<QemuVersion>,
    /// The number of the VM on Proxmox VE.
    pub vmid: Option<u32>,
}

impl Ground {
    /// The VM, in commands to paste.
    #[must_use]
    pub fn named(self) -> String {
        self.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string())
    }
}

/// What makes a VM right.
pub struct Mended {
    /// What changes the configuration.
    pub steps: Steps,
    /// What is not well after that.
    pub left: Vec<Check>,
}

/// A VM, judged.
pub struct Assessment {
    /// Every check, in the order of causes.
    pub checks: Vec<Check>,
    /// Whether a change of the configuration would make something better.
    pub mendable: bool,
}

/// What is the same for every configuration that is judged on a host.
pub struct Bench<'a> {
    files: &'a dyn HostFiles,
    catalog: &'a Catalog,
    ground: Ground,
    host: Host,
    mappings: Reading<String>,
    rivals: Vec<String>,
}

impl<'a> Bench<'a> {
    /// Reads it.
    #[must_use]
    pub fn read(ground: Ground, host: Host, files: &'a dyn HostFiles, catalog: &'a Catalog) -> Self {
        let mappings = Reading::file(files, mapping::FILE);
        Self { files, catalog, ground, host, mappings, rivals: rivals(ground.vmid, files) }
    }

    /// Judges a configuration as it will be at the next start.
    #[must_use]
    pub fn assess(&self, configuration: &Configuration) -> Assessment {
        let next = at_next_start(configuration);
        let mut checks: Vec<Check> = pending(configuration, &next, self.ground).into_iter().collect();
        let judged = self.judge(&next);
        let mendable = judged.iter().any(|judged| !judged.changes.is_empty());
        checks.extend(with_steps(judged, &next, self.ground));
        Assessment { checks, mendable }
    }

    /// What makes a configuration right, as far as that can be done in it.
    #[must_use]
    pub fn mend(&self, configuration: &Configuration) -> Mended {
        let own = at_next_start(configuration);
        let mended =
            own.mended(|configuration| self.judge(configuration).into_iter().flat_map(|judged| judged.changes).collect());
        let mut left = with_steps(self.judge(&mended), &mended, self.ground);
        left.retain(|check| matches!(check.status, Status::Fail | Status::Warn));
        Mended { steps: own.steps_to(&mended, &self.ground.named()), left }
    }

    /// Judges a configuration as it is. A GPU that was named is in another machine, of which
    /// nothing is known here.
    fn judge(&self, configuration: &Configuration) -> Vec<Judged> {
        let here = self.ground.device.is_none();
        let mut guest = configuration.guest();
        if let Reading::Is(mappings) = &self.mappings {
            resolve_mappings(&mut guest, mappings, self.files);
        }
        let picked = match self.ground.device.or_else(|| guest.gpu().and_then(spoofed)) {
            Some(id) => pick::for_device(self.catalog, id),
            None => pick::on_host(self.catalog, self.files),
        };
        let device = picked.device.as_ref();
        let platform = device.and_then(|device| device.platform.as_ref());
        let igd = device.zip(platform).map(|(device, platform)| Gpu::new(device.id.device, &platform.generation));
        let path = guest.gpu().and_then(|gpu| gpu.get("romfile")).map(str::to_owned);
        let rom = self.rom(path.as_deref(), device.map(|device| device.id));
        let seen = self.host.gpu.as_ref().filter(|_| here);
        let vm = Vm {
            gpu: igd.map(|igd| seen.map_or(igd, |seen| igd.with_vga(seen.vga()))),
            qemu: self.qemu(),
            has_gop: rom.as_ref().is_none_or(rom::has_gop),
            rom,
            rom_readable: path.is_none_or(|path| self.readable_by_all(&path)),
            narrow_iommu: if here { self.host.narrow_iommu() } else { None },
            host_memory: if here { self.host.memory } else { None },
            rivals: match guest.manager {
                Manager::Proxmox => self.rivals.clone(),
                Manager::Libvirt | Manager::Qemu => Vec::new(),
            },
            guest: &guest,
            name: self.ground.named(),
        };
        vm::judge(&vm)
    }

    /// The QEMU that will run the VM.
    fn qemu(&self) -> Option<QemuVersion> {
        self.ground.qemu.or_else(|| self.host.qemu.as_ref().map(|qemu| qemu.version))
    }

    fn rom(&self, path: Option<&str>, device: Option<DeviceId>) -> Reading<Analysis> {
        match path {
            Some(path) if path.starts_with('/') => {
                let context = Context::new(self.catalog).with_device(device).with_qemu(self.qemu());
                rom::read(self.files, path, &context)
            }
            Some(_) | None => Reading::Absent,
        }
    }

    fn readable_by_all(&self, path: &str) -> bool {
        const READ_BY_OTHERS: u32 = 0o004;
        self.files.mode(path).is_none_or(|mode| mode & READ_BY_OTHERS != 0)
    }
}

/// The configuration as the next start uses it.
fn at_next_start(configuration: &Configuration) -> Configuration {
    match configuration {
        Configuration::Proxmox(config) => Configuration::Proxmox(config.pending().unwrap_or_else(|| config.clone())),
        Configuration::Libvirt(_) | Configuration::Qemu(_) => configuration.clone(),
    }
}

fn pending(own: &Configuration, next: &Configuration, ground: Ground) -> Option<Check> {
    let steps = own.steps_to(next, &ground.named());
    let Steps::Commands(commands) = &steps else { return None };
    let set = |command: &ShellCommand| Some(command.words().get(3..)?.join(" ").trim_start_matches("--").to_owned());
    let lines: Vec<String> = commands.iter().filter_map(set).collect();
    let vm = ground.named();
    let fix = Advice::command(["qm", "shutdown", &vm]).run(["qm", "start", &vm]);
    let says = "changes wait for the next start: this is judged as it will be then";
    let evidence = format!("[PENDING]: {}", lines.join("; "));
    (!steps.is_empty()).then(|| Check::warn("VM004", says, evidence, fix))
}

/// Checks whose advice ends with what has to be typed. Each goes on from where the one before it
/// ends, so that all can be typed in order.
fn with_steps(judged: Vec<Judged>, configuration: &Configuration, ground: Ground) -> Vec<Check> {
    let mut now = configuration.clone();
    let mut checks = Vec::new();
    for Judged { check, changes } in judged {
        let next = now.with(&changes);
        let steps = now.steps_to(&next, &ground.named());
        now = next;
        let advice = check.advice.map(|mut advice| {
            match steps {
                Steps::Commands(commands) => advice.commands.extend(commands),
                Steps::Diff(lines) => advice.diff.extend(lines),
            }
            advice
        });
        checks.push(Check { advice, ..check });
    }
    checks
}

/// The id that the VM's GPU is given instead of its own.
fn spoofed(device: &HostDevice) -> Option<DeviceId> {
    let id = device.get("x-pci-device-id")?;
    Some(DeviceId { vendor: DeviceId::INTEL, device: hex_u16(id.trim_start_matches("0x"))? })
}

/// Gives devices that a cluster names the addresses that they have on this node.
fn resolve_mappings(guest: &mut Guest, text: &str, files: &dyn HostFiles) {
    let node = word(files, "/etc/hostname");
    for device in guest.devices.iter_mut().filter(|device| device.host.is_none()) {
        let Some(mapping) = device.mapping.as_deref() else { continue };
        let own = mapping::address(text, mapping, node.as_deref());
        device.host = own.or_else(|| mapping::address(text, mapping, None));
    }
}
