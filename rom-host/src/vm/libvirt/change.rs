//! Changes to a domain: cut out of its text and put into it, so that all else stays as it is
//! written.

use super::places::place;
use super::{Domain, QEMU_NAMESPACE, all, at, document, domain, host_devices, write};
use crate::address::Slot;
use crate::vm::change::Change;
use roxmltree::Node;
use std::ops::Range;

/// Text instead of what is in a range.
type Edit = (Range<usize>, String);

impl Domain {
    /// This domain with one change. What cannot be changed here stays as it is.
    #[must_use]
    pub fn with(&self, change: &Change) -> Self {
        let before = match change {
            // What is set already goes first, so that nothing is said twice.
            Change::Set { device, property, .. } if *property != "romfile" => {
                let (device, property) = (device.clone(), (*property).to_owned());
                self.edited(&Change::Unset { device, property })
            }
            _ => self.clone(),
        };
        before.edited(change)
    }

    fn edited(&self, change: &Change) -> Self {
        let mut edits = document(&self.text)
            .ok()
            .and_then(|document| domain(&document).map(|domain| self.edits(domain, change)))
            .unwrap_or_default();
        // From the end, so that ranges further in front stay true.
        edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut text = self.text.clone();
        for (range, new) in edits {
            text.replace_range(range, &new);
        }
        Self { text, is_part: self.is_part }
    }

    fn edits(&self, domain: Node<'_, '_>, change: &Change) -> Vec<Edit> {
        let device = |name: &str| host_device(domain, name);
        let edits: Option<Vec<Edit>> = match change {
            Change::PassThrough { host } => {
                let device = write::libvirt_hostdev(host);
                at(domain, &["devices"])
                    .zip(device)
                    .map(|(devices, device)| vec![self.append(devices, &device)])
            }
            Change::Uefi => {
                at(domain, &["os"]).map(|os| vec![self.attribute(os, "firmware", "efi")])
            }
            Change::Pc => at(domain, &["os", "type"]).map(|kind| {
                let mut edits = vec![self.attribute(kind, "machine", "pc")];
                edits.extend(off_q35(domain));
                edits
            }),
            Change::NoDisplay => {
                at(domain, &["devices"]).map(|devices| no_display(devices, &self.text))
            }
            Change::AtSlot2 { device: name } => device(name).map(|device| {
                let address =
                    "<address type='pci' domain='0x0000' bus='0x00' slot='0x02' function='0x0'/>";
                let mut edits = vec![self.child(device, "address", address)];
                edits.extend(others_at(domain, Slot::IGD, Some(device)));
                edits
            }),
            Change::FreeLpc => Some(others_at(domain, Slot::LPC, None)),
            Change::Set { device: name, property: "romfile", value } => {
                device(name).map(|device| {
                    vec![self.child(device, "rom", &format!("<rom file='{}'/>", write::xml(value)))]
                })
            }
            Change::Set { device: name, property, value } => {
                device(name).map(|_| self.set(domain, name, property, value))
            }
            Change::Unset { device: name, property } => {
                device(name).map(|device| unset(domain, device, name, property))
            }
            Change::UnsetAll { device: name } => Some(unset_all(domain, name)),
            Change::Memory(size) => at(domain, &["memory"]).map(|memory| {
                vec![(memory.range(), format!("<memory unit='MiB'>{size}</memory>"))]
            }),
            Change::AddressBits(bits) => at(domain, &["cpu"]).map(|cpu| {
                vec![self.child(
                    cpu,
                    "maxphysaddr",
                    &format!("<maxphysaddr mode='passthrough' limit='{bits}'/>"),
                )]
            }),
            Change::Remove { device: name } => device(name).map(|device| {
                let mut edits = unset_all(domain, name);
                edits.push((device.range(), String::new()));
                edits
            }),
            Change::WithoutMachine => Some(without_args(domain, &["-machine", "-M"])),
            Change::WithoutWord(word) => Some(without_args(domain, &[word.as_str()])),
            Change::WithoutCpu => Some(without_args(domain, &["-cpu"])),
            Change::WithoutOption { .. }
            | Change::Line { .. }
            | Change::WithoutSetting(_)
            | Change::Hyphen(_)
            | Change::WithoutCutWord
            | Change::OneFunction { .. }
            | Change::NoBallooning => None,
        };
        edits.unwrap_or_default()
    }

    /// Sets an attribute.
    fn attribute(&self, node: Node<'_, '_>, name: &str, value: &str) -> Edit {
        if let Some(attribute) = node.attribute_node(name) {
            return (attribute.range(), format!("{name}='{value}'"));
        }
        let after_name = name_end(node, &self.text);
        (after_name..after_name, format!(" {name}='{value}'"))
    }

