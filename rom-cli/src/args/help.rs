//! What `--help` shows beside the options: the commands by what they are for, and examples.

use clap::Command;
use clap::builder::StyledStr;
use std::fmt::Write as _;

/// The commands in the order in which help lists them.
const GROUPS: [(&str, &[&str]); 4] = [
    ("This host and its VMs", &["setup", "status", "doctor", "vm", "report", "explain"]),
    ("The ROM for this host", &["pick", "install", "undo", "redo", "history", "fetch", "list"]),
    ("ROM and BIOS files", &["check", "show", "scan", "extract", "build", "repair", "test"]),
    ("The program", &["config", "catalog", "completions", "help"]),
];

/// The part of the template before the commands.
const BEFORE: &str = "{about-with-newline}\n{usage-heading} {usage}\n";

/// The command with its subcommands in groups.
pub(super) fn grouped(command: Command) -> Command {
    let heading = *command.get_styles().get_header();
    let literal = *command.get_styles().get_literal();
    let mut list = String::new();
    for (title, names) in GROUPS {
        let _ = writeln!(list, "\n{heading}{title}:{heading:#}");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map_or("Print this help, or that of a command".into(), |about| {
                // Help has one line for each.
                about.to_string()
            });
            let _ = writeln!(list, "  {literal}{name:<11}{literal:#}  {about}");
        }
    }
    let mut template = StyledStr::new();
    let _ =
        write!(template, "{BEFORE}{list}\n{heading}Options:{heading:#}\n{{options}}{{after-help}}");
    command.help_template(template)
}

/// Command lines, and the page of the manual.
macro_rules! examples {
    ($page:literal: $($line:literal),+ $(,)?) => {
        concat!("Examples:\n", $("  ", $line, "\n",)+ "\nManual: man ", $page)
    };
}

pub(super) const OPROM: &str = examples!("oprom":
    "oprom setup 100                set the host and VM 100 up for the GPU",
    "oprom                          what is ready, and what to do next",
    "oprom install                  get the ROM for this host",
    "oprom check FILE               is this a good ROM",
    "journalctl -b | oprom explain -");
pub(super) const SETUP: &str = examples!("oprom-setup":
    "oprom setup 100",
    "oprom setup 100 --dry-run",
    "oprom setup 100 --goal display --accept guest-visible --yes");
pub(super) const STATUS: &str = examples!("oprom-status": "oprom", "oprom status --json");
pub(super) const PICK: &str = examples!("oprom-pick":
    "oprom pick",
    "oprom pick --device 8086:a7a8",
    "oprom pick --cpu i5-1340P",
    "oprom pick own.rom other.rom");
pub(super) const LIST: &str = examples!("oprom-list": "oprom list");
pub(super) const CHECK: &str = examples!("oprom-check":
    "oprom check igd.rom",
    "oprom check igd.rom --device 8086:a7a8 --qemu 10.1",
    "oprom check -q /usr/share/kvm");
pub(super) const SHOW: &str = examples!("oprom-show":
    "oprom show --hex igd.rom", "oprom show igd.rom --html igd.html");
pub(super) const FETCH: &str = examples!("oprom-fetch":
    "oprom fetch",
    "oprom fetch ADL-N_TWL_GOPv21_igd.rom -o igd.rom",
    "oprom fetch --all -o /srv/roms");
pub(super) const INSTALL: &str = examples!("oprom-install":
    "oprom install --dry-run",
    "oprom install",
    "oprom install --from downloaded.rom",
    "oprom install --mirror /srv/roms --offline",
    "oprom install --dest /usr/share/qemu/igd.rom");
pub(super) const UNDO: &str =
    examples!("oprom-undo": "oprom undo", "oprom undo 3", "oprom undo --all");
pub(super) const REDO: &str = examples!("oprom-redo": "oprom redo");
pub(super) const HISTORY: &str = examples!("oprom-history": "oprom history");
pub(super) const DOCTOR: &str = examples!("oprom-doctor": "oprom doctor", "oprom doctor --strict");
pub(super) const REPORT: &str = examples!("oprom-report": "oprom report 100");
pub(super) const EXPLAIN: &str = examples!("oprom-explain":
    "oprom explain ROM014",
    "oprom explain code 43",
    "journalctl -b | oprom explain -");
