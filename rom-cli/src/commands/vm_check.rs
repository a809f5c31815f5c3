//! Whether a VM is set up for the iGPU, and what would mend it.

use super::doctor::{self, Diagnosis};
use super::{Outcome, Report, pick, vm_plan};
use crate::args;
use crate::checks::{Check, Status};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::host::reading::{Reading, names, word};
use crate::host::{gpu, memory, qemu};
use crate::vm::change::Change;
use crate::vm::command_line::words::quoted;
use crate::vm::configuration::Configuration;
use crate::vm::guest::{Guest, HostDevice, Manager};
use crate::vm::igd::{Gpu, QemuVersion};
use crate::vm::judge::{self, Judged, Vm};
use crate::vm::proxmox::{self, Config, mapping};
use rom_core::catalog::Catalog;
use rom_core::contents::DriverKind;
use rom_core::model::hex_u16;
use rom_core::{Analysis, Context, DeviceId};
use std::borrow::Cow;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Bytes of a configuration that are read.
const LONGEST: u64 = 1 << 20;

/// What makes a VM right.
pub(crate) struct Mended {
    /// Commands to paste for Proxmox VE, else lines that go and come.
    pub(crate) steps: Vec<String>,
    /// What is not well after that.
    pub(crate) left: Vec<Check>,
}

pub(super) fn run(args: &args::VmCheck, env: &Env<'_>) -> Result<Outcome, CliError> {
    let vmid: Option<u32> = args.vm.parse().ok();
    let configuration = if let Some(vmid) = vmid {
        Configuration::Proxmox(vm_plan::config(vmid, env)?)
    } else {
        let text = files::read_text(Path::new(&args.vm), LONGEST)?;
        Configuration::read(&text).map_err(|reason| unreadable(&args.vm, &reason))?
    };
    let vmid = vmid.or_else(|| named_after(Path::new(&args.vm)));
    let ground = Ground { device: args.device, qemu: args.qemu, vmid };
    if args.fix {
        let mended = mend(&configuration, ground, env)?;
        let exit = if mended.left.iter().any(|check| check.status == Status::Fail) { Exit::No } else { Exit::Yes };
        return Ok(Outcome { exit, report: Report::VmFix(mended) });
    }
    let mut diagnosis = diagnose(&configuration, ground, env)?;
    // The VM as it was asked for: a file stays a file.
    diagnosis.at_once = diagnosis.at_once.map(|_| format!("oprom vm check {} --fix", quoted(&args.vm)));
    Ok(Outcome { exit: diagnosis.exit(args.strict), report: Report::VmCheck(diagnosis) })
}

/// The number of the VM that a file of Proxmox VE is named after.
fn named_after(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_suffix(".conf")?.parse().ok()
}

fn unreadable(path: &str, reason: &str) -> CliError {
    let name = if path == "-" { "standard input" } else { path };
    CliError::new(
        Exit::Failed,
        format!("{name} cannot be read: {reason}"),
        "Give the number of a VM of Proxmox VE, or a file: its .conf, the output of `virsh dumpxml`, or a command line of QEMU such as \
         /proc/PID/cmdline.",
    )
}

/// What a configuration is judged for, where it is not this host.
#[derive(Clone, Copy, Default)]
pub(super) struct Ground {
    pub(super) device: Option<DeviceId>,
    pub(super) qemu: Option<QemuVersion>,
    pub(super) vmid: Option<u32>,
}

impl Ground {
    /// The VM, in commands to paste.
    fn named(self) -> String {
        self.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string())
    }
}

/// Judges a configuration.
pub(super) fn diagnose(configuration: &Configuration, ground: Ground, env: &Env<'_>) -> Result<Diagnosis, CliError> {
    let next = at_next_start(configuration);
    let mut checks: Vec<Check> = pending(configuration, &next, ground).into_iter().collect();
    let judged = Host::read(ground, env)?.judge(&next)?;
    let mendable = judged.iter().any(|judged| !judged.changes.is_empty());
    checks.extend(with_steps(judged, &next, ground));
    let at_once = mendable.then(|| format!("oprom vm check {} --fix", ground.named()));
    let subject = ground.vmid.map_or_else(|| "This VM".to_owned(), |vmid| format!("VM {vmid}"));
    Ok(Diagnosis { subject, checks, at_once })
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
    let lines: Vec<&str> = steps.iter().filter_map(|step| step.split(" --").nth(1)).collect();
    let fix = "qm shutdown VMID && qm start VMID".replace("VMID", &ground.named());
    let says = "changes wait for the next start: this is judged as it will be then";
    (!steps.is_empty()).then(|| Check::warn("VM004", says, format!("[PENDING]: {}", lines.join("; ")), fix))
}

