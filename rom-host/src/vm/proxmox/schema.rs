//! What Proxmox VE accepts as a line of a VM's configuration (qemu-server, `src/PVE/QemuServer.pm`,
//! `check_type`, with the formats of `PCI.pm`, `Machine.pm` and `CPUConfig.pm`). A line that it
//! does not accept is warned of in its log and ignored.

use super::property::{self, Kind, Properties, Property};

/// Highest number of a `hostpci` line.
pub(super) const LAST_HOSTPCI: u8 = 15;

/// `hostpciN`.
pub(super) const HOSTPCI: &[Property] = &[
    ("host", Kind::Shape(is_host_list)),
    ("mapping", Kind::Shape(is_config_id)),
    ("rombar", Kind::Boolean),
    ("romfile", Kind::Shape(|text| !text.contains(';'))),
    ("pcie", Kind::Boolean),
    ("x-vga", Kind::Boolean),
    ("legacy-igd", Kind::Boolean),
    ("mdev", Kind::Shape(|text| !text.contains(['/', '.', ':']))),
    ("vendor-id", Kind::Shape(is_hex_id)),
    ("device-id", Kind::Shape(is_hex_id)),
    ("sub-vendor-id", Kind::Shape(is_hex_id)),
    ("sub-device-id", Kind::Shape(is_hex_id)),
    ("driver", Kind::Enum(&["vfio", "keep"])),
];

/// `machine`.
pub(super) const MACHINE: &[Property] = &[
    ("type", Kind::Shape(is_machine_type)),
    ("viommu", Kind::Enum(&["intel", "virtio"])),
    ("aw-bits", Kind::Integer(32, 64)),
    ("enable-s3", Kind::Boolean),
    ("enable-s4", Kind::Boolean),
];

/// `vga`.
pub(super) const VGA: &[Property] = &[
    (
        "type",
        Kind::Enum(&[
            "cirrus",
            "qxl",
            "qxl2",
            "qxl3",
            "qxl4",
            "none",
            "serial0",
            "serial1",
            "serial2",
            "serial3",
            "std",
            "virtio",
            "virtio-gl",
            "vmware",
        ]),
    ),
    ("memory", Kind::Integer(4, 512)),
    ("clipboard", Kind::Enum(&["vnc"])),
];

/// `cpu`.
pub(super) const CPU: &[Property] = &[
    ("cputype", Kind::Shape(is_config_id)),
    ("reported-model", Kind::Shape(is_config_id)),
    ("hidden", Kind::Boolean),
    ("hv-vendor-id", Kind::Shape(is_vendor)),
    ("flags", Kind::Shape(is_flags)),
    ("guest-phys-bits", Kind::Integer(32, 64)),
    ("phys-bits", Kind::Shape(is_phys_bits)),
    ("level", Kind::Integer(0, 0xFFFF_FFFF)),
];

/// `memory`.
pub(super) const MEMORY: &[Property] = &[("current", Kind::Integer(16, u64::MAX))];

const BOOLEANS: [&str; 16] = [
    "acpi",
    "autostart",
    "ciupgrade",
    "freeze",
    "keephugepages",
    "kvm",
    "localtime",
    "numa",
    "onboot",
    "protection",
    "reboot",
    "tablet",
    "tdf",
    "template",
    "allow-ksm",
    "running-nets-host-mtu",
];

const INTEGERS: [&str; 8] =
    ["balloon", "cores", "shares", "smp", "sockets", "vcpus", "cpuunits", "migrate_downtime"];

const STRINGS: [&str; 51] = [
    "affinity",
    "agent",
    "amd-sev",
    "arch",
    "args",
    "audio0",
    "bios",
    "boot",
    "bootdisk",
    "cdrom",
    "cicustom",
    "cipassword",
    "citype",
    "ciuser",
    "cpulimit",
    "description",
    "digest",
    "efidisk0",
    "hookscript",
    "hotplug",
    "hugepages",
    "intel-tdx",
    "ivshmem",
    "keyboard",
    "lock",
    "meta",
    "migrate_speed",
    "name",
    "nameserver",
    "ostype",
    "parent",
    "rng0",
    "runningcpu",
    "runningmachine",
    "scsihw",
    "searchdomain",
    "smbios1",
    "snaptime",
    "spice_enhancements",
    "sshkeys",
    "startdate",
    "startup",
    "tags",
    "tpmstate0",
    "vmgenid",
    "vmstate",
    "vmstatestorage",
    "watchdog",
    "snapstate",
    "special",
    "import-working-storage",
];