    /// Puts a child of this name in, or another one in its place.
    fn child(&self, node: Node<'_, '_>, name: &str, text: &str) -> Edit {
        match at(node, &[name]) {
            Some(child) => (child.range(), text.to_owned()),
            None => self.append(node, text),
        }
    }

    /// Puts `text` in as the last child.
    fn append(&self, node: Node<'_, '_>, text: &str) -> Edit {
        let range = node.range();
        let own = self.text.get(range.clone()).unwrap_or_default();
        let indent = indent_of(&self.text, range.start);
        let inside = write::indented(text, &format!("{indent}  "));
        if own.ends_with("/>") {
            let name = name_of(node, &self.text);
            let at = range.end.saturating_sub(2);
            return (at..range.end, format!(">\n{inside}{indent}</{name}>"));
        }
        let close = own.rfind("</").map_or(range.end, |close| range.start.saturating_add(close));
        let line = self
            .text
            .get(..close)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |end| end.saturating_add(1));
        let alone = self.text.get(line..close).is_some_and(|before| before.trim().is_empty());
        if alone { (line..line, inside) } else { (close..close, text.to_owned()) }
    }

    /// A property by `<qemu:override>`, which needs its namespace at the domain.
    fn set(&self, domain: Node<'_, '_>, name: &str, property: &str, value: &str) -> Vec<Edit> {
        let property = write::libvirt_property(property, value);
        let mut edits = Vec::new();
        if domain.lookup_prefix(QEMU_NAMESPACE).is_none() {
            let after_name = name_end(domain, &self.text);
            edits.push((after_name..after_name, format!(" xmlns:qemu='{QEMU_NAMESPACE}'")));
        }
        let own = at(domain, &["override"]);
        let device = own.and_then(|own| {
            all(own, "device").find(|device| device.attribute("alias") == Some(name))
        });
        let edit = match (own, device.and_then(|device| at(device, &["frontend"]))) {
            (_, Some(frontend)) => self.append(frontend, &property),
            (Some(own), None) => self.append(own, &write::libvirt_device(name, &property)),
            (None, None) => self.append(
                domain,
                &format!(
                    "<qemu:override>\n{}\n</qemu:override>",
                    write::libvirt_device(name, &property)
                ),
            ),
        };
        edits.push(edit);
        edits
    }
}

/// The element that hands over the device of this name.
fn host_device<'a, 'input>(domain: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    let devices = at(domain, &["devices"])?;
    host_devices(devices).into_iter().find(|(own, _)| own == name).map(|(_, node)| node)
}

/// What pc does not have goes: the controllers of PCI Express, and the places of devices on their
/// buses or where only q35 has them. libvirt gives them places again.
fn off_q35(domain: Node<'_, '_>) -> Vec<Edit> {
    let Some(devices) = at(domain, &["devices"]) else { return Vec::new() };
    let mut edits = Vec::new();
    for device in devices.children().filter(Node::is_element) {
        if device.has_tag_name("controller") && device.attribute("type") == Some("pci") {
            edits.push((device.range(), String::new()));
            continue;
        }
        let is_pci = |address: &Node<'_, '_>| address.attribute("type") == Some("pci");
        let keeps = place(device).is_some_and(|place| place == (0, Slot::IGD))
            && device.has_tag_name("hostdev");
        if let Some(address) = at(device, &["address"]).filter(is_pci).filter(|_| !keeps) {
            edits.push((address.range(), String::new()));
        }
    }
    edits
}

/// The places of other devices than `own` that are at this one: libvirt finds others for them.
fn others_at(domain: Node<'_, '_>, slot: Slot, own: Option<Node<'_, '_>>) -> Vec<Edit> {
    let devices = at(domain, &["devices"]);
    let all = devices.into_iter().flat_map(|devices| devices.children());
    all.filter(|device| Some(*device) != own)
        .filter(|device| place(*device).is_some_and(|place| place == (0, slot)))
        .filter_map(|device| Some((at(device, &["address"])?.range(), String::new())))
        .collect()
}

/// One `<video>` that is none instead of all there are.
fn no_display(devices: Node<'_, '_>, text: &str) -> Vec<Edit> {
    const NONE: &str = "<video><model type='none'/></video>";
    let videos: Vec<Node<'_, '_>> = all(devices, "video").collect();
    if videos.is_empty() {
        let start = name_end(devices, text);
        let open = text
            .get(start..)
            .and_then(|rest| rest.find('>'))
            .map_or(start, |end| start.saturating_add(end).saturating_add(1));
        return vec![(open..open, NONE.to_owned())];
    }
    let edit = |(index, video): (usize, Node<'_, '_>)| {
        (video.range(), if index == 0 { NONE.to_owned() } else { String::new() })
    };
    videos.into_iter().enumerate().map(edit).collect()
}

