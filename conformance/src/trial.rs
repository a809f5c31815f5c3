//! Many ROMs in few machines: what ran, against what was predicted.

use crate::boot::{self, ROMS};
use crate::signing;
use crate::variation;
use rom_core::compose::{self, Kind, Named, Spec};
use rom_core::firmware::{self, Firmware, Prediction};
use rom_core::layout::BLOCK;
use rom_core::observe::machine_code::{self, Then};
use rom_core::observe::{self, STAND_IN};
use rom_core::{Body, Limits, parse};
use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// The machines that ROMs are tried on.
pub(crate) const MACHINES: [Firmware; 3] = [Firmware::Ovmf, Firmware::Aavmf, Firmware::SeaBios];

/// A ROM to try.
pub(crate) struct Trial {
    pub(crate) name: String,
    pub(crate) spec: Spec,
    /// Its bytes, whose programs say the number that it has among the trials.
    pub(crate) rom: Vec<u8>,
    /// Where each image of `spec` begins in it.
    starts: Vec<usize>,
}

impl Trial {
    /// The trial of this number.
    pub(crate) fn new(name: String, spec: Spec, number: usize) -> io::Result<Self> {
        let rom = spoken(&spec, number).map_err(io::Error::other)?;
        let starts = starts(&spec).map_err(io::Error::other)?;
        Ok(Self { name, spec, rom, starts })
    }

    /// What `prediction` comes to, in images of the specification: one whose 55 aa is wrong is none
    /// in the file.
    pub(crate) fn predicted(&self, prediction: &Prediction) -> Seen {
        if !prediction.boots() {
            return Seen::Hung;
        }
        let parsed = parse(&self.rom, &Limits::default());
        let running = prediction.runs().map(|index| parsed.images[index].span().offset);
        Seen::Ran(
            running.filter_map(|own| self.starts.iter().position(|start| *start == own)).collect(),
        )
    }
}

/// The variations of these numbers of a seed.
pub(crate) fn variations(seed: u64, numbers: Range<u64>) -> io::Result<Vec<Trial>> {
    let trial = |(index, number): (usize, u64)| {
        Trial::new(number.to_string(), variation::variation(seed, number).spec, index)
    };
    numbers.enumerate().map(trial).collect()
}

fn starts(spec: &Spec) -> std::result::Result<Vec<usize>, compose::ComposeError> {
    let length = |spec: &Spec| compose::compose(spec).map(|rom| rom.len());
    let mut next = length(&Spec { before: spec.before.clone(), ..Spec::default() })?;
    let mut starts = Vec::new();
    for image in &spec.image {
        starts.push(next);
        next += length(&Spec { image: vec![image.clone()], ..Spec::default() })?;
    }
    Ok(starts)
}

/// What a part of the suite found.
#[derive(Default)]
pub(crate) struct Result {
    pub(crate) compared: usize,
    pub(crate) disagreements: Vec<String>,
    /// What the machine did with each ROM, in the order of the trials.
    pub(crate) seen: Vec<Seen>,
}

/// What a machine did with one ROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It started the programs of these images.
    Ran(Vec<usize>),
    /// It never came past it.
    Hung,
}

/// ROMs in one machine: the BIOS area below 1 MiB has room for few legacy images.
fn machine_size(firmware: Firmware) -> usize {
    if firmware == Firmware::SeaBios { 14 } else { ROMS }
}

/// How long machines may take before they count as hung.
#[derive(Clone, Copy, Debug)]
struct Patience {
    machine: Duration,
    rom: Duration,
}

impl Patience {
    /// The least that a machine gets, and what it gets for each of its ROMs.
    const LEAST: Duration = Duration::from_secs(6);
    const PER_ROM: Duration = Duration::from_millis(150);
    /// How many times as long as a machine without any ROM one may take: as many run at once as
    /// there are processors.
    const TIMES: u32 = 4;

    /// Measured with a machine without any ROM, so that a slow or busy host is not taken for a
    /// hang.
    fn measure(firmware: Firmware) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let start = Instant::now();
        let boot =
            boot::boot(firmware, &[], &last(firmware)?, folder.path(), Duration::from_mins(3))?;
        if !boot.ended {
            return Err(io::Error::other(format!(
                "{} did not start without any ROM",
                firmware.name()
            )));
        }
        Ok(Self {
            machine: Self::LEAST.max(start.elapsed().saturating_mul(Self::TIMES)),
            rom: Self::PER_ROM,
        })
    }

    fn with(self, roms: usize) -> Duration {
        self.machine + self.rom.saturating_mul(u32::try_from(roms).unwrap_or(u32::MAX))
    }
}

/// Tries `trials` on `firmware`.
pub(crate) fn run(trials: &[Trial], firmware: Firmware) -> io::Result<Result> {
    let roms: Vec<Vec<u8>> = trials.iter().map(|trial| trial.rom.clone()).collect();
    let predictions: Vec<Prediction> = roms.iter().map(|rom| predict(rom, firmware)).collect();
    let seen = see(&roms, &predictions, firmware)?;
    let mut result = Result { compared: trials.len(), ..Result::default() };
    for ((trial, prediction), seen) in trials.iter().zip(&predictions).zip(&seen) {
        let predicted = trial.predicted(prediction);
        if predicted != *seen {
            let reasons: Vec<&str> =
                prediction.images.iter().map(|predicted| predicted.reason.as_str()).collect();
            result.disagreements.push(format!(
                "{} ({}): predicted {predicted:?}, seen {seen:?}; {}",
                trial.name,
                trial.spec.purpose,
                reasons.join(" | ")
            ));
        }
    }
    result.seen = seen;
    Ok(result)
}