/// Keys with a number behind them, and the highest one.
const NUMBERED: [(&str, u8); 12] = [
    ("ide", 3),
    ("ipconfig", 31),
    ("net", 31),
    ("numa", 7),
    ("parallel", 2),
    ("sata", 5),
    ("scsi", 30),
    ("serial", 3),
    ("unused", 255),
    ("usb", 13),
    ("virtio", 15),
    ("virtiofs", 9),
];

/// Key and number of `net0`; a number is written without zeros before it.
fn numbered(key: &str) -> Option<(&str, u8)> {
    let name = key.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = key.get(name.len()..)?;
    let number: u8 = digits.parse().ok()?;
    (number.to_string() == digits).then_some((name, number))
}

/// The number of a `hostpci` key.
pub(super) fn hostpci(key: &str) -> Option<u8> {
    let (name, number) = numbered(key)?;
    (name == "hostpci" && number <= LAST_HOSTPCI).then_some(number)
}

/// Whether a word has the form of a key.
pub(super) fn is_key(word: &str) -> bool {
    !word.is_empty() && key_at_start(word) == word
}

/// What at the start of `text` has the form of a key: letters, `_` and `-`, then digits.
pub(super) fn key_at_start(text: &str) -> &str {
    if !text.starts_with(|letter: char| letter.is_ascii_lowercase()) {
        return "";
    }
    let letter = |letter: char| letter.is_ascii_lowercase() || letter == '_' || letter == '-';
    let digits = text.trim_start_matches(letter);
    let rest = digits.trim_start_matches(|letter: char| letter.is_ascii_digit());
    text.strip_suffix(rest).unwrap_or_default()
}

/// The value as Proxmox VE keeps it.
///
/// # Errors
/// Why it refuses the line.
pub(super) fn accepted(key: &str, value: &str) -> Result<String, String> {
    if hostpci(key).is_some() {
        return properties(HOSTPCI, value);
    }
    match key {
        "machine" => return properties(MACHINE, value),
        "vga" => return properties(VGA, value),
        "cpu" => return properties(CPU, value),
        "memory" => return properties(MEMORY, value),
        _ => {}
    }
    if BOOLEANS.contains(&key) {
        let read = property::boolean(value).map(|yes| if yes { "1" } else { "0" });
        return read.map(str::to_owned).ok_or_else(|| format!("{value:?} is neither yes nor no"));
    }
    if INTEGERS.contains(&key) {
        let whole = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        return if whole {
            Ok(value.to_owned())
        } else {
            Err(format!("{value:?} is not a number"))
        };
    }
    if STRINGS.contains(&key) {
        let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        return Ok(inner.unwrap_or(value).to_owned());
    }
    let known = numbered(key).is_some_and(|(name, number)| {
        NUMBERED.iter().any(|(own, last)| *own == name && number <= *last)
    });
    if known { Ok(value.to_owned()) } else { Err(format!("there is no setting {key:?}")) }
}

fn properties(format: &[Property], value: &str) -> Result<String, String> {
    property::read(format, value).map(|_| value.to_owned())
}

/// The properties of an accepted line; none where it is not there.
pub(super) fn read(format: &[Property], value: Option<&str>) -> Properties {
    value.and_then(|value| property::read(format, value).ok()).unwrap_or_default()
}

/// `0000:00:02.0`, `00:02`, several with semicolons between them; in lower case.
fn is_host_list(text: &str) -> bool {
    text.split(';').all(is_host)
}

