//! What only reads takes its rights away first: a fault in reading what strangers wrote then has
//! nothing to gain.
//!
//! Landlock keeps a command from writing anywhere but into the folder of `-o`, from programs and
//! from TCP; a seccomp filter keeps it from sockets of any kind; new privileges are given up. Files
//! that are open already, such as standard output, stay as they are. Where the kernel has none of
//! it the command goes on, and `-v` says so.

use crate::args::{self, CatalogCommand, Command, VmCommand};
use crate::error::CliError;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};
use rom_host::files::RootFolder;
use rom_host::probe::rom_source::rom_sources;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};

/// The newest version of Landlock whose rights are taken away. An older kernel takes away what it
/// knows.
const LANDLOCK: ABI = ABI::V6;
/// Added to the number of a system call by programs of the x32 kind, which an x86-64 kernel can
/// know too.
const X32: i64 = 0x4000_0000;

/// What a command keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// The folders into which it writes.
    writes_in: Vec<PathBuf>,
    /// The one of them that is made if it is missing.
    makes: Option<PathBuf>,
    /// Whether it starts QEMU, to ask for its version or to boot a ROM.
    starts_programs: bool,
    /// Attributes of sysfs that it writes to: the switches of ROM BARs.
    switches: Vec<PathBuf>,
}

/// What the kernel did not take away, in words.
pub(crate) type Kept = Vec<&'static str>;

impl Rights {
    /// What `command` keeps on a host with these files; `None` for one that changes the host or
    /// uses the network.
    pub(crate) fn of(command: &Command, host: &RootFolder) -> Option<Self> {
        let nothing = Self::default();
        let asks = Some(Self { starts_programs: true, ..nothing.clone() });
        let writes = |folder: PathBuf| Some(Self { writes_in: vec![folder], ..nothing.clone() });
        let reads = Some(nothing.clone());
        match command {
            Command::Fetch(_)
            | Command::Install(_)
            | Command::Setup(_)
            | Command::Undo(_)
            | Command::Vm(VmCommand::Verify(_))
            | Command::Redo(_)
            | Command::Catalog(CatalogCommand::Diff(_) | CatalogCommand::Update(_)) => None,
            Command::Status
            | Command::Doctor(_)
            | Command::Test(_)
            | Command::Report(_)
            | Command::Vm(VmCommand::Check(_) | VmCommand::Plan(_)) => asks,
            Command::Extract(args) => {
                // Of a file that is not there nothing comes.
                let is_there = |file: &PathBuf| file == Path::new("-") || file.exists();
                let makes = args.output.clone();
                let makes = makes.filter(|_| args.host || args.files.iter().any(is_there));
                let page = args.html.as_deref().map(folder_of);
                let writes_in = args.output.iter().cloned().chain(page).collect();
                let switches = if args.host { switches(host, args) } else { Vec::new() };
                Some(Self { writes_in, makes, switches, ..nothing })
            }
            Command::Show(args) => args.html.as_deref().map(folder_of).map_or(reads, writes),
            Command::Build(args) => writes(folder_of(&args.output)),
            Command::Repair(args) => args.output.as_deref().map(folder_of).map_or(reads, writes),
            Command::Pick(_)
            | Command::List
            | Command::Check(_)
            | Command::History
            | Command::Explain(_)
            | Command::Scan(_)
            | Command::Catalog(CatalogCommand::Lint)
            | Command::Config
            | Command::Completions(_) => reads,
        }
    }

    /// Takes all other rights away, for this process and what it starts. Says what the kernel could
    /// not take.
    pub(crate) fn keep_only(&self) -> Result<Kept, CliError> {
        // The right to write into a folder can only be kept of one that is there.
        if let Some(folder) = &self.makes {
            fs::create_dir_all(folder)
                .map_err(|error| CliError::file("make the folder", folder, &error))?;
        }
        let mut kept = Vec::new();
        match self.restrict() {
            Ok(RulesetStatus::FullyEnforced) => {}
            Ok(RulesetStatus::PartiallyEnforced) => kept.push(
                "some of the rights that Landlock \
                restricts",
            ),
            Ok(RulesetStatus::NotEnforced) | Err(_) => {
                kept.push("writing of files (no Landlock in this kernel)");
            }
        }
        if no_sockets().is_none() {
            kept.push("sockets (no seccomp in this kernel)");
        }
        Ok(kept)
    }