/// Checks whose advice ends with what has to be typed. Each goes on from where the one before it ends, so that all can be typed in order.
fn with_steps(judged: Vec<Judged>, configuration: &Configuration, ground: Ground) -> Vec<Check> {
    let mut now = configuration.clone();
    let mut with_steps = |Judged { check, changes }: Judged| {
        let next = now.with(&changes);
        let steps = now.steps_to(&next, &ground.named());
        now = next;
        let words = |fix: String| fix.replace("VMID", &ground.named());
        let fix = check.fix.map(|fix| [words(fix)].into_iter().chain(steps).collect::<Vec<String>>().join("\n"));
        Check { fix, ..check }
    };
    judged.into_iter().map(&mut with_steps).collect()
}

fn mend(configuration: &Configuration, ground: Ground, env: &Env<'_>) -> Result<Mended, CliError> {
    let host = Host::read(ground, env)?;
    let own = at_next_start(configuration);
    let proposed = |judged: Vec<Judged>| judged.into_iter().flat_map(|judged| judged.changes).collect::<Vec<Change>>();
    let mended = own.mended(|configuration| host.judge(configuration).map(proposed))?;
    let mut left = with_steps(host.judge(&mended)?, &mended, ground);
    left.retain(|check| matches!(check.status, Status::Fail | Status::Warn));
    Ok(Mended { steps: own.steps_to(&mended, &ground.named()), left })
}

/// What is the same for every configuration that is judged here.
struct Host<'e> {
    env: &'e Env<'e>,
    ground: Ground,
    catalog: Cow<'static, Catalog>,
    gpu: Option<gpu::Gpu>,
    qemu: Option<QemuVersion>,
    mappings: Reading<String>,
    narrow_iommu: Option<u32>,
    memory: Option<u64>,
    rivals: Vec<String>,
}

impl<'e> Host<'e> {
    /// Reads it. A GPU that was named is in another machine, of which nothing is known here.
    fn read(ground: Ground, env: &'e Env<'e>) -> Result<Self, CliError> {
        let here = ground.device.is_none();
        Ok(Self {
            env,
            ground,
            catalog: env.catalog()?,
            gpu: gpu::read(env).filter(|_| here),
            qemu: ground.qemu.or_else(|| qemu::read(env).map(|qemu| qemu.version)),
            mappings: Reading::file(&env.host(mapping::FILE)),
            narrow_iommu: if here { vm_plan::narrow_iommu(env) } else { None },
            memory: if here { memory::total(env) } else { None },
            rivals: rivals(ground.vmid, env),
        })
    }

    /// Judges a configuration as it is.
    fn judge(&self, configuration: &Configuration) -> Result<Vec<Judged>, CliError> {
        let mut guest = configuration.guest();
        if let Reading::Is(mappings) = &self.mappings {
            resolve_mappings(&mut guest, mappings, self.env);
        }
        let picked = match self.ground.device.or_else(|| guest.gpu().and_then(spoofed)) {
            Some(id) => pick::for_device(&self.catalog, id),
            None => pick::on_host(&self.catalog, self.env, None)?,
        };
        let device = picked.device.as_ref();
        let igd = device.and_then(|device| Some(Gpu::new(device.id.device, &device.platform.as_ref()?.generation)));
        let path = guest.gpu().and_then(|gpu| gpu.get("romfile")).map(str::to_owned);
        let rom = rom(self.env, path.as_deref(), &self.catalog, device.map(|device| device.id))?;
        let vm = Vm {
            gpu: igd.map(|igd| self.gpu.as_ref().map_or(igd, |seen| igd.with_vga(seen.vga()))),
            qemu: self.qemu,
            has_gop: rom.as_ref().is_none_or(has_gop),
            rom,
            rom_readable: path.as_deref().is_none_or(|path| readable_by_all(self.env, path)),
            narrow_iommu: self.narrow_iommu,
            host_memory: self.memory,
            rivals: if guest.manager == Manager::Proxmox { self.rivals.clone() } else { Vec::new() },
            guest: &guest,
        };
        Ok(judge::judge(&vm))
    }
}

