//! Text of a host or a VM that says nothing of its owner: names that are listed here, with values
//! of the shape that is listed with them. All else becomes `...`.

use rom_core::DeviceId;

/// What stands for text that is left out.
pub(crate) const LEFT_OUT: &str = "...";

/// The shapes that a value can have.
#[derive(Clone, Copy)]
enum Shape {
    /// A switch: on, off, 1, 0 and their like.
    Switch,
    /// A number of at most eight digits, decimal or with `0x`.
    Number,
    /// Addresses on the PCI bus, also several with `;` between.
    Address,
    /// A bus that QEMU or Proxmox VE names.
    Bus,
    /// Vendor and device ids, with commas between.
    Ids,
    /// The name that ROMs are installed under, or one of the catalog; of a path its last part.
    RomFile,
    /// A machine type of QEMU.
    Machine,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Shape {
    fn has(self, value: &str) -> bool {
        match self {
            Self::Switch => {
                ["on", "off", "yes", "no", "true", "false", "1", "0", "y", "n", "Y", "N"]
                    .contains(&value)
            }
            Self::Number => is_number(value),
            Self::Address => !value.is_empty() && value.split(';').all(is_address),
            Self::Bus => is_bus(value),
            Self::Ids => value.split(',').all(|id| id.parse::<DeviceId>().is_ok()),
            Self::RomFile => is_rom(value.rsplit('/').next().unwrap_or_default()),
            Self::Machine => is_machine(value),
            Self::Word(words) => words.contains(&value),
        }
    }
}

const DISPLAYS: Shape =
    Shape::Word(&["none", "std", "qxl", "virtio", "virtio-gl", "vmware", "cirrus", "serial0"]);
const CPUS: Shape = Shape::Word(&[
    "host",
    "max",
    "kvm64",
    "qemu64",
    "x86-64-v2",
    "x86-64-v2-AES",
    "x86-64-v3",
    "x86-64-v4",
]);
const OS_TYPES: Shape = Shape::Word(&[
    "l24", "l26", "other", "solaris", "w2k", "w2k3", "w2k8", "wvista", "win7", "win8", "win10",
    "win11", "wxp",
]);

/// Names whose values are shown, each with the shape that a value has to have.
const OPTIONS: [(&str, Shape); 52] = [
    ("addr", Shape::Address),
    ("aw-bits", Shape::Number),
    ("balloon", Shape::Number),
    ("bios", Shape::Word(&["ovmf", "seabios"])),
    ("bus", Shape::Bus),
    ("cores", Shape::Number),
    ("cpu", CPUS),
    ("cputype", CPUS),
    ("disable_denylist", Shape::Switch),
    ("disable_idle_d3", Shape::Switch),
    ("disable_vga", Shape::Switch),
    ("display", Shape::Switch),
    ("driver", Shape::Word(&["vfio", "vfio-pci", "keep"])),
    ("efitype", Shape::Word(&["2m", "4m"])),
    ("enable_display", Shape::Switch),
    ("enable_fbc", Shape::Switch),
    ("enable_guc", Shape::Number),
    ("enable_gvt", Shape::Switch),
    ("enable_psr", Shape::Switch),
    ("guest-phys-bits", Shape::Number),
    ("hidden", Shape::Switch),
    ("host", Shape::Address),
    ("host-phys-bits", Shape::Switch),
    ("host-phys-bits-limit", Shape::Number),
    ("hypervisor", Shape::Switch),
    ("ids", Shape::Ids),
    ("initcall_blacklist", Shape::Word(&["sysfb_init"])),
    ("intel_iommu", Shape::Word(&["on", "off", "igfx_off", "on,igfx_off", "sp_off"])),
    ("iommu", Shape::Word(&["pt", "on", "off", "nopt", "soft", "force"])),
    ("kvm", Shape::Switch),
    ("legacy-igd", Shape::Switch),
    ("machine", Shape::Machine),
    ("max_vfs", Shape::Number),
    ("memory", Shape::Number),
    ("modeset", Shape::Number),
    ("module_blacklist", Shape::Word(&["i915", "xe", "i915,xe", "xe,i915"])),
    ("multifunction", Shape::Switch),
    ("nointxmask", Shape::Switch),
    ("numa", Shape::Switch),
    ("ostype", OS_TYPES),
    ("pcie", Shape::Switch),
    ("phys-bits", Shape::Number),
    ("pre-enrolled-keys", Shape::Switch),
    ("rombar", Shape::Switch),
    ("romfile", Shape::RomFile),
    ("type", Shape::Machine),
    ("vga", DISPLAYS),
    (
        "video",
        Shape::Word(&[
            "efifb:off",
            "vesafb:off",
            "simplefb:off",
            "vesafb:off,efifb:off",
            "efifb:off,vesafb:off",
        ]),
    ),
    ("viommu", Shape::Word(&["intel", "virtio"])),
    ("x-igd-gms", Shape::Number),
    ("x-pci-class-code", Shape::Number),
    ("x-vga", Shape::Switch),
];

/// Properties of QEMU's vfio-pci that are switches.
const SWITCHES: [&str; 3] = ["x-igd-legacy-mode", "x-igd-lpc", "x-igd-opregion"];

/// Kernel modules that have to do with a GPU that is passed through.
const MODULES: [&str; 11] = [
    "vfio",
    "vfio-pci",
    "vfio_pci",
    "vfio_iommu_type1",
    "kvm",
    "kvm_intel",
    "i915",
    "xe",
    "snd_hda_intel",
    "kvmgt",
    "nouveau",
];

/// `value` as the value of `name`, or `...`.
pub(crate) fn value<'v>(name: &str, value: &'v str) -> &'v str {
    let shape = SWITCHES.contains(&name).then_some(Shape::Switch);
    let shape =
        shape.or_else(|| OPTIONS.iter().find(|(own, _)| *own == name).map(|(_, shape)| *shape));
    match shape {
        Some(Shape::RomFile) if Shape::RomFile.has(value) => {
            value.rsplit('/').next().unwrap_or(LEFT_OUT)
        }
        Some(shape) if shape.has(value) => value,
        Some(_) | None => LEFT_OUT,
    }
}

