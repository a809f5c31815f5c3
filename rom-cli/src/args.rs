//! The command line: what can be typed, and its help. No work is done here.

mod help;

use crate::meant;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use rom_core::firmware::Firmware;
use rom_core::repair::Repair as Wanted;
use rom_core::{DeviceId, Digest};
use rom_host::address::full_bdf;
use rom_host::goal::Goal;
use rom_host::qemu::QemuVersion;
use rom_host::steps::Risk;
use rom_host::vm::model::Manager;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::LazyLock;

/// What `--version` says after the name: the version, the commit where the build knew it, and the
/// date of the built-in catalog.
pub(crate) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let commit = option_env!("OPROM_COMMIT").and_then(|hash| hash.get(..12));
    let commit = commit.map(|hash| format!("commit {hash}, ")).unwrap_or_default();
    let catalog = rom_core::catalog::EMBEDDED_DATE;
    format!("{} ({commit}catalog of {catalog})", env!("CARGO_PKG_VERSION"))
});

/// Find, verify and install the option ROM that Intel iGPU passthrough needs, and check the host
/// and its VMs for it.
#[derive(Debug, Parser)]
#[command(name = "oprom", version = VERSION.as_str(), after_help = help::OPROM)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Cli {
    /// The command, which is `status` where none is named.
    pub(crate) fn asked(&self) -> &Command {
        self.command.as_ref().unwrap_or(&Command::Status)
    }
}

/// The command line as clap has it.
pub(crate) fn definition() -> clap::Command {
    help::grouped(Cli::command())
}

/// The same with no command but the one that `words` name, which is all that clap needs to read a
/// right command line: to describe all commands takes longer than to check a ROM. `None` where they
/// name none.
pub(crate) fn definition_for(words: &[OsString]) -> Option<clap::Command> {
    let program = clap::Command::new("oprom").version(VERSION.as_str());
    let options = Options::augment_args(program);
    let Some(name) = words.get(place_of_command(&options, words)) else { return Some(options) };
    let (name, arguments) = ALONE.iter().find(|(own, _)| name == own)?;
    Some(options.subcommand(arguments(clap::Command::new(*name))))
}

/// Adds the arguments of one command.
type Describe = fn(clap::Command) -> clap::Command;

/// Each command, and what adds its arguments.
const ALONE: [(&str, Describe); 23] = [
    ("setup", Setup::augment_args),
    ("status", |command| command),
    ("pick", Pick::augment_args),
    ("list", |command| command),
    ("check", Check::augment_args),
    ("show", Show::augment_args),
    ("fetch", Fetch::augment_args),
    ("install", Install::augment_args),
    ("undo", Undo::augment_args),
    ("redo", Redo::augment_args),
    ("history", |command| command),
    ("doctor", Doctor::augment_args),
    ("report", Report::augment_args),
    ("explain", Explain::augment_args),
    ("build", Build::augment_args),
    ("extract", Extract::augment_args),
    ("repair", Repair::augment_args),
    ("test", Test::augment_args),
    ("scan", Scan::augment_args),
    ("vm", VmCommand::augment_subcommands),
    ("config", |command| command),
    ("catalog", CatalogCommand::augment_subcommands),
    ("completions", Completions::augment_args),
];

/// Where the name of the command is in a command line: after the options that are before it.
fn place_of_command(options: &clap::Command, words: &[OsString]) -> usize {
    let mut place = 1;
    while let Some(word) = words.get(place).map(|word| word.to_string_lossy()) {
        if !word.starts_with('-') {
            break;
        }
        let value = option_of_all(options, &word) == Some(true);
        place = place.saturating_add(1 + usize::from(value));
    }
    place
}

/// The words of a command line for clap, which takes the options of every command also after the
/// text of `explain`.
pub(crate) fn words(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    options_first(arguments.into_iter().collect())
}

