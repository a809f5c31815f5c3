//! A text to paste where people help: what they ask for first, and nothing private in it.
//!
//! What goes in is chosen by name, here. Everything else is left out, so that nothing has to be found and blackened.

use super::{Outcome, Report, doctor, vm_plan};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::report::explain::Pasted;
use crate::text::Line;
use rom_core::Analysis;
use rom_host::assess::{self, Bench, VmTarget};
use rom_host::checks::{Check, Status};
use rom_host::rules::host::Facts;
use rom_host::vm::command_line::shell_words::Words;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox::Config;

pub(super) fn run(args: &args::Report, env: &Env<'_>) -> Result<Outcome, CliError> {
    let facts = doctor::facts(env)?;
    let mut lines = vec!["```".to_owned(), format!("oprom {}", env!("CARGO_PKG_VERSION"))];
    host(&facts, &mut lines);
    rom(&facts, &mut lines);
    judged("host", &assess::host(&facts), &mut lines);
    if let Some(vmid) = args.vmid {
        let config = vm_plan::config(vmid, env)?;
        vm(&config, &mut lines);
        let target = VmTarget { vmid: Some(vmid), ..VmTarget::default() };
        let (root, catalog) = (env.files(), env.catalog()?);
        let bench = Bench::read(target, facts.host, &root, &catalog);
        judged("VM", &bench.assess(&Configuration::Proxmox(config)).checks, &mut lines);
    }
    lines.push("```".to_owned());
    Ok(Outcome::yes(Report::Pasted(Box::new(Pasted { lines: lines.into_iter().map(Line::from).collect() }))))
}

/// Words of the kernel's command line that have to do with the GPU.
const KERNEL_OPTIONS: [&str; 15] = [
    "quiet",
    "intel_iommu",
    "iommu",
    "video",
    "ff",
    "initcall_blacklist",
    "vfio-pci.",
    "vfio_pci.",
    "vfio-pci.ids",
    "i915.",
    "xe.",
    "disable_vga",
    "pcie_acs_override",
    "nomodeset",
    "module_blacklist",
];

fn host(facts: &Facts, lines: &mut Vec<String>) {
    let mut say =
        |name: &str, value: Option<String>| lines.push(format!("{name:<10}{}", value.unwrap_or_else(|| "unknown".to_owned())));
    say("CPU", facts.host.processor.as_ref().map(|processor| processor.name.clone()));
    let gpu = facts.host.gpu.as_ref();
    say(
        "GPU",
        gpu.map(|gpu| {
            format!(
                "{} class {} at {}, driver {}",
                gpu.display.id,
                gpu.display.class,
                gpu.display.bdf,
                gpu.driver.as_deref().unwrap_or("none")
            )
        }),
    );
    let others = facts.host.displays.iter().filter(|other| gpu.is_none_or(|gpu| gpu.display.bdf != other.bdf));
    for other in others {
        say("display", Some(format!("{} at {}", other.id, other.bdf)));
    }
    say("GGC", gpu.and_then(|gpu| gpu.ggc.as_ref()).map(|ggc| format!("{ggc:#06x}")));
    say("IOMMU", Some(if facts.host.iommu.units.is_empty() { "off".to_owned() } else { "on".to_owned() }));
    say("firmware", Some(if facts.host.boot.uefi { "UEFI".to_owned() } else { "legacy BIOS".to_owned() }));
    say("kernel", facts.host.kernel.version().map(|(major, minor)| format!("{major}.{minor}")));
    let words = facts.host.kernel.command_line.iter();
    let known = words.filter(|word| {
        KERNEL_OPTIONS
            .iter()
            .any(|option| word.split('=').next() == Some(option) || (option.ends_with('.') && word.starts_with(option)))
    });
    let known: Vec<&str> = known.map(String::as_str).collect();
    let left_out = facts.host.kernel.command_line.len().saturating_sub(known.len());
    say("options", Some(format!("{} ({left_out} others left out)", known.join(" "))));
    say("QEMU", facts.host.qemu.as_ref().map(|qemu| format!("{} {}", qemu.package, qemu.text)));
    let modules = ["vfio", "i915", "xe", "vfio-pci", "vfio_pci", "snd_hda_intel"];
    for line in facts
        .host
        .modprobe
        .lines
        .iter()
        .filter(|line| line.text.split_whitespace().nth(1).is_some_and(|module| modules.contains(&module)))
    {
        say("modprobe", Some(line.text.clone()));
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
    format!("{name}, {} bytes{digest}, {}, works with this GPU: {usable}", rom.size, rom.verdict.name())
}

/// Every check that is not well, and how many are.
fn judged(what: &str, checks: &[Check], lines: &mut Vec<String>) {
    let passed = checks.iter().filter(|check| check.status == Status::Pass).count();
    lines.push(format!("-- {what}: {passed} checks passed"));
    for check in checks.iter().filter(|check| check.status != Status::Pass) {
        lines.push(format!("{} {}: {}", check.status.name().to_uppercase(), check.id, check.says));
    }
}

/// Lines of a configuration that have to do with the GPU and name nobody.
const VM_KEYS: [&str; 9] = ["balloon", "bios", "cores", "cpu", "machine", "memory", "numa", "ostype", "vga"];

fn vm(config: &Config, lines: &mut Vec<String>) {
    lines.push("-- VM".to_owned());
    for key in VM_KEYS {
        if let Some(value) = config.get(key) {
            lines.push(format!("{key}: {value}"));
        }
    }
    for (name, value) in config.lines().filter(|(key, _)| key.starts_with("hostpci")) {
        lines.push(format!("{name}: {}", safe_options(value)));
    }
    if let Some(options) = config.get("efidisk0") {
        // What stands in front names the storage.
        let options: Vec<&str> = options.split(',').skip(1).collect();
        lines.push(format!("efidisk0: ..., {}", options.join(",")));
    }
    if let Some(args) = config.get("args") {
        lines.push(format!("args: {}", safe_args(&Words::read(args))));
    }
}

/// Options whose values somebody chose, or that name a device of its own.
const PRIVATE_OPTIONS: [&str; 4] = ["mapping=", "mdev=", "sysfsdev=", "serial="];

/// Options of a device without what names something of the owner's; of a path the last part is enough.
fn safe_options(options: &str) -> String {
    let safe = |option: &str| match option.split_once('=') {
        _ if PRIVATE_OPTIONS.iter().any(|private| option.starts_with(private)) => {
            format!("{}=...", option.split('=').next().unwrap_or_default())
        }
        Some((name, path)) if path.contains('/') => format!("{name}=.../{}", path.rsplit('/').next().unwrap_or_default()),
        Some(_) | None => option.to_owned(),
    };
    options.split(',').map(safe).collect::<Vec<String>>().join(",")
}

/// The arguments that are about the GPU or the CPU. Others can hold serial numbers, passwords and addresses.
fn safe_args(args: &Words) -> String {
    let mut kept = Vec::new();
    let mut left_out = 0_usize;
    let mut words = args.words.iter().peekable();
    while let Some(word) = words.next() {
        let value = words.peek().map(|value| value.as_str()).unwrap_or_default();
        let about_gpu = match word.as_str() {
            "-set" => value.starts_with("device.hostpci"),
            "-cpu" => true,
            "-device" => value.starts_with("vfio-pci,"),
            _ => false,
        };
        if about_gpu {
            kept.push(format!("{word} {}", safe_options(value)));
            words.next();
        } else {
            left_out = left_out.saturating_add(1);
        }
    }
    if left_out > 0 {
        kept.push(format!("({left_out} words left out)"));
    }
    kept.join(" ")
}
