//! Every command that is advised is what it was meant to be once a shell reads it, whatever a host
//! and a VM's configuration hold.

#[path = "support/stubs.rs"]
mod stubs;

use fastrand::Rng;
use rom_core::catalog::{Catalog, QemuVersion};
use rom_core::plain::is_plain;
use rom_host::advice::{Advice, ShellCommand};
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::Check;
use rom_host::explain;
use rom_host::files::{FileMap, HostFiles};
use rom_host::probe::Host;
use rom_host::vm::command_line::shell_words::Words;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::model::Manager;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use stubs::{SHELLS, Stubs};

const SEED: u64 = 0x0909;

/// Configurations that are changed at random.
const MUTATIONS: usize = 2000;

/// Hosts that are changed at random.
const HOSTS: usize = 300;

/// What a shell, an option parser or a terminal would take for more than text.
const HOSTILE: [&str; 32] = [
    "$(touch PWN)",
    "`touch PWN`",
    "$(/bin/touch PWN)",
    "`/usr/bin/touch PWN`",
    "$(touch${IFS}PWN)",
    ";touch PWN;",
    "|touch PWN",
    "&touch PWN&",
    "||touch PWN||",
    "&&touch PWN",
    "\ntouch PWN\n",
    "\r",
    ">PWN",
    "<PWN",
    ">>PWN",
    "'",
    "\"",
    "\\",
    "';touch PWN;'",
    "\";touch PWN;\"",
    "'$(touch PWN)'",
    " --delete scsi0 ",
    "#",
    "~",
    "*",
    "{a,b}",
    "!!",
    "%s",
    "=",
    "\u{202e}",
    "\u{200b}",
    "\u{e4}\u{1f600}",
];

/// A host on which every path that a VM names is a damaged ROM that its owner alone can read.
struct Strange<'a> {
    files: &'a FileMap,
    rom: Option<String>,
}

impl HostFiles for Strange<'_> {
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        if self.rom.as_deref() == Some(path) {
            return Ok(b"no ROM".to_vec());
        }
        self.files.read(path, most)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        self.files.names(folder)
    }

    fn link(&self, path: &str) -> Option<String> {
        self.files.link(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.files.exists(path)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.files.mode(path).map(|_| 0o600).or_else(|| self.rom.as_ref().map(|_| 0o600))
    }
}

/// All that was advised.
#[derive(Default)]
struct Advised {
    lines: BTreeSet<String>,
    commands: Vec<ShellCommand>,
}

impl Advised {
    fn command(&mut self, command: &ShellCommand) {
        if self.lines.insert(command.to_string()) {
            self.commands.push(command.clone());
        }
    }

    fn advice(&mut self, advice: &Advice) {
        advice.commands.iter().for_each(|command| self.command(command));
    }

    fn checks(&mut self, checks: &[Check]) {
        for check in checks {
            let advice = check.advice.as_ref().map_or("", |advice| &advice.text);
            for text in [check.says.as_str(), &check.evidence, advice] {
                assert!(text.chars().all(is_plain), "more than a line: {text:?}");
            }
        }
        checks.iter().filter_map(|check| check.advice.as_ref()).for_each(|own| self.advice(own));
    }

    /// A line that comes into a script, with the mark of a difference before it.
    fn pasted(&mut self, line: &str) {
        const QEMU: &str = "qemu-system-x86_64";
        let Some(line) = line.strip_prefix("+ ") else { return };
        let words = [QEMU.to_owned()].into_iter().chain(Words::read(line).words);
        let Some(command) = ShellCommand::new(words) else { return };
        assert_eq!(command.to_string(), format!("{QEMU} {line}"));
        self.command(&command);
    }

    fn vm(&mut self, text: &str, target: VmTarget, host: &Host, files: &FileMap) {
        let Ok(configuration) = Configuration::read(text) else { return };
        let rom = configuration.vm().gpu().and_then(|gpu| gpu.get("romfile")).map(str::to_owned);
        let files = Strange { files, rom };
        let assessor = Assessor::read(target, host.clone(), &files, Catalog::embedded());
        self.checks(&assessor.assess(&configuration).checks);
        let plan = assessor.plan(&configuration);
        self.checks(&plan.left);
        for step in &plan.steps {
            for command in step.commands.iter().chain(&step.undo) {
                self.command(command);
            }
            if plan.manager == Manager::Qemu {
                for line in &step.diff {
                    self.pasted(line);
                }
            }
        }
    }
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    base: String,
    #[serde(default)]
    set: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    unset: Vec<String>,
    pending: Option<String>,
    replace: Option<(String, String)>,
}

fn of_tests(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)).unwrap()
}

