//! The devices of the host that a configuration passes through, and what Proxmox VE says against
//! them (qemu-server, `src/PVE/QemuServer/PCI.pm`).

use super::property::{Properties, boolean, get};
use super::{Config, ROM_FOLDER, mapping, schema};
use crate::address::with_domain;
use crate::advice::Advice;
use crate::vm::change::Change;
use crate::vm::host_pci::HostPci;
use crate::vm::model::{HostDevice, Machine, Refusal, quoted};

/// Functions of a slot, each of which the next device of a line gets (QEMU,
/// `hw/core/qdev-properties-system.c`, `set_pci_devfn`).
const FUNCTIONS: usize = 8;

/// Its address is the only one that legacy-igd takes.
const IGD_PLACE: &str = "02.0";

/// The devices, and why Proxmox VE does not start the VM with them.
pub(super) fn of(config: &Config, host: Option<&HostPci>) -> (Vec<HostDevice>, Vec<Refusal>) {
    let mut devices: Vec<HostDevice> = Vec::new();
    let mut refusals = Vec::new();
    let mut legacy: Option<String> = None;
    for number in 0..=schema::LAST_HOSTPCI {
        let name = format!("hostpci{number}");
        let Some(value) = config.get(&name) else { continue };
        let source = quoted(format!("{name}: {value}"));
        let properties = schema::read(schema::HOSTPCI, Some(value));
        let is_on = |option| get(&properties, option).and_then(boolean) == Some(true);
        let one_function = || Some(Change::OneFunction { device: name.clone() });
        let without = |option: &str| {
            Some(Change::Unset { device: name.clone(), property: option.to_owned() })
        };
        let mut refuse = |reason: String, change: Option<Change>| {
            let refusal = Refusal::by_manager(reason, &source);
            refusals.push(match change {
                Some(change) => refusal.fixed_by(change),
                None => refusal.for_a_person(by_person(&properties)),
            });
        };
        let alternatives = match addresses(&properties, host) {
            Ok(alternatives) => alternatives,
            Err(reason) => {
                let both =
                    get(&properties, "host").is_some() && get(&properties, "mapping").is_some();
                refuse(reason, without("mapping").filter(|_| both));
                Vec::new()
            }
        };
        let choices = alternatives.len();
        let mut functions = alternatives.into_iter().next().unwrap_or_default();
        let count = functions.len();
        functions.truncate(FUNCTIONS);
        if functions.len() > 1 && get(&properties, "mdev").is_some() {
            refuse(
                "mdev is for one function, and the address means several".to_owned(),
                one_function(),
            );
        }
        if is_on("legacy-igd") {
            if let Some(first) = &legacy {
                refuse(
                    format!("{first} already has legacy-igd, and only one device can have it"),
                    without("legacy-igd"),
                );
            }
            if functions.len() > 1 {
                refuse(
                    "legacy-igd is for one function, and the address means several".to_owned(),
                    one_function(),
                );
            }
            if choices > 1 {
                refuse(
                    "legacy-igd is for one device, and the mapping has several for this node"
                        .to_owned(),
                    None,
                );
            }
            if functions
                .first()
                .is_some_and(|first| first.contains('.') && !first.ends_with(IGD_PLACE))
            {
                refuse("legacy-igd is for the device at 00:02.0".to_owned(), without("legacy-igd"));
            }
            legacy = Some(name.clone());
        }
        let used = |function: &String| {
            devices.iter().any(|device| device.host.as_ref() == Some(function) && !device.mdev)
        };
        if get(&properties, "mdev").is_none() {
            for twice in functions.iter().filter(|function| used(function)) {
                let change = Change::Remove { device: name.clone() };
                refuse(format!("{twice} is assigned twice"), Some(change));
            }
        }
        if count > FUNCTIONS && get(&properties, "mdev").is_none() {
            let reason = format!("a slot has {FUNCTIONS} functions, and the address means {count}");
            let advice = Advice::from("Name the functions that the VM needs, once each.");
            refusals.push(Refusal::by_qemu(reason, &source).for_a_person(advice));
        }
        devices.extend(functions_of(&name, &source, &properties, &functions, config));
    }
    (devices, refusals)
}

/// What a person has to do where the device is not what the line says.
fn by_person(properties: &Properties) -> Advice {
    if get(properties, "mapping").is_some() {
        return "Correct the mapping under Datacenter, Resource Mappings, or name the device by \
            its address: host=0000:00:02.0 instead of mapping."
            .into();
    }
    let fix = "Give the line an address of this host, or remove the line. This shows the \
        addresses.";
    Advice::from(fix).run(["lspci", "-D"])
}

