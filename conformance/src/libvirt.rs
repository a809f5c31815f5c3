//! The real libvirt: domains that are made up go through its conversion to QEMU's command line. What
//! rom-host reads of a domain has to be what it reads of that command line, and what a plan makes of
//! a domain has to be accepted.
//!
//! libvirt's daemon runs in session mode as a user without rights. A domain of type `qemu` whose
//! device has the driver `vfio` is converted without KVM and without the device.

use crate::trial;
use fastrand::Rng;
use rom_core::catalog::Catalog;
use rom_host::assess::{Assessor, VmTarget};
use rom_host::files::FileMap;
use rom_host::goal::Goal;
use rom_host::probe::Host;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::model::{HostDevice, Vm};
use std::fs;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// Domains that libvirt accepts, and that are compared.
const DOMAINS: usize = 200;
/// Domains that are made up for that at most: it refuses some, for two devices in one place.
const MOST: usize = 500;
/// The user and the group `nobody` of Debian.
const NOBODY: u32 = 65_534;

/// libvirt's daemon in session mode, with folders of its own.
struct Session {
    folder: TempDir,
    daemon: Child,
}

impl Session {
    fn start() -> io::Result<Self> {
        let folder = TempDir::new()?;
        let own = is_root();
        let run = folder.path().join("run");
        fs::create_dir(&run)?;
        if own {
            chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
            chown(&run, Some(NOBODY), Some(NOBODY))?;
        }
        let mut command = command("libvirtd", &folder, own);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut session = Self { daemon: quiet.args(["--timeout", "600"]).spawn()?, folder };
        // It probes QEMU before it answers.
        for _ in 0..120 {
            if session.virsh(&["version"])?.status.success() {
                return Ok(session);
            }
            if let Some(status) = session.daemon.try_wait()? {
                return Err(io::Error::other(format!("libvirtd ended: {status}")));
            }
            sleep(Duration::from_millis(250));
        }
        Err(io::Error::other("libvirtd does not answer"))
    }

    fn virsh(&self, words: &[&str]) -> io::Result<Output> {
        let mut command = command("virsh", &self.folder, is_root());
        command.args(["-c", "qemu:///session"]).args(words).stdin(Stdio::null()).output()
    }

    /// A file that the daemon's user can read.
    fn file(&self, text: &str) -> io::Result<PathBuf> {
        let path = self.folder.path().join("domain.xml");
        fs::write(&path, text)?;
        Ok(path)
    }