/// The configurations of the cases.
fn configurations() -> Vec<String> {
    let cases: Cases = toml::from_str(&of_tests("vm/cases.toml")).unwrap();
    let of_case = |case: &Case| {
        if !case.base.is_empty() {
            let (old, new) = case.replace.clone().unwrap_or_default();
            return of_tests(&format!("vm/{}", case.base)).replace(&old, &new);
        }
        let good = of_tests("vm/good.conf");
        let kept = good.lines().filter(|line| {
            let key = line.split(':').next().unwrap_or_default();
            !case.unset.iter().any(|own| own == key) && !case.set.contains_key(key)
        });
        let set = case.set.iter().map(|(key, value)| format!("{key}: {value}"));
        let pending = case.pending.iter().map(|own| format!("[PENDING]\n{own}"));
        let own = set.chain(kept.map(str::to_owned)).chain(pending);
        own.collect::<Vec<String>>().join("\n")
    };
    cases.case.iter().map(of_case).collect()
}

/// The hosts of the samples.
fn hosts() -> Vec<FileMap> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/hosts");
    let mut folders: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // The good one first.
    folders.sort_by_key(|path| (!path.ends_with("nuc-13-pro"), path.clone()));
    folders.iter().map(|folder| FileMap::from_folder(folder).unwrap()).collect()
}

/// `text` with something hostile in or for up to three of its words: keys, names, ids, values.
fn mutated(text: &str, random: &mut Rng) -> String {
    let mut text = text.to_owned();
    for _ in 0..random.choice([1, 1, 1, 2, 3]).unwrap() {
        let inside = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        let ends: Vec<usize> = text
            .char_indices()
            .zip(text.chars().skip(1).map(Some).chain([None]))
            .filter(|((_, letter), next)| inside(*letter) && !next.is_some_and(inside))
            .map(|((at, letter), _)| at + letter.len_utf8())
            .collect();
        let of_gpu: Vec<usize> =
            ends.iter().copied().filter(|end| is_of_gpu(line_at(&text, *end))).collect();
        let of_rom: Vec<usize> =
            ends.iter().copied().filter(|end| text[..*end].ends_with("igd.rom")).collect();
        let end = match random.u8(..4) {
            0 => random.choice(ends),
            1 => random.choice(of_rom),
            _ => random.choice(of_gpu),
        };
        let Some(end) = end else { continue };
        let start = text[..end].rfind(|letter| !inside(letter)).map_or(0, |at| at + 1);
        let start = (start..=end).find(|at| text.is_char_boundary(*at)).unwrap();
        let hostile = HOSTILE[random.usize(..HOSTILE.len())];
        let hostile = if text.trim_start().starts_with('<') {
            hostile.replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&apos;")
        } else {
            hostile.to_owned()
        };
        match random.u8(..4) {
            0 => text.replace_range(start..end, &hostile),
            1 => text.insert_str(start, &hostile),
            _ => text.insert_str(end, &hostile),
        }
    }
    text
}

/// What a host can have beside the samples: of all that a check or a plan looks at, something.
const ON_HOSTS: [(&str, &str); 13] = [
    ("/etc/default/grub", "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet intel_iommu=on video=efifb:off\"\n"),
    ("/etc/kernel/cmdline", "root=ZFS=rpool/ROOT intel_iommu=on\n"),
    ("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:a7a8 disable_vga=1\n"),
    ("/etc/modprobe.d/i915.conf", "blacklist i915\nsoftdep i915 pre: vfio-pci\n"),
    ("/etc/pve/mapping/pci.cfg", "igpu\n\tmap id=8086:a7a8,node=pve,path=0000:00:02.0\n"),
    ("/etc/pve/storage.cfg", "dir: local\n\tpath /var/lib/vz\n"),
    ("/etc/pve/qemu-server/101.conf", "hostpci0: mapping=igpu,romfile=igd.rom\nonboot: 1\n"),
    ("/etc/pve/lxc/200.conf", "dev0: /dev/dri/renderD128,gid=104\nonboot: 1\n"),
    ("/etc/libvirt/qemu/win11.xml", "<domain type='kvm'><name>win11</name></domain>\n"),
    ("/usr/share/kvm/igd.rom", "no ROM"),
    ("/run/qemu-server/101.pid", "4711\n"),
    ("/etc/hostname", "pve\n"),
    ("/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz-6.17.2-1-pve ff intel_iommu=on video=efifb\n"),
];

/// `host` with more on it, and with something hostile in up to six of its files, of their names
/// and of the targets of its links.
fn mutated_host(host: &FileMap, random: &mut Rng) -> FileMap {
    let mut files = host.clone();
    for (path, text) in ON_HOSTS {
        files.write(path, text);
    }
    for _ in 0..random.usize(1..=6) {
        let all: Vec<String> = files.paths().map(str::to_owned).collect();
        let own = ON_HOSTS.map(|(path, _)| path.to_owned());
        let path = if random.bool() { random.choice(&all) } else { random.choice(&own) };
        let Some(path) = path else { continue };
        if let Some(target) = files.link(path) {
            files.link_to(path, &mutated(&target, random));
        } else if let Ok(bytes) = files.read(path, 1 << 20) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if random.u8(..3) == 0 {
                let (folder, name) = path.rsplit_once('/').unwrap_or_default();
                files.remove(path);
                files.write(&format!("{folder}/{}", mutated(name, random)), text);
            } else {
                files.write(path, mutated(&text, random));
            }
        }
    }
    files
}

