//! Verdicts of `check`, held to what machines did: no rule of rom-core has a say in what counts as
//! working here.

use crate::trial::{Seen, Trial};
use rom_core::compose::{Content, Image, Kind, Named, Spec};
use rom_core::firmware::Firmware;
use rom_core::observe::STAND_IN;
use rom_core::{Context, Verdict, analyze};
use std::ops::Range;
use std::time::{Duration, Instant};

/// What each firmware did with every trial.
pub(crate) type SeenBy = Vec<(Firmware, Vec<Seen>)>;

/// How verdicts and machines compare, over ROMs of which it is plain what has to run.
#[derive(Default)]
pub(crate) struct Verdicts {
    working: usize,
    broken: usize,
    warned: usize,
    /// The longest that reading and judging one took.
    slowest: Duration,
    /// Called good, and not all of it ran.
    wrongly_good: Vec<String>,
    /// Called bad, and all of it ran.
    wrongly_bad: Vec<String>,
}

impl Verdicts {
    /// Prints them; returns how many are wrong.
    pub(crate) fn report(&self) -> usize {
        let Self { working, broken, warned, slowest, wrongly_good, wrongly_bad } = self;
        println!(
            "verdicts: {} ROMs, of which {working} worked and {broken} did not; {} that did not were called good, {} that worked were \
             called bad, {warned} had warnings; the slowest took {slowest:?}",
            working + broken,
            wrongly_good.len(),
            wrongly_bad.len()
        );
        for name in wrongly_good {
            println!("  called good and broken: {name}");
        }
        for name in wrongly_bad {
            println!("  called bad and working: {name}");
        }
        wrongly_good.len() + wrongly_bad.len()
    }
}

/// Compares what `check` says of each trial with what machines did with it.
pub(crate) fn verdicts(trials: &[Trial], seen_by: &SeenBy) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let context = Context::default();
    for (number, trial) in trials.iter().enumerate().filter(|(_, trial)| is_plain(&trial.spec)) {
        let works = works(&trial.spec, |firmware| {
            seen_by.iter().find(|(own, _)| *own == firmware).and_then(|(_, seen)| seen.get(number))
        });
        let begun = Instant::now();
        let findings = analyze(&trial.rom, &context).findings;
        verdicts.slowest = verdicts.slowest.max(begun.elapsed());
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.id()).collect();
        let name = format!("{} ({}): {}", trial.name, trial.spec.purpose, codes.join(" "));
        if works {
            verdicts.working += 1;
        } else {
            verdicts.broken += 1;
        }
        match Verdict::of(&findings) {
            Verdict::Good => verdicts.wrongly_good.extend((!works).then_some(name)),
            Verdict::Bad => verdicts.wrongly_bad.extend(works.then_some(name)),
            Verdict::Warn => verdicts.warned += 1,
        }
    }
    verdicts
}

/// The firmware that has to run an image.
fn firmware(image: &Image) -> Option<Firmware> {
    match image.kind {
        Kind::Named(Named::Efi) if image.driver.machine == 0xAA64 => Some(Firmware::Aavmf),
        Kind::Named(Named::Efi) => Some(Firmware::Ovmf),
        Kind::Named(Named::Legacy) => Some(Firmware::SeaBios),
        Kind::CodeType(_) => None,
    }
}

/// Whether it is beyond opinion which images have to run: each is for one of the machines and can
/// still be told. `SeaBIOS` runs one image of a ROM, and what it sums up to with zeros in place of
/// what was cut is chance. A bare 55 AA at the end is an image to some and nothing to others.
fn is_plain(spec: &Spec) -> bool {
    let legacy: Vec<&Image> =
        spec.image.iter().filter(|image| firmware(image) == Some(Firmware::SeaBios)).collect();
    let one_legacy = match legacy.as_slice() {
        [] => true,
        [image] => spec.cut_to.is_none() && is_for_the_device(image),
        _ => false,
    };
    let bare =
        |image: &Image| image.after.iter().any(|content| matches!(content, Content::Hex { .. }));
    let told = |image: &Image| firmware(image).is_some() && !is_faceless(image);
    one_legacy && spec.image.iter().all(told) && !spec.image.last().is_some_and(bare)
}

/// Whether a legacy image is for the device that carries it. One of another code type is for
/// another machine, and nothing in it says otherwise.
fn is_for_the_device(image: &Image) -> bool {
    let pcir = pcir_at(image);
    (image.vendor, image.device) == (STAND_IN.vendor, STAND_IN.device)
        && !patched(image, pcir + 4..pcir + 8)
        && !patched(image, pcir + 0x14..pcir + 0x15)
}

/// Whether an image lost two of what images are identified by: nothing is left then.
fn is_faceless(image: &Image) -> bool {
    let pcir = pcir_at(image);
    let typeless = patched(image, pcir + 0x14..pcir + 0x15) && patched(image, 4..10);
    typeless || (patched(image, 0..2) && patched(image, pcir..pcir + 4))
}

fn pcir_at(image: &Image) -> usize {
    usize::from(image.pcir_at.unwrap_or(0x1C))
}

/// Whether a patch touches these places of an image.
fn patched(image: &Image, places: Range<usize>) -> bool {
    image
        .patch
        .iter()
        .any(|patch| patch.at < places.end && patch.at + patch.hex.len() / 2 > places.start)
}

/// Whether no machine hung, and every image ran on its own.
fn works<'s>(spec: &Spec, seen: impl Fn(Firmware) -> Option<&'s Seen>) -> bool {
    let hung = Firmware::ALL.into_iter().any(|firmware| seen(firmware) == Some(&Seen::Hung));
    let ran = |(index, image): (usize, &Image)| match firmware(image).and_then(&seen) {
        Some(Seen::Ran(images)) => images.contains(&index),
        Some(Seen::Hung) => false,
        None => firmware(image).is_none(),
    };
    !hung && spec.image.iter().enumerate().all(ran)
}
