//! An emulated machine: QEMU, started with ROMs on its devices, heard, and ended.
//!
//! What it runs is hostile: QEMU is in its own sandbox, without a network, a disk or a display, and
//! ends with this process, whatever ends that. The ROMs are in memory, so that nothing is left
//! behind.

use rom_core::Rom;
use rom_core::firmware::Firmware;
use rom_core::observe::{self, SLOTS};
use rustix::fs::{MemfdFlags, memfd_create};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What ends a program together with the one that started it. It is in util-linux.
const WITH_PARENT: &str = "setpriv";
/// The user and the group that have no rights.
const NOBODY: u32 = 65534;
/// Bytes of what a machine says that are kept.
const LONGEST: usize = 1 << 20;
/// How often it is looked whether a machine has ended.
const INTERVAL: Duration = Duration::from_millis(20);
/// A tick of the times in `/proc/PID/stat` (proc(5): 100 a second on every machine of today).
const TICK: Duration = Duration::from_millis(10);

/// QEMU's programs for x86-64, as distributions name them.
const PROGRAMS: [&str; 3] = ["qemu-system-x86_64", "kvm", "qemu-kvm"];
/// Folders that have programs and are not in everybody's path.
const FOLDERS: [&str; 3] = ["/usr/bin", "/usr/local/bin", "/usr/libexec"];

/// QEMU for x86-64 on this host.
#[must_use]
pub fn program() -> Option<PathBuf> {
    PROGRAMS.into_iter().find_map(find)
}

/// A program by its name: in the folders of `PATH`, then where it usually is.
fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.retain(|folder| folder.is_absolute());
    folders.extend(FOLDERS.map(Into::into));
    folders.into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Which firmware a machine has.
#[derive(Clone, Debug)]
pub struct Image<'a> {
    /// What it is.
    pub firmware: Firmware,
    /// Its code; `None` for the SeaBIOS that QEMU brings.
    pub code: Option<&'a Path>,
    /// A file for its variables, which is written. Without one it has none.
    pub variables: Option<&'a Path>,
}

/// How long a machine may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Time of a processor: what a busy host does not change.
    pub processor: Duration,
    /// Time in all.
    pub total: Duration,
}

/// A machine to be started.
#[derive(Debug)]
pub struct Machine {
    options: Vec<OsString>,
    program: PathBuf,
    /// The ROMs, which QEMU inherits.
    roms: Vec<File>,
    unprivileged: bool,
}

/// What a machine did.
#[derive(Clone, Debug)]
pub struct Boot {
    /// What it wrote to its debug port, or on Arm to its serial port.
    pub heard: Vec<u8>,
    /// Whether it ended by itself.
    pub ended: bool,
    /// What QEMU had to say.
    pub errors: String,
    /// How long it took.
    pub took: Duration,
}