/// `NAME=VALUE` as far as it can be shown: a name that is not listed goes with its value.
pub(crate) fn option(text: &str) -> String {
    match text.split_once('=') {
        Some((name, own)) if is_listed(name) => format!("{name}={}", value(name, own)),
        None if is_listed(text) => text.to_owned(),
        Some(_) | None => LEFT_OUT.to_owned(),
    }
}

/// Options with commas between. The first can be a value alone, that of `first`.
pub(crate) fn options(first: &str, text: &str) -> String {
    let mut shown: Vec<String> = Vec::new();
    for (index, part) in text.split(',').enumerate() {
        let alone = index == 0 && !part.contains('=');
        let part = if alone { value(first, part).to_owned() } else { option(part) };
        if part != LEFT_OUT || shown.last().is_none_or(|last| last != LEFT_OUT) {
            shown.push(part);
        }
    }
    shown.join(",")
}

/// A word of the kernel's command line; `None` if it is not about a GPU that is passed through.
pub(crate) fn kernel_option(word: &str) -> Option<String> {
    if ["quiet", "nomodeset", "disable_vga", "ff"].contains(&word) {
        return Some(word.to_owned());
    }
    let (name, own) = word.split_once('=')?;
    let (module, option) =
        name.split_once('.').map_or((None, name), |(module, option)| (Some(module), option));
    let known = is_listed(option) && module.is_none_or(|module| MODULES.contains(&module));
    known.then(|| format!("{name}={}", value(option, own)))
}

/// A line of modprobe; `None` if it is not about a module that has to do with a GPU.
pub(crate) fn modprobe_line(line: &str) -> Option<String> {
    let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
    let (verb, module) = (words.next()?, words.next()?);
    if !MODULES.contains(&module)
        || !["options", "blacklist", "softdep", "install", "alias", "remove"].contains(&verb)
    {
        return None;
    }
    let mut shown = vec![verb.to_owned(), module.to_owned()];
    for word in words {
        shown.push(match verb {
            "options" => option(word),
            "softdep" if MODULES.contains(&word) || ["pre:", "post:"].contains(&word) => {
                word.to_owned()
            }
            _ => LEFT_OUT.to_owned(),
        });
    }
    shown.dedup_by(|next, last| next == LEFT_OUT && last == LEFT_OUT);
    Some(shown.join(" "))
}

/// Words of the names that makers give their CPUs.
const CPU_WORDS: [&str; 43] = [
    "@",
    "AMD",
    "Athlon",
    "Atom(TM)",
    "Bronze",
    "CPU",
    "Celeron(R)",
    "Common",
    "Core",
    "Core(TM)",
    "Core(TM)2",
    "Dual-Core",
    "Duo",
    "EPYC",
    "Extreme",
    "Gen",
    "Genuine",
    "Gfx",
    "Gold",
    "Graphics",
    "Intel(R)",
    "KVM",
    "Mobile",
    "PRO",
    "Pentium(R)",
    "Platinum",
    "Processor",
    "QEMU",
    "Quad",
    "Quad-Core",
    "Radeon",
    "Ryzen",
    "Silver",
    "Threadripper",
    "Ultra",
    "Vega",
    "Virtual",
    "Xeon(R)",
    "processor",
    "version",
    "w/",
    "with",
    "0000",
];

