//! The command line: what can be typed, and its help. No work is done here.

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use rom_core::firmware::Firmware;
use rom_core::repair::Repair as Wanted;
use rom_core::{DeviceId, Digest};
use rom_host::address::full_bdf;
use rom_host::goal::Goal;
use rom_host::qemu::QemuVersion;
use rom_host::recipe::Mode;
use std::ffi::OsString;
use std::path::PathBuf;

/// Finds, proves, checks and installs the option ROM that a passed-through Intel iGPU needs.
#[derive(Debug, Parser)]
#[command(name = "oprom", version, after_help = "Start with: sudo oprom install")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The words of a command line for clap, which takes the options of every command also after the
/// text of `explain`.
pub(crate) fn words(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    options_first(arguments.into_iter().collect())
}

/// The text that `explain` is given may hold anything, so clap takes all of it as text. Options of
/// every command that are in it, and help, are put before it; what follows `--` is left alone.
fn options_first(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut command = 1;
    while let Some(argument) = arguments.get(command).map(|argument| argument.to_string_lossy()) {
        if !argument.starts_with('-') {
            break;
        }
        let value = option_of_all(&argument) == Some(true);
        command = command.saturating_add(1 + usize::from(value));
    }
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
        } else if let Some(takes_value) = option_of_all(&argument.to_string_lossy()) {
            options.push(argument);
            options.extend(rest.by_ref().take(usize::from(takes_value)));
        } else {
            text.push(argument);
        }
    }
    [before, options, text].concat()
}

/// Whether `argument` is an option of every command, or help; and then whether its value follows.
fn option_of_all(argument: &str) -> Option<bool> {
    if matches!(argument, "-h" | "--help") {
        return Some(false);
    }
    let (name, value) =
        argument.split_once('=').map_or((argument, None), |(name, value)| (name, Some(value)));
    let command = Cli::command();
    let option = command.get_arguments().find(|option| {
        let long = option.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long));
        let short = option.get_short().is_some_and(|short| name == format!("-{short}"));
        option.is_global_set() && (long || short)
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
    /// Colour the text; auto means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Say less
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Read and write the host's paths under this folder
    #[arg(long, global = true, value_name = "DIR", default_value = "/", hide_default_value = true)]
    pub(crate) sysroot: PathBuf,
    /// Use this catalog instead of the built-in one
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
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
    /// Say which ROM this host needs, and why
    Pick(Pick),
    /// List the ROMs of the catalog
    List,
    /// Say whether files are good ROMs
    Check(Check),
    /// Show the map of a file, every byte accounted for
    Show(Show),
    /// Download a ROM and prove it, put it nowhere else
    Fetch(Fetch),
    /// Pick, download, prove and check the ROM, then put it in place
    Install(Install),
    /// Undo the last install: bring back the file that it replaced
    Undo(Undo),
    /// Redo the install that was undone last
    Redo(Undo),
    /// List what was installed and undone on this host
    History,
    /// Say whether this host is ready, and how to make it so
    Doctor(Doctor),
    /// Write a text to paste where people help, with nothing private in it
    Report(Report),
    /// Say what a code, a check or a line of a log means
    Explain(Explain),
    /// Make a ROM of drivers, of a specification, or like another with the GOP driver of your own
    /// BIOS
    Build(Build),
    /// Take a ROM or a BIOS apart: drivers, option ROMs, Video BIOS Tables
    Extract(Extract),
    /// Mend a ROM without inventing bytes; without a repair, say which would help
    Repair(Repair),
    /// Find option ROMs inside of anything: a flash dump, a disk, a folder, a pipe
    Scan(Scan),
    /// Set a VM up for the iGPU
    #[command(subcommand)]
    Vm(VmCommand),
    /// Care for the catalog
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Print the completions of a shell
    Completions(Completions),
}