/// Takes out what is set of a device, by an override or by arguments.
fn unset_all(domain: Node<'_, '_>, name: &str) -> Vec<Edit> {
    let overrides = at(domain, &["override"]).into_iter().flat_map(|own| all(own, "device"));
    let mut edits: Vec<Edit> = overrides
        .filter(|device| device.attribute("alias") == Some(name))
        .map(|device| (device.range(), String::new()))
        .collect();
    edits.extend(without_pairs(domain, "-set", &format!("device.{name}.")));
    edits
}

/// Takes options of these names out of the arguments, with their values.
fn without_args(domain: Node<'_, '_>, names: &[&str]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let Some(line) = at(domain, &["commandline"]) else { return edits };
    let args: Vec<Node<'_, '_>> = all(line, "arg").collect();
    let is_value =
        |arg: &Node<'_, '_>| arg.attribute("value").is_some_and(|value| !value.starts_with('-'));
    for (index, arg) in args.iter().enumerate() {
        if arg.attribute("value").is_some_and(|value| names.contains(&value)) {
            edits.push((arg.range(), String::new()));
            let value = args.get(index.saturating_add(1)).filter(|next| is_value(next));
            edits.extend(value.map(|value| (value.range(), String::new())));
        }
    }
    edits
}

/// Takes options of this name out of the arguments whose value begins so.
fn without_pairs(domain: Node<'_, '_>, name: &str, start: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let Some(line) = at(domain, &["commandline"]) else { return edits };
    let args: Vec<Node<'_, '_>> = all(line, "arg").collect();
    for pair in args.windows(2) {
        if let [option, value] = pair
            && option.attribute("value") == Some(name)
            && value.attribute("value").is_some_and(|value| value.starts_with(start))
        {
            edits.extend([(option.range(), String::new()), (value.range(), String::new())]);
        }
    }
    edits
}

/// Takes a property out, wherever it is set.
fn unset(domain: Node<'_, '_>, device: Node<'_, '_>, name: &str, property: &str) -> Vec<Edit> {
    let attribute = match property {
        "romfile" => Some("file"),
        "rombar" => Some("bar"),
        _ => None,
    };
    let rom = at(device, &["rom"]);
    let of_rom = attribute.and_then(|attribute| rom?.attribute_node(attribute));
    // With the white space before it.
    let cut = |range: Range<usize>| (range.start.saturating_sub(1)..range.end, String::new());
    let mut edits: Vec<Edit> = of_rom.map(|attribute| cut(attribute.range())).into_iter().collect();
    if let Some(enabled) =
        rom.and_then(|rom| rom.attribute_node("enabled")).filter(|_| property == "rombar")
    {
        edits.push(cut(enabled.range()));
    }
    let own = at(domain, &["override"]).into_iter().flat_map(|own| all(own, "device"));
    let frontends = own
        .filter(|own| own.attribute("alias") == Some(name))
        .filter_map(|own| at(own, &["frontend"]));
    let properties = frontends.flat_map(|frontend| all(frontend, "property"));
    edits.extend(
        properties
            .filter(|own| own.attribute("name") == Some(property))
            .map(|own| (own.range(), String::new())),
    );
    edits.extend(without_pairs(domain, "-set", &format!("device.{name}.{property}=")));
    edits.extend(without_pairs(domain, "-global", &format!("vfio-pci.{property}=")));
    edits
}

/// The name of an element with its prefix, as it is written.
fn name_of<'t>(node: Node<'_, '_>, text: &'t str) -> &'t str {
    let start = node.range().start.saturating_add(1);
    text.get(start..name_end(node, text)).unwrap_or_default()
}

/// Where the name of an element ends in its start tag.
fn name_end(node: Node<'_, '_>, text: &str) -> usize {
    let start = node.range().start.saturating_add(1);
    let rest = text.get(start..).unwrap_or_default();
    let length = rest
        .find(|letter: char| letter.is_whitespace() || letter == '>' || letter == '/')
        .unwrap_or(rest.len());
    start.saturating_add(length)
}

/// The white space before what is at `at` on its line.
fn indent_of(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |end| end.saturating_add(1));
    let own = before.get(line..).unwrap_or_default();
    own.chars().take_while(|letter| letter.is_whitespace()).collect()
}