/// The name of a CPU, as far as its maker gave it: the hypervisor of a host that is a VM itself can
/// have given another.
pub(crate) fn cpu_name(name: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for word in name.split_whitespace() {
        let word = if is_cpu_word(word) { word } else { LEFT_OUT };
        if word != LEFT_OUT || shown.last().is_none_or(|last| *last != LEFT_OUT) {
            shown.push(word);
        }
    }
    shown.join(" ")
}

/// `13th`, `i5-1340P`, `N100`, `E5-2690`, `v4`, `3.20GHz`, `16-Core`, and what is listed.
fn is_cpu_word(word: &str) -> bool {
    if CPU_WORDS.contains(&word) {
        return true;
    }
    let (prefix, model) = word.split_once('-').unwrap_or(("", word));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit())
    };
    let is_capital = |letter: char| letter.is_ascii_uppercase();
    let series = ["", "i3", "i5", "i7", "i9", "m3", "m5", "m7", "E3", "E5", "E7", "W", "D", "x5"];
    let number = model.trim_start_matches(is_capital).trim_end_matches(is_capital);
    let letters = model.len().saturating_sub(number.len());
    let ordinal = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
    let clock = word.strip_suffix("GHz").and_then(|clock| clock.split_once('.'));
    series.contains(&prefix) && letters <= 3 && digits(number, 5)
        || ordinal.is_some_and(|number| digits(number, 2))
        || clock.is_some_and(|(whole, rest)| digits(whole, 1) && digits(rest, 2))
        || word.strip_prefix('v').is_some_and(|number| digits(number, 1))
        || (model == "Core" && digits(prefix, 3))
}

/// The version of a package as a distribution numbers it, or `...`: whoever builds one can put a
/// name into it.
pub(crate) fn package_version(version: &str) -> &str {
    const PARTS: [&str; 11] =
        ["", "b", "bpo", "deb", "dfsg", "ds", "git", "pve", "rc", "really", "ubuntu"];
    let is_part = |letter: char| letter.is_ascii_digit() || ".:+~-".contains(letter);
    let whole = version.len() <= 48
        && version.starts_with(|letter: char| letter.is_ascii_digit())
        && version.split(is_part).all(|letters| PARTS.contains(&letters) || letters == "u");
    if whole { version } else { LEFT_OUT }
}

/// The driver of a device, or `...`.
pub(crate) fn driver(name: &str) -> &str {
    let known = MODULES.contains(&name) || ["amdgpu", "ast", "nvidia", "radeon"].contains(&name);
    if known { name } else { LEFT_OUT }
}

fn is_listed(name: &str) -> bool {
    SWITCHES.contains(&name) || OPTIONS.iter().any(|(own, _)| *own == name)
}

fn is_number(text: &str) -> bool {
    let (digits, is_digit): (&str, fn(&u8) -> bool) = match text.strip_prefix("0x") {
        Some(digits) => (digits, u8::is_ascii_hexdigit),
        None => (text, u8::is_ascii_digit),
    };
    (1..=8).contains(&digits.len()) && digits.bytes().all(|digit| is_digit(&digit))
}

/// `0000:00:02.0`, with or without domain and function, and `2.0`, `0x2`, `1f` of `addr`.
fn is_address(text: &str) -> bool {
    let (place, function) = text.rsplit_once('.').unwrap_or((text, "0"));
    let is_hex = |part: &str, most: usize| {
        let digits = part.strip_prefix("0x").unwrap_or(part);
        (1..=most).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    };
    let parts: Vec<&str> = place.split(':').collect();
    let place = match parts.as_slice() {
        [device] => is_hex(device, 2),
        [bus, device] => is_hex(bus, 2) && is_hex(device, 2),
        [domain, bus, device] => is_hex(domain, 4) && is_hex(bus, 2) && is_hex(device, 2),
        _ => false,
    };
    place && is_hex(function, 1)
}

fn is_bus(text: &str) -> bool {
    let (name, number) = text.rsplit_once(['.', '-']).unwrap_or((text, ""));
    ["pci", "pcie", "ich9-pcie-port"].contains(&name)
        && number.len() <= 2
        && number.bytes().all(|digit| digit.is_ascii_digit())
}

fn is_rom(name: &str) -> bool {
    name == "igd.rom"
        || rom_core::catalog::Catalog::embedded().roms.iter().any(|rom| rom.name.as_str() == name)
}