impl Machine {
    /// A machine with this firmware.
    #[must_use]
    pub fn new(program: &Path, image: &Image<'_>) -> Self {
        let mut machine = Self {
            options: Vec::new(),
            program: program.to_owned(),
            roms: Vec::new(),
            unprivileged: false,
        };
        machine.options(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"]);
        machine.options(["-m", "256", "-sandbox"]);
        machine
            .options(["on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]);
        match image.firmware {
            Firmware::Aavmf | Firmware::AavmfSecureBoot => {
                machine.options(["-M", "virt", "-cpu", "cortex-a57", "-serial", "stdio"]);
            }
            Firmware::Ovmf | Firmware::SeaBios => {
                let is_pc = image.firmware == Firmware::SeaBios;
                let board = if is_pc { "pc,accel=tcg" } else { "q35,accel=tcg" };
                machine.options(["-machine", board, "-debugcon", "stdio"]);
                machine.options(["-global", "isa-debugcon.iobase=0x402"]);
                machine.options(["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]);
            }
            _ => {}
        }
        match image.code {
            Some(code) if image.firmware == Firmware::SeaBios => {
                machine.options([OsStr::new("-bios"), code.as_os_str()]);
            }
            Some(code) => machine.flash("if=pflash,format=raw,readonly=on,file=", code),
            None => {}
        }
        if let Some(variables) = image.variables {
            machine.flash("if=pflash,format=raw,file=", variables);
        }
        machine
    }

    /// A machine with `rom` on the stand-in device, between the ROMs that make it be heard.
    ///
    /// # Errors
    /// Where those cannot be made, or no memory can be had for them.
    pub fn around(program: &Path, image: &Image<'_>, rom: &Rom<'_>) -> io::Result<Self> {
        let mut machine = Self::new(program, image);
        let first = observe::first(image.firmware).map_err(io::Error::other)?;
        let last = observe::last(image.firmware).map_err(io::Error::other)?;
        let own = observe::for_stand_in(rom, image.firmware);
        for (slot, bytes) in SLOTS.into_iter().zip([&first, own.as_ref(), &last]) {
            machine.attach(bytes, slot, 0)?;
        }
        Ok(machine)
    }

    fn flash(&mut self, options: &str, file: &Path) {
        // A comma in an option of QEMU is doubled.
        let file = file.display().to_string().replace(',', ",,");
        self.options(["-drive".to_owned(), format!("{options}{file}")]);
    }

    /// Adds options of QEMU.
    pub fn options<S: Into<OsString>>(&mut self, options: impl IntoIterator<Item = S>) {
        self.options.extend(options.into_iter().map(Into::into));
    }

    /// Lets root start it as a user without rights.
    pub fn unprivileged(&mut self) {
        self.unprivileged = rustix::process::geteuid().is_root();
    }

    /// Puts `rom` on a device in this slot of the root bus.
    ///
    /// # Errors
    /// Where no memory can be had for it.
    pub fn attach(&mut self, rom: &[u8], slot: u8, function: u8) -> io::Result<()> {
        // QEMU inherits it: it is not closed when that is started.
        let mut file = File::from(memfd_create("rom", MemfdFlags::empty())?);
        file.write_all(rom)?;
        let multifunction = if function == 0 { ",multifunction=on" } else { "" };
        let at = format!("pvpanic-pci,addr={slot:x}.{function}{multifunction}");
        let romfile = format!("romfile=/proc/self/fd/{}", file.as_raw_fd());
        self.options(["-device".to_owned(), format!("{at},{romfile}")]);
        self.roms.push(file);
        Ok(())
    }

    /// Starts it and waits for its end, or ends it.
    ///
    /// # Errors
    /// Where QEMU cannot be started.
    pub fn boot(&self, patience: Patience) -> io::Result<Boot> {
        let begun = Instant::now();
        let mut running = Running(self.command().spawn()?);
        let heard = hear(running.0.stdout.take())?;
        let errors = hear(running.0.stderr.take())?;
        let ended = running.wait(patience)?;
        drop(running);
        let errors = String::from_utf8_lossy(&text_of(errors)).into_owned();
        Ok(Boot { heard: text_of(heard), ended, errors, took: begun.elapsed() })
    }

    fn command(&self) -> Command {
        let mut command = match find(WITH_PARENT) {
            Some(with_parent) => {
                let mut command = Command::new(with_parent);
                command.args(["--pdeathsig", "KILL", "--"]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        command.args(&self.options).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.unprivileged {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

/// A process that does not outlive this value.
struct Running(Child);

impl Running {
    /// Waits for its end; false if it takes too long.
    fn wait(&mut self, patience: Patience) -> io::Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < patience.total {
            if self.0.try_wait()?.is_some() {
                return Ok(true);
            }
            if processor_time(self.0.id()).is_some_and(|used| used > patience.processor) {
                break;
            }
            thread::sleep(INTERVAL);
        }
        Ok(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// How long a process kept processors busy, where the kernel tells.
fn processor_time(process: u32) -> Option<Duration> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name, which may hold anything, come the fields from the third on.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11).map(str::parse::<u32>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    TICK.checked_mul(user.checked_add(system)?)
}

/// Reads a stream to its end, and keeps as much as is looked at.
fn hear(stream: Option<impl Read + Send + 'static>) -> io::Result<JoinHandle<Vec<u8>>> {
    thread::Builder::new().spawn(move || {
        let mut text = Vec::new();
        let Some(mut stream) = stream else { return text };
        let mut part = [0; 4096];
        while let Ok(count) = stream.read(&mut part) {
            if count == 0 {
                break;
            }
            let room = LONGEST.saturating_sub(text.len()).min(count);
            text.extend(part.iter().take(room));
        }
        text
    })
}

fn text_of(heard: JoinHandle<Vec<u8>>) -> Vec<u8> {
    heard.join().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process;

    fn patience(milliseconds: u64) -> Patience {
        let limit = Duration::from_millis(milliseconds);
        Patience { processor: limit, total: Duration::from_mins(1) }
    }

    /// A machine whose emulator is a shell that does `script`.
    fn machine(script: &str) -> Machine {
        Machine {
            options: vec!["-c".into(), script.into()],
            program: "/bin/sh".into(),
            roms: Vec::new(),
            unprivileged: false,
        }
    }

    #[test]
    fn what_it_says_is_heard_up_to_its_end() {
        let boot = machine("echo heard; echo trouble >&2").boot(patience(60_000)).unwrap();
        assert_eq!((boot.heard.as_slice(), boot.errors.as_str()), (&b"heard\n"[..], "trouble\n"));
        assert!(boot.ended);
    }

    #[test]
    fn one_that_does_not_end_is_ended() {
        let boot = machine("echo $$; while :; do :; done").boot(patience(50)).unwrap();
        assert!(!boot.ended);
        let id = String::from_utf8(boot.heard).unwrap();
        assert!(!Path::new("/proc").join(id.trim()).exists());
        let idle = Patience { total: Duration::from_millis(50), ..patience(60_000) };
        assert!(!machine("exec sleep 60").boot(idle).unwrap().ended);
    }

    #[test]
    fn what_is_kept_of_it_has_a_limit() {
        let boot = machine("head -c 3000000 /dev/zero").boot(patience(60_000)).unwrap();
        assert_eq!((boot.heard.len(), boot.ended), (LONGEST, true));
    }

    #[test]
    fn the_time_of_a_processor_is_that_of_the_process() {
        assert!(processor_time(process::id()).is_some());
        assert!(processor_time(u32::MAX).is_none());
    }
}