/// The text that `explain` is given may hold anything, so clap takes all of it as text. Options of
/// every command that are in it, and help, are put before it; what follows `--` is left alone.
fn options_first(arguments: Vec<OsString>) -> Vec<OsString> {
    let of_all = Options::augment_args(clap::Command::new("oprom"));
    let command = place_of_command(&of_all, &arguments);
    if arguments.get(command).is_none_or(|name| name != "explain") {
        return arguments;
    }
    let (mut options, mut text) = (Vec::new(), Vec::new());
    let mut rest = arguments.into_iter();
    let before: Vec<OsString> = rest.by_ref().take(command.saturating_add(1)).collect();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            text.push(argument);
            text.extend(rest.by_ref());
        } else if let Some(takes_value) = option_of_all(&of_all, &argument.to_string_lossy()) {
            options.push(argument);
            options.extend(rest.by_ref().take(usize::from(takes_value)));
        } else {
            text.push(argument);
        }
    }
    [before, options, text].concat()
}

/// Whether `argument` is one of the options of every command, or help; and then whether its value
/// follows.
fn option_of_all(options: &clap::Command, argument: &str) -> Option<bool> {
    if matches!(argument, "-h" | "--help") {
        return Some(false);
    }
    let (name, value) =
        argument.split_once('=').map_or((argument, None), |(name, value)| (name, Some(value)));
    let option = options.get_arguments().find(|option| {
        let long = option.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long));
        let short = option.get_short().is_some_and(|short| name == format!("-{short}"));
        long || short
    })?;
    Some(option.get_action().takes_values() && value.is_none())
}