/// The id that the VM's GPU is given instead of its own.
fn spoofed(device: &HostDevice) -> Option<DeviceId> {
    let id = device.get("x-pci-device-id")?;
    Some(DeviceId { vendor: DeviceId::INTEL, device: hex_u16(id.trim_start_matches("0x"))? })
}

fn rom(env: &Env<'_>, path: Option<&str>, catalog: &Catalog, device: Option<DeviceId>) -> Result<Reading<Analysis>, CliError> {
    match path {
        Some(path) if path.starts_with('/') => doctor::rom(env, path, &Context::new(catalog).with_device(device)),
        Some(_) | None => Ok(Reading::Absent),
    }
}

/// Whether a ROM has a driver that draws.
fn has_gop(rom: &Analysis) -> bool {
    let mut kinds = rom.images.iter().filter_map(|image| image.contents.as_ref()?.driver).peekable();
    // What holds no known driver is not taken for one that cannot draw.
    kinds.peek().is_none() || kinds.any(|kind| kind != DriverKind::IgdAssignment)
}

fn readable_by_all(env: &Env<'_>, path: &str) -> bool {
    const READ_BY_OTHERS: u32 = 0o004;
    fs::metadata(env.host(path)).map_or(true, |metadata| metadata.permissions().mode() & READ_BY_OTHERS != 0)
}

/// Gives devices that a cluster names the addresses that they have on this node.
fn resolve_mappings(guest: &mut Guest, text: &str, env: &Env<'_>) {
    let node = word(&env.host("/etc/hostname"));
    for device in guest.devices.iter_mut().filter(|device| device.host.is_none()) {
        let own = device.mapping.as_deref().and_then(|mapping| mapping::address(text, mapping, node.as_deref()));
        device.host = own.or_else(|| mapping::address(text, device.mapping.as_deref()?, None));
    }
}

/// Where Proxmox VE keeps containers.
const CONTAINERS: &str = "/etc/pve/lxc";

/// Where a file for each running VM is.
const RUNNING: &str = "/run/qemu-server";

/// Other guests that have the GPU already, or will have it when the host starts, in words. They are named by their numbers alone.
fn rivals(own: Option<u32>, env: &Env<'_>) -> Vec<String> {
    // Without its number the VM would be its own rival.
    let Some(own) = own else { return Vec::new() };
    let texts = |folder: &str| {
        let folder = env.host(folder);
        let files =
            names(&folder).into_iter().filter_map(|name| Some((name.strip_suffix(".conf")?.parse::<u32>().ok()?, name)));
        files.filter_map(move |(vmid, name)| match Reading::file(&folder.join(name)) {
            Reading::Is(text) => Some((vmid, Config::read(&text), text)),
            Reading::Absent | Reading::Denied => None,
        })
    };
    let starts = |config: &Config| config.get("onboot") == Some("1");
    let runs = |vmid: u32| env.host(&format!("{RUNNING}/{vmid}.pid")).exists();
    let machines = texts(proxmox::FOLDER)
        .filter(|(vmid, config, _)| *vmid != own && config.guest().gpu().is_some())
        .filter_map(|(vmid, config, _)| match (runs(vmid), starts(&config)) {
            (true, _) => Some(format!("VM {vmid}, which runs")),
            (false, true) => Some(format!("VM {vmid}, which starts with the host")),
            (false, false) => None,
        });
    let uses_gpu = |text: &str| text.lines().take_while(|line| !line.starts_with('[')).any(|line| line.contains("/dev/dri"));
    let containers = texts(CONTAINERS)
        .filter(|(_, config, text)| starts(config) && uses_gpu(text))
        .map(|(vmid, _, _)| format!("container {vmid} by /dev/dri, which starts with the host"));
    machines.chain(containers).collect()
}
