//! Whether this host is ready to hand over its iGPU.

use super::install::DEFAULT_DEST;
use super::{Outcome, Report, pick};
use crate::args;
use crate::checks::{Check, Status};
use crate::doctor::{self, Facts};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::host::reading::Reading;
use crate::host::{boot, cpu, gpu, iommu, kernel, modprobe, pci, qemu};
use rom_core::{Analysis, Context, analyze};
use std::fs::{self, File};
use std::io::ErrorKind;

/// What was found.
pub(crate) struct Diagnosis {
    /// What it is about, for a sentence: "this host", "VM 101".
    pub(crate) subject: String,
    pub(crate) checks: Vec<Check>,
    /// What does all of the advice at once.
    pub(crate) at_once: Option<String>,
}

impl Diagnosis {
    /// The exit status that goes with it.
    pub(super) fn exit(&self, strict: bool) -> Exit {
        let any = |status| self.checks.iter().any(|check| check.status == status);
        if any(Status::Fail) || (strict && any(Status::Warn)) { Exit::No } else { Exit::Yes }
    }
}

pub(super) fn run(args: &args::Doctor, env: &Env<'_>) -> Result<Outcome, CliError> {
    let diagnosis = Diagnosis { subject: "This host".to_owned(), checks: doctor::checks(&facts(env)?), at_once: None };
    Ok(Outcome { exit: diagnosis.exit(args.strict), report: Report::Doctor(diagnosis) })
}

/// Reads everything that the checks look at.
pub(super) fn facts(env: &Env<'_>) -> Result<Facts, CliError> {
    let catalog = env.catalog()?;
    let picked = pick::on_host(&catalog, env, None)?;
    let kernel = kernel::read(env);
    let device = picked.device.as_ref().map(|device| device.id);
    Ok(Facts {
        processor: fs::read_to_string(env.host("/proc/cpuinfo")).ok().as_deref().and_then(cpu::processor),
        iommu: iommu::read(env),
        boot: boot::read(env, &kernel.command_line),
        kernel,
        modprobe: modprobe::read(env),
        gpu: gpu::read(env),
        displays: pci::displays(&env.host(pci::DEVICES)),
        qemu: qemu::read(env),
        rom: rom(env, DEFAULT_DEST, &Context::new(&catalog).with_device(device))?,
        picked,
        remote: REMOTE.iter().any(|path| env.host(path).exists()),
    })
}

/// What is there while an SSH server or the web interface of Proxmox VE runs.
const REMOTE: [&str; 4] = ["/run/sshd.pid", "/run/sshd", "/run/ssh.socket", "/run/pveproxy"];

/// The ROM at `path` of the host, analyzed as that of the device of `context`.
pub(super) fn rom(env: &Env<'_>, path: &str, context: &Context<'_>) -> Result<Reading<Analysis>, CliError> {
    let path = env.host(path);
    match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Reading::Absent),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Reading::Denied),
        Err(_) | Ok(_) => {}
    }
    let file = files::read_rom(&path, context.limits())?;
    Ok(Reading::Is(Analysis { size: file.size, ..analyze(&file.bytes, context) }))
}