/// Options that every command has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Options {
    /// Print JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Colour the text; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Less output
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// More output
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Use this folder as the root of the host
    #[arg(long, global = true, value_name = "DIR", default_value = "/", hide_default_value = true)]
    pub(crate) sysroot: PathBuf,
    /// Use this catalog instead of the built-in one
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Use this configuration file [default: /etc/oprom/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what is ready and what to do next; `oprom` alone does this
    #[command(after_help = help::STATUS)]
    Status,
    /// Set up the host and a VM: show the steps, ask, do them
    #[command(after_help = help::SETUP)]
    Setup(Setup),
    /// Show which ROM this host needs, and why
    #[command(after_help = help::PICK)]
    Pick(Pick),
    /// List the ROMs of the catalog
    #[command(after_help = help::LIST)]
    List,
    /// Check whether ROM files are good and work with a GPU
    #[command(after_help = help::CHECK)]
    Check(Check),
    /// Show the structure of a file, byte by byte
    #[command(after_help = help::SHOW)]
    Show(Show),
    /// Download a ROM and verify it, without installing it
    #[command(after_help = help::FETCH)]
    Fetch(Fetch),
    /// Download and verify the ROM that this host needs, and install it
    #[command(after_help = help::INSTALL)]
    Install(Install),
    /// Undo the last change: files and VMs are what they were
    #[command(after_help = help::UNDO)]
    Undo(Undo),
    /// Redo the change that was undone last
    #[command(after_help = help::REDO)]
    Redo(Redo),
    /// List what was changed and undone on this host
    #[command(after_help = help::HISTORY)]
    History,
    /// Check whether this host is ready for passthrough
    #[command(after_help = help::DOCTOR)]
    Doctor(Doctor),
    /// Write a report to paste into a forum, with nothing private in it
    #[command(after_help = help::REPORT)]
    Report(Report),
    /// Explain a code, a check, a symptom or a line of a log
    #[command(after_help = help::EXPLAIN)]
    Explain(Explain),
    /// Build a ROM from drivers, a specification, or another ROM
    #[command(after_help = help::BUILD)]
    Build(Build),
    /// Extract drivers, option ROMs and VBTs from a ROM or a BIOS
    #[command(after_help = help::EXTRACT)]
    Extract(Extract),
    /// Repair a ROM, or list the repairs that would help
    #[command(after_help = help::REPAIR)]
    Repair(Repair),
    /// Boot a ROM in this machine's QEMU, without the GPU
    #[command(after_help = help::TEST)]
    Test(Test),
    /// Find option ROMs in flash dumps, disks and folders
    #[command(after_help = help::SCAN)]
    Scan(Scan),
    /// Check and plan the configuration of a VM
    #[command(subcommand, after_help = help::VM)]
    Vm(VmCommand),
    /// Show the configuration in force
    #[command(after_help = help::CONFIG)]
    Config,
    /// Manage the catalog
    #[command(subcommand, after_help = help::CATALOG)]
    Catalog(CatalogCommand),
    /// Print the completions for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions(Completions),
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub(crate) struct Setup {
    /// Number of a VM of Proxmox VE, name of a domain of libvirt, or a file [default: list them]
    #[arg(value_name = "VM", conflicts_with = "apply")]
    pub(crate) vm: Option<String>,
    /// What the VM is for: display-at-boot, display or compute [default: what its configuration
    /// shows]
    #[arg(long, value_name = "GOAL", conflicts_with = "apply")]
    pub(crate) goal: Option<Goal>,
    /// The ROM: a name of the catalog or a file [default: the one that this host needs]
    #[arg(long, value_name = "FILE OR NAME", conflicts_with = "apply")]
    pub(crate) rom: Option<PathBuf>,
    /// On a host with an AMD iGPU: the BIOS update that has the GOP driver
    #[arg(long, value_name = "FILE", conflicts_with_all = ["apply", "rom"])]
    pub(crate) bios: Option<PathBuf>,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write what would be done to this file, for --apply
    #[arg(long, value_name = "FILE", conflicts_with = "apply")]
    pub(crate) plan_out: Option<PathBuf>,
    /// Do what --plan-out wrote, or nothing if the host or the VM was changed since
    #[arg(long, value_name = "FILE")]
    pub(crate) apply: Option<PathBuf>,
    /// Do not ask; steps with a risk are done only if --accept names it
    #[arg(long)]
    pub(crate) yes: bool,
    /// Accept these risks: guest-visible (the guest sees other hardware), reinstall (an installed
    /// guest no longer boots)
    #[arg(long, value_name = "RISKS", value_delimiter = ',', value_parser = risk, conflicts_with = "apply")]
    pub(crate) accept: Vec<Risk>,
    /// Take the GPU from this container, which uses it
    #[arg(long, value_name = "NUMBER", conflicts_with = "apply")]
    pub(crate) without_container: Vec<u32>,
    /// Leave the host as it is
    #[arg(long, conflicts_with = "apply")]
    pub(crate) no_host: bool,
    /// Leave the VM as it is
    #[arg(long, conflicts_with = "apply")]
    pub(crate) no_vm: bool,
    #[command(flatten)]
    pub(crate) network: Network,
}

#[derive(Debug, Args)]
pub(crate) struct Pick {
    /// This GPU instead of the host's, for example 8086:a7a8
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id, conflicts_with_all = ["cpu", "bdf"])]
    pub(crate) device: Option<DeviceId>,
    /// A CPU by its model name, for example "i5-1340P"
    #[arg(long, value_name = "MODEL NAME", conflicts_with = "bdf")]
    pub(crate) cpu: Option<String>,
    /// The host's device at this address, for example 00:02.1
    #[arg(long, value_name = "BDF", value_parser = full_bdf)]
    pub(crate) bdf: Option<String>,
    /// ROM files of your own to rank beside those of the catalog, or folders with some
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files or folders to check; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Check whether they work with this device, for example 8086:a7a8 [default: the iGPU of this
    /// host]
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// Firmware of the VM: ovmf, aavmf, aavmf-secure-boot or seabios
    #[arg(long, value_name = "NAME", value_parser = firmware, default_value = "ovmf")]
    pub(crate) firmware: Firmware,
    /// Version of QEMU [default: that of this host, without --device]
    #[arg(long, value_name = "VERSION", value_parser = qemu_version)]
    pub(crate) qemu: Option<QemuVersion>,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// File to show; - is standard input
    pub(crate) file: PathBuf,
    /// Show every header field at its bytes
    #[arg(long)]
    pub(crate) hex: bool,
    /// Write a page to look at and to attach to a post: the map, the parts, what is wrong
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Name of a ROM of the catalog [default: the one that this host needs]
    pub(crate) rom: Option<String>,
    /// Write it to this file, with --all to this folder [default: its own name in this folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// All ROMs of the catalog, into the folder of -o: a mirror for hosts without a network
    #[arg(long, requires = "output", conflicts_with = "rom")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) network: Network,
}

