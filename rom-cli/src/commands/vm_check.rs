//! Whether a VM is set up for the iGPU, and what would mend it.

use super::check::{Checked, Yardstick};
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
use crate::vm::configuration::Configuration;
use crate::vm::guest::{Guest, HostDevice, Manager};
use crate::vm::igd::{Gpu, QemuVersion};
use crate::vm::judge::{self, Judged, Vm};
use crate::vm::proxmox::{self, Config, mapping};
use rom_core::DeviceId;
use rom_core::catalog::Catalog;
use rom_core::contents::DriverKind;
use rom_core::model::hex_u16;
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
    let diagnosis = diagnose(&configuration, ground, env)?;
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
    let judged = judge_on(&next, ground, env)?;
    let mendable = judged.iter().any(|judged| !judged.changes.is_empty());
    checks.extend(with_steps(judged, &next, ground));
    let vm = ground.vmid.map_or_else(|| "FILE".to_owned(), |vmid| vmid.to_string());
    let at_once = mendable.then(|| format!("oprom vm check {vm} --fix"));
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

/// Rounds of mending: what is behind a cause shows only once that is gone.
const ROUNDS: usize = 8;

fn mend(configuration: &Configuration, ground: Ground, env: &Env<'_>) -> Result<Mended, CliError> {
    let own = at_next_start(configuration);
    let mut mended = own.clone();
    for _ in 0..ROUNDS {
        let judged = judge_on(&mended, ground, env)?;
        let changes: Vec<Change> = judged.into_iter().flat_map(|judged| judged.changes).collect();
        let next = mended.with(&changes);
        if next == mended {
            break;
        }
        mended = next;
    }
    let steps = own.steps_to(&mended, &ground.named());
    let mut left = with_steps(judge_on(&mended, ground, env)?, &mended, ground);
    left.retain(|check| matches!(check.status, Status::Fail | Status::Warn));
    Ok(Mended { steps, left })
}

/// Judges a configuration as it is.
fn judge_on(configuration: &Configuration, ground: Ground, env: &Env<'_>) -> Result<Vec<Judged>, CliError> {
    let catalog = env.catalog()?;
    let mut guest = configuration.guest();
    resolve_mappings(&mut guest, env);
    let spoofed = guest.gpu().and_then(spoofed);
    let picked = match ground.device.or(spoofed) {
        Some(id) => pick::for_device(&catalog, id),
        None => pick::on_host(&catalog, env, None)?,
    };
    let seen = gpu::read(env).filter(|_| ground.device.is_none());
    let device = picked.device.as_ref();
    let igd = device.and_then(|device| Some(Gpu::new(device.id.device, &device.platform.as_ref()?.generation)));
    let path = guest.gpu().and_then(|gpu| gpu.get("romfile")).map(str::to_owned);
    let rom = rom(env, path.as_deref(), &catalog, device.map(|device| device.id))?;
    let here = ground.device.is_none();
    let vm = Vm {
        gpu: igd.map(|igd| seen.map_or(igd, |seen| igd.with_vga(seen.vga()))),
        qemu: ground.qemu.or_else(|| qemu::read(env).map(|qemu| qemu.version)),
        has_gop: rom.as_ref().is_none_or(has_gop),
        rom,
        rom_readable: path.as_deref().is_none_or(|path| readable_by_all(env, path)),
        narrow_iommu: if here { vm_plan::narrow_iommu(env) } else { None },
        host_memory: if here { memory::total(env) } else { None },
        rivals: if guest.manager == Manager::Proxmox { rivals(ground.vmid, env) } else { Vec::new() },
        guest: &guest,
    };
    Ok(judge::judge(&vm))
}

/// The id that the VM's GPU is given instead of its own.
fn spoofed(device: &HostDevice) -> Option<DeviceId> {
    let id = device.get("x-pci-device-id")?;
    Some(DeviceId { vendor: DeviceId::INTEL, device: hex_u16(id.trim_start_matches("0x"))? })
}

fn rom(env: &Env<'_>, path: Option<&str>, catalog: &Catalog, device: Option<DeviceId>) -> Result<Reading<Checked>, CliError> {
    match path {
        Some(path) if path.starts_with('/') => doctor::rom(env, path, &Yardstick::new(catalog), device),
        Some(_) | None => Ok(Reading::Absent),
    }
}

/// Whether a ROM has a driver that draws.
fn has_gop(rom: &Checked) -> bool {
    let kinds = rom.images.iter().filter_map(|image| image.contents.as_ref()?.driver);
    let mut assignment_alone = false;
    for kind in kinds {
        if kind != DriverKind::IgdAssignment {
            return true;
        }
        assignment_alone = true;
    }
    !assignment_alone
}

fn readable_by_all(env: &Env<'_>, path: &str) -> bool {
    const READ_BY_OTHERS: u32 = 0o004;
    fs::metadata(env.host(path)).map_or(true, |metadata| metadata.permissions().mode() & READ_BY_OTHERS != 0)
}

/// Gives devices that a cluster names the addresses that they have on this node.
fn resolve_mappings(guest: &mut Guest, env: &Env<'_>) {
    let Reading::Is(text) = Reading::file(&env.host(mapping::FILE)) else { return };
    let node = word(&env.host("/etc/hostname"));
    for device in guest.devices.iter_mut().filter(|device| device.host.is_none()) {
        let own = device.mapping.as_deref().and_then(|mapping| mapping::address(&text, mapping, node.as_deref()));
        device.host = own.or_else(|| mapping::address(&text, device.mapping.as_deref()?, None));
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
