//! Many ROMs in few machines: what ran, against what was foretold.

use crate::boot::{self, DEVICE, ROMS};
use crate::machine_code::{self, Then};
use rom_core::compose::{self, Kind, Named, Spec};
use rom_core::firmware::{self, Firmware, Forecast};
use rom_core::{DeviceId, Limits, parse};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// A ROM to try.
pub(crate) struct Trial {
    name: String,
    spec: Spec,
}

impl Trial {
    pub(crate) fn new(name: String, spec: Spec) -> Self {
        Self { name, spec }
    }
}

/// What a part of the suite found.
#[derive(Default)]
pub(crate) struct Result {
    pub(crate) compared: usize,
    pub(crate) disagreements: Vec<String>,
}

/// What a machine did with one ROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It started the programs of these images.
    Ran(Vec<usize>),
    /// It never came past it.
    Hung,
}

/// How long a machine may take that is not meant to hang, and one that is.
const PATIENCE: Duration = Duration::from_secs(120);
const HANG: Duration = Duration::from_secs(12);

/// ROMs in one machine: the BIOS area below 1 MiB has room for few legacy images.
fn machine_size(firmware: Firmware) -> usize {
    if firmware == Firmware::SeaBios { 14 } else { ROMS }
}

/// Tries `trials` on `firmware`.
pub(crate) fn run(trials: &[Trial], firmware: Firmware) -> io::Result<Result> {
    let roms = (0..trials.len()).map(|index| spoken(&trials[index].spec, index)).collect::<std::result::Result<Vec<_>, _>>();
    let roms = roms.map_err(io::Error::other)?;
    let forecasts: Vec<Forecast> = roms.iter().map(|rom| forecast(rom, firmware)).collect();
    let seen = see(&roms, &forecasts, firmware)?;
    let mut result = Result { compared: trials.len(), ..Result::default() };
    for ((trial, forecast), seen) in trials.iter().zip(&forecasts).zip(seen) {
        let foretold = if forecast.boots() { Seen::Ran(forecast.runs().collect()) } else { Seen::Hung };
        if foretold != seen {
            let reasons: Vec<&str> = forecast.images.iter().map(|fate| fate.reason.as_str()).collect();
            result.disagreements.push(format!(
                "{} ({}): foretold {foretold:?}, seen {seen:?}; {}",
                trial.name,
                trial.spec.purpose,
                reasons.join(" | ")
            ));
        }
    }
    Ok(result)
}

/// What rom-core says of a ROM on the device that the machines have.
pub(crate) fn forecast(rom: &[u8], firmware: Firmware) -> Forecast {
    let device = DeviceId { vendor: DEVICE.0, device: DEVICE.1 };
    firmware::forecast(&parse(rom, &Limits::default()), firmware, Some(device))
}

/// What `firmware` does with each of `roms`. Those that are to hang it have a machine each; so have those of a machine that hangs
/// all the same.
pub(crate) fn see(roms: &[Vec<u8>], forecasts: &[Forecast], firmware: Firmware) -> io::Result<Vec<Seen>> {
    let (sound, hanging): (Vec<usize>, Vec<usize>) = (0..roms.len()).partition(|index| forecasts[*index].boots());
    let mut jobs: Vec<(Vec<usize>, Duration)> =
        sound.chunks(machine_size(firmware)).map(|chunk| (chunk.to_vec(), PATIENCE)).collect();
    jobs.extend(hanging.into_iter().map(|index| (vec![index], HANG)));
    let jobs = Mutex::new(jobs);
    let seen = Mutex::new(vec![Seen::Hung; roms.len()]);
    let workers = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| work(roms, firmware, &jobs, &seen))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| io::Error::other("a thread failed"))?)
    })?;
    seen.into_inner().map_err(|_| io::Error::other("a thread failed"))
}

