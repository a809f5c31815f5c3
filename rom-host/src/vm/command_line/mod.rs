//! Command lines of QEMU, whole ones and what is added to one: options with their values.

mod change;
mod options;
pub(crate) mod perl_words;
mod problems;
pub mod shell_words;
mod slots;
pub mod to_vm;

use crate::address::with_domain;
use options::Takes;
use serde_json::Value;
use shell_words::{Words, quoted};
use std::collections::BTreeMap;

/// Options, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// What is before the first option: the program.
    program: Vec<String>,
    options: Vec<Opt>,
    open_quote: bool,
}

/// An option: its name with one dash, and its value if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Opt {
    name: String,
    value: Option<String>,
}

/// A `-set device.NAME.PROPERTY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DeviceSetting {
    device: String,
    property: String,
    value: String,
}

impl DeviceSetting {
    fn read(text: &str) -> Option<Self> {
        let (name, value) = text.strip_prefix("device.")?.split_once('=')?;
        let (device, property) = name.split_once('.')?;
        Some(Self {
            device: device.to_owned(),
            property: property.to_owned(),
            value: value.to_owned(),
        })
    }
}

/// The value of a `-device`: the kind, and its options.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Device {
    driver: String,
    /// In the order in which they stand.
    options: Vec<(String, String)>,
}

impl Device {
    fn get(&self, key: &str) -> Option<&str> {
        self.options.iter().rev().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    fn put(&mut self, key: &str, value: &str) {
        match self.options.iter_mut().rev().find(|(own, _)| own == key) {
            Some((_, own)) => value.clone_into(own),
            None => self.options.push((key.to_owned(), value.to_owned())),
        }
    }

    /// Takes an option out; whether it was there.
    fn remove(&mut self, key: &str) -> bool {
        let before = self.options.len();
        self.options.retain(|(own, _)| own != key);
        self.options.len() < before
    }

    /// Reads `driver,key=value,..`, in which two commas stand for one, or an object of JSON, which
    /// libvirt writes.
    fn read(text: &str) -> Option<Self> {
        if text.starts_with('{') {
            let object: BTreeMap<String, Value> = serde_json::from_str(text).ok()?;
            let word = |value: Value| match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let options = object.into_iter().map(|(key, value)| (key, word(value))).collect();
            let mut device = Self { driver: String::new(), options };
            let driver = device.get("driver")?.to_owned();
            device.remove("driver");
            return Some(Self { driver, ..device });
        }
        let mut parts = key_values(text).into_iter();
        let driver = match parts.next()? {
            (driver, None) => driver,
            (key, Some(driver)) if key == "driver" => driver,
            (_, Some(_)) => return None,
        };
        if driver.is_empty() {
            return None;
        }
        // An option without a value is switched on.
        let options = parts.map(|(key, value)| (key, value.unwrap_or_else(|| "on".to_owned())));
        Some(Self { driver, options: options.collect() })
    }

    /// It as `-device` takes it.
    fn write(&self) -> String {
        let option =
            |(key, value): &(String, String)| format!("{key}={}", value.replace(',', ",,"));
        [self.driver.clone()]
            .into_iter()
            .chain(self.options.iter().map(option))
            .collect::<Vec<String>>()
            .join(",")
    }

    fn id(&self) -> &str {
        self.get("id").unwrap_or_default()
    }

    /// What it is called here: its id, or, where a device of the host has none, its address there.
    fn name(&self) -> String {
        match (self.id(), self.host()) {
            ("", Some(host)) => host,
            (id, _) => id.to_owned(),
        }
    }

    /// Its address on the host, if it is a device of the host.
    fn host(&self) -> Option<String> {
        if let Some(host) = self.get("host") {
            return Some(host_address(host));
        }
        let folder = self.get("sysfsdev").filter(|_| !self.is_mdev())?;
        let name = folder.trim_end_matches('/').rsplit('/').next()?;
        name.contains(':').then(|| with_domain(name))
    }

    /// Whether it is a mediated device: a folder of sysfs that is named by a UUID.
    fn is_mdev(&self) -> bool {
        let folder = self.get("sysfsdev").unwrap_or_default().trim_end_matches('/');
        let name = folder.rsplit('/').next().unwrap_or_default();
        folder.contains("/mdev/") || (name.len() == 36 && !name.contains(':'))
    }
}

/// The property and the value of a `-global` that is for devices of the host, in either of its
/// forms: `vfio-pci.PROPERTY=VALUE`, `driver=vfio-pci,property=PROPERTY,value=VALUE`.
fn global(text: &str) -> Option<(String, String)> {
    if let Some(rest) = text.strip_prefix("vfio-pci.") {
        let (property, value) = rest.split_once('=')?;
        return Some((property.to_owned(), value.to_owned()));
    }
    let parts = key_values(text);
    let get = |name: &str| {
        let part = parts.iter().find(|(key, _)| key == name);
        part.and_then(|(_, value)| value.clone())
    };
    get("driver").filter(|driver| driver == "vfio-pci")?;
    get("property").zip(get("value"))
}

/// An address of the host as QEMU reads it, in which zeros can be left out: `0:2.0`.
fn host_address(text: &str) -> String {
    let full = || {
        let (place, function) = text.rsplit_once('.')?;
        let mut parts = place.rsplit(':');
        let mut number = |or: Option<u32>| match parts.next() {
            Some(part) => u32::from_str_radix(part, 16).ok(),
            None => or,
        };
        let (slot, bus, domain) = (number(None)?, number(None)?, number(Some(0))?);
        let function = u32::from_str_radix(function, 16).ok()?;
        Some(format!("{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"))
    };
    full().unwrap_or_else(|| with_domain(text))
}

/// The parts of `a,b=c,d=e,,f`.
fn key_values(text: &str) -> Vec<(String, Option<String>)> {
    // No argument of a process holds this character.
    const COMMA: &str = "\0";
    let part = |part: &str| {
        let part = part.replace(COMMA, ",");
        match part.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (part, None),
        }
    };
    text.replace(",,", COMMA).split(',').map(part).collect()
}

