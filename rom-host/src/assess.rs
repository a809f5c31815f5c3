//! Checks a host or a VM's configuration: reads the facts, applies the rules, and completes their
//! advice with the commands to type.

use crate::address::IGPU_BDF;
use crate::advice::{Advice, ShellCommand, Steps};
use crate::checks::Check;
use crate::files::HostFiles;
use crate::goal::{Goal, Inferred};
use crate::pick::{self, Device, Picked};
use crate::probe::Probe;
use crate::probe::amd::AmdIgpu;
use crate::probe::guests::{self, Guests};
use crate::probe::rom::{self, AMD_GOP_PATH, AMD_VBIOS_PATH, DEFAULT_PATH};
use crate::probe::{Host, host_pci};
use crate::qemu::{Gpu, QemuVersion};
use crate::rules::host::{self, Facts};
use crate::rules::vm::{self, AmdVm, RuleResult, VmContext};
use crate::steps::{self, Plan};
use crate::summary::VmSummary;
use crate::vm::command_line::CommandLine;
use crate::vm::configuration::Configuration;
use crate::vm::host_pci::HostPci;
use crate::vm::model::{HostDevice, Manager, Vm};
use crate::vm::proxmox::mapping;
use rom_core::catalog::Catalog;
use rom_core::model::hex_u16;
use rom_core::{Analysis, Context, DeviceId};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Reads everything that the rules for a host look at.
#[must_use]
pub fn facts(host: Host, files: &dyn HostFiles, catalog: &Catalog) -> Facts {
    let picked = pick::on_host(catalog, files);
    let device = picked.device.as_ref().map(|device| device.id);
    let qemu = host.qemu.as_ref().map(|qemu| qemu.version);
    let context = Context::new(catalog).with_device(device).with_qemu(qemu);
    let rom = rom::read(files, &host.system.rom_place(DEFAULT_PATH), &context);
    let amd = host.amd.as_ref();
    let context = context.with_device(amd.map(|amd| amd.display.id));
    let of_amd = |path| match amd {
        Some(_) => rom::read(files, &host.system.rom_place(path), &context),
        None => Probe::Absent,
    };
    Facts {
        picked,
        rom,
        amd_vbios: of_amd(AMD_VBIOS_PATH),
        amd_gop: of_amd(AMD_GOP_PATH),
        guests: guests::with_gpu(files, amd.map(|amd| amd.display.bdf.as_str())),
        goals: BTreeMap::new(),
        host,
    }
}

/// Every check of a host, in the order of causes.
#[must_use]
pub fn host(facts: &Facts) -> Vec<Check> {
    host::checks(facts)
}

/// What a configuration is checked for, where it is not this host.
#[derive(Clone, Debug, Default)]
pub struct VmTarget {
    /// The GPU.
    pub device: Option<DeviceId>,
    /// The QEMU that will run it.
    pub qemu: Option<QemuVersion>,
    /// The number of the VM on Proxmox VE.
    pub vmid: Option<u32>,
    /// The goal that its owner chose.
    pub goal: Option<Goal>,
    /// The VM as it was asked for, where that is not its number: a file.
    pub asked: Option<String>,
    /// The ROM that is given to a GPU without a usable one: a path; its default if it is `None`.
    pub rom: Option<String>,
}

impl VmTarget {
    /// The VM, in commands of this program.
    #[must_use]
    pub fn asked(&self) -> String {
        self.asked.clone().unwrap_or_else(|| self.named())
    }

    /// The VM, in commands of its manager.
    #[must_use]
    pub fn named(&self) -> String {
        self.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string())
    }
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
    /// Those that use the GPU, where the VM is one of this host.
    guests: Guests,
    /// ROMs that were analyzed: the same one is asked for with every step of a plan.
    roms: RefCell<Vec<(RomAsked, Probe<Rc<Analysis>>)>>,
    /// What the catalog has for the GPU that was named, or for the host's.
    picked: Picked,
}

/// ROMs that are kept: the VM's own and one that it may be given, and some more. A host can have
/// as many as VMs.
const ROMS: usize = 8;

/// A ROM by its path, and the GPU that it is asked about.
type RomAsked = (String, Option<DeviceId>);