    fn restrict(&self) -> Result<RulesetStatus, RulesetError> {
        let mut handled = AccessFs::from_write(LANDLOCK);
        if !self.starts_programs {
            handled |= AccessFs::Execute;
        }
        let mut ruleset = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(handled)?
            .handle_access(AccessNet::from_all(LANDLOCK))?
            .scope(Scope::from_all(LANDLOCK))?
            .create()?;
        // What a program that is started says where nobody hears it.
        if self.starts_programs {
            ruleset = allow(ruleset, Path::new("/dev/null"), AccessFs::WriteFile.into())?;
        }
        for switch in &self.switches {
            ruleset = allow(ruleset, switch, AccessFs::WriteFile.into())?;
        }
        for folder in &self.writes_in {
            ruleset = allow(ruleset, folder, AccessFs::from_write(LANDLOCK))?;
        }
        Ok(ruleset.restrict_self()?.ruleset)
    }
}

/// The switches of the ROMs that `extract --host` reads. Of another root nothing is switched.
fn switches(host: &RootFolder, args: &args::Extract) -> Vec<PathBuf> {
    if host.0 != Path::new("/") {
        return Vec::new();
    }
    let sources = rom_sources(host, args.bdf.as_deref());
    sources.iter().filter_map(|source| source.switch()).map(PathBuf::from).collect()
}

/// Lets `path` have `access`. What is not there is reported by whoever opens it.
fn allow(
    ruleset: landlock::RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<landlock::RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(folder) => ruleset.add_rule(PathBeneath::new(folder, access)),
        Err(_) => Ok(ruleset),
    }
}