/// The addresses that a line means: alternatives, each a list of functions. Without a host they are
/// taken as they are written.
fn addresses(properties: &Properties, host: Option<&HostPci>) -> Result<Vec<Vec<String>>, String> {
    let (own, name) = (get(properties, "host"), get(properties, "mapping"));
    let written = match (own, name) {
        (Some(_), Some(_)) => return Err("it has both host and mapping".to_owned()),
        (None, None) => return Err("it has neither host nor mapping".to_owned()),
        (Some(list), None) => vec![list.split(';').map(str::to_owned).collect()],
        (None, Some(name)) => match host {
            Some(host) if host.mappings.is_some() => mapping::find(host, name)?,
            Some(_) | None => return Ok(Vec::new()),
        },
    };
    let Some(host) = host.filter(|host| !host.functions.is_empty()) else {
        let with_domains = |list: &Vec<String>| list.iter().map(|one| with_domain(one)).collect();
        return Ok(written.iter().map(with_domains).collect());
    };
    let mut alternatives = Vec::new();
    for list in written {
        let mut functions = Vec::new();
        for address in list {
            let found = host.at(&address);
            if found.is_empty() {
                return Err(format!("the host has no PCI device {address}"));
            }
            functions.extend(found.into_iter().map(|function| function.address.clone()));
        }
        alternatives.push(functions);
    }
    Ok(alternatives)
}

/// What QEMU is told of one line: a device for each function, of which the first has the options.
fn functions_of(
    name: &str,
    source: &str,
    properties: &Properties,
    functions: &[String],
    config: &Config,
) -> Vec<HostDevice> {
    let is_on = |option| get(properties, option).and_then(boolean) == Some(true);
    let (bus, addr) = place(name, is_on("legacy-igd"), is_on("pcie"), config);
    let several = functions.len() > 1 && get(properties, "mdev").is_none();
    let count = functions.len().max(1);
    let mut devices = Vec::new();
    for index in 0..count {
        let suffix = if several { format!(".{index}") } else { String::new() };
        let mut device = HostDevice {
            name: format!("{name}{suffix}"),
            host: functions.get(index).cloned(),
            source: source.to_owned(),
            mapping: get(properties, "mapping").map(str::to_owned),
            mdev: get(properties, "mdev").is_some(),
            legacy_igd: is_on("legacy-igd"),
            ..HostDevice::default()
        };
        device.set("bus", bus.clone(), source);
        device.set("addr", format!("{addr}{suffix}"), source);
        if index == 0 {
            options(&mut device, source, properties);
        }
        devices.push(device);
        if get(properties, "mdev").is_some() {
            break;
        }
    }
    devices
}

fn options(device: &mut HostDevice, source: &str, properties: &Properties) {
    for (name, value) in properties {
        match *name {
            "host" | "mapping" | "legacy-igd" => {}
            "romfile" => device.set("romfile", format!("{ROM_FOLDER}/{value}"), source),
            "device-id" => device.set("x-pci-device-id", value, source),
            "vendor-id" => device.set("x-pci-vendor-id", value, source),
            name => device.set(name, value, source),
        }
    }
}

/// Bus and slot of a line that says nothing else.
fn place(name: &str, legacy: bool, pcie: bool, config: &Config) -> (String, String) {
    let number: u8 = name.trim_start_matches("hostpci").parse().unwrap_or(0);
    if legacy {
        return ("pci.0".to_owned(), "0x2".to_owned());
    }
    if pcie {
        if matches!(config.get("ostype"), Some("win7" | "w2k8")) {
            let slot = match number {
                0..=3 => number.saturating_add(0x10),
                4..=10 => number.saturating_add(5),
                _ => number.saturating_add(10),
            };
            return (Machine::Q35.root_bus().to_owned(), format!("{slot:#x}"));
        }
        return (format!("ich9-pcie-port-{}", number.saturating_add(1)), "0x0".to_owned());
    }
    let (bus, slot) = match number {
        0 => ("pci.0", 0x10),
        1 => ("pci.0", 0x11),
        2 => ("pci.0", 0x1B),
        3 => ("pci.0", 0x1C),
        _ => ("pci.2", number.saturating_add(9)),
    };
    (bus.to_owned(), format!("{slot:#x}"))
}