impl<'a> Assessor<'a> {
    /// Reads what all checks need of the host.
    #[must_use]
    pub fn read(
        target: VmTarget,
        host: Host,
        files: &'a dyn HostFiles,
        catalog: &'a Catalog,
    ) -> Self {
        let picked = match target.device {
            Some(id) => pick::for_device(catalog, id),
            None => pick::on_host(catalog, files),
        };
        let amd = host.amd.as_ref().map(|amd| amd.display.bdf.as_str());
        let guests = target.vmid.map(|_| guests::with_gpu(files, amd)).unwrap_or_default();
        Self {
            files,
            catalog,
            target,
            host,
            pci: host_pci::read(files),
            guests,
            roms: RefCell::default(),
            picked,
        }
    }

    /// With what was read of a host already, for its own VMs; [`Self::retarget`] names the first.
    #[must_use]
    pub fn of_facts(facts: &Facts, files: &'a dyn HostFiles, catalog: &'a Catalog) -> Self {
        Self {
            files,
            catalog,
            target: VmTarget::default(),
            host: facts.host.clone(),
            pci: host_pci::read(files),
            guests: facts.guests.clone(),
            roms: RefCell::default(),
            picked: facts.picked.clone(),
        }
    }

    /// Goes on to another VM of the same host; the GPU stays the one that it was.
    pub fn retarget(&mut self, target: VmTarget) {
        self.target = VmTarget { device: self.target.device, ..target };
    }

    /// Why nothing can be said of a GPU here: none was named, and none is found.
    #[must_use]
    pub fn no_gpu(&self) -> Option<String> {
        if self.host.amd.is_some() && self.target.device.is_none() {
            return None;
        }
        let known = self.picked.device.as_ref().is_some_and(|device| device.platform.is_some());
        let refused = self.picked.refused.clone();
        (!known).then(|| refused.unwrap_or_else(|| "No Intel iGPU is visible here.".to_owned()))
    }

    /// Checks a configuration as it will be at the next start.
    #[must_use]
    pub fn assess(&self, configuration: &Configuration) -> Assessment {
        let next = at_next_start(configuration);
        let mut checks: Vec<Check> =
            pending(configuration, &next, &self.target).into_iter().collect();
        let (vm, inferred, results) = self.check(&next);
        let fixable = results.iter().any(RuleResult::asks_for_changes);
        checks.extend(with_steps(results, &next, &self.target));
        Assessment { checks, fixable, vm: VmSummary::of(&vm, inferred.as_ref()) }
    }

    /// Checks the command line of a VM that runs: nothing keeps it from starting.
    #[must_use]
    pub fn assess_running(&self, line: &CommandLine) -> Assessment {
        let configuration = Configuration::Qemu(line.clone());
        let vm = Vm { refusals: Vec::new(), cut: None, ..configuration.vm() };
        let vm = Vm { unknown_targets: Vec::new(), ..vm };
        let (vm, inferred, results) = self.check_vm(&configuration, vm);
        let checks = results.into_iter().map(|result| result.check).collect();
        Assessment { checks, fixable: false, vm: VmSummary::of(&vm, inferred.as_ref()) }
    }

    /// The steps that make a configuration ready for what it is for, as far as that can be done in
    /// it.
    #[must_use]
    pub fn plan(&self, configuration: &Configuration) -> Plan {
        let before = at_next_start(configuration);
        let (steps, left) = steps::steps(&before, &self.target.named(), |configuration| {
            self.check(configuration).2
        });
        let end = steps.last().map_or(&before, |step| &step.after);
        let (vm, inferred, _) = self.check(end);
        let device = self.device(&vm).map(|device| {
            let platform = device.platform.map(|platform| platform.name);
            format!("{} {}", device.id, device.name.or(platform).unwrap_or_default())
        });
        Plan {
            manager: before.manager(),
            device: device.map(|device| device.trim_end().to_owned()),
            qemu: self.qemu(),
            inferred,
            before,
            steps,
            left,
        }
    }

    /// Checks a configuration as it is. A GPU that was named is in another machine, about which
    /// this host says nothing.
    fn check(&self, configuration: &Configuration) -> (Vm, Option<Inferred>, Vec<RuleResult>) {
        let here = self.target.device.is_none();
        self.check_vm(configuration, configuration.vm_on(Some(&self.pci).filter(|_| here)))
    }