#[derive(Debug, Args)]
pub(crate) struct Pick {
    /// Ask for this device instead of the host's, for example 8086:a7a8
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id, conflicts_with_all = ["cpu", "bdf"])]
    pub(crate) device: Option<DeviceId>,
    /// Ask for a CPU by its model name, for example "i5-1340P"
    #[arg(long, value_name = "MODEL NAME", conflicts_with = "bdf")]
    pub(crate) cpu: Option<String>,
    /// Ask for the host's device at this address, for example 00:02.1
    #[arg(long, value_name = "BDF", value_parser = full_bdf)]
    pub(crate) bdf: Option<String>,
    /// ROM files of your own to rank beside the catalog's
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files to check, or folders with all that is in them; - is standard input
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
}

#[derive(Debug, Args)]
pub(crate) struct Fetch {
    /// Name of a ROM of the catalog; what this host needs if absent
    pub(crate) rom: Option<String>,
    /// Where to put it; its own name in this folder if absent
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) network: Network,
}

#[derive(Debug, Args)]
pub(crate) struct Install {
    /// Name of a ROM of the catalog; what this host needs if absent
    pub(crate) rom: Option<String>,
    /// Where to put it; /usr/share/kvm/igd.rom if absent
    #[arg(long, value_name = "FILE")]
    pub(crate) dest: Option<PathBuf>,
    /// Take the ROM from this file instead of the network; it has to be the same bytes
    #[arg(long, value_name = "FILE", conflicts_with = "mirrors")]
    pub(crate) from: Option<PathBuf>,
    /// With --from: a file of your own, which must have this SHA-256
    #[arg(long, value_name = "HEX", requires = "from", conflicts_with = "rom")]
    pub(crate) expect_sha256: Option<Digest>,
    /// Put a ROM in place that does not work with the GPU, QEMU and OVMF of this host
    #[arg(long)]
    pub(crate) allow_unusable: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) network: Network,
}