/// `pc`, `q35`, and these with a version of QEMU and of Proxmox VE.
fn is_machine(text: &str) -> bool {
    let text = text.strip_prefix("pc-").unwrap_or(text);
    let (family, version) = text.split_once('-').unwrap_or((text, ""));
    let version = version.replace("+pve", ".");
    ["pc", "q35", "i440fx"].contains(&family)
        && version.len() <= 9
        && version.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_first_is_shown() {
        for (name, own) in [
            ("machine", "pc-i440fx-10.1+pve0"),
            ("machine", "q35"),
            ("cpu", "host"),
            ("host", "0000:00:02.0"),
            ("host", "00:02"),
            ("addr", "0x1f.0"),
            ("bus", "pci.0"),
            ("x-igd-lpc", "on"),
            ("x-igd-gms", "0x10"),
            ("ids", "8086:a7a8,8086:51c8"),
            ("romfile", "igd.rom"),
            ("romfile", "ADL-H_RPL-H_GOPv21_igd.rom"),
        ] {
            assert_eq!(value(name, own), own, "{name}");
        }
        assert_eq!(value("romfile", "/usr/share/kvm/igd.rom"), "igd.rom");
        assert_eq!(
            options("host", "0000:00:02.0,legacy-igd=1,romfile=igd.rom"),
            "0000:00:02.0,legacy-igd=1,romfile=igd.rom"
        );
        assert_eq!(kernel_option("i915.enable_guc=3").as_deref(), Some("i915.enable_guc=3"));
        assert_eq!(kernel_option("root=/dev/sda1"), None);
        assert_eq!(
            modprobe_line("softdep i915 pre: vfio-pci").as_deref(),
            Some("softdep i915 pre: vfio-pci")
        );
    }

    #[test]
    fn names_that_makers_and_distributions_give_are_shown() {
        for name in [
            "13th Gen Intel(R) Core(TM) i5-1340P",
            "Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz",
            "Intel(R) Core(TM) Ultra 7 155H",
            "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz",
            "Intel(R) N100",
            "AMD Ryzen 7 5825U with Radeon Graphics",
            "AMD Ryzen 9 7950X 16-Core Processor",
        ] {
            assert_eq!(cpu_name(name), name);
        }
        for version in ["10.1.2-4", "1:10.0.2+ds-2+deb13u1~bpo12+1", "1:8.2.2+ds-0ubuntu1.4"] {
            assert_eq!(package_version(version), version);
        }
        assert_eq!((driver("i915"), driver("vfio-pci")), ("i915", "vfio-pci"));
    }

    #[test]
    fn what_somebody_chose_is_left_out() {
        assert_eq!(cpu_name("Intel(R) anna's own i5-anna"), "Intel(R) ...");
        assert_eq!(package_version("10.1.2-anna1"), LEFT_OUT);
        assert_eq!(driver("anna"), LEFT_OUT);
        assert_eq!(
            options("host", "00:02.0,mapping=office,mdev=x,romfile=anna.rom"),
            "00:02.0,...,romfile=..."
        );
        assert_eq!(options("cpu", "custom-anna,hidden=1,hv-vendor-id=anna"), "...,hidden=1,...");
        assert_eq!(kernel_option("video=anna").as_deref(), Some("video=..."));
        assert_eq!(
            modprobe_line("install i915 /usr/bin/curl -H anna").as_deref(),
            Some("install i915 ...")
        );
        assert_eq!(
            modprobe_line("options snd_hda_intel patch=/home/anna # anna").as_deref(),
            Some("options snd_hda_intel ...")
        );
        assert_eq!(modprobe_line("options anna x=1"), None);
    }

    #[test]
    fn no_marker_in_any_place_comes_out() {
        for name in OPTIONS.iter().map(|(name, _)| *name).chain(SWITCHES) {
            for marker in [
                "SECRET",
                "1SECRET",
                "0xSECRET",
                "pci.SECRET",
                "pc-SECRET",
                "8086:SECRET",
                "00:SECRET",
                "x/SECRET",
            ] {
                assert_eq!(value(name, marker), LEFT_OUT, "{name}={marker}");
                for text in [
                    format!("{name}={marker}"),
                    format!("{name}{marker}=1"),
                    format!("{marker}.{name}=1"),
                ] {
                    let shown = [options(name, &text), kernel_option(&text).unwrap_or_default()];
                    assert!(
                        shown.iter().all(|shown| !shown.contains("SECRET")),
                        "{text}: {shown:?}"
                    );
                    let line = modprobe_line(&format!("options vfio-pci {text} {marker}")).unwrap();
                    assert!(!line.contains("SECRET"), "{line}");
                }
            }
        }
    }
}