    /// Checks the VM that a configuration gives.
    fn check_vm(
        &self,
        configuration: &Configuration,
        mut vm: Vm,
    ) -> (Vm, Option<Inferred>, Vec<RuleResult>) {
        let here = self.target.device.is_none();
        if let Some(mappings) = &self.pci.mappings {
            resolve_mappings(&mut vm, mappings, self.pci.node.as_deref());
        }
        let device = self.device(&vm);
        let device = device.as_ref();
        let platform = device.and_then(|device| device.platform.as_ref());
        let amd = self.host.amd.as_ref().filter(|_| here);
        vm.amd_gpu = amd.map(|amd| amd.display.bdf.clone());
        let amd = amd.map(|amd| self.amd(&vm, amd));
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
        let known_gop = rom.as_ref().is_some_and(|rom| rom::has_gop(rom));
        let context = VmContext {
            name: self.target.asked(),
            give_rom: self
                .target
                .rom
                .clone()
                .unwrap_or_else(|| self.host.system.rom_place(DEFAULT_PATH)),
            gpu: igd.map(|igd| seen.map_or(igd, |seen| igd.with_vga(seen.vga()))),
            qemu,
            has_gop: rom.as_ref().is_none_or(|rom| rom::has_gop(rom)),
            rom,
            rom_readable: path.is_none_or(|path| self.readable_by_all(&path)),
            narrow_iommu: if here { self.host.narrow_iommu() } else { None },
            host_memory: if here { self.host.memory } else { None },
            audio: self.host.audio.clone().filter(|_| here),
            other_users: match vm.manager {
                Manager::Proxmox => guests::other_users(self.target.vmid, &self.guests.found),
                Manager::Libvirt | Manager::Qemu => Vec::new(),
            },
            disable_vga: here && self.host.modprobe.running_disable_vga == Some(true),
            has_mdev: self.has_mdev(here),
            ..match amd {
                Some(amd) => VmContext::of_amd(&vm, amd, self.target.goal),
                None => VmContext::new(&vm, known_gop, self.target.goal),
            }
        }
        .settled(self.target.goal);
        let results = vm::checks(&context);
        let inferred = vm.gpu().map(|_| context.inferred.clone());
        (vm, inferred, results)
    }

    /// What a VM names for an AMD iGPU.
    fn amd(&self, vm: &Vm, gpu: &AmdIgpu) -> AmdVm {
        let rom = |bdf: &str| {
            let path = vm.with_function(bdf).and_then(|device| device.get("romfile"));
            self.rom(path, Some(gpu.display.id))
        };
        let gop = gpu.audio.as_ref().map_or(Probe::Absent, |audio| rom(&audio.bdf));
        AmdVm { gpu: gpu.clone(), vbios: rom(&gpu.display.bdf), gop }
    }

    /// The GPU of a VM: its own, or the one that it is given the id of.
    fn device(&self, vm: &Vm) -> Option<Device> {
        match vm.gpu().and_then(spoofed).filter(|_| self.target.device.is_none()) {
            Some(id) => pick::for_device(self.catalog, id).device,
            None => self.picked.device.clone(),
        }
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

    fn rom(&self, path: Option<&str>, device: Option<DeviceId>) -> Probe<Rc<Analysis>> {
        let Some(path) = path.filter(|path| path.starts_with('/')) else { return Probe::Absent };
        let asked = (path.to_owned(), device);
        let mut known = self.roms.borrow_mut();
        if let Some((_, rom)) = known.iter().find(|(own, _)| *own == asked) {
            return rom.clone();
        }
        let context = Context::new(self.catalog).with_device(device).with_qemu(self.qemu());
        let rom = match rom::read(self.files, path, &context) {
            Probe::Is(rom) => Probe::Is(Rc::new(rom)),
            Probe::Absent => Probe::Absent,
            Probe::Denied => Probe::Denied,
        };
        if known.len() == ROMS {
            known.clear();
        }
        known.push((asked, rom.clone()));
        rom
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

fn pending(own: &Configuration, next: &Configuration, target: &VmTarget) -> Option<Check> {
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
    target: &VmTarget,
) -> Vec<Check> {
    let mut now = configuration.clone();
    let mut checks = Vec::new();
    for result in results {
        // A copy of the configuration for every ignored line would be a great many.
        if !result.asks_for_changes() {
            checks.push(result.check);
            continue;
        }
        let RuleResult { check, changes, .. } = result;
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