/// How the network is used.
#[derive(Debug, Args)]
pub(crate) struct Network {
    /// Try this folder of files first: https, http or file; can be given again
    #[arg(long = "mirror", id = "mirrors", value_name = "URL")]
    pub(crate) mirrors: Vec<String>,
    /// Trust the certificate authorities in this PEM file too
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Give up when nothing has come for so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    /// Try so many times more after a network error
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub(crate) retries: u32,
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// The file that was put in place [default: that of the last install]
    #[arg(long, value_name = "FILE")]
    pub(crate) dest: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// A specification, such as the rom.toml that extract writes
    #[arg(value_name = "SPEC", conflicts_with_all = ["efi", "legacy", "like"])]
    pub(crate) spec: Option<PathBuf>,
    /// Where to write the ROM
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Put this UEFI driver in; can be given again
    #[arg(long, value_name = "FILE", conflicts_with = "like")]
    pub(crate) efi: Vec<PathBuf>,
    /// Put this legacy image in, in front of the drivers; can be given again
    #[arg(long, value_name = "FILE", conflicts_with = "like")]
    pub(crate) legacy: Vec<PathBuf>,
    /// Take the drivers of this ROM
    #[arg(long, value_name = "ROM")]
    pub(crate) like: Option<PathBuf>,
    /// With --like: the Intel GOP driver of this BIOS, ROM or .efi file instead of its own
    #[arg(long, value_name = "FILE", requires = "like")]
    pub(crate) gop: Option<PathBuf>,
    /// With --gop: the driver of this name, where there are several
    #[arg(long, value_name = "NAME", requires = "gop")]
    pub(crate) gop_name: Option<String>,
    /// The GPU that it should serve, for example 8086:a7a8; the host's iGPU if absent
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// Ids in the headers; 8086:ffff, which firmware takes for any, if absent
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
    /// Fill the file up to a power of two
    #[arg(long)]
    pub(crate) pad: bool,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a repair that is asked for or not")]
pub(crate) struct Repair {
    /// The ROM; - is standard input. It is never changed
    pub(crate) file: PathBuf,
    /// Where to write the repaired ROM
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write 55 AA where one byte of it is another
    #[arg(long)]
    pub(crate) signature: bool,
    /// Put a ROM around a bare driver
    #[arg(long)]
    pub(crate) wrap: bool,
    /// Cut off what stands before the first image
    #[arg(long)]
    pub(crate) container: bool,
    /// Give images that say no length the one that they have
    #[arg(long)]
    pub(crate) length: bool,
    /// Write these ids into every image
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) ids: Option<DeviceId>,
    /// Make firmware go on to images that follow the last one at once: joins two ROMs
    #[arg(long)]
    pub(crate) link: bool,
    /// Mark the last image as the last, and no other
    #[arg(long)]
    pub(crate) last_image: bool,
    /// Make the bytes of legacy images sum to zero
    #[arg(long)]
    pub(crate) checksum: bool,
    /// Cut off what stands behind the last image
    #[arg(long)]
    pub(crate) cut_trailing: bool,
    /// Fill the file up to a power of two
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
    /// A ROM, a driver, or a firmware image: a BIOS update, a flash dump; - is standard input
    pub(crate) file: PathBuf,
    /// Write the parts to this folder; they are only listed if absent
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Only the parts of this name; can be given again
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// Of a firmware image everything, not only what has to do with graphics and option ROMs
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Scan {
    /// Files, folders with all that is in them, or devices; - is standard input
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Number of the VM that it is about
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
    Plan(VmPlan),
    /// Say whether a VM is set up for the iGPU, and what would mend it
    Check(VmCheck),
}

#[derive(Debug, Args)]
pub(crate) struct VmCheck {
    /// Number of a VM of Proxmox VE, or a file: its .conf, XML of libvirt, a command line of QEMU;
    /// - is standard input
    #[arg(value_name = "VMID OR FILE")]
    pub(crate) vm: String,
    /// Print what makes it right instead: commands for Proxmox VE, else lines that go and come;
    /// nothing is changed
    #[arg(long)]
    pub(crate) fix: bool,
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
    /// Number of the VM; what its args hold already is kept
    #[arg(value_name = "VMID")]
    pub(crate) vmid: Option<u32>,
    /// What the configuration is for
    #[arg(long = "for", value_name = "WHAT", default_value = "proxmox")]
    pub(crate) target: PlanTarget,
    /// Legacy gives a picture from the start, upt once the guest's own driver runs
    #[arg(long, value_name = "MODE", default_value = "legacy")]
    pub(crate) mode: PlanMode,
    /// For this GPU instead of the host's, for example 8086:a7a8
    #[arg(long, value_name = "VVVV:DDDD", value_parser = device_id)]
    pub(crate) device: Option<DeviceId>,
    /// For this version of QEMU instead of the host's, for example 10.1
    #[arg(long, value_name = "VERSION", value_parser = qemu_version)]
    pub(crate) qemu: Option<QemuVersion>,
    /// The ROM: for Proxmox VE a name in /usr/share/kvm, else a path
    #[arg(long, value_name = "FILE")]
    pub(crate) romfile: Option<String>,
}

/// What a configuration is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanTarget {
    Proxmox,
    Libvirt,
    Qemu,
}

/// How the GPU is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanMode {
    Legacy,
    Upt,
}

impl From<PlanMode> for Mode {
    fn from(mode: PlanMode) -> Self {
        match mode {
            PlanMode::Legacy => Self::Legacy,
            PlanMode::Upt => Self::Upt,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Hold the catalog to its rules
    Lint,
    /// Show how the release differs from the catalog: new files, other bytes, files that are gone
    Diff(CatalogDiff),
    /// Write a catalog of your own with what is new in the release; what is pinned stays pinned
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
    /// Where to write it; /etc/oprom/known-roms.toml if absent
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The release that a catalog is compared with.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// Its description as GitHub gives it, at this address or in this file (`file:PATH`); GitHub's
    /// own if absent
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
    text.parse().map_err(|_| "a device looks like 8086:a7a8, as `lspci -nn` prints it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
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