/// From now on no socket can be made, and no ring that could make one.
fn no_sockets() -> Option<()> {
    let arch = TargetArch::try_from(ARCH).ok()?;
    let calls = [libc::SYS_socket, libc::SYS_io_uring_setup];
    let numbers = calls.into_iter().flat_map(|call| [call, call | X32]);
    let rules = numbers.map(|number| (number, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, arch).ok()?;
    let program = BpfProgram::try_from(filter).ok()?;
    seccompiler::apply_filter(&program).ok()
}

/// The folder that holds `path`; the current one for a plain name.
fn folder_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Cli;
    use clap::Parser as _;
    use std::io::ErrorKind::PermissionDenied;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::process;
    use std::thread;
    use tempfile::TempDir;

    fn rights(command: &[&str]) -> Option<Rights> {
        let host = RootFolder("/".into());
        Rights::of(Cli::try_parse_from([&["oprom"], command].concat()).unwrap().asked(), &host)
    }

    /// What `work` gives in a thread of its own, which keeps no more than `rights`: others go on as
    /// before.
    fn restricted<T: Send>(rights: &Rights, work: impl FnOnce() -> T + Send) -> T {
        let restricted = || {
            assert_eq!(
                rights.keep_only().unwrap(),
                [""; 0],
                "needs a kernel with Landlock and seccomp"
            );
            work()
        };
        thread::scope(|scope| scope.spawn(restricted).join().unwrap())
    }

    #[test]
    fn what_reads_keeps_no_right_to_change_anything() {
        for command in [
            &["check", "x.rom"][..],
            &["show", "x.rom"],
            &["extract", "x.rom"],
            &["scan", "/"],
            &["explain", "ROM001"],
            &["pick"],
            &["list"],
            &["repair", "x.rom"],
            &["history"],
            &["catalog", "lint"],
        ] {
            assert_eq!(rights(command), Some(Rights::default()), "{command:?}");
        }
        let page = rights(&["show", "x.rom", "--html", "pages/x.html"]);
        let writes = Rights { writes_in: vec!["pages".into()], ..Rights::default() };
        assert_eq!(page, Some(writes));
        for command in [
            &["doctor"][..],
            &["report"],
            &["vm", "check", "100"],
            &["vm", "plan"],
            &["test", "x.rom"],
        ] {
            let asks = Rights { starts_programs: true, ..Rights::default() };
            assert_eq!(rights(command), Some(asks), "{command:?}");
        }
        for command in [&["install"][..], &["fetch"], &["undo"], &["redo"], &["catalog", "update"]]
        {
            assert_eq!(rights(command), None, "{command:?}");
        }
    }

    #[test]
    fn files_are_written_below_the_output_alone() {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("x.rom"), "x").unwrap();
        let own = rights(&[
            "extract",
            at("x.rom").to_str().unwrap(),
            "-o",
            at("out/deep").to_str().unwrap(),
        ])
        .unwrap();
        restricted(&own, || {
            fs::write(at("out/deep/part"), "x").unwrap();
            fs::rename(at("out/deep/part"), at("out/deep/other")).unwrap();
            assert_eq!(fs::read(at("x.rom")).unwrap(), b"x");
            let denied = [
                fs::write(at("x.rom"), "y"),
                fs::write(at("new"), "y"),
                fs::create_dir(at("folder")),
                fs::remove_file(at("x.rom")),
                fs::rename(at("x.rom"), at("y.rom")),
                fs::rename(at("out/deep/other"), at("other")),
                std::os::unix::fs::symlink("x.rom", at("link")),
            ];
            for result in denied {
                let kind = result.unwrap_err().kind();
                assert!(
                    matches!(kind, PermissionDenied | std::io::ErrorKind::CrossesDevices),
                    "{kind:?}"
                );
            }
        });
        assert_eq!(fs::read(at("x.rom")).unwrap(), b"x");
        fs::write(at("new"), "the other threads keep their rights").unwrap();
    }

    #[test]
    fn no_socket_is_opened_and_no_program_started() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("socket");
        let (server, _unix) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), UnixListener::bind(&path).unwrap());
        let address = server.local_addr().unwrap();
        restricted(&rights(&["check", "x.rom"]).unwrap(), || {
            let denied = [
                TcpStream::connect(address).err(),
                TcpListener::bind("127.0.0.1:0").err(),
                UdpSocket::bind("127.0.0.1:0").err(),
                UnixStream::connect(&path).err(),
                process::Command::new("/bin/true").status().err(),
            ];
            for error in denied {
                assert_eq!(error.map(|error| error.kind()), Some(PermissionDenied));
            }
        });
        restricted(&rights(&["doctor"]).unwrap(), || {
            let mut quiet = process::Command::new("/bin/true");
            assert!(quiet.stdout(process::Stdio::null()).status().unwrap().success());
            assert!(TcpStream::connect(address).is_err());
        });
        TcpStream::connect(address).unwrap();
    }

    #[test]
    fn of_a_host_the_switch_of_the_rom_alone_is_written() {
        let own = rights(&["extract", "--host", "--bdf", "0001:02:03.4"]).unwrap();
        let switch = Path::new("/sys/bus/pci/devices/0001:02:03.4/rom");
        assert_eq!(own, Rights { switches: vec![switch.to_owned()], ..Rights::default() });
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("rom"), "x").unwrap();
        fs::write(at("reset"), "x").unwrap();
        restricted(&Rights { switches: vec![at("rom")], ..Rights::default() }, || {
            let mut rom = fs::OpenOptions::new().write(true).open(at("rom")).unwrap();
            std::io::Write::write_all(&mut rom, b"1").unwrap();
            for other in ["reset", "new"] {
                let error = fs::write(at(other), "1").unwrap_err();
                assert_eq!(error.kind(), PermissionDenied, "{other}");
            }
            assert!(fs::remove_file(at("rom")).is_err());
        });
        assert_eq!(fs::read(at("rom")).unwrap(), b"1");
        // Of another root nothing is switched.
        let command = ["oprom", "extract", "--host", "--bdf", "0001:02:03.4"];
        let cli = Cli::try_parse_from(command).unwrap();
        let other = RootFolder(folder.path().to_owned());
        assert_eq!(Rights::of(cli.asked(), &other), Some(Rights::default()));
    }

    #[test]
    fn a_folder_is_not_made_for_a_file_that_is_not_there() {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let own =
            rights(&["extract", at("x.rom").to_str().unwrap(), "-o", at("out").to_str().unwrap()])
                .unwrap();
        restricted(&own, || {});
        assert!(!at("out").exists());
    }
}
