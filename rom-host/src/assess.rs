//! Checks a host or a VM's configuration: reads the facts, applies the rules, and completes their
//! advice with the commands to type.

use crate::address::IGPU_BDF;
use crate::advice::{Advice, ShellCommand, Steps};
use crate::checks::{Check, Status};
use crate::files::HostFiles;
use crate::goal::{Goal, Inferred};
use crate::pick;
use crate::probe::Probe;
use crate::probe::guests::other_users;
use crate::probe::rom::{self, DEFAULT_PATH};
use crate::probe::{Host, host_pci};
use crate::qemu::{Gpu, QemuVersion};
use crate::rules::host::{self, Facts};
use crate::rules::vm::{self, RuleResult, VmContext};
use crate::summary::VmSummary;
use crate::vm::configuration::Configuration;
use crate::vm::host_pci::HostPci;
use crate::vm::model::{HostDevice, Manager, Vm};
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

/// What a configuration is checked for, where it is not this host.
#[derive(Clone, Copy, Debug, Default)]
pub struct VmTarget {
    /// The GPU.
    pub device: Option<DeviceId>,
    /// The QEMU that will run it.
    pub qemu: Option<QemuVersion>,
    /// The number of the VM on Proxmox VE.
    pub vmid: Option<u32>,
    /// The goal that its owner chose.
    pub goal: Option<Goal>,
}

impl VmTarget {
    /// The VM, in commands to paste.
    #[must_use]
    pub fn named(self) -> String {
        self.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string())
    }
}

/// What fixes a VM's configuration.
pub struct VmFix {
    /// What changes the configuration.
    pub steps: Steps,
    /// The checks that still fail or warn after that.
    pub left: Vec<Check>,
}

/// What the checks of a VM found.
pub struct Assessment {
    /// Every check, in the order of causes.
    pub checks: Vec<Check>,
    /// Whether a change of the configuration would make something better.
    pub fixable: bool,
    /// The VM as it was read.
    pub vm: VmSummary,
}

/// Checks configurations on one host; holds what is the same for all of them.
pub struct Assessor<'a> {
    files: &'a dyn HostFiles,
    catalog: &'a Catalog,
    target: VmTarget,
    host: Host,
    pci: HostPci,
    other_users: Vec<String>,
}

impl<'a> Assessor<'a> {
    /// Reads what all checks need of the host.
    #[must_use]
    pub fn read(
        target: VmTarget,
        host: Host,
        files: &'a dyn HostFiles,
        catalog: &'a Catalog,
    ) -> Self {
        let pci = host_pci::read(files);
        Self { files, catalog, target, host, pci, other_users: other_users(target.vmid, files) }
    }

    /// Checks a configuration as it will be at the next start.
    #[must_use]
    pub fn assess(&self, configuration: &Configuration) -> Assessment {
        let next = at_next_start(configuration);
        let mut checks: Vec<Check> =
            pending(configuration, &next, self.target).into_iter().collect();
        let (vm, inferred, results) = self.check(&next);
        let fixable = results.iter().any(|result| !result.changes.is_empty());
        checks.extend(with_steps(results, &next, self.target));
        Assessment { checks, fixable, vm: VmSummary::of(&vm, inferred.as_ref()) }
    }

    /// What makes a configuration right, as far as that can be done in it.
    #[must_use]
    pub fn fix(&self, configuration: &Configuration) -> VmFix {
        let own = at_next_start(configuration);
        let fixed = own.fixed(|configuration| {
            self.check(configuration).2.into_iter().flat_map(|result| result.changes).collect()
        });
        let mut left = with_steps(self.check(&fixed).2, &fixed, self.target);
        left.retain(|check| matches!(check.status, Status::Fail | Status::Warn));
        VmFix { steps: own.steps_to(&fixed, &self.target.named()), left }
    }

