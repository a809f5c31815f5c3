//! Choices for XML of libvirt that is nearly right: changed, it is still XML with a domain.

use crate::choices::Choices;
use rom_host::vm::libvirt::Domain;

const ELEMENTS: [&str; 22] = [
    "os", "type", "loader", "devices", "hostdev", "source", "address", "alias", "rom", "video", "model",
    "controller", "interface", "memballoon", "cpu", "maxphysaddr", "memory", "qemu:commandline",
    "qemu:arg", "qemu:override", "qemu:device", "qemu:frontend",
];

const ATTRIBUTES: [&str; 18] = [
    "type", "firmware", "machine", "mode", "domain", "bus", "slot", "function", "name", "file", "bar",
    "enabled", "model", "index", "value", "alias", "multifunction", "unit",
];

/// A device as libvirt writes it.
const DEVICE: &str = "<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' \
    bus='0x00' slot='0x02' function='0x0'/></source><alias name='ua-igpu'/><rom file='/igd.rom'/>\
    <address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/></hostdev>";

fn element(choices: &mut Choices<'_>, depth: u8) -> String {
    if choices.one_in(6) {
        return DEVICE.to_owned();
    }
    let name = choices.pick(&ELEMENTS);
    let attributes = choices.some(3, |own| {
        let value = own.value().replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        format!(" {}='{value}'", own.pick(&ATTRIBUTES))
    });
    let inside = match depth {
        0 => choices.pick(&["hvm", "8", "", "\n  "]).to_owned(),
        _ => choices.some(3, |own| element(own, depth - 1)).concat(),
    };
    match inside.as_str() {
        "" => format!("<{name}{}/>", attributes.concat()),
        inside => format!("<{name}{}>{inside}</{name}>", attributes.concat()),
    }
}

fn text(choices: &mut Choices<'_>) -> String {
    let space = choices.pick(&[" xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'", ""]);
    let head = choices.some(4, |own| element(own, 1)).concat();
    let devices = choices.some(8, |own| element(own, 3)).concat();
    let tail = choices.some(3, |own| element(own, 3)).concat();
    format!("<domain type='kvm'{space}>{head}<devices>{devices}</devices>{tail}</domain>")
}

pub(super) fn run(bytes: &[u8]) {
    let text = text(&mut Choices::new(bytes));
    super::configuration::run(text.as_bytes());
    let Ok(domain) = Domain::read(&text) else { return };
    let own = rom_host::vm::configuration::Configuration::Libvirt(domain);
    let fixed = super::configuration::fixed(&own);
    let rom_host::vm::configuration::Configuration::Libvirt(fixed) = fixed else { return };
    assert!(Domain::read(&fixed.lines().join("\n")).is_ok(), "it is XML no more");
}
