//! A text to paste where people help: what they ask for first, and nothing private in it.
//!
//! What goes in is chosen by name here, and by name and shape of value in [`shareable`]. Everything
//! else is left out, so that nothing has to be found and blackened.

use super::{Outcome, Report, doctor};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::report::explain::Pasted;
use crate::shareable;
use crate::text::Line;
use rom_core::Analysis;
use rom_core::catalog::Catalog;
use rom_core::plain::shortened;
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{Check, Status};
use rom_host::explain;
use rom_host::files::HostFiles;
use rom_host::probe::Host;
use rom_host::rules::host::Facts;
use rom_host::vm::command_line::shell_words::Words;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox::Config;

pub(super) fn run(args: &args::Report, env: &Env<'_>) -> Result<Outcome, CliError> {
    let vm = match args.vmid {
        Some(vmid) => Some((vmid, super::vm::config(vmid, env)?)),
        None => None,
    };
    let catalog = env.catalog()?;
    let lines = lines(doctor::host(env), &env.files(), &catalog, vm);
    Ok(Outcome::yes(Report::Pasted(Box::new(Pasted {
        lines: lines.into_iter().map(Line::from).collect(),
    }))))
}

/// The text about a host and a VM on it.
fn lines(
    read: Host,
    files: &dyn HostFiles,
    catalog: &Catalog,
    of_vm: Option<(u32, Config)>,
) -> Vec<String> {
    let facts = assess::facts(read, files, catalog);
    let mut lines = vec!["```".to_owned(), format!("oprom {}", env!("CARGO_PKG_VERSION"))];
    host(&facts, &mut lines);
    rom(&facts, &mut lines);
    add_checks("host", &assess::host(&facts), &mut lines);
    if let Some((vmid, config)) = of_vm {
        vm(&config, &mut lines);
        let target = VmTarget { vmid: Some(vmid), ..VmTarget::default() };
        let assessor = Assessor::read(target, facts.host, files, catalog);
        add_checks("VM", &assessor.assess(&Configuration::Proxmox(config)).checks, &mut lines);
    }
    lines.push("```".to_owned());
    lines.iter().map(|line| shortened(line, LONGEST_LINE).into_owned()).collect()
}

/// Bytes of a line that somebody reads.
const LONGEST_LINE: usize = 2000;

/// Lines about one thing that somebody reads.
const MOST_LINES: usize = 40;

fn host(facts: &Facts, lines: &mut Vec<String>) {
    let mut say = |name: &str, value: Option<String>| {
        lines.push(format!("{name:<10}{}", value.unwrap_or_else(|| "unknown".to_owned())));
    };
    let processor = facts.host.processor.as_ref();
    say("CPU", processor.map(|processor| shareable::cpu_name(&processor.name)));
    let (gpu, amd) = (facts.host.gpu.as_ref(), facts.host.amd.as_ref());
    let of_intel = gpu.map(|gpu| (&gpu.display, gpu.driver.as_deref()));
    let own = of_intel.or(amd.map(|amd| (&amd.display, amd.driver.as_deref())));
    say(
        "GPU",
        own.map(|(display, driver)| {
            format!(
                "{} class {} at {}, driver {}",
                display.id,
                display.class,
                display.bdf,
                driver.map_or("none", shareable::driver)
            )
        }),
    );
    let others = facts
        .host
        .displays
        .iter()
        .filter(|other| own.is_none_or(|(display, _)| display.bdf != other.bdf));
    for other in others.take(MOST_LINES) {
        say("display", Some(format!("{} at {}", other.id, other.bdf)));
    }
    if let Some(amd) = amd {
        let vbios = amd.vfct.as_ref().and_then(|facts| facts.vbios.as_ref());
        say("VBIOS", vbios.map(|vbios| format!("{} bytes in VFCT", vbios.size)));
    } else {
        say("GGC", gpu.and_then(|gpu| gpu.ggc.as_ref()).map(|ggc| format!("{ggc:#06x}")));
    }
    say(
        "IOMMU",
        Some(if facts.host.iommu.units.is_empty() { "off".to_owned() } else { "on".to_owned() }),
    );
    say(
        "firmware",
        Some(if facts.host.boot.uefi { "UEFI".to_owned() } else { "legacy BIOS".to_owned() }),
    );
    say("kernel", facts.host.kernel.version().map(|(major, minor)| format!("{major}.{minor}")));
    let words = facts.host.kernel.command_line.iter();
    let known: Vec<String> = words.filter_map(|word| shareable::kernel_option(word)).collect();
    let left_out = facts.host.kernel.command_line.len().saturating_sub(known.len());
    say("options", Some(format!("{} ({left_out} more left out)", known.join(" "))));
    say(
        "QEMU",
        facts
            .host
            .qemu
            .as_ref()
            .map(|qemu| format!("{} {}", qemu.package, shareable::package_version(&qemu.text))),
    );
    let lines_of_modprobe = facts.host.modprobe.lines.iter();
    let mut known = lines_of_modprobe.filter_map(|line| shareable::modprobe_line(&line.text));
    for line in known.by_ref().take(MOST_LINES) {
        say("modprobe", Some(line));
    }
    let more = known.count();
    if more > 0 {
        say("modprobe", Some(format!("({more} more left out)")));
    }
}

