//! Whether a ROM is usable, held to what machines did: one of which a machine starts nothing is
//! not, and one that is not started nothing.

use crate::trial::{Seen, Trial};
use crate::verdict::SeenBy;
use rom_core::observe::STAND_IN;
use rom_core::usable::{Answer, Reason, Usable};
use rom_core::{Context, analyze};

/// Every answer that a machine contradicts.
pub(crate) fn disagreements(trials: &[Trial], seen_by: &SeenBy) -> Vec<String> {
    let context = Context::default().with_device(Some(STAND_IN));
    let mut disagreements = Vec::new();
    for (number, trial) in trials.iter().enumerate() {
        let analysis = analyze(&trial.rom, &context);
        for (firmware, seen) in seen_by {
            let Some(seen) = seen.get(number) else { continue };
            let usable = analysis.usable_with(*firmware, None);
            if !agrees(&usable, seen) {
                let (name, purpose, answer) =
                    (&trial.name, &trial.spec.purpose, usable.answer.name());
                disagreements.push(format!(
                    "{firmware}, {name} ({purpose}): {answer}, {}; seen {seen:?}",
                    usable.reason
                ));
            }
        }
    }
    disagreements
}

/// Prints them; returns how many there are.
pub(crate) fn report(disagreements: &[String]) -> usize {
    println!("usable: {} disagreements", disagreements.len());
    for disagreement in disagreements {
        println!("  {disagreement}");
    }
    disagreements.len()
}

/// What the machine did decides, but for ROMs that are for another device: it starts them all the
/// same.
fn agrees(usable: &Usable, seen: &Seen) -> bool {
    let started = matches!(seen, Seen::Ran(images) if !images.is_empty());
    match (usable.answer, &usable.reason) {
        (Answer::No, Reason::Unsupported(_)) => true,
        (Answer::No, _) => !started,
        (Answer::Yes | Answer::Unknown, _) => started,
    }
}