#[derive(Debug, Args)]
pub(crate) struct Install {
    /// Name of a ROM of the catalog [default: the one that this host needs]
    pub(crate) rom: Option<String>,
    /// Install it as this file [default: /usr/share/kvm/igd.rom; of AMD's amd-vbios.rom and
    /// amd-gop.rom]
    #[arg(long, value_name = "FILE")]
    pub(crate) dest: Option<PathBuf>,
    /// Install this file instead of downloading it; its SHA-256 has to match
    #[arg(long, value_name = "FILE", conflicts_with = "mirrors")]
    pub(crate) from: Option<PathBuf>,
    /// With --from: install a file of your own, which has this SHA-256
    #[arg(long, value_name = "HEX", requires = "from", conflicts_with = "rom")]
    pub(crate) expect_sha256: Option<Digest>,
    /// On a host with an AMD iGPU: install the GOP driver of this BIOS update [default: the VBIOS
    /// in memory]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rom", "from", "mirrors"])]
    pub(crate) bios: Option<PathBuf>,
    /// Install a ROM that does not work with the GPU, QEMU and OVMF of this host
    #[arg(long)]
    pub(crate) allow_unusable: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) network: Network,
}

/// How the network is used.
#[derive(Clone, Debug, Args)]
pub(crate) struct Network {
    /// Try this folder of ROMs first: a path, https or http; repeatable
    #[arg(long = "mirror", id = "mirrors", value_name = "DIR OR URL")]
    pub(crate) mirrors: Vec<String>,
    /// Do not use the network: only mirrors that are folders of this machine
    #[arg(long)]
    pub(crate) offline: bool,
    /// Trust the certificate authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Give up after so many seconds without data
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// Try again so often after a network error
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub(crate) retries: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// Number of the change, as history lists it [default: the last]
    #[arg(conflicts_with = "dest")]
    pub(crate) run: Option<u32>,
    /// Undo all changes, the last first
    #[arg(long, conflicts_with_all = ["run", "dest"])]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) which: Reverse,
}

#[derive(Debug, Args)]
pub(crate) struct Redo {
    #[command(flatten)]
    pub(crate) which: Reverse,
}

/// Which change is undone or redone.
#[derive(Debug, Args)]
pub(crate) struct Reverse {
    /// The last change of this file [default: the last change]
    #[arg(long, value_name = "FILE")]
    pub(crate) dest: Option<PathBuf>,
    /// Do not ask, even where something was changed since
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// A specification, such as the rom.toml that extract writes
    #[arg(value_name = "SPEC", conflicts_with_all = ["efi", "legacy", "like"])]
    pub(crate) spec: Option<PathBuf>,
    /// Where to write the ROM
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Add this UEFI driver; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "like")]
    pub(crate) efi: Vec<PathBuf>,
    /// Add this legacy image before the drivers; repeatable
    #[arg(long, value_name = "FILE", conflicts_with = "like")]
    pub(crate) legacy: Vec<PathBuf>,
    /// Use the drivers of this ROM
    #[arg(long, value_name = "ROM")]
    pub(crate) like: Option<PathBuf>,
    /// With --like: the Intel GOP driver of this BIOS, ROM or .efi file instead of its own
    #[arg(long, value_name = "FILE", requires = "like")]
    pub(crate) gop: Option<PathBuf>,
    /// With --gop: the driver of this name, where there are several
    #[arg(long, value_name = "NAME", requires = "gop")]
    pub(crate) gop_name: Option<String>,
    /// The GPU that it is for, for example 8086:a7a8 [default: the iGPU of this host]
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// Ids in the headers [default: 8086:ffff, which firmware accepts for any GPU]
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) ids: Option<DeviceId>,
    /// Further device ids in the headers, in hex
    #[arg(long, value_name = "DDDD", value_parser = hex_word, value_delimiter = ',')]
    pub(crate) devices: Vec<u16>,
    /// Class code in the headers, for example 030000
    #[arg(long, value_name = "HEX", value_parser = class_code)]
    pub(crate) class: Option<u32>,
    /// Compress the drivers
    #[arg(long)]
    pub(crate) compress: bool,
    /// Pad the file to a power of two
    #[arg(long)]
    pub(crate) pad: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a repair that is asked for or not")]