fn rom(facts: &Facts, lines: &mut Vec<String>) {
    let text = facts.rom.as_ref().map_or_else(|| "none, or it cannot be read".to_owned(), rom_text);
    lines.push(format!("{:<10}{text}", "ROM"));
}

fn rom_text(rom: &Analysis) -> String {
    let name = rom.known.as_ref().map_or("not of the catalog", |known| known.rom.as_str());
    let digest = rom.sha256.map_or_else(String::new, |digest| format!(", sha256 {digest}"));
    let usable = rom.usable.answer.name();
    format!(
        "{name}, {} bytes{digest}, {}, works with this GPU: {usable}",
        rom.size,
        rom.verdict.name()
    )
}

/// Every check that is not well, and how many are.
fn add_checks(what: &str, checks: &[Check], lines: &mut Vec<String>) {
    let passed = checks.iter().filter(|check| check.status == Status::Pass).count();
    lines.push(format!("-- {what}: checks passed: {passed}"));
    for check in checks.iter().filter(|check| check.status != Status::Pass) {
        // What a check says can have words of a configuration in it; its title has none.
        let title = explain::title(check.id).unwrap_or(check.id);
        lines.push(format!("{} {title}", check.status.name().to_uppercase()));
    }
}

/// Lines of a configuration that have to do with the GPU and name nobody.
const VM_KEYS: [&str; 9] =
    ["balloon", "bios", "cores", "cpu", "machine", "memory", "numa", "ostype", "vga"];

fn vm(config: &Config, lines: &mut Vec<String>) {
    lines.push("-- VM".to_owned());
    for key in VM_KEYS {
        if let Some(value) = config.get(key) {
            lines.push(format!("{key}: {}", shareable::options(key, value)));
        }
    }
    for (name, value) in config.lines().filter(|(key, _)| is_hostpci(key)) {
        lines.push(format!("{name}: {}", shareable::options("host", value)));
    }
    if let Some(options) = config.get("efidisk0") {
        lines.push(format!("efidisk0: {}", shareable::options("", options)));
    }
    if let Some(args) = config.get("args") {
        lines.push(format!("args: {}", safe_args(&Words::read(args))));
    }
}

/// Whether `key` is `hostpci` and a number.
fn is_hostpci(key: &str) -> bool {
    let number = key.strip_prefix("hostpci").unwrap_or_default();
    (1..=2).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
}

/// The arguments that are about the GPU or the CPU. Others can hold serial numbers, passwords and
/// addresses.
fn safe_args(args: &Words) -> String {
    let mut kept = Vec::new();
    let mut left_out = 0_usize;
    let mut words = args.words.iter().peekable();
    while let Some(word) = words.next() {
        let value = words.peek().map(|value| value.as_str()).unwrap_or_default();
        let shown = match word.as_str() {
            "-set" => setting(value),
            "-cpu" => Some(shareable::options("cpu", value)),
            "-device" => value
                .strip_prefix("vfio-pci,")
                .map(|own| format!("vfio-pci,{}", shareable::options("", own))),
            _ => None,
        };
        match shown {
            Some(shown) => {
                kept.push(format!("{word} {shown}"));
                words.next();
            }
            None => left_out = left_out.saturating_add(1),
        }
    }
    if left_out > 0 {
        kept.push(format!("({left_out} more left out)"));
    }
    kept.join(" ")
}