/// The line of `text` that has the byte before `end`.
fn line_at(text: &str, end: usize) -> &str {
    let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
    text[start..].lines().next().unwrap_or_default()
}

/// Whether commands can be made of a line.
fn is_of_gpu(line: &str) -> bool {
    ["args", "hostpci", "cpu", "vfio", "rom", "alias"].iter().any(|word| line.contains(word))
}

fn target(random: &mut Rng) -> VmTarget {
    let device = random.bool().then(|| "8086:a7a8".parse().unwrap());
    let versions = [(8, 2), (9, 2), (10, 0), (10, 1), (11, 0)];
    let (major, minor) = versions[random.usize(..versions.len())];
    let goals = ["display-at-boot", "display", "compute"];
    let goal = random.choice(goals).filter(|_| random.bool()).map(|goal| goal.parse().unwrap());
    let vmid = random.bool().then_some(100);
    VmTarget {
        device,
        qemu: Some(QemuVersion::new(major, minor)),
        vmid,
        goal,
        ..VmTarget::default()
    }
}

/// Runs each command in each shell.
fn hold(advised: &Advised) {
    let programs = advised.commands.iter().filter_map(|command| command.words().first());
    let stubs = Stubs::new(programs.map(String::as_str).chain(["touch", "rm", "cat", "id"]));
    let lines: Vec<String> = advised.commands.iter().map(ToString::to_string).collect();
    for shell in SHELLS {
        let calls = stubs.calls(shell, &lines);
        for (call, command) in calls.iter().zip(&advised.commands) {
            assert_eq!(call, command.words(), "{shell} (seed {SEED:#x}): {command}");
        }
        assert_eq!(calls.len(), lines.len(), "{shell} (seed {SEED:#x})");
    }
}

/// Options of the kernel, files of modprobe, mappings, names of VMs and of ROMs: what `doctor` and
/// `vm check` say of a host whose every file can be a stranger's, and of the VMs on it.
#[test]
fn what_is_advised_on_a_hostile_host_calls_what_was_meant_and_nothing_else() {
    let (hosts, bases) = (hosts(), configurations());
    let (mut advised, mut random) = (Advised::default(), Rng::with_seed(SEED));
    for _ in 0..HOSTS {
        let files = mutated_host(&hosts[random.usize(..hosts.len())], &mut random);
        let host = Host::read(&files, None);
        let facts = assess::facts(host.clone(), &files, Catalog::embedded());
        advised.checks(&assess::host(&facts));
        let mut assessor = Assessor::of_facts(&facts, &files, Catalog::embedded());
        for guest in &facts.guests.found {
            assessor.retarget(VmTarget { vmid: guest.name.vmid(), ..VmTarget::default() });
            if let Some(configuration) = &guest.configuration {
                advised.checks(&assessor.assess(configuration).checks);
            }
        }
        for _ in 0..2 {
            let own = bases[random.usize(..bases.len())].replace("0000:00:02.0", "mapping=igpu");
            let text = if random.bool() { own } else { mutated(&own, &mut random) };
            let here = VmTarget { device: None, qemu: None, ..target(&mut random) };
            advised.vm(&text, here, &host, &files);
        }
    }
    println!("seed {SEED:#x}: {} commands on {HOSTS} hosts", advised.commands.len());
    assert!(advised.commands.len() > 50, "the mutations reach few commands");
    hold(&advised);
}

#[test]
fn what_is_advised_calls_what_was_meant_and_nothing_else() {
    let mut advised = Advised::default();
    for entry in explain::entries() {
        let advice = entry.examples.iter().map(|example| explain::manager(example));
        advice.chain([None]).flat_map(|own| entry.advice(own)).for_each(|own| advised.advice(&own));
    }
    let hosts = hosts();
    for files in &hosts {
        let facts = assess::facts(Host::read(files, None), files, Catalog::embedded());
        advised.checks(&assess::host(&facts));
    }
    let (bases, mut random) = (configurations(), Rng::with_seed(SEED));
    let hosts: Vec<(Host, &FileMap)> =
        hosts.iter().map(|files| (Host::read(files, None), files)).collect();
    for text in &bases {
        for (host, files) in [&hosts[0], &hosts[random.usize(..hosts.len())]] {
            advised.vm(text, target(&mut random), host, files);
        }
    }
    let own = advised.commands.len();
    for _ in 0..MUTATIONS {
        let text = mutated(&bases[random.usize(..bases.len())], &mut random);
        let (host, files) = &hosts[random.usize(..hosts.len())];
        advised.vm(&text, target(&mut random), host, files);
    }
    println!("seed {SEED:#x}: {own} commands, {} with mutations", advised.commands.len());
    let hostile = advised.lines.iter().filter(|line| line.contains("PWN")).count();
    assert!(hostile > 40, "{hostile}: the mutations reach few commands");
    hold(&advised);
}
