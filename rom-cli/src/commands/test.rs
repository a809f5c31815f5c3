//! Boots a ROM in this machine's QEMU, without the GPU.

use super::check::{of_file, shown};
use super::{Outcome, Report};
use crate::args::{self, TestFirmware};
use crate::emulator::{self, Image, Machine, Patience};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::file::{self, next};
use crate::report::test::{Boot, BootResult, Test};
use crate::text::{Block, Line, Sentence, block, file_or_placeholder};
use rom_core::firmware::Firmware;
use rom_core::observe::{self, STAND_IN};
use rom_core::{Analysis, Context, Rom, parse_at};
use rom_host::probe::firmware;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How long a machine may take: four times the time of a processor that OVMF takes to come to its
/// option ROMs, and twenty times that of SeaBIOS.
const fn patience(firmware: Firmware) -> Patience {
    let seconds = if matches!(firmware, Firmware::SeaBios) { 4 } else { 12 };
    Patience { processor: Duration::from_secs(seconds), total: Duration::from_mins(2) }
}

pub(super) fn run(args: &args::Test, env: &Env<'_>) -> Result<Outcome, CliError> {
    if !env.is_this_host() {
        let what = "a test boots the QEMU of this machine, and --sysroot names another one";
        return Err(CliError::new(Exit::Usage, what, "Leave out --sysroot."));
    }
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let file = files::read_rom(&args.file, context.limits())?;
    if file.bytes.len() > context.limits().file {
        let what = format!("{} is larger than any ROM", shown(&args.file));
        let error = CliError::new(Exit::Refused, what, "This finds a ROM inside it:");
        return Err(error.run(["oprom", "scan", &file_or_placeholder(&args.file)]));
    }
    let analysis = of_file(&file, &context);
    if !analysis.opened.is_empty() || analysis.images.is_empty() {
        return Err(not_a_rom(&args.file, &analysis));
    }
    let qemu = emulator::program().ok_or_else(no_qemu)?;
    let wanted = args.firmware.wanted();
    let ovmf = firmware::ovmf(&env.files());
    if wanted == [Firmware::Ovmf] && ovmf.is_none() {
        return Err(CliError::new(Exit::Failed, no_ovmf().raw(), INSTALL_OVMF));
    }
    let rom = parse_at(&file.bytes, analysis.kind.rom_at(&file.bytes), context.limits());
    let boots = thread::scope(|scope| {
        let boots: Vec<_> = wanted
            .iter()
            .map(|firmware| {
                let boot = || boot(&rom, &analysis, *firmware, &qemu, ovmf);
                scope.spawn(boot)
            })
            .collect();
        boots.into_iter().filter_map(|boot| boot.join().ok()).collect::<Vec<_>>()
    });
    let (starts, exit) = answer(&boots);
    Ok(Outcome {
        exit,
        report: Report::Test(Box::new(Test {
            path: Line::from(&args.file),
            sha256: analysis.sha256.map(Into::into),
            qemu: Line::from(&qemu),
            device: STAND_IN.into(),
            starts,
            firmware: boots,
        })),
    })
}

/// Whether the ROM starts, and the exit status for that.
fn answer(boots: &[Boot]) -> (bool, Exit) {
    let well = |boot: &Boot| boot.result == BootResult::Passed && boot.as_predicted == Some(true);
    let starts = boots.iter().all(well) && boots.iter().any(|boot| !boot.started().is_empty());
    let unknown = boots.iter().any(|boot| boot.result == BootResult::NotTested);
    let exit = match (starts, unknown) {
        (true, _) => Exit::Yes,
        (false, true) => Exit::Failed,
        (false, false) => Exit::No,
    };
    (starts, exit)
}

/// Boots one firmware with the ROM.
fn boot(
    rom: &Rom<'_>,
    analysis: &Analysis,
    firmware: Firmware,
    qemu: &Path,
    ovmf: Option<&'static str>,
) -> Boot {
    let file = ovmf.filter(|_| firmware == Firmware::Ovmf);
    let prediction = analysis.prediction(firmware);
    let boot = Boot {
        id: firmware.id(),
        name: firmware.name(),
        file,
        result: BootResult::NotTested,
        not_tested: None,
        milliseconds: 0,
        as_predicted: None,
        predicted: prediction.map(file::Prediction::new),
        images: Vec::new(),
        unknown: Vec::new(),
        said: Vec::new(),
    };
    if firmware == Firmware::Ovmf && file.is_none() {
        return Boot { not_tested: Some(no_ovmf()), ..boot };
    }
    let image = Image { firmware, code: file.map(Path::new), variables: None };
    let machine = Machine::around(qemu, &image, rom);
    let seen = machine.and_then(|mut machine| {
        machine.unprivileged();
        machine.boot(patience(firmware))
    });
    let seen = match seen {
        Ok(seen) => seen,
        Err(error) => {
            let reason = Sentence(format!("QEMU cannot be started: {error}"));
            return Boot { not_tested: Some(reason.into()), ..boot };
        }
    };
    let boot = Boot { milliseconds: seen.took.as_millis(), ..boot };
    let observation = observe::read(rom, firmware, &seen.heard);
    let Some(prediction) = prediction.filter(|_| observation.reached) else {
        return Boot { not_tested: Some(unheard(firmware, &seen)), ..boot };
    };
    boot.observed(&observation, prediction, &analysis.images)
}

/// Why nothing was heard of a firmware.
fn unheard(firmware: Firmware, boot: &emulator::Boot) -> Block {
    let name = firmware.name();
    match boot.errors.lines().find(|line| !line.trim().is_empty()) {
        Some(line) if boot.ended => block!["QEMU does not start this machine: ", Line::new(line)],
        _ if boot.ended => block![name, " switched the machine off before it came to the ROM"],
        _ => block![
            name,
            " did not come to the ROM in ",
            boot.took.as_secs(),
            " s, so the result is unknown"
        ],
    }
}

const INSTALL_OVMF: &str = "Install OVMF: the package is ovmf on Debian and Ubuntu, edk2-ovmf on \
    Fedora and Arch Linux, pve-edk2-firmware-ovmf on Proxmox VE.";

fn no_ovmf() -> Block {
    block!["there is no OVMF on this machine"]
}

fn no_qemu() -> CliError {
    let help = "Install QEMU for x86-64: the package is qemu-system-x86 on Debian, Ubuntu and \
        Fedora. Or test the file on the host that has the VM.";
    CliError::new(Exit::Failed, "there is no QEMU on this machine", help)
}

/// Why a file is not booted, and what to do with it instead.
fn not_a_rom(path: &Path, analysis: &Analysis) -> CliError {
    let what = format!("{} is {}", shown(path), analysis.kind);
    match next(analysis.next_step(), path) {
        Some(command) => {
            let help = "QEMU reads a file as it is, so nothing was booted. Next:";
            let mut error = CliError::new(Exit::Refused, what, help);
            error.advice = error.advice.and(command);
            error
        }
        None => CliError::new(Exit::Refused, what, "Nothing was booted. Name an option ROM."),
    }
}

impl TestFirmware {
    /// The firmwares that are booted.
    const fn wanted(self) -> &'static [Firmware] {
        match self {
            Self::Ovmf => &[Firmware::Ovmf],
            Self::Seabios => &[Firmware::SeaBios],
            Self::Both => &[Firmware::Ovmf, Firmware::SeaBios],
        }
    }
}