pub(crate) struct Repair {
    /// The ROM, which is not changed; - is standard input
    pub(crate) file: PathBuf,
    /// Where to write the repaired ROM
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write 55 AA where one of the two bytes differs
    #[arg(long)]
    pub(crate) signature: bool,
    /// Make a ROM of a UEFI driver
    #[arg(long)]
    pub(crate) wrap: bool,
    /// Remove the data before the first image
    #[arg(long)]
    pub(crate) container: bool,
    /// Write the length of images that have a length of 0
    #[arg(long)]
    pub(crate) length: bool,
    /// Write these ids into every image
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) ids: Option<DeviceId>,
    /// Join two ROMs, so that firmware reads on after the last image of the first
    #[arg(long)]
    pub(crate) link: bool,
    /// Mark the last image as the last, and no other
    #[arg(long)]
    pub(crate) last_image: bool,
    /// Correct the checksum of legacy images
    #[arg(long)]
    pub(crate) checksum: bool,
    /// Remove the data after the last image
    #[arg(long)]
    pub(crate) cut_trailing: bool,
    /// Pad the file to a power of two
    #[arg(long)]
    pub(crate) pad: bool,
}

impl Repair {
    /// The repairs that are asked for, in the order in which they are done.
    pub(crate) fn repairs(&self) -> Vec<Wanted> {
        let asked = [
            (self.signature, Wanted::Signature),
            (self.wrap, Wanted::Wrap),
            (self.container, Wanted::Container),
            (self.length, Wanted::Length),
            (self.link, Wanted::Link),
            (self.last_image, Wanted::LastImage),
            (self.checksum, Wanted::Checksum),
        ];
        let ids = self.ids.map(Wanted::Ids);
        let at_the_end = [(self.cut_trailing, Wanted::CutTrailing), (self.pad, Wanted::Pad)];
        let wanted = |(asked, repair): (bool, Wanted)| asked.then_some(repair);
        asked
            .into_iter()
            .filter_map(wanted)
            .chain(ids)
            .chain(at_the_end.into_iter().filter_map(wanted))
            .collect()
    }
}

#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// ROMs, drivers, or firmware images (BIOS updates, flash dumps), or folders with some; - is
    /// standard input
    #[arg(value_name = "FILE", required_unless_present = "host", conflicts_with = "host")]
    pub(crate) files: Vec<PathBuf>,
    /// Extract from this machine: its flash chip, the tables that its firmware made for the GPU, the
    /// ROM BAR of each GPU
    #[arg(long)]
    pub(crate) host: bool,
    /// With --host: the ROM BAR of the device at this address, for example 01:00.0 [default: of
    /// each GPU]
    #[arg(long, value_name = "BDF", value_parser = full_bdf, requires = "host", conflicts_with = "files")]
    pub(crate) bdf: Option<String>,
    /// With --host: read the ROM BAR even while a driver or a VM uses the device
    #[arg(long, requires = "host", conflicts_with = "files")]
    pub(crate) in_use: bool,
    /// Write the parts to this folder, of several files to a folder each [default: list them]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Only parts with this name; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// All parts of a firmware image, not only graphics and option ROMs
    #[arg(long)]
    pub(crate) all: bool,
    /// Write a page to look at: the map of the file, the parts, what is wrong
    #[arg(long, value_name = "FILE", conflicts_with = "host")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The ROM, which is not changed; - is standard input
    pub(crate) file: PathBuf,
    /// The firmware to boot
    #[arg(long, value_name = "NAME", default_value = "both")]
    pub(crate) firmware: TestFirmware,
}

