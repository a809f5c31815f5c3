//! Boots a machine with many ROMs and tells which of their programs spoke.

use rom_core::firmware::Firmware;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Where the programs of a ROM are heard.
#[derive(Clone, Debug)]
pub(crate) struct Boot {
    /// What was heard.
    pub(crate) heard: String,
    /// Whether the machine came to the last ROM, which switches it off.
    pub(crate) finished: bool,
}

/// Slots of the root bus that are free on every machine, and functions of a slot.
const SLOTS: std::ops::RangeInclusive<usize> = 2..=0x1D;
const FUNCTIONS: usize = 8;
/// Functions of the slot behind these, for the ROM that switches the machine off.
const LAST_SLOT: usize = 0x1E;

/// How many ROMs fit into one machine.
pub(crate) const ROMS: usize = (*SLOTS.end() - *SLOTS.start() + 1) * FUNCTIONS;

/// The device that carries each ROM: it has a configuration space and nothing that firmware has a
/// driver for.
pub(crate) const DEVICE: (u16, u16) = (0x1B36, 0x0011);

/// Firmware files of Debian's packages.
pub(crate) struct Files {
    pub(crate) code: PathBuf,
    pub(crate) variables: Option<PathBuf>,
}

impl Files {
    /// Those of `firmware`.
    pub(crate) fn of(firmware: Firmware) -> Self {
        let (code, variables) = match firmware {
            Firmware::Ovmf => {
                ("/usr/share/OVMF/OVMF_CODE_4M.fd", Some("/usr/share/OVMF/OVMF_VARS_4M.fd"))
            }
            Firmware::Aavmf => {
                ("/usr/share/AAVMF/AAVMF_CODE.fd", Some("/usr/share/AAVMF/AAVMF_VARS.fd"))
            }
            Firmware::AavmfSecureBoot => (
                "/usr/share/AAVMF/AAVMF_CODE.ms.fd",
                Some("/usr/share/AAVMF/AAVMF_VARS.snakeoil.fd"),
            ),
            Firmware::SeaBios => ("/usr/share/seabios/bios-256k.bin", None),
            other => panic!("nothing boots {} here", other.name()),
        };
        Self { code: code.into(), variables: variables.map(Into::into) }
    }
}

/// Boots `firmware` with `roms` in `folder`. `last` switches the machine off; `patience` is how
/// long to wait for that.
pub(crate) fn boot(
    firmware: Firmware,
    roms: &[&[u8]],
    last: &[u8],
    folder: &Path,
    patience: Duration,
) -> io::Result<Boot> {
    let log = folder.join("heard");
    File::create(&log)?;
    let mut qemu = machine(firmware, &log, folder)?;
    for (index, rom) in roms.iter().enumerate() {
        let (slot, function) = (SLOTS.start() + index / FUNCTIONS, index % FUNCTIONS);
        attach(&mut qemu, rom, &folder.join(format!("{index}.rom")), slot, function)?;
    }
    attach(&mut qemu, last, &folder.join("last.rom"), LAST_SLOT, 0)?;
    let child = qemu
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(folder.join("errors"))?)
        .spawn()?;
    let finished = wait(child, patience)?;
    let heard = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    let errors = fs::read_to_string(folder.join("errors"))?;
    if heard.is_empty() && !errors.is_empty() {
        return Err(io::Error::other(format!("QEMU: {errors}")));
    }
    Ok(Boot { heard, finished })
}

/// Boots OVMF with the files `roms` up to its shell, which runs `startup.nsh` of the folder `disk`;
/// what the console showed.
pub(crate) fn shell(
    roms: &[PathBuf],
    disk: &Path,
    folder: &Path,
    patience: Duration,
) -> io::Result<String> {
    let console = folder.join("console");
    let mut qemu = machine(Firmware::Ovmf, &folder.join("heard"), folder)?;
    qemu.args(["-serial", &format!("file:{}", console.display())]);
    qemu.args([
        "-drive",
        &format!("format=raw,file=fat:{},if=none,id=disk,readonly=on", disk.display()),
    ]);
    qemu.args(["-device", "virtio-blk-pci,drive=disk,romfile="]);
    for rom in roms {
        qemu.args(["-device", &format!("pvpanic-pci,romfile={}", rom.display())]);
    }
    let child = qemu.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    if !wait(child, patience)? {
        return Err(io::Error::other("the UEFI shell did not come to its end"));
    }
    Ok(String::from_utf8_lossy(&fs::read(&console)?).into_owned())
}

fn machine(firmware: Firmware, log: &Path, folder: &Path) -> io::Result<Command> {
    let Files { code, variables } = Files::of(firmware);
    let arm = matches!(firmware, Firmware::Aavmf | Firmware::AavmfSecureBoot);
    let mut qemu = Command::new(if arm { "qemu-system-aarch64" } else { "qemu-system-x86_64" });
    qemu.args(["-nodefaults", "-display", "none", "-monitor", "none", "-no-reboot", "-m", "256"]);
    if arm {
        qemu.args([
            "-M",
            "virt",
            "-cpu",
            "cortex-a57",
            "-serial",
            &format!("file:{}", log.display()),
        ]);
    } else {
        let kind = if firmware == Firmware::SeaBios { "pc" } else { "q35" };
        qemu.args([
            "-machine",
            &format!("{kind},accel=tcg"),
            "-debugcon",
            &format!("file:{}", log.display()),
        ]);
        qemu.args([
            "-global",
            "isa-debugcon.iobase=0x402",
            "-device",
            "isa-debug-exit,iobase=0xf4,iosize=4",
        ]);
    }
    match variables {
        None => {
            qemu.arg("-bios").arg(code);
        }
        Some(variables) => {
            let own = folder.join("variables");
            fs::copy(variables, &own)?;
            qemu.args([
                "-drive",
                &format!("if=pflash,format=raw,readonly=on,file={}", code.display()),
            ]);
            qemu.args(["-drive", &format!("if=pflash,format=raw,file={}", own.display())]);
        }
    }
    Ok(qemu)
}

fn attach(
    qemu: &mut Command,
    rom: &[u8],
    file: &Path,
    slot: usize,
    function: usize,
) -> io::Result<()> {
    fs::write(file, rom)?;
    let multifunction = if function == 0 { ",multifunction=on" } else { "" };
    qemu.args([
        "-device",
        &format!("pvpanic-pci,addr={slot:x}.{function}{multifunction},romfile={}", file.display()),
    ]);
    Ok(())
}

/// Waits for the machine to switch itself off. False if it does not within `patience`.
fn wait(mut child: Child, patience: Duration) -> io::Result<bool> {
    let start = Instant::now();
    while start.elapsed() < patience {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(false)
}
