//! Pieces of a domain's XML.

/// A property of a device inside of `<qemu:frontend>`. Of those that are told here only
/// `x-igd-legacy-mode` is no yes or no.
#[must_use]
pub fn libvirt_property(name: &str, value: &str) -> String {
    match (name, value) {
        ("x-igd-legacy-mode", value) => {
            format!("<qemu:property name='{name}' type='string' value='{}'/>", xml(value))
        }
        (name, value) => {
            let value = if value == "on" { "true" } else { "false" };
            format!("<qemu:property name='{name}' type='bool' value='{value}'/>")
        }
    }
}

/// Properties of a device inside of `<qemu:override>`.
#[must_use]
pub fn libvirt_device(alias: &str, properties: &str) -> String {
    let properties = indented(properties, "      ");
    format!(
        "  <qemu:device alias='{}'>\n    <qemu:frontend>\n{properties}    </qemu:frontend>\n  \
            </qemu:device>",
        xml(alias)
    )
}

/// A `<hostdev>` that passes the function at `host` through, an address with its domain; `None` if
/// it is not one.
#[must_use]
pub fn libvirt_hostdev(host: &str) -> Option<String> {
    let (place, function) = host.rsplit_once('.')?;
    let mut parts = place.split(':');
    let (domain, bus, slot) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| u32::from_str_radix(text, 16).ok();
    let (domain, bus, slot) = (number(domain)?, number(bus)?, number(slot)?);
    let function = number(function)?;
    Some(format!(
        "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source>\n    <address \
         domain='{domain:#06x}' bus='{bus:#04x}' slot='{slot:#04x}' function='{function:#x}'/>\n  \
         </source>\n</hostdev>"
    ))
}

/// Each line behind `indent`.
#[must_use]
pub fn indented(text: &str, indent: &str) -> String {
    text.lines().flat_map(|line| [indent, line, "\n"]).collect()
}

/// `text` inside an attribute of XML.
#[must_use]
pub fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}