fn is_host(text: &str) -> bool {
    let hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let parts: Vec<&str> = text.split(':').collect();
    let (domain, bus, place) = match parts.as_slice() {
        [bus, place] => (None, *bus, *place),
        [domain, bus, place] => (Some(*domain), *bus, *place),
        _ => return false,
    };
    let (slot, function) = place.split_once('.').unwrap_or((place, "0"));
    domain.is_none_or(|domain| domain.len() >= 4 && hex(domain))
        && (bus.len(), slot.len(), function.len()) == (2, 2, 1)
        && [bus, slot, function].into_iter().all(hex)
}

/// A name that somebody gave: a letter, then letters, digits, `_` and `-`.
pub(super) fn is_config_id(text: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    text.len() > 1
        && text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.chars().all(inner)
}

fn is_hex_id(text: &str) -> bool {
    text.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_vendor(text: &str) -> bool {
    (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_flags(text: &str) -> bool {
    text.split(';').all(|flag| {
        flag.strip_prefix(['+', '-']).is_some_and(|name| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || "_.-".contains(letter))
        })
    })
}

fn is_phys_bits(text: &str) -> bool {
    text == "host" || text.parse().is_ok_and(|bits: u32| (8..=64).contains(&bits))
}

/// A version: `10.1`, with `+pve0` and `.pxe` behind it or not.
fn is_version(text: &str) -> bool {
    let text = text.strip_suffix(".pxe").unwrap_or(text);
    let (number, revision) = text.split_once("+pve").unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(revision) && number.contains('.') && number.split('.').all(digits)
}

fn is_machine_type(text: &str) -> bool {
    if text.len() > 40 {
        return false;
    }
    if matches!(text, "pc" | "q35" | "virt") {
        return true;
    }
    let prefixes = ["pc-i440fx-", "pc-q35-", "pc-", "virt-"];
    prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)).is_some_and(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_that_are_accepted() {
        for (key, value) in [
            ("hostpci0", "0000:00:02.0,legacy-igd=1,romfile=igd.rom"),
            ("hostpci15", "legacy-igd=on,00:02"),
            ("hostpci0", "00:02.0;00:1f.3"),
            ("hostpci0", "mapping=igpu"),
            ("machine", "pc-i440fx-10.1+pve0.pxe"),
            ("machine", "viommu=intel,type=q35"),
            ("vga", "none,memory=16"),
            ("cpu", "host,flags=+aes;-pcid,guest-phys-bits=39"),
            ("memory", "8192"),
            ("memory", "current=8192"),
            ("balloon", "0"),
            ("net31", "virtio"),
        ] {
            assert!(accepted(key, value).is_ok(), "{key}: {value}");
        }
        assert_eq!(accepted("bios", "\"ovmf\"").as_deref(), Ok("ovmf"));
        assert_eq!(accepted("numa", "Yes").as_deref(), Ok("1"));
    }

    #[test]
    fn keys_and_values_that_are_refused() {
        for (key, value) in [
            ("hostpci16", "00:02.0"),
            ("hostpci00", "00:02.0"),
            ("hostpci0", "00:1F.3"),
            ("hostpci0", "00:02.0,legacy-igd"),
            ("hostpci0", "00:02.0,legacy-igd=y"),
            ("hostpci0", "00:02.0, pcie=1"),
            ("hostpci0", "00:02.0,x-igd-lpc=on"),
            ("machine", "i440fx"),
            ("machine", "PC"),
            ("vga", "NONE"),
            ("vga", "\"none\""),
            ("memory", "8G"),
            ("balloon", "off"),
            ("net32", "virtio"),
            ("hostpci", "00:02.0"),
            ("touch", "x"),
        ] {
            assert!(accepted(key, value).is_err(), "{key}: {value}");
        }
    }

    #[test]
    fn only_what_has_the_form_of_a_key_is_one() {
        for key in ["hostpci0", "boot", "import-working-storage", "running_net"] {
            assert!(is_key(key), "{key}");
        }
        for word in [
            "",
            "0",
            "hostpci0$(touch${IFS}PWN)",
            "hostpci0 --delete",
            "Bios",
            "b1os",
            "\u{feff}bios",
        ] {
            assert!(!is_key(word), "{word}");
        }
    }
}