impl CommandLine {
    /// Reads words: options, with the values that QEMU takes for them.
    #[must_use]
    pub fn read(words: Words) -> Self {
        let mut line = Self { open_quote: words.open_quote, ..Self::default() };
        // What is before QEMU has options of its own: sudo, taskset, numactl.
        let is_whole = words.words.first().is_some_and(|first| !first.starts_with('-'));
        let program = words.words.iter().position(|word| is_whole && shell_words::is_qemu(word));
        let mut words = words.words.into_iter().peekable();
        let before = program.map_or(0, |program| program.saturating_add(1));
        line.program.extend(words.by_ref().take(before));
        while let Some(word) = words.next() {
            if word.len() < 2 || !word.starts_with('-') {
                line.program.push(word);
                continue;
            }
            let name = if word.starts_with("--") { word[1..].to_owned() } else { word };
            let value = match options::takes(&name) {
                Some(Takes::Nothing) => None,
                Some(Takes::Value) => words.next(),
                None => words.next_if(|next| !next.starts_with('-')),
            };
            line.options.push(Opt { name, value });
        }
        line
    }

    /// It in words that a shell reads the same.
    #[must_use]
    pub fn write(&self) -> String {
        self.write_with(quoted)
    }

    /// It in words, without quotes.
    fn words(&self) -> Vec<String> {
        let options =
            self.options.iter().flat_map(|option| [Some(&option.name), option.value.as_ref()]);
        self.program.iter().chain(options.flatten()).cloned().collect()
    }

    /// It in words, quoted by `quote`.
    pub(crate) fn write_with(&self, quote: fn(&str) -> String) -> String {
        self.words().iter().map(|word| quote(word)).collect::<Vec<String>>().join(" ")
    }

    /// It in words, for somebody to read.
    fn shown(&self) -> String {
        self.words().join(" ")
    }

    /// One option a line.
    pub fn lines(&self) -> Vec<String> {
        self.options.iter().map(Opt::write).collect()
    }

    /// The values of an option, for example of `-set`.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.options
            .iter()
            .filter(move |option| option.name == name)
            .filter_map(|option| option.value.as_deref())
    }

    /// Every device that is added.
    fn devices(&self) -> impl Iterator<Item = Device> + '_ {
        self.values("-device").filter_map(Device::read)
    }

    /// What is set of devices, in order.
    fn settings(&self) -> impl Iterator<Item = DeviceSetting> + '_ {
        self.values("-set").filter_map(DeviceSetting::read)
    }

    /// What is set of every device of the host: properties and values.
    fn globals(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.values("-global").filter_map(global)
    }

    /// Whether an editor cut it: it ends in the mark that nano shows, or in an option without its
    /// value.
    fn is_cut(&self) -> bool {
        let Some(last) = self.options.last() else { return false };
        let value = last.value.as_deref().unwrap_or_default();
        let lacks_value =
            matches!(last.name.as_str(), "-set" | "-cpu" | "-device") && last.value.is_none();
        self.open_quote
            || value.ends_with('>')
            || lacks_value
            || (last.name == "-set" && !value.contains('='))
    }
}

/// Dashes that editors and web pages write instead of a hyphen.
const DASHES: [char; 3] = ['\u{2013}', '\u{2014}', '\u{2212}'];

impl Opt {
    fn is_machine(&self) -> bool {
        matches!(self.name.as_str(), "-machine" | "-M")
    }

    fn new(name: &str, value: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: Some(value.into()) }
    }

    fn write(&self) -> String {
        match &self.value {
            Some(value) => format!("{} {}", quoted(&self.name), quoted(value)),
            None => quoted(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> CommandLine {
        CommandLine::read(Words::read(text))
    }

    #[test]
    fn options_have_the_values_that_follow_them() {
        let line = read("qemu-system-x86_64 -nodefaults --machine pc -device a,id=x -device b");
        assert_eq!(line.values("-machine").collect::<Vec<&str>>(), ["pc"]);
        assert_eq!(line.devices().count(), 2);
        assert_eq!(
            line.write(),
            "qemu-system-x86_64 -nodefaults -machine pc -device a,id=x -device b"
        );
    }

    #[test]
    fn devices_are_read_in_both_forms() {
        let text = "vfio-pci,host=0000:00:02.0,id=gpu,romfile=/a,,b.rom,x-igd-lpc=on";
        let plain = Device::read(text.trim_end_matches("=on")).unwrap();
        let json = Device::read(
            r#"{"driver":"vfio-pci","host":"0000:00:02.0","id":"gpu","romfile":"/a,b.rom","x-igd-lpc":"on"}"#,
        );
        assert_eq!(Some(&plain), json.as_ref());
        assert_eq!(plain.write(), text);
        assert_eq!(plain.id(), "gpu");
        for wrong in ["", "a=b", "{", "{}"] {
            assert_eq!(Device::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_line_that_an_editor_cut_is_seen() {
        for cut in ["-cpu host -set device.hostpci0>", "-set", "-name \"a", "-set device.hostpci0"]
        {
            assert!(read(cut).is_cut(), "{cut}");
        }
        assert!(!read("").is_cut() && !read("-set device.a.b=c").is_cut());
    }
}