    /// Checks a configuration as it is. A GPU that was named is in another machine, about which
    /// this host says nothing.
    fn check(&self, configuration: &Configuration) -> (Vm, Option<Inferred>, Vec<RuleResult>) {
        let here = self.target.device.is_none();
        let mut vm = configuration.vm_on(Some(&self.pci).filter(|_| here));
        if let Some(mappings) = &self.pci.mappings {
            resolve_mappings(&mut vm, mappings, self.pci.node.as_deref());
        }
        let picked = match self.target.device.or_else(|| vm.gpu().and_then(spoofed)) {
            Some(id) => pick::for_device(self.catalog, id),
            None => pick::on_host(self.catalog, self.files),
        };
        let device = picked.device.as_ref();
        let platform = device.and_then(|device| device.platform.as_ref());
        let igd = device
            .zip(platform)
            .map(|(device, platform)| Gpu::new(device.id.device, &platform.generation));
        let path = vm.gpu().and_then(|gpu| gpu.get("romfile")).map(str::to_owned);
        let rom = self.rom(path.as_deref(), device.map(|device| device.id));
        let seen = self.host.gpu.as_ref().filter(|_| here);
        let qemu = self.qemu();
        if let (Configuration::Proxmox(config), Some(qemu)) = (configuration, qemu) {
            vm.refusals.extend(config.version_refusal(qemu));
        }
        let known_gop = rom.as_ref().is_some_and(rom::has_gop);
        let context = VmContext {
            name: self.target.named(),
            gpu: igd.map(|igd| seen.map_or(igd, |seen| igd.with_vga(seen.vga()))),
            qemu,
            has_gop: rom.as_ref().is_none_or(rom::has_gop),
            rom,
            rom_readable: path.is_none_or(|path| self.readable_by_all(&path)),
            narrow_iommu: if here { self.host.narrow_iommu() } else { None },
            host_memory: if here { self.host.memory } else { None },
            other_users: match vm.manager {
                Manager::Proxmox => self.other_users.clone(),
                Manager::Libvirt | Manager::Qemu => Vec::new(),
            },
            disable_vga: here && self.host.modprobe.running_disable_vga == Some(true),
            has_mdev: self.has_mdev(here),
            ..VmContext::new(&vm, known_gop, self.target.goal)
        };
        let results = vm::checks(&context);
        let inferred = vm.gpu().map(|_| context.inferred.clone());
        (vm, inferred, results)
    }

    /// Whether GVT-g is possible with the iGPU of the host.
    fn has_mdev(&self, here: bool) -> Option<bool> {
        let functions = self.pci.at(IGPU_BDF);
        functions.first().filter(|_| here).map(|function| function.mdev)
    }

    /// The QEMU that will run the VM.
    fn qemu(&self) -> Option<QemuVersion> {
        self.target.qemu.or_else(|| self.host.qemu.as_ref().map(|qemu| qemu.version))
    }

    fn rom(&self, path: Option<&str>, device: Option<DeviceId>) -> Probe<Analysis> {
        match path {
            Some(path) if path.starts_with('/') => {
                let context = Context::new(self.catalog).with_device(device).with_qemu(self.qemu());
                rom::read(self.files, path, &context)
            }
            Some(_) | None => Probe::Absent,
        }
    }

    fn readable_by_all(&self, path: &str) -> bool {
        const READ_BY_OTHERS: u32 = 0o004;
        self.files.mode(path).is_none_or(|mode| mode & READ_BY_OTHERS != 0)
    }
}

/// The configuration that the next start uses.
fn at_next_start(configuration: &Configuration) -> Configuration {
    match configuration {
        Configuration::Proxmox(config) => {
            Configuration::Proxmox(config.pending().unwrap_or_else(|| config.clone()))
        }
        Configuration::Libvirt(_) | Configuration::Qemu(_) => configuration.clone(),
    }
}

fn pending(own: &Configuration, next: &Configuration, target: VmTarget) -> Option<Check> {
    let steps = own.steps_to(next, &target.named());
    let Steps::Commands(commands) = &steps else { return None };
    let set = |command: &ShellCommand| {
        Some(command.words().get(3..)?.join(" ").trim_start_matches("--").to_owned())
    };
    let lines: Vec<String> = commands.iter().filter_map(set).collect();
    let vm = target.named();
    let fix = Advice::command(["qm", "shutdown", &vm]).run(["qm", "start", &vm]);
    let says = "changes are pending until the next start: the checks are for the VM after that \
        start";
    let evidence = format!("[PENDING]: {}", lines.join("; "));
    (!steps.is_empty()).then(|| Check::warn("VM004", says, evidence, fix))
}

/// The checks, with the commands to type in their advice. The commands of each check assume that
/// those of the checks before it were typed.
fn with_steps(
    results: Vec<RuleResult>,
    configuration: &Configuration,
    target: VmTarget,
) -> Vec<Check> {
    let mut now = configuration.clone();
    let mut checks = Vec::new();
    for RuleResult { check, changes } in results {
        // A copy of the configuration for every ignored line would be a great many.
        if changes.is_empty() {
            checks.push(check);
            continue;
        }
        let next = now.with(&changes);
        let steps = now.steps_to(&next, &target.named());
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

/// The device id that the VM's GPU has instead of its own.
fn spoofed(device: &HostDevice) -> Option<DeviceId> {
    let id = device.get("x-pci-device-id")?;
    Some(DeviceId { vendor: DeviceId::INTEL, device: hex_u16(id.trim_start_matches("0x")).ok()? })
}

/// Resolves cluster mappings that were not found on this host to the addresses that the cluster
/// has for them.
fn resolve_mappings(vm: &mut Vm, text: &str, node: Option<&str>) {
    for device in vm.devices.iter_mut().filter(|device| device.host.is_none()) {
        let Some(mapping) = device.mapping.as_deref() else { continue };
        device.host = mapping::address(text, mapping, node);
    }
}
