//! A text to paste where people help: what they ask for first, and nothing private in it.
//!
//! What goes in is chosen by name here, and by name and shape of value in [`shareable`]. Everything
//! else is left out, so that nothing has to be found and blackened.

use super::{Outcome, Report, doctor, vm_plan};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::report::explain::Pasted;
use crate::shareable;
use crate::text::Line;
use rom_core::Analysis;
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{Check, Status};
use rom_host::explain;
use rom_host::rules::host::Facts;
use rom_host::vm::command_line::shell_words::Words;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox::Config;

pub(super) fn run(args: &args::Report, env: &Env<'_>) -> Result<Outcome, CliError> {
    let facts = doctor::facts(env)?;
    let mut lines = vec!["```".to_owned(), format!("oprom {}", env!("CARGO_PKG_VERSION"))];
    host(&facts, &mut lines);
    rom(&facts, &mut lines);
    add_checks("host", &assess::host(&facts), &mut lines);
    if let Some(vmid) = args.vmid {
        let config = vm_plan::config(vmid, env)?;
        vm(&config, &mut lines);
        let target = VmTarget { vmid: Some(vmid), ..VmTarget::default() };
        let (root, catalog) = (env.files(), env.catalog()?);
        let assessor = Assessor::read(target, facts.host, &root, &catalog);
        add_checks("VM", &assessor.assess(&Configuration::Proxmox(config)).checks, &mut lines);
    }
    lines.push("```".to_owned());
    Ok(Outcome::yes(Report::Pasted(Box::new(Pasted {
        lines: lines.into_iter().map(Line::from).collect(),
    }))))
}

fn host(facts: &Facts, lines: &mut Vec<String>) {
    let mut say = |name: &str, value: Option<String>| {
        lines.push(format!("{name:<10}{}", value.unwrap_or_else(|| "unknown".to_owned())));
    };
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
    let others = facts
        .host
        .displays
        .iter()
        .filter(|other| gpu.is_none_or(|gpu| gpu.display.bdf != other.bdf));
    for other in others {
        say("display", Some(format!("{} at {}", other.id, other.bdf)));
    }
    say("GGC", gpu.and_then(|gpu| gpu.ggc.as_ref()).map(|ggc| format!("{ggc:#06x}")));
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
    say("options", Some(format!("{} ({left_out} others left out)", known.join(" "))));
    say("QEMU", facts.host.qemu.as_ref().map(|qemu| format!("{} {}", qemu.package, qemu.text)));
    let lines_of_modprobe = facts.host.modprobe.lines.iter();
    for line in lines_of_modprobe.filter_map(|line| shareable::modprobe_line(&line.text)) {
        say("modprobe", Some(line));
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
    lines.push(format!("-- {what}: {passed} checks passed"));
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
        kept.push(format!("({left_out} words left out)"));
    }
    kept.join(" ")
}

/// What `-set` says of a device that Proxmox VE names: `device.hostpci0.x-igd-lpc=on`.
fn setting(text: &str) -> Option<String> {
    let (device, own) = text.strip_prefix("device.")?.split_once('.')?;
    is_hostpci(device).then(|| format!("device.{device}.{}", shareable::option(own)))
}
