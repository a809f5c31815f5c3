//! What else keeps Proxmox VE from starting a VM (qemu-server, `src/PVE/QemuServer.pm`,
//! `config_to_command`, and `src/PVE/QemuServer/Machine.pm`).

use super::property::get;
use super::{Config, line, schema};
use crate::vm::change::Change;
use crate::vm::model::Refusal;
use rom_core::catalog::QemuVersion;

/// CPU types of 32 bits (`CPUConfig.pm`, `$cputypes_32bit`), which OVMF does not run on.
const CPUS_OF_32_BITS: [&str; 8] =
    ["486", "athlon", "coreduo", "kvm32", "pentium", "pentium2", "pentium3", "qemu32"];

/// Why Proxmox VE does not start it, beside its devices.
pub(super) fn refusals(config: &Config) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |reason: &str, key: &str, change: Change| {
        let refusal = Refusal::by_manager(reason.to_owned(), &line(config, key, key));
        refusals.push(refusal.fixed_by(change));
    };
    let without = |key, option| Change::WithoutOption { key, option };
    let with_numa = || Change::Line { key: "numa", value: "1".to_owned() };
    let machine = schema::read(schema::MACHINE, config.get("machine"));
    let kind = get(&machine, "type").unwrap_or("pc");
    match get(&machine, "viommu") {
        Some("intel") if !kind.contains("q35") => {
            refuse("viommu=intel is for machine type q35", "machine", without("machine", "viommu"));
        }
        Some("intel") if !matches!(get(&machine, "aw-bits"), None | Some("39" | "48")) => {
            refuse("aw-bits of viommu=intel is 39 or 48", "machine", without("machine", "aw-bits"));
        }
        None if get(&machine, "aw-bits").is_some() => {
            refuse("aw-bits is set without viommu", "machine", without("machine", "aw-bits"));
        }
        Some(_) | None => {}
    }
    let cpu = schema::read(schema::CPU, config.get("cpu"));
    let narrow = get(&cpu, "cputype").is_some_and(|kind| CPUS_OF_32_BITS.contains(&kind));
    if narrow && config.get("bios") == Some("ovmf") {
        let kind = Change::Line { key: "cpu", value: "x86-64-v2-AES".to_owned() };
        refuse("OVMF does not run on a CPU type of 32 bits", "cpu", kind);
    }
    let vga = schema::read(schema::VGA, config.get("vga"));
    if get(&vga, "type") == Some("none") && get(&vga, "clipboard") == Some("vnc") {
        refuse("vga none has no clipboard", "vga", without("vga", "clipboard"));
    }
    let numa = config.get("numa") == Some("1");
    let plugs_memory = config
        .get("hotplug")
        .is_some_and(|list| list.split([',', ';', ' ']).any(|word| word == "memory"));
    if plugs_memory && !numa {
        refuse("hotplug of memory needs numa: 1", "hotplug", with_numa());
    }
    if config.get("hugepages").is_some() && !numa {
        refuse("hugepages need numa: 1", "hugepages", with_numa());
    }
    refusals
}

/// The version that a machine type is pinned to, and Proxmox VE's revision of it.
#[must_use]
pub(super) fn pinned(config: &Config) -> Option<(QemuVersion, u32)> {
    let machine = schema::read(schema::MACHINE, config.get("machine"));
    let kind = get(&machine, "type")?;
    let version = kind.rsplit_once('-')?.1;
    let (number, revision) = version.split_once("+pve").unwrap_or((version, "0"));
    let revision = revision.trim_end_matches(".pxe").parse().ok()?;
    Some((number.parse().ok()?, revision))
}

/// Proxmox VE's highest revision of a version's machine types (`Machine.pm`,
/// `$PVE_MACHINE_VERSION`).
fn highest_revision(version: QemuVersion) -> u32 {
    match (version.major, version.minor) {
        (4, 1) | (11, 0) => 2,
        (9, 2) | (10, 0) => 1,
        _ => 0,
    }
}

/// Why a host with this QEMU does not start it.
pub(super) fn version_refusal(config: &Config, qemu: QemuVersion) -> Option<Refusal> {
    let (pinned, revision) = pinned(config)?;
    let source = line(config, "machine", "machine");
    if (pinned.major, pinned.minor) > (qemu.major, qemu.minor) {
        let reason = format!(
            "the machine type needs QEMU {}.{}, but this is QEMU {qemu}",
            pinned.major, pinned.minor
        );
        return Some(Refusal::by_manager(reason, &source).fixed_by(unpinned(config)));
    }
    let too_new = (pinned.major, pinned.minor) == (qemu.major, qemu.minor)
        && revision > highest_revision(pinned);
    too_new.then(|| {
        let reason = format!("no Proxmox VE has revision +pve{revision} of this machine type");
        Refusal::by_manager(reason, &source).fixed_by(unpinned(config))
    })
}

/// The machine line with the same chipset of whatever version the host has.
fn unpinned(config: &Config) -> Change {
    let own = config.get("machine").unwrap_or_default();
    let part = |part: &str| {
        let kind = part.strip_prefix("type=").unwrap_or(part);
        if kind.contains('=') {
            part.to_owned()
        } else if kind.contains("q35") {
            "q35".to_owned()
        } else {
            "pc".to_owned()
        }
    };
    let parts: Vec<String> = own.split(',').map(part).collect();
    Change::Line { key: "machine", value: parts.join(",") }
}
