//! Other guests of the host that use the GPU.

use super::access::Probe;
use crate::files::HostFiles;
use crate::vm::proxmox::{self, Config};

/// Where Proxmox VE keeps containers.
const CONTAINERS: &str = "/etc/pve/lxc";

/// Where a file for each running VM is.
const RUNNING: &str = "/run/qemu-server";

/// Other guests that have the GPU already, or will have it when the host starts, in words. They are
/// named by their numbers alone. Without its number the VM would be its own rival.
#[must_use]
pub fn other_users(own: Option<u32>, files: &dyn HostFiles) -> Vec<String> {
    let Some(own) = own else { return Vec::new() };
    let starts = |config: &Config| config.get("onboot") == Some("1");
    let runs = |vmid: u32| files.exists(&format!("{RUNNING}/{vmid}.pid"));
    let mut other_users = Vec::new();
    for (vmid, text) in configurations(proxmox::FOLDER, files) {
        let config = Config::read(&text);
        if vmid == own || config.vm().gpu().is_none() {
            continue;
        }
        match (runs(vmid), starts(&config)) {
            (true, _) => other_users.push(format!("VM {vmid}, which is running")),
            (false, true) => other_users.push(format!("VM {vmid}, which starts with the host")),
            (false, false) => {}
        }
    }
    for (vmid, text) in configurations(CONTAINERS, files) {
        let mut lines = text.lines().take_while(|line| !line.starts_with('['));
        if starts(&Config::read(&text)) && lines.any(|line| line.contains("/dev/dri")) {
            other_users.push(format!("container {vmid} by /dev/dri, which starts with the host"));
        }
    }
    other_users
}

/// Number and text of every configuration in a folder.
fn configurations(folder: &str, files: &dyn HostFiles) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for name in files.names(folder) {
        let Some(vmid) = name.strip_suffix(".conf").and_then(|number| number.parse().ok()) else {
            continue;
        };
        if let Probe::Is(text) = Probe::file(files, &format!("{folder}/{name}")) {
            found.push((vmid, text));
        }
    }
    found
}