/// Firmware that a ROM is tested with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFirmware {
    Ovmf,
    Seabios,
    Both,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Files, folders or devices; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Check whether they work with this device, for example 8086:a7a8
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// Firmware of the VM: ovmf, aavmf, aavmf-secure-boot or seabios
    #[arg(long, value_name = "NAME", value_parser = firmware, default_value = "ovmf")]
    pub(crate) firmware: Firmware,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Check whether the host and its VMs are ready for this version of QEMU [default: that of this
    /// host]
    #[arg(long, value_name = "VERSION", value_parser = qemu_version)]
    pub(crate) qemu: Option<QemuVersion>,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print metrics for the text files of Prometheus' node exporter
    #[arg(long, conflicts_with = "json")]
    pub(crate) prometheus: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Number of the VM that the report is about
    #[arg(value_parser = vmid)]
    pub(crate) vmid: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A code, the id of a check, a symptom or a line of a log; - reads a whole log from standard
    /// input
    #[arg(required = true, value_name = "CODE OR MESSAGE", allow_hyphen_values = true)]
    pub(crate) what: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VmCommand {
    /// Write the configuration that this GPU needs with this QEMU
    #[command(after_help = help::VM_PLAN)]
    Plan(VmPlan),
    /// Check whether a VM is ready for the iGPU
    #[command(after_help = help::VM_CHECK)]
    Check(VmCheck),
    /// After the start: check whether the VM has the GPU
    #[command(after_help = help::VM_VERIFY)]
    Verify(VmVerify),
}

#[derive(Debug, Args)]
pub(crate) struct VmVerify {
    /// Number of a VM of Proxmox VE, or the name of a domain of libvirt
    #[arg(value_name = "VM")]
    pub(crate) vm: String,
    /// What the VM is for, instead of what its configuration looks like: display-at-boot, display
    /// or compute
    #[arg(long, value_name = "GOAL")]
    pub(crate) goal: Option<Goal>,
}

#[derive(Debug, Args)]
pub(crate) struct VmCheck {
    /// Number of a VM of Proxmox VE, or a file: its .conf, XML of libvirt, a command line of QEMU;
    /// - is standard input
    #[arg(value_name = "VMID OR FILE")]
    pub(crate) vm: String,
    /// For this GPU instead of the host's, for example 8086:a7a8
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// For this version of QEMU instead of the host's, for example 10.1
    #[arg(long, value_name = "VERSION", value_parser = qemu_version)]
    pub(crate) qemu: Option<QemuVersion>,
    /// What the VM is for, instead of what its configuration looks like: display-at-boot, display
    /// or compute
    #[arg(long, value_name = "GOAL")]
    pub(crate) goal: Option<Goal>,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VmPlan {
    /// Number of a VM of Proxmox VE, or a file: its .conf, XML of libvirt, a command line of QEMU;
    /// - is standard input. Without it: what a new VM needs
    #[arg(value_name = "VMID OR FILE")]
    pub(crate) vm: Option<String>,
    /// What a new VM is written for [default: what this host has, else proxmox]
    #[arg(long = "for", value_name = "WHAT", conflicts_with = "vm")]
    pub(crate) manager: Option<PlanFor>,
    /// What the VM is for, instead of what its configuration looks like: display-at-boot, display
    /// or compute. A new VM is for a display at boot
    #[arg(long, value_name = "GOAL", alias = "mode")]
    pub(crate) goal: Option<Goal>,
    /// For this GPU instead of the host's, for example 8086:a7a8
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// For this version of QEMU instead of the host's, for example 10.1
    #[arg(long, value_name = "VERSION", value_parser = qemu_version)]
    pub(crate) qemu: Option<QemuVersion>,
    /// The ROM for a GPU that has none: for Proxmox VE a name in /usr/share/kvm, else a path
    #[arg(long, value_name = "FILE")]
    pub(crate) romfile: Option<String>,
}

/// What a new VM is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFor {
    #[value(alias = "pve")]
    Proxmox,
    Libvirt,
    Qemu,
}

impl From<PlanFor> for Manager {
    fn from(manager: PlanFor) -> Self {
        match manager {
            PlanFor::Proxmox => Self::Proxmox,
            PlanFor::Libvirt => Self::Libvirt,
            PlanFor::Qemu => Self::Qemu,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Validate the catalog
    #[command(after_help = help::CATALOG_LINT)]
    Lint,
    /// Compare the catalog with LongQT-sea's release
    #[command(after_help = help::CATALOG_DIFF)]
    Diff(CatalogDiff),
    /// Write a catalog with the new files of LongQT-sea's release
    #[command(after_help = help::CATALOG_UPDATE)]
    Update(CatalogUpdate),
}

#[derive(Debug, Args)]
pub(crate) struct CatalogDiff {
    #[command(flatten)]
    pub(crate) release: Release,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogUpdate {
    #[command(flatten)]
    pub(crate) release: Release,
    /// Write it to this file [default: /etc/oprom/known-roms.toml]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The release that a catalog is compared with.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Read GitHub's description of the release from this address or file (`file:PATH`) [default:
    /// from GitHub]
    #[arg(long, value_name = "URL")]
    pub(crate) from: Option<String>,
    #[command(flatten)]
    pub(crate) network: Network,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

fn firmware(text: &str) -> Result<Firmware, String> {
    text.replace('-', "_")
        .to_lowercase()
        .parse()
        .map_err(|error: rom_core::ParseError| error.to_string())
}

fn qemu_version(text: &str) -> Result<QemuVersion, String> {
    text.parse().map_err(|_| "a version looks like 10.1".to_owned())
}

fn vmid(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a VM is named by its number, such as 100".to_owned())
}

fn risk(text: &str) -> Result<Risk, String> {
    let risks = [Risk::GuestVisible, Risk::Reinstall];
    let found = risks.into_iter().find(|risk| risk.name() == text);
    found.ok_or_else(|| "a risk is guest-visible or reinstall".to_owned())
}

fn hex_word(text: &str) -> Result<u16, String> {
    u16::from_str_radix(text.trim_start_matches("0x"), 16)
        .map_err(|_| "a device id has four hex digits".to_owned())
}

fn class_code(text: &str) -> Result<u32, String> {
    let class = u32::from_str_radix(text.trim_start_matches("0x"), 16)
        .ok()
        .filter(|class| *class <= 0x00FF_FFFF);
    class.ok_or_else(|| "a class code has six hex digits, such as 030000".to_owned())
}

fn device_id(text: &str) -> Result<DeviceId, String> {
    if let Ok(bdf) = full_bdf(text) {
        return Err(format!(
            "an address is not a device id; the device there: lspci -nns {}",
            bdf.trim_start_matches("0000:")
        ));
    }
    meant::device_id(text)
        .ok_or_else(|| "a device id looks like 8086:a7a8, as `lspci -nn` prints it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_is_described_alone_as_among_all() {
        fn ids(command: &clap::Command) -> Vec<String> {
            let inner = command
                .get_subcommands()
                .flat_map(|inner| [vec![inner.get_name().to_owned()], ids(inner)].concat());
            command.get_arguments().map(|own| own.get_id().to_string()).chain(inner).collect()
        }
        for command in Cli::command().get_subcommands() {
            let words = ["oprom", "-q", "--color", "never", command.get_name()].map(OsString::from);
            let alone = definition_for(&words).unwrap_or_else(|| panic!("{}", command.get_name()));
            let alone = alone.find_subcommand(command.get_name()).unwrap();
            assert_eq!(ids(alone), ids(command), "{}", command.get_name());
        }
        assert!(definition_for(&["oprom", "x.rom"].map(OsString::from)).is_none());
        let status = definition_for(&["oprom", "--json"].map(OsString::from)).unwrap();
        assert_eq!(status.get_subcommands().count(), 0);
    }

    fn first(words: &[&str]) -> String {
        let words = words.iter().map(OsString::from).collect();
        options_first(words)
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join("|")
    }

    #[test]
    fn options_behind_the_text_of_explain_count() {
        for (words, expected) in [
            (&["oprom", "explain", "some", "text", "--json"][..], "oprom|explain|--json|some|text"),
            (
                &["oprom", "explain", "x", "--color", "never", "-v", "y"],
                "oprom|explain|--color|never|-v|x|y",
            ),
            (&["oprom", "explain", "x", "--color=never"], "oprom|explain|--color=never|x"),
            (
                &["oprom", "--json", "explain", "kvm:", "-device", "vfio-pci"],
                "oprom|--json|explain|kvm:|-device|vfio-pci",
            ),
            (
                &["oprom", "--sysroot", "/x", "explain", "y", "-q"],
                "oprom|--sysroot|/x|explain|-q|y",
            ),
            (
                &["oprom", "explain", "--json", "--", "-v", "--json"],
                "oprom|explain|--json|--|-v|--json",
            ),
            (&["oprom", "explain", "--", "x", "--json"], "oprom|explain|--|x|--json"),
            (&["oprom", "check", "explain", "--json"], "oprom|check|explain|--json"),
            (&["oprom"], "oprom"),
        ] {
            assert_eq!(first(words), expected);
        }
    }
}
