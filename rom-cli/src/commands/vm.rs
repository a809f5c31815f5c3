//! The VM that a command is asked about.

use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::settings;
use crate::text::Line;
use rom_host::goal::Goal;
use rom_host::probe::Probe;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox;
use std::path::Path;

/// Bytes of a configuration that are read.
const LONGEST: u64 = 1 << 20;

/// A VM that was named: its configuration, and what it is called.
pub(super) struct Named {
    pub(super) configuration: Configuration,
    /// Its number on Proxmox VE, where that is known.
    pub(super) vmid: Option<u32>,
}

/// Reads the VM that is called `name`: a number of Proxmox VE, or a file.
pub(super) fn read(name: &str, env: &Env<'_>) -> Result<Named, CliError> {
    if let Ok(vmid) = name.parse() {
        let configuration = Configuration::Proxmox(config(vmid, env)?);
        return Ok(Named { configuration, vmid: Some(vmid) });
    }
    let text = files::read_text(Path::new(name), LONGEST)?;
    let configuration = Configuration::read(&text).map_err(|reason| unreadable(name, &reason))?;
    Ok(Named { configuration, vmid: named_after(Path::new(name)) })
}

/// The goal that the configuration file has for a VM.
pub(super) fn remembered(vmid: Option<u32>, env: &Env<'_>) -> Option<Goal> {
    env.settings.goals.get(&vmid?).copied()
}

/// Lines of the configuration file that would make a goal that was asked for the VM's own, with
/// `- ` and `+ ` before them; nothing where it is remembered already.
pub(super) fn to_remember(vmid: Option<u32>, asked: Option<Goal>, env: &Env<'_>) -> Vec<Line> {
    let (Some(vmid), Some(goal)) = (vmid, asked) else { return Vec::new() };
    if remembered(Some(vmid), env) == Some(goal) {
        return Vec::new();
    }
    let text = env.settings.file.as_deref().and_then(|path| files::read_text(path, LONGEST).ok());
    let old = text.unwrap_or_default();
    let Ok(new) = settings::remember(&old, vmid, goal) else { return Vec::new() };
    let gone = old.lines().filter(|line| !new.lines().any(|own| own == *line));
    let come = new.lines().filter(|line| !line.is_empty() && !old.lines().any(|own| own == *line));
    let gone = gone.map(|line| Line::from(format!("- {line}")));
    gone.chain(come.map(|line| Line::from(format!("+ {line}")))).collect()
}

/// The configuration of a VM of Proxmox VE.
pub(super) fn config(vmid: u32, env: &Env<'_>) -> Result<proxmox::Config, CliError> {
    let path = format!("{}/{vmid}.conf", proxmox::FOLDER);
    let (what, help) = match Probe::file(&env.files(), &path) {
        Probe::Is(text) => return Ok(proxmox::Config::read(&text)),
        Probe::Absent => {
            let what = format!("there is no VM {vmid} here: {path} is missing");
            let error = CliError::new(Exit::Failed, what, "This shows the VMs:");
            return Err(error.run(["qm", "list"]));
        }
        Probe::Denied => (format!("{path} cannot be read"), "Only root can read it."),
    };
    Err(CliError::new(Exit::Failed, what, help))
}

/// The configuration of a domain of libvirt.
pub(super) fn domain(name: &str, env: &Env<'_>) -> Result<Configuration, CliError> {
    let path = format!("/etc/libvirt/qemu/{name}.xml");
    match Probe::file(&env.files(), &path) {
        Probe::Is(text) => Configuration::read(&text).map_err(|reason| unreadable(&path, &reason)),
        Probe::Absent => {
            let what = format!("there is no VM {name} here: {path} is missing");
            let error = CliError::new(Exit::Failed, what, "This shows the VMs:");
            Err(error.run(["virsh", "list", "--all"]))
        }
        Probe::Denied => {
            let what = format!("{path} cannot be read");
            Err(CliError::new(Exit::Failed, what, "Only root can read it."))
        }
    }
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
        "Give the number of a Proxmox VE VM, or a file: its .conf, the output of `virsh \
        dumpxml`, or a QEMU command line such as /proc/PID/cmdline.",
    )
}
