//! Boots a machine with many ROMs and tells which of their programs spoke.

use rom_cli::emulator::{Boot, Image, Machine, Patience};
use rom_core::Rom;
use rom_core::firmware::Firmware;
use rom_core::observe::{self, Observation, SLOTS};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Slots of the root bus that are free on every machine, and functions of a slot. The ROM that
/// switches the machine off is in the slot behind these.
const FREE: std::ops::RangeInclusive<u8> = SLOTS[0]..=SLOTS[2] - 1;
const FUNCTIONS: u8 = 8;

/// How many ROMs fit into one machine.
pub(crate) const ROMS: usize = ((*FREE.end() - *FREE.start() + 1) * FUNCTIONS) as usize;

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

/// Boots `firmware` with `roms`; its variables are in `folder`. `last` switches the machine off;
/// `patience` is how long to wait for that.
pub(crate) fn boot(
    firmware: Firmware,
    roms: &[&[u8]],
    last: &[u8],
    folder: &Path,
    patience: Duration,
) -> io::Result<Boot> {
    let mut machine = machine(firmware, folder)?;
    for (slot, roms) in FREE.zip(roms.chunks(usize::from(FUNCTIONS))) {
        for (function, rom) in (0..FUNCTIONS).zip(roms) {
            machine.attach(rom, slot, function)?;
        }
    }
    machine.attach(last, SLOTS[2], 0)?;
    run(&machine, patience)
}

/// What `oprom test` sees of `rom` with Debian's OVMF.
pub(crate) fn observe(rom: &Rom<'_>, patience: Duration) -> io::Result<Observation> {
    let files = Files::of(Firmware::Ovmf);
    let image = Image { firmware: Firmware::Ovmf, code: Some(&files.code), variables: None };
    let boot = run(&Machine::around(program(Firmware::Ovmf), &image, rom)?, patience)?;
    Ok(observe::read(rom, Firmware::Ovmf, &boot.heard))
}

/// Boots OVMF with `roms` up to its shell, which runs `startup.nsh` of the folder `disk`; what the
/// console showed.
pub(crate) fn shell(
    roms: &[Vec<u8>],
    disk: &Path,
    folder: &Path,
    patience: Duration,
) -> io::Result<String> {
    let console = folder.join("console");
    let mut machine = machine(Firmware::Ovmf, folder)?;
    for (slot, rom) in FREE.zip(roms) {
        machine.attach(rom, slot, 0)?;
    }
    let drive = format!("format=raw,file=fat:{},if=none,id=disk,readonly=on", disk.display());
    machine.options(["-serial", &format!("file:{}", console.display()), "-drive", &drive]);
    machine.options(["-device", "virtio-blk-pci,drive=disk,romfile="]);
    if !run(&machine, patience)?.ended {
        return Err(io::Error::other("the UEFI shell did not come to its end"));
    }
    Ok(String::from_utf8_lossy(&fs::read(&console)?).into_owned())
}

fn run(machine: &Machine, total: Duration) -> io::Result<Boot> {
    let boot = machine.boot(Patience { processor: Duration::MAX, total })?;
    if boot.heard.is_empty() && !boot.errors.is_empty() {
        return Err(io::Error::other(format!("QEMU: {}", boot.errors)));
    }
    Ok(boot)
}

fn program(firmware: Firmware) -> &'static Path {
    let arm = matches!(firmware, Firmware::Aavmf | Firmware::AavmfSecureBoot);
    Path::new(if arm { "/usr/bin/qemu-system-aarch64" } else { "/usr/bin/qemu-system-x86_64" })
}

fn machine(firmware: Firmware, folder: &Path) -> io::Result<Machine> {
    let Files { code, variables } = Files::of(firmware);
    let own = folder.join("variables");
    if let Some(variables) = &variables {
        fs::copy(variables, &own)?;
    }
    let variables = variables.is_some().then_some(own.as_path());
    Ok(Machine::new(program(firmware), &Image { firmware, code: Some(&code), variables }))
}
