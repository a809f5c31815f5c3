//! Whether a VM of Proxmox VE is set up for the iGPU.

use super::check::Yardstick;
use super::doctor::{self, Diagnosis};
use super::install::PROXMOX_FOLDER;
use super::{Outcome, Report, pick, vm_plan};
use crate::args;
use crate::checks::Check;
use crate::env::Env;
use crate::error::CliError;
use crate::files;
use crate::host::qemu;
use crate::host::reading::Reading;
use crate::vm::igd::{Gpu, QemuVersion};
use crate::vm::judge::{self, Vm};
use crate::vm::proxmox::Config;
use rom_core::DeviceId;
use std::path::Path;

/// Bytes of a configuration that are read.
const LONGEST: u64 = 1 << 20;

pub(super) fn run(args: &args::VmCheck, env: &Env<'_>) -> Result<Outcome, CliError> {
    let vmid: Option<u32> = args.vm.parse().ok();
    let config = match vmid {
        Some(vmid) => vm_plan::config(vmid, env)?,
        None => Config::read(&files::read_text(Path::new(&args.vm), LONGEST)?),
    };
    let Diagnosis { checks, .. } = diagnose(&config, args.device, args.qemu, env)?;
    let named = vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string());
    let own = |check: Check| Check { fix: check.fix.map(|fix| fix.replace("VMID", &named)), ..check };
    let subject = vmid.map_or_else(|| "This VM".to_owned(), |vmid| format!("VM {vmid}"));
    let diagnosis = Diagnosis { subject, checks: checks.into_iter().map(own).collect() };
    Ok(Outcome { exit: diagnosis.exit(args.strict), report: Report::VmCheck(diagnosis) })
}

/// Judges a configuration for this host, or for another GPU or QEMU.
pub(super) fn diagnose(
    config: &Config,
    device: Option<DeviceId>,
    qemu: Option<QemuVersion>,
    env: &Env<'_>,
) -> Result<Diagnosis, CliError> {
    let catalog = env.catalog()?;
    let picked = match device {
        Some(id) => pick::for_device(&catalog, id),
        None => pick::on_host(&catalog, env, None)?,
    };
    let device = picked.device.as_ref();
    let vm = Vm {
        gpu: device.and_then(|device| Some(Gpu::new(device.id.device, &device.platform.as_ref()?.generation))),
        qemu: qemu.or_else(|| qemu::read(env).map(|qemu| qemu.version)),
        rom: match romfile(config) {
            Some(name) => {
                let path = format!("{PROXMOX_FOLDER}/{name}");
                doctor::rom(env, &path, &Yardstick::new(&catalog), device.map(|device| device.id))?
            }
            None => Reading::Absent,
        },
        config,
    };
    Ok(Diagnosis { subject: "This VM".to_owned(), checks: judge::checks(&vm) })
}

/// The name of a ROM that the configuration gives to a device, if it is a plain one.
fn romfile(config: &Config) -> Option<String> {
    let devices = config.host_devices();
    let name = devices.iter().find_map(|device| device.option("romfile"))?;
    (!name.contains('/')).then(|| name.to_owned())
}
