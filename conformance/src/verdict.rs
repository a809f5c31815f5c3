//! Verdicts of `check`, held to what machines did: no rule of rom-core has a say in what counts as working here.

use crate::boot::DEVICE;
use crate::trial::{Seen, Trial};
use rom_core::compose::{Content, Image, Kind, Named, Spec};
use rom_core::firmware::Firmware;
use rom_core::{Limits, Verdict, check, parse};
use std::ops::Range;
use std::time::{Duration, Instant};

/// What each firmware did with every trial.
pub(crate) type SeenBy = Vec<(Firmware, Vec<Seen>)>;

/// How verdicts and machines compare.
#[derive(Default)]
pub(crate) struct Verdicts {
    /// ROMs that were judged: some image of theirs is for one of the machines, and it is plain which one has to run.
    judged: usize,
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
        let Self { judged, working, broken, warned, slowest, wrongly_good, wrongly_bad } = self;
        println!(
            "verdicts: {judged} ROMs, of which {working} worked and {broken} did not; {} that did not were called good, {} that worked were \
             called bad, {warned} had warnings; the slowest took {slowest:?}",
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
    for (number, trial) in trials.iter().enumerate().filter(|(_, trial)| is_plain(&trial.spec)) {
        let works = works(&trial.spec, |firmware| {
            seen_by.iter().find(|(own, _)| *own == firmware).and_then(|(_, seen)| seen.get(number))
        });
        let begun = Instant::now();
        let findings = check::check(&parse(&trial.rom, &Limits::default()));
        verdicts.slowest = verdicts.slowest.max(begun.elapsed());
        let codes: Vec<&str> = findings.iter().map(|finding| finding.code.id()).collect();
        let name = format!("{} ({}): {}", trial.name, trial.spec.purpose, codes.join(" "));
        verdicts.judged += 1;
        *(if works { &mut verdicts.working } else { &mut verdicts.broken }) += 1;
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

/// Whether it is beyond opinion which images have to run: each is for one of the machines. Legacy code of another code type is for another
/// machine, and nothing in it says otherwise. `SeaBIOS` runs one image of a ROM, and that only where ids agree. A bare 55 AA at the end is an image to
/// some and nothing to others.
fn is_plain(spec: &Spec) -> bool {
    let legacy: Vec<&Image> = spec.image.iter().filter(|image| firmware(image) == Some(Firmware::SeaBios)).collect();
    let code_type = |image: &Image| usize::from(image.pcir_at.unwrap_or(0x1C)) + 0x14;
    // A patch can have been made where the PCI data structure was before it was moved, and then change its ids.
    let ids = |image: &Image| usize::from(image.pcir_at.unwrap_or(0x1C)) + 4;
    let own = |image: &&Image| {
        let marked = image.patch.iter().all(|patch| patch.at != code_type(image) || patch.hex == "00");
        let named = image.patch.iter().all(|patch| patch.at + patch.hex.len() / 2 <= ids(image) || patch.at >= ids(image) + 4);
        marked && named && (image.vendor, image.device) == DEVICE
    };
    // Of an image that lost two of what images are told by nothing is left.
    let patched = |image: &Image, places: Range<usize>| image.patch.iter().any(|patch| places.contains(&patch.at));
    let faceless = |image: &Image| {
        let pcir = code_type(image) - 0x14;
        let typeless = patched(image, pcir + 0x14..pcir + 0x15) && patched(image, 4..10);
        typeless || (patched(image, 0..2) && patched(image, pcir..pcir + 4))
    };
    // What a legacy image sums up to with zeros in place of what was cut is chance.
    let cut = spec.cut_to.is_some() && !legacy.is_empty();
    let bare = |image: &Image| image.after.iter().any(|content| matches!(content, Content::Hex { .. }));
    let known = spec.image.iter().all(|image| firmware(image).is_some());
    let told = known && !cut && !spec.image.iter().any(faceless);
    told && legacy.len() < 2 && legacy.iter().all(own) && !spec.image.last().is_some_and(bare)
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
