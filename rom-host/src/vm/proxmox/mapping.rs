//! Devices that a cluster gives names to: `/etc/pve/mapping/pci.cfg` (pve-guest-common, `src/PVE/Mapping/PCI.pm`).

use crate::address::with_domain;

/// Where they are.
pub const FILE: &str = "/etc/pve/mapping/pci.cfg";

/// The address that `mapping` stands for on `node`, or, where the node is not known, on the only node that it has.
pub fn address(text: &str, mapping: &str, node: Option<&str>) -> Option<String> {
    let heading = text.lines().position(|line| line.trim_end() == mapping)?;
    let own = text.lines().skip(heading.checked_add(1)?).take_while(|line| line.starts_with([' ', '\t']));
    let maps: Vec<&str> = own.filter_map(|line| line.trim().strip_prefix("map ")).collect();
    let part = |map: &str, key: &str| map.split(',').find_map(|part| part.trim().strip_prefix(key)).map(str::to_owned);
    let fits = |map: &&&str| node.is_none_or(|node| part(map, "node=").as_deref() == Some(node));
    let mut fitting = maps.iter().filter(fits);
    let map = fitting.next()?;
    if node.is_none() && fitting.next().is_some() {
        return None;
    }
    part(map, "path=")?.split(';').next().map(with_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "other\n\tmap id=8086:10d3,node=a,path=0000:01:00.0\n\nigpu\n\tdescription the GPU\n\
                        \tmap id=8086:a7a8,iommugroup=0,node=a,path=0000:00:02.0\n\tmap id=8086:a7a0,node=b,path=00:02\n";

    #[test]
    fn a_mapping_is_looked_up_for_its_node() {
        assert_eq!(address(TEXT, "igpu", Some("a")).as_deref(), Some("0000:00:02.0"));
        assert_eq!(address(TEXT, "igpu", Some("b")).as_deref(), Some("0000:00:02"));
        assert_eq!(address(TEXT, "igpu", Some("c")), None);
        assert_eq!(address(TEXT, "igpu", None), None);
        assert_eq!(address(TEXT, "other", None).as_deref(), Some("0000:01:00.0"));
        assert_eq!(address(TEXT, "none", Some("a")), None);
    }
}