pub(super) const BUILD: &str = examples!("oprom-build":
    "oprom build --efi IntelGopDriver.efi --device 8086:a7a8 -o igd.rom",
    "oprom build --like igd.rom --gop bios.cap -o own.rom",
    "oprom build parts/rom.toml -o same.rom");
pub(super) const EXTRACT: &str = examples!("oprom-extract":
    "oprom extract bios.cap",
    "oprom extract bios.cap -o parts",
    "oprom extract --host -o parts");
pub(super) const REPAIR: &str = examples!("oprom-repair":
    "oprom repair bad.rom", "oprom repair bad.rom --checksum -o good.rom");
pub(super) const SCAN: &str = examples!("oprom-scan":
    "oprom scan flash.bin", "oprom scan --json /usr/share");
pub(super) const TEST: &str = examples!("oprom-test":
    "oprom test igd.rom", "oprom test igd.rom --firmware ovmf");
pub(super) const VM: &str =
    examples!("oprom-vm": "oprom vm check 100", "oprom vm plan 100", "oprom vm verify 100");
pub(super) const VM_CHECK: &str = examples!("oprom-vm-check":
    "oprom vm check 100",
    "oprom vm check 100 --goal display",
    "virsh dumpxml win11 | oprom vm check -");
pub(super) const VM_VERIFY: &str = examples!("oprom-vm-verify":
    "oprom vm verify 100", "oprom vm verify win11 --goal display");
pub(super) const VM_PLAN: &str = examples!("oprom-vm-plan":
    "oprom vm plan 100", "oprom vm plan --for libvirt --device 8086:a7a8");
pub(super) const CATALOG: &str = examples!("oprom-catalog": "oprom catalog diff");
pub(super) const CATALOG_LINT: &str = examples!("oprom-catalog-lint":
    "oprom catalog lint --catalog own.toml");
pub(super) const CATALOG_DIFF: &str = examples!("oprom-catalog-diff": "oprom catalog diff");
pub(super) const CATALOG_UPDATE: &str = examples!("oprom-catalog-update":
    "oprom catalog update", "oprom catalog update -o own.toml");
pub(super) const CONFIG: &str = examples!("oprom-config": "oprom config", "oprom config --json");
pub(super) const COMPLETIONS: &str = examples!("oprom-completions":
    "oprom completions bash > /etc/bash_completion.d/oprom");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser as _;
    use std::collections::BTreeSet;

    /// The lines of the examples of a command, the comment beside a command line left out.
    fn lines(command: &Command) -> Vec<String> {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        let lines = lines.take_while(|line| !line.is_empty());
        lines.map(|line| line.trim().split("   ").next().unwrap_or_default().to_owned()).collect()
    }

    fn all(command: &Command, found: &mut Vec<Command>) {
        found.push(command.clone());
        command.get_subcommands().for_each(|inner| all(inner, found));
    }

    #[test]
    fn every_command_is_in_one_group() {
        let mut named: Vec<&str> =
            GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        named.retain(|name| *name != "help");
        let command = crate::command();
        let there: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        assert_eq!(named.len(), there.len());
        assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), there);
    }

    #[test]
    fn every_command_has_an_example_that_it_accepts() {
        let mut commands = Vec::new();
        all(&crate::command(), &mut commands);
        for command in commands {
            let lines = lines(&command);
            assert!(!lines.is_empty(), "{} has no example", command.get_name());
            for line in lines {
                // What runs before a pipe is another program's, and what follows > a shell's.
                let own = line.rsplit("| ").next().unwrap_or_default();
                let own = own.split(" > ").next().unwrap_or_default();
                let words = own.split_whitespace();
                assert!(Cli::try_parse_from(words).is_ok(), "{line}");
            }
        }
    }

    #[test]
    fn the_list_of_commands_fits_80_columns() {
        let help = crate::command().term_width(80).render_help().to_string();
        for line in help.lines().filter(|line| !line.contains("--")) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