/// What `-set` says of a device that Proxmox VE names: `device.hostpci0.x-igd-lpc=on`.
fn setting(text: &str) -> Option<String> {
    let (device, own) = text.strip_prefix("device.")?.split_once('.')?;
    is_hostpci(device).then(|| format!("device.{device}.{}", shareable::option(own)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rom_host::files::FileMap;
    use std::path::Path;
    use std::sync::LazyLock;

    /// A host on which everything that a report reads is there.
    fn files() -> FileMap {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let sample = folder.join("../samples/hosts/nuc-13-pro");
        let mut files = FileMap::from_folder(&sample).unwrap();
        let vm = std::fs::read(folder.join("../rom-host/tests/vm/good.conf")).unwrap();
        for (path, bytes) in [
            (VM, vm),
            ("/etc/modprobe.d/vfio.conf", MODPROBE.as_bytes().to_vec()),
            ("/etc/kernel/cmdline", b"root=ZFS=rpool/ROOT quiet intel_iommu=on\n".to_vec()),
            ("/etc/hostname", b"pve\n".to_vec()),
            (
                "/etc/pve/mapping/pci.cfg",
                b"igpu\n\tmap id=8086:a7a8,node=pve,path=00:02.0\n".to_vec(),
            ),
            ("/etc/pve/lxc/200.conf", b"lxc.mount.entry: /dev/dri dev/dri none bind\n".to_vec()),
            ("/run/qemu-server/101.pid", b"4711\n".to_vec()),
            ("/sys/class/dmi/id/board_serial", b"BSN12345\n".to_vec()),
            ("/etc/os-release", b"PRETTY_NAME=\"Debian\"\n".to_vec()),
        ] {
            files.write(path, bytes);
        }
        files
    }

    const VM: &str = "/etc/pve/qemu-server/100.conf";

    const MODPROBE: &str = "options vfio-pci ids=8086:a7a8 disable_vga=1\n\
        softdep i915 pre: vfio-pci\nblacklist i915\ninstall i915 /bin/false\n";

    static HOST: LazyLock<FileMap> = LazyLock::new(files);

    /// What a report says of a host; nothing where its VM cannot be read.
    fn report(files: &FileMap) -> String {
        let config =
            files.read(VM, 1 << 20).map(|text| String::from_utf8_lossy(&text).into_owned());
        let vm = config.ok().map(|text| (100, Config::read(&text)));
        lines(Host::read(files, None), files, Catalog::embedded(), vm).join("\n")
    }

    /// A file, a word of it or of its name, and which of the two.
    fn place() -> impl Strategy<Value = (prop::sample::Index, usize, bool)> {
        (any::<prop::sample::Index>(), 0_usize..2000, any::<bool>())
    }

    /// What becomes of a word, and of the marker that comes to it.
    const FORMS: [&str; 14] = [
        "M", "WM", "MW", "W=M", "M=W", "W,M", "M,W", "W M", "M W", "x/M", "0xM", "M.W", "W.M",
        "8086:M",
    ];

    /// `text` with a marker in, for or beside its word with this number, counted round.
    fn marked(text: &str, word: usize, form: &str, marker: &str) -> String {
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_-.()".contains(letter);
        let mut words: Vec<(usize, usize)> = Vec::new();
        let mut start = None;
        for (at, letter) in text.char_indices().chain([(text.len(), '\n')]) {
            match (start, is_word(letter)) {
                (None, true) => start = Some(at),
                (Some(from), false) => {
                    words.push((from, at));
                    start = None;
                }
                _ => {}
            }
        }
        let Some((from, to)) = words.get(word.checked_rem(words.len()).unwrap_or(0)) else {
            return format!("{text}{marker}");
        };
        let own = text.get(*from..*to).unwrap_or_default();
        let put = form.replace('W', own).replace('M', marker);
        let (before, after) = (text.get(..*from), text.get(*to..));
        [before.unwrap_or_default(), &put, after.unwrap_or_default()].concat()
    }

    #[test]
    fn the_report_of_the_host_is_whole() {
        let report = report(&files());
        for shown in [
            "i5-1340P",
            "driver i915",
            "6.17",
            "pve-qemu-kvm 10.1.2-4",
            "args: -set",
            "options vfio-pci ids=8086:a7a8 disable_vga=1",
            "hostpci0: 0000:00:02.0,legacy-igd=1",
        ] {
            assert!(report.contains(shown), "{shown}: {report}");
        }
        for private in ["name:", "BC:24:11", "local-lvm", "4711", "BSN12345", "rpool"] {
            assert!(!report.contains(private), "{private}: {report}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// In names, in values, in paths and in the targets of links.
        #[test]
        fn no_marker_comes_out_of_any_position(
            places in prop::collection::vec(place(), 1..4),
            forms in prop::collection::vec(prop::sample::select(&FORMS[..]), 4),
            marker in "[g-z][G-Z][g-zG-Z]{4,8}",
        ) {
            let mut files = HOST.clone();
            let all: Vec<String> = files.paths().map(str::to_owned).collect();
            for ((path, word, of_name), form) in places.iter().zip(forms) {
                let path = path.get(&all);
                if let Some(target) = files.link(path) {
                    files.link_to(path, &marked(&target, *word, form, &marker));
                } else if let Ok(bytes) = files.read(path, 1 << 20) {
                    let text = String::from_utf8_lossy(&bytes);
                    if *of_name {
                        files.remove(path);
                        files.write(&marked(path, *word, form, &marker), text.as_bytes());
                    } else {
                        files.write(path, marked(&text, *word, form, &marker));
                    }
                }
            }
            let report = report(&files);
            prop_assert!(!report.contains(&marker), "{marker}: {report}");
        }
    }
}