    /// The command line that libvirt makes of a domain, or why it makes none.
    fn command_line(&self, xml: &str) -> io::Result<Result<String, String>> {
        let path = self.file(xml)?;
        let path = path.display().to_string();
        let output = self.virsh(&["domxml-to-native", "qemu-argv", "--xml", &path])?;
        Ok(if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        })
    }

    /// Why libvirt does not take a domain, if it does not.
    fn refused(&self, xml: &str) -> io::Result<Option<String>> {
        let path = self.file(xml)?;
        let output = self.virsh(&["define", "--validate", &path.display().to_string()])?;
        if !output.status.success() {
            return Ok(Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        self.virsh(&["undefine", "--nvram", "made-up"])?;
        Ok(None)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let ended = self.daemon.kill().and_then(|()| self.daemon.wait());
        drop(ended);
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// A program with the session's folders as its home, as `nobody` where this runs as root.
fn command(program: &str, folder: &TempDir, own: bool) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", folder.path())
        .env("XDG_RUNTIME_DIR", folder.path().join("run"));
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C");
    command.current_dir(folder.path());
    if own {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// An `<address>` of the guest.
fn address(bus: u8, slot: u8, function: u8) -> String {
    format!(
        "<address type='pci' domain='0x0000' bus='{bus:#04x}' slot='{slot:#04x}' \
         function='{function:#x}'/>"
    )
}

fn pick<'t>(random: &mut Rng, from: &[&'t str]) -> &'t str {
    from.get(random.usize(..from.len())).copied().unwrap_or_default()
}

/// A device of the host, and where it is in the guest.
fn hostdev(host: (u8, u8, u8), alias: &str, rom: &str, place: &str) -> String {
    let (bus, slot, function) = host;
    format!(
        "<hostdev mode='subsystem' type='pci' managed='yes'><driver name='vfio'/><source><address \
         domain='0x0000' bus='{bus:#04x}' slot='{slot:#04x}' function='{function:#x}'/></source>\
         {alias}{rom}{place}</hostdev>"
    )
}

fn gpu(random: &mut Rng, q35: bool) -> (String, &'static str) {
    let alias = random.u8(..4) == 0;
    let place = match random.u8(..10) {
        0..5 => address(0, 2, 0),
        5 => address(0, 5, 0),
        6 => address(0, 2, 1),
        7 if q35 => address(1, 0, 0),
        _ => String::new(),
    };
    let rom = pick(
        random,
        &[
            "",
            "<rom file='/usr/share/kvm/igd.rom'/>",
            "<rom file='/usr/share/kvm/igd.rom'/>",
            "<rom bar='off' file='/usr/share/kvm/igd.rom'/>",
            "<rom bar='on'/>",
            "<rom enabled='no'/>",
        ],
    );
    let function = u8::from(random.u8(..8) == 0);
    let element = if alias { "<alias name='ua-igpu'/>" } else { "" };
    let name = if alias { "ua-igpu" } else { "hostdev0" };
    (hostdev((0, 2, function), element, rom, &place), name)
}

/// Other devices, some of which are in the way.
fn others(random: &mut Rng, q35: bool) -> String {
    let mut devices = String::new();
    for _ in 0..random.usize(..4) {
        let slot = [1, 2, 3, 4, 5, 6, 0x1F][random.usize(..7)];
        let place = if random.bool() { address(0, slot, 0) } else { String::new() };
        let device = match random.u8(..5) {
            0 => format!("<sound model='ich6'>{place}</sound>"),
            1 if !devices.contains("<memballoon") => "<memballoon model='none'/>".to_owned(),
            2 if !devices.contains("<hostdev") => hostdev((1, 0, 0), "", "", &place),
            3 if !devices.contains("<watchdog") => {
                format!("<watchdog model='i6300esb' action='reset'>{place}</watchdog>")
            }
            _ => format!(
                "<rng model='virtio'><backend model='random'>/dev/urandom</backend>{place}</rng>"
            ),
        };
        devices += &device;
    }
    if q35 && random.bool() {
        devices += "<controller type='pci' index='1' model='pcie-root-port'/>";
    }
    devices
}

fn domain(random: &mut Rng) -> String {
    let machine = pick(random, &["pc", "q35", "pc-i440fx-7.2", "pc-q35-7.2", "pc"]);
    let q35 = machine.contains("q35");
    let (firmware, loader) = match random.u8(..6) {
        0..3 => (" firmware='efi'", ""),
        3 => (
            "",
            "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader><nvram \
             template='/usr/share/OVMF/OVMF_VARS_4M.fd'>/tmp/made-up_VARS.fd</nvram>",
        ),
        4 => ("", "<loader>/usr/share/seabios/bios-256k.bin</loader>"),
        _ => ("", ""),
    };
    let video_place = match random.u8(..4) {
        0 => address(0, 2, 0),
        1 => address(0, 6, 0),
        _ => String::new(),
    };
    let model = pick(random, &["virtio", "vga", "cirrus", "bochs"]);
    let video = match random.u8(..5) {
        0..2 => "<video><model type='none'/></video>".to_owned(),
        2 => String::new(),
        _ => format!("<video><model type='{model}'/>{video_place}</video>"),
    };
    let graphics = pick(random, &["", "", "<graphics type='vnc'/>"]);
    let (gpu, name) = gpu(random, q35);
    let cpu = pick(
        random,
        &["", "<cpu mode='maximum'/>", "<cpu mode='custom'><model>qemu64</model></cpu>"],
    );
    let memory = pick(
        random,
        &[
            "<memory unit='GiB'>8</memory>",
            "<memory>4194304</memory>",
            "<memory unit='M'>2048</memory>",
        ],
    );
    let properties = match random.u8(..5) {
        0 => format!(
            "<qemu:override><qemu:device alias='{name}'><qemu:frontend><qemu:property \
             name='x-igd-opregion' type='bool' value='true'/></qemu:frontend></qemu:device>\
             </qemu:override>"
        ),
        1 => format!(
            "<qemu:override><qemu:device alias='{name}'><qemu:frontend><qemu:property \
             name='x-igd-gms' type='unsigned' value='2'/></qemu:frontend></qemu:device>\
             </qemu:override>"
        ),
        2 => format!(
            "<qemu:commandline><qemu:arg value='-set'/><qemu:arg \
             value='device.{name}.x-igd-opregion=on'/></qemu:commandline>"
        ),
        _ => String::new(),
    };
    let others = others(random, q35);
    format!(
        "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>made-up\
         </name>{memory}<vcpu>2</vcpu><os{firmware}><type arch='x86_64' machine='{machine}'>hvm\
         </type>{loader}</os><features><acpi/></features>{cpu}<devices><emulator>\
         /usr/bin/qemu-system-x86_64</emulator>{graphics}{video}{gpu}{others}</devices>\
         {properties}</domain>"
    )
}

/// What matters of a VM, in words that do not depend on how it is configured.
fn facts(vm: &Vm) -> Vec<String> {
    let mut facts = vec![
        format!("firmware {:?}", vm.firmware.value),
        format!("machine {:?}", vm.machine.value),
        format!("display {:?}", vm.display.value),
        format!("memory {:?}", vm.memory.as_ref().map(|memory| memory.value)),
        format!("something at 1f.0: {}", vm.at_lpc.is_some()),
        format!("CPU with all address bits: {}", vm.all_address_bits.is_some()),
    ];
    for device in &vm.devices {
        facts.push(of_device(vm, device));
    }
    facts
}

fn of_device(vm: &Vm, device: &HostDevice) -> String {
    // An empty name is QEMU's word for none, and so is a BAR that is off.
    let file = device.get("romfile").filter(|file| !file.is_empty());
    let shown = !device.is_off("rombar") && device.get("romfile") != Some("");
    let (name, at_2_0) = (&device.name, vm.at_2_0(device));
    let mut text =
        format!("{name} {:?}: at 2.0: {at_2_0}, ROM {file:?}, shown {shown}", device.host);
    for (name, value) in device.properties.iter().filter(|(name, _)| name.starts_with("x-")) {
        let value = if device.is_on(name) { "on" } else { &value.value };
        text.extend([", ", name, "=", value]);
    }
    text
}

/// The command line alone: what is before the program sets its environment.
fn without_environment(line: &str) -> &str {
    line.find("/usr/bin/qemu-system").and_then(|at| line.get(at..)).unwrap_or(line)
}

/// Compares what is read of domains and of their command lines.
pub(crate) fn run(seed: u64) -> io::Result<trial::Result> {
    let session = Session::start()?;
    let (mut random, mut found) = (Rng::with_seed(seed), trial::Result::default());
    let (mut refused, mut planned, mut number) = (0_usize, 0_usize, 0_usize);
    let files = FileMap::default();
    while found.compared < DOMAINS && number < MOST {
        number += 1;
        let xml = domain(&mut random);
        let mut wrong = |what: String| {
            found.disagreements.push(format!("libvirt, seed {seed}, {number}: {what}\n    {xml}"));
        };
        let Ok(line) = session.command_line(&xml)? else {
            refused += 1;
            continue;
        };
        found.compared += 1;
        let own = match Configuration::read(&xml) {
            Ok(own) => own,
            Err(reason) => {
                wrong(format!("not read: {reason}"));
                continue;
            }
        };
        match Configuration::read(without_environment(&line)) {
            Err(reason) => wrong(format!("its command line is not read: {reason}\n    {line}")),
            Ok(real) => {
                let (own, real) = (facts(&own.vm()), facts(&real.vm()));
                let differs = own.iter().zip(&real).filter(|(own, real)| own != real);
                let differs: Vec<String> =
                    differs.map(|(own, real)| format!("{own} / libvirt: {real}")).collect();
                if !differs.is_empty() || own.len() != real.len() {
                    wrong(format!("{}\n    {line}", differs.join("; ")));
                }
            }
        }
        let goals = [Goal::DisplayAtBoot, Goal::Display, Goal::Compute];
        let target = VmTarget {
            device: "8086:a7a8".parse().ok(),
            qemu: pick(&mut random, &["9.0", "10.0", "10.1", "11.0"]).parse().ok(),
            goal: random.choice(goals),
            ..VmTarget::default()
        };
        let host = Host::read(&files, None);
        let assessor = Assessor::read(target, host, &files, Catalog::embedded());
        let plan = assessor.plan(&own);
        if plan.steps.is_empty() {
            continue;
        }
        planned += 1;
        if let Some(reason) = session.refused(&plan.after().text())? {
            wrong(format!("what a plan leaves is refused: {reason}\n    {}", plan.after().text()));
        }
    }
    println!("libvirt, seed {seed}: {refused} domains refused, {planned} plans tried");
    if found.compared < DOMAINS || planned < DOMAINS / 4 {
        found.disagreements.push(format!("libvirt, seed {seed}: too few are accepted"));
    }
    Ok(found)
}