/// What is predicted of each trial: what a machine does with it, as far as predictions are right.
pub(crate) fn predicted(trials: &[Trial], firmware: Firmware) -> Vec<Seen> {
    trials.iter().map(|trial| trial.predicted(&predict(&trial.rom, firmware))).collect()
}

/// What rom-core says of a ROM on the device that the machines have.
pub(crate) fn predict(rom: &[u8], firmware: Firmware) -> Prediction {
    firmware::predict(&parse(rom, &Limits::default()), firmware, Some(STAND_IN))
}

/// Whether a legacy image of `rom` says that it is longer than the ROM: `SeaBIOS` then looks at
/// what the next device has.
fn looks_at_neighbours(rom: &[u8]) -> bool {
    parse(rom, &Limits::default()).images.iter().any(|image| match &image.body {
        Body::Legacy(legacy) => {
            let size =
                legacy.header.map_or(0, |header| usize::from(header.initialization_size) * BLOCK);
            image.span().offset + size > rom.len().next_power_of_two()
        }
        _ => false,
    })
}

/// What `firmware` does with each of `roms`. Those that are to hang it, or that look beyond
/// themselves, have a machine each; so have those of a machine that hangs all the same.
pub(crate) fn see(
    roms: &[Vec<u8>],
    predictions: &[Prediction],
    firmware: Firmware,
) -> io::Result<Vec<Seen>> {
    let in_company =
        |index: &usize| predictions[*index].boots() && !looks_at_neighbours(&roms[*index]);
    let (sound, alone): (Vec<usize>, Vec<usize>) = (0..roms.len()).partition(in_company);
    let mut jobs: Vec<Vec<usize>> =
        sound.chunks(machine_size(firmware)).map(<[usize]>::to_vec).collect();
    jobs.extend(alone.into_iter().map(|index| vec![index]));
    let patience = Patience::measure(firmware)?;
    let jobs = Mutex::new(jobs);
    let seen = Mutex::new(vec![Seen::Hung; roms.len()]);
    let workers = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| scope.spawn(|| work(roms, firmware, patience, &jobs, &seen)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().map_err(|_| io::Error::other("a thread failed"))?
        })
    })?;
    seen.into_inner().map_err(|_| io::Error::other("a thread failed"))
}

fn work(
    roms: &[Vec<u8>],
    firmware: Firmware,
    patience: Patience,
    jobs: &Mutex<Vec<Vec<usize>>>,
    seen: &Mutex<Vec<Seen>>,
) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let lost = || io::Error::other("a thread failed");
    loop {
        let job = jobs.lock().map_err(|_| lost())?.pop();
        let Some(indices) = job else { return Ok(()) };
        match ran(roms, &indices, firmware, folder.path(), patience.with(indices.len()))? {
            Some(ran) => {
                let mut seen = seen.lock().map_err(|_| lost())?;
                for (index, images) in indices.into_iter().zip(ran) {
                    seen[index] = Seen::Ran(images);
                }
            }
            None if indices.len() > 1 => {
                let (first, second) = indices.split_at(indices.len() / 2);
                let mut jobs = jobs.lock().map_err(|_| lost())?;
                jobs.extend([first.to_vec(), second.to_vec()]);
            }
            None => {}
        }
    }
}

/// Boots one machine with the ROMs of these `indices`; which images of each ran. `None` if it never
/// came to its end.
fn ran(
    roms: &[Vec<u8>],
    indices: &[usize],
    firmware: Firmware,
    folder: &Path,
    patience: Duration,
) -> io::Result<Option<Vec<Vec<usize>>>> {
    let files: Vec<&[u8]> = indices.iter().map(|index| roms[*index].as_slice()).collect();
    let boot = boot::boot(firmware, &files, &last(firmware)?, folder, patience)?;
    if !boot.ended {
        return Ok(None);
    }
    let heard = String::from_utf8_lossy(&boot.heard);
    let heard: BTreeSet<(usize, usize)> = heard.split("<#").filter_map(mark).collect();
    let images =
        |rom: usize| heard.iter().filter(|(own, _)| *own == rom).map(|(_, image)| *image).collect();
    Ok(Some(indices.iter().map(|index| images(*index)).collect()))
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
        return signing::last();
    }
    observe::last(firmware).map_err(io::Error::other)
}

/// The ROM of `spec`, each program of which says its number and that of its image.
pub(crate) fn spoken(
    spec: &Spec,
    rom: usize,
) -> std::result::Result<Vec<u8>, compose::ComposeError> {
    let mut spec = spec.clone();
    for (index, image) in spec.image.iter_mut().enumerate() {
        let text = format!("<#{rom}.{index}#>");
        match image.kind {
            Kind::Named(Named::Efi) if image.driver.machine == 0xAA64 => {
                image.driver.code = Some(hex::encode(machine_code::arm64(&text, Then::Return)));
            }
            Kind::Named(Named::Efi) => {
                image.driver.code = Some(hex::encode(machine_code::x64(&text, Then::Return)));
            }
            Kind::Named(Named::Legacy) => {
                image.code = Some(hex::encode(machine_code::x86_16(&text, Then::Return)));
            }
            Kind::CodeType(_) => {}
        }
    }
    compose::compose(&spec)
}
