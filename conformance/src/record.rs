//! What machines did with variations, written down: predictions are held to it where there is no
//! machine to boot.

use crate::trial::Seen;
use crate::verdict::SeenBy;
use std::fmt::Write as _;

/// A line for each variation: the images that ran in each machine, or that it hung.
pub(crate) fn write(seed: u64, seen_by: &SeenBy) -> String {
    let mut text = format!("seed {seed}\n");
    let count = seen_by.iter().map(|(_, seen)| seen.len()).min().unwrap_or(0);
    for number in 0..count {
        let words: Vec<String> = seen_by.iter().map(|(_, seen)| word(&seen[number])).collect();
        let _ = writeln!(text, "{}", words.join(" "));
    }
    text
}

fn word(seen: &Seen) -> String {
    match seen {
        Seen::Hung => "hung".to_owned(),
        Seen::Ran(images) if images.is_empty() => "-".to_owned(),
        Seen::Ran(images) => {
            images.iter().map(ToString::to_string).collect::<Vec<String>>().join(",")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{self, MACHINES, Trial};
    use crate::{usable, verdict};
    use std::sync::LazyLock;

    const RECORD: &str = include_str!("../recorded.txt");

    /// The seed and what was seen; `None` if `text` is no record.
    fn read(text: &str) -> Option<(u64, SeenBy)> {
        let (head, lines) = text.split_once('\n')?;
        let seed = head.strip_prefix("seed ")?.parse().ok()?;
        let mut seen_by: SeenBy = MACHINES.map(|firmware| (firmware, Vec::new())).into();
        for line in lines.lines() {
            let words: Vec<Seen> = line.split(' ').map(seen).collect::<Option<_>>()?;
            for ((_, all), seen) in seen_by.iter_mut().zip(words) {
                all.push(seen);
            }
        }
        Some((seed, seen_by))
    }

    fn seen(word: &str) -> Option<Seen> {
        match word {
            "hung" => Some(Seen::Hung),
            "-" => Some(Seen::Ran(Vec::new())),
            _ => word
                .split(',')
                .map(|image| image.parse().ok())
                .collect::<Option<_>>()
                .map(Seen::Ran),
        }
    }

    /// What was tried, and what was seen.
    static TRIED: LazyLock<(Vec<Trial>, SeenBy)> = LazyLock::new(|| {
        let (seed, seen_by) = read(RECORD).unwrap();
        (trial::variations(seed, 0..seen_by[0].1.len() as u64).unwrap(), seen_by)
    });

    #[test]
    fn a_record_is_read_as_it_is_written() {
        let (seed, seen_by) = read(RECORD).unwrap();
        assert!(seen_by.iter().all(|(_, seen)| seen.len() >= 3000));
        assert_eq!(write(seed, &seen_by), RECORD);
    }

    #[test]
    fn predictions_are_what_machines_did() {
        let (trials, seen_by) = &*TRIED;
        for (firmware, seen) in seen_by {
            for ((trial, seen), predicted) in
                trials.iter().zip(seen).zip(trial::predicted(trials, *firmware))
            {
                assert_eq!(
                    predicted,
                    *seen,
                    "{} {}: {}",
                    firmware.name(),
                    trial.name,
                    trial.spec.purpose
                );
            }
        }
    }

    #[test]
    fn verdicts_are_borne_out_by_what_machines_did() {
        let (trials, seen_by) = &*TRIED;
        assert_eq!(verdict::verdicts(trials, seen_by).report(), 0);
    }

    #[test]
    fn what_is_usable_is_borne_out_by_what_machines_did() {
        let (trials, seen_by) = &*TRIED;
        assert_eq!(usable::report(&usable::disagreements(trials, seen_by)), 0);
    }
}