fn work(
    roms: &[Vec<u8>],
    firmware: Firmware,
    jobs: &Mutex<Vec<(Vec<usize>, Duration)>>,
    seen: &Mutex<Vec<Seen>>,
) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let lost = || io::Error::other("a thread failed");
    loop {
        let job = jobs.lock().map_err(|_| lost())?.pop();
        let Some((indices, patience)) = job else { return Ok(()) };
        match ran(roms, &indices, firmware, folder.path(), patience)? {
            Some(ran) => {
                let mut seen = seen.lock().map_err(|_| lost())?;
                for (index, images) in ran {
                    seen[index] = Seen::Ran(images);
                }
            }
            None if indices.len() > 1 => {
                let (first, second) = indices.split_at(indices.len() / 2);
                let mut jobs = jobs.lock().map_err(|_| lost())?;
                jobs.extend([(first.to_vec(), HANG), (second.to_vec(), HANG)]);
            }
            None => {}
        }
    }
}

/// Boots one machine; which images of each ROM ran. `None` if it never came to its end.
fn ran(
    roms: &[Vec<u8>],
    indices: &[usize],
    firmware: Firmware,
    folder: &Path,
    patience: Duration,
) -> io::Result<Option<Vec<(usize, Vec<usize>)>>> {
    let files: Vec<&[u8]> = indices.iter().map(|index| roms[*index].as_slice()).collect();
    let boot = boot::boot(firmware, &files, &last(firmware)?, folder, patience)?;
    if !boot.finished {
        return Ok(None);
    }
    let heard: BTreeSet<(usize, usize)> = boot.heard.split("<#").filter_map(mark).collect();
    let images = |rom: usize| heard.iter().filter(|(own, _)| *own == rom).map(|(_, image)| *image).collect();
    Ok(Some(indices.iter().map(|index| (*index, images(*index))).collect()))
}

/// Reads `ROM.IMAGE#>` at the start of `text`.
fn mark(text: &str) -> Option<(usize, usize)> {
    let (mark, _) = text.split_once("#>")?;
    let (rom, image) = mark.split_once('.')?;
    Some((rom.parse().ok()?, image.parse().ok()?))
}

/// The ROM that switches the machine off.
fn last(firmware: Firmware) -> io::Result<Vec<u8>> {
    if firmware == Firmware::AavmfSecureBoot {
        return crate::signed::last();
    }
    let text = match firmware {
        Firmware::SeaBios => "[[image]]\nkind = 'legacy'\nblocks = 9",
        _ => "[[image]]\nkind = 'efi'\nblocks = 9",
    };
    let mut spec = Spec::read(&format!("purpose = 'the end'\n{text}")).map_err(io::Error::other)?;
    (spec.image[0].vendor, spec.image[0].device) = DEVICE;
    match firmware {
        Firmware::SeaBios => spec.image[0].code = Some(hex::encode(machine_code::x86_16("<#end#>", Then::PowerOff))),
        Firmware::Ovmf => spec.image[0].driver.code = Some(hex::encode(machine_code::x64("<#end#>", Then::PowerOff))),
        Firmware::Aavmf | Firmware::AavmfSecureBoot => {
            spec.image[0].driver.machine = 0xAA64;
            spec.image[0].driver.code = Some(hex::encode(machine_code::arm64("<#end#>", Then::PowerOff)));
        }
    }
    compose::compose(&spec).map_err(io::Error::other)
}

/// The ROM of `spec`, each program of which says its number and that of its image.
pub(crate) fn spoken(spec: &Spec, rom: usize) -> std::result::Result<Vec<u8>, compose::ComposeError> {
    let mut spec = spec.clone();
    for (index, image) in spec.image.iter_mut().enumerate() {
        let text = format!("<#{rom}.{index}#>");
        match image.kind {
            Kind::Named(Named::Efi) if image.driver.machine == 0xAA64 => {
                image.driver.code = Some(hex::encode(machine_code::arm64(&text, Then::Return)));
            }
            Kind::Named(Named::Efi) => image.driver.code = Some(hex::encode(machine_code::x64(&text, Then::Return))),
            Kind::Named(Named::Legacy) => image.code = Some(hex::encode(machine_code::x86_16(&text, Then::Return))),
            Kind::CodeType(_) => {}
        }
    }
    compose::compose(&spec)
}
