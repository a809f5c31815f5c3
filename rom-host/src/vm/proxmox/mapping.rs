//! Devices that a cluster gives names to: `/etc/pve/mapping/pci.cfg` (pve-guest-common,
//! `src/PVE/Mapping/PCI.pm`).

use crate::vm::host_pci::{HostPci, PciFunction};
use rom_core::DeviceId;

/// Where they are.
pub const FILE: &str = "/etc/pve/mapping/pci.cfg";

/// One `map` line: what the device was when it was named.
struct Entry<'t> {
    node: Option<&'t str>,
    path: &'t str,
    id: Option<&'t str>,
    subsystem: Option<&'t str>,
    group: Option<&'t str>,
}

/// The addresses that `name` stands for on the host: alternatives, each of which is a list.
///
/// # Errors
/// Why Proxmox VE does not start a VM with it: it is not there for this node, or the hardware is
/// not what it was.
pub(super) fn find(host: &HostPci, name: &str) -> Result<Vec<Vec<String>>, String> {
    let missing = || format!("there is no mapping {name} for this node");
    let text = host.mappings.as_deref().ok_or_else(missing)?;
    let (entries, mdev) = section(text, name).ok_or_else(missing)?;
    let on_node = |entry: &&Entry<'_>| host.node.is_none() || entry.node == host.node.as_deref();
    let mut alternatives = Vec::new();
    for entry in entries.iter().filter(on_node) {
        let paths: Vec<String> = entry.path.split(';').map(str::to_owned).collect();
        for (index, path) in paths.iter().enumerate() {
            assert_valid(host, name, entry, path, index == 0, mdev)?;
        }
        alternatives.push(paths);
    }
    if alternatives.is_empty() { Err(missing()) } else { Ok(alternatives) }
}

/// The addresses of `name`, as far as the text alone says: for `node`, or of the only node it has.
#[must_use]
pub fn address(text: &str, name: &str, node: Option<&str>) -> Option<String> {
    let (entries, _) = section(text, name)?;
    let mut fitting = entries.iter().filter(|entry| node.is_none() || entry.node == node);
    let first = fitting.next()?;
    if node.is_none() && fitting.next().is_some() {
        return None;
    }
    first.path.split(';').next().map(crate::address::with_domain)
}

/// The entries of a name, and whether it is for mediated devices.
fn section<'t>(text: &'t str, name: &str) -> Option<(Vec<Entry<'t>>, bool)> {
    let heading = text.lines().position(|line| line.trim_end() == name)?;
    let mut entries = Vec::new();
    let mut mdev = false;
    for line in text.lines().skip(heading.checked_add(1)?) {
        if !line.starts_with([' ', '\t']) {
            break;
        }
        match line.trim().split_once(' ') {
            Some(("map", map)) => entries.extend(entry(map)),
            Some(("mdev", value)) => mdev = value.trim() == "1",
            Some(_) | None => {}
        }
    }
    Some((entries, mdev))
}

fn entry(map: &str) -> Option<Entry<'_>> {
    let part = |key: &str| {
        let mut parts = map.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
    };
    Some(Entry {
        node: part("node"),
        path: part("path")?,
        id: part("id"),
        subsystem: part("subsystem-id"),
        group: part("iommugroup"),
    })
}

fn assert_valid(
    host: &HostPci,
    name: &str,
    entry: &Entry<'_>,
    path: &str,
    is_first: bool,
    mdev: bool,
) -> Result<(), String> {
    let first = if path.contains('.') { path.to_owned() } else { format!("{path}.0") };
    let functions = host.at(&first);
    let Some(function) = functions.first() else {
        return Err(format!("{path} of the mapping {name} does not exist"));
    };
    let differs = |what: &str, is: &str, was: &str| {
        Err(format!(
            "the hardware changed since the mapping {name} was made: {what} is {is}, and \
            was {was}"
        ))
    };
    let id = text(function.id);
    if entry.id != Some(id.as_str()) {
        return differs("the id", &id, entry.id.unwrap_or("not noted"));
    }
    let subsystem = function.subsystem.map(text);
    if entry.subsystem != subsystem.as_deref() {
        let (is, was) = (subsystem.as_deref(), entry.subsystem);
        return differs("the subsystem", is.unwrap_or("none"), was.unwrap_or("not noted"));
    }
    if is_first && group_differs(function, entry) {
        let (is, was) = (function.group.as_deref(), entry.group);
        return differs("the IOMMU group", is.unwrap_or("none"), was.unwrap_or("not noted"));
    }
    if function.mdev != mdev {
        let word = |yes| if yes { "possible" } else { "not possible" };
        return differs("GVT-g", word(function.mdev), word(mdev));
    }
    Ok(())
}

fn group_differs(function: &PciFunction, entry: &Entry<'_>) -> bool {
    function.group.as_deref().is_some_and(|group| entry.group != Some(group))
}

fn text(id: DeviceId) -> String {
    format!("{:04x}:{:04x}", id.vendor, id.device)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "other\n\tmap id=8086:10d3,node=a,path=0000:01:00.0\n\nigpu\n\tdescription the GPU\n\
                        \tmap id=8086:a7a8,iommugroup=0,node=a,path=0000:00:02.0\n\tmap id=8086:a7a0,node=b,path=00:02\n\
                        stale\n\tmap id=8086:ffff,iommugroup=0,node=a,path=0000:00:02.0\n\
                        gvt\n\tmdev 1\n\tmap id=8086:a7a8,iommugroup=0,node=a,path=0000:00:02.0\n";

    fn host() -> HostPci {
        let gpu = PciFunction {
            address: "0000:00:02.0".to_owned(),
            id: DeviceId::intel(0xA7A8),
            subsystem: None,
            group: Some("0".to_owned()),
            mdev: false,
        };
        HostPci {
            functions: vec![gpu],
            node: Some("a".to_owned()),
            mappings: Some(TEXT.to_owned()),
        }
    }

    #[test]
    fn a_mapping_is_looked_up_for_its_node() {
        assert_eq!(address(TEXT, "igpu", Some("a")).as_deref(), Some("0000:00:02.0"));
        assert_eq!(address(TEXT, "igpu", Some("b")).as_deref(), Some("0000:00:02"));
        assert_eq!(address(TEXT, "igpu", Some("c")), None);
        assert_eq!(address(TEXT, "igpu", None), None);
        assert_eq!(address(TEXT, "other", None).as_deref(), Some("0000:01:00.0"));
        assert_eq!(address(TEXT, "none", Some("a")), None);
    }

    #[test]
    fn it_is_held_against_the_hardware() {
        assert_eq!(find(&host(), "igpu"), Ok(vec![vec!["0000:00:02.0".to_owned()]]));
        for wrong in ["none", "stale", "gvt", "other"] {
            assert!(find(&host(), wrong).is_err(), "{wrong}");
        }
        let elsewhere = HostPci { node: Some("b".to_owned()), ..host() };
        assert!(find(&elsewhere, "igpu").is_err());
    }
}
