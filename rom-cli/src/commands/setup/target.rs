//! The VM that is set up.

use crate::commands::vm;
use crate::env::Env;
use crate::error::{CliError, Exit};
use rom_host::files::HostFiles as _;
use rom_host::goal::{Goal, Purpose};
use rom_host::probe::Probe;
use rom_host::vm::configuration::Configuration;

/// Where a file for each running VM of Proxmox VE is, and for each domain of libvirt.
const RUNNING: &str = "/run/qemu-server";
const RUNNING_DOMAINS: &str = "/run/libvirt/qemu";
/// The VM.
pub(super) struct Target {
    /// As it was named.
    pub(super) asked: String,
    /// Its number on Proxmox VE.
    pub(super) vmid: Option<u32>,
    /// Its name, if it is a domain of libvirt, and its XML.
    pub(super) domain: Option<(String, String)>,
    pub(super) configuration: Configuration,
    /// Whether it runs.
    pub(super) runs: bool,
}

impl Target {
    /// Reads the VM that is called `name`.
    pub(super) fn read(name: &str, env: &Env<'_>) -> Result<Self, CliError> {
        let files = env.files();
        let asked = name.to_owned();
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        let xml = Probe::file(&files, &format!("/etc/libvirt/qemu/{name}.xml"));
        if let (false, false, Probe::Is(xml)) = (is_number, name.contains('/'), xml) {
            let configuration = Configuration::read(&xml).map_err(|reason| {
                let what = format!("the XML of {name} cannot be read: {reason}");
                CliError::new(Exit::Failed, what, "Check it with virsh edit.")
            })?;
            let runs = files.exists(&format!("{RUNNING_DOMAINS}/{name}.pid"));
            let domain = Some((asked.clone(), xml));
            return Ok(Self { asked, vmid: None, domain, configuration, runs });
        }
        let named = vm::read(name, env)?;
        // A file that is named like a VM of Proxmox VE is a file.
        let vmid = named.vmid.filter(|_| is_number);
        let runs = vmid.is_some_and(|vmid| files.exists(&format!("{RUNNING}/{vmid}.pid")));
        Ok(Self { asked, vmid, domain: None, configuration: named.configuration, runs })
    }

    /// The configuration that the next start uses.
    pub(super) fn at_next_start(&self) -> Configuration {
        match &self.configuration {
            Configuration::Proxmox(config) => {
                Configuration::Proxmox(config.pending().unwrap_or_else(|| config.clone()))
            }
            other => other.clone(),
        }
    }

    /// Whether a program changes it: a file that somebody starts QEMU with is their own.
    pub(super) fn has_manager(&self) -> bool {
        self.vmid.is_some() || self.domain.is_some()
    }
}

fn inferred(target: &Target, env: &Env<'_>) -> Option<Purpose> {
    let vm = target.at_next_start().vm();
    let gpu = vm.gpu()?;
    let rom = gpu.get("romfile").is_some_and(|path| env.files().exists(path));
    Some(rom_host::goal::infer(&vm, gpu, rom, None).purpose)
}

/// The goal that the configuration shows.
pub(super) fn evident(target: &Target, env: &Env<'_>) -> Option<Goal> {
    match inferred(target, env) {
        Some(Purpose::Goal(goal)) => Some(goal),
        _ => None,
    }
}

/// Whether the configuration says what the VM is for.
pub(super) fn says_its_goal(target: &Target, env: &Env<'_>) -> bool {
    inferred(target, env).is_some_and(|purpose| purpose != Purpose::Unclear)
}
