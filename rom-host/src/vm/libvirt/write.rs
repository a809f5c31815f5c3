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
