//! Finds the entry that a line is: one pass over the line for all patterns of all entries, and a
//! closer look only where a part of one was found.

use super::entry::Entry;
use super::index;
use super::line::Facts;
use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::LazyLock;

/// Bytes of a line that are looked at. Command lines of QEMU have a few thousand.
pub(super) const LONGEST_LINE: usize = 16 << 10;

/// The index, ready for lines.
struct Matcher {
    /// Finds the longest fixed part of each pattern.
    parts: AhoCorasick,
    /// For each part: the place of its entry in the order of the index, and its whole pattern.
    patterns: Vec<(usize, &'static str)>,
    /// All entries of messages, the more particular before the more general.
    entries: Vec<&'static Entry>,
}

static MATCHER: LazyLock<Option<Matcher>> = LazyLock::new(|| {
    let entries: Vec<&'static Entry> = index::messages().collect();
    let of_entry = |(place, entry): (usize, &&'static Entry)| {
        entry.patterns.iter().map(move |pattern| (place, *pattern))
    };
    let patterns: Vec<(usize, &'static str)> =
        entries.iter().enumerate().flat_map(of_entry).collect();
    let longest = |(_, pattern): &(usize, &'static str)| {
        pattern.split('*').max_by_key(|part| part.len()).unwrap_or_default()
    };
    let parts = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(patterns.iter().map(longest))
        .ok()?;
    Some(Matcher { parts, patterns, entries })
});

impl Matcher {
    /// The patterns of which a part is in `line`, each once however often it is there: what a line
    /// costs does not grow with what is repeated in it.
    fn candidates(&self, line: &str) -> Vec<(usize, &'static str)> {
        let mut found = Vec::new();
        for part in self.parts.find_overlapping_iter(line) {
            let pattern = part.pattern().as_usize();
            if !found.contains(&pattern) {
                found.push(pattern);
            }
        }
        found.into_iter().filter_map(|pattern| self.patterns.get(pattern)).copied().collect()
    }
}

/// The message that `line` is, the most particular one.
pub(super) fn message(line: &str) -> Option<&'static Entry> {
    let matcher = MATCHER.as_ref()?;
    let line = capped(line);
    let candidates = matcher.candidates(line);
    if candidates.is_empty() {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let facts = Facts::read(&lower);
    let mut best: Option<usize> = None;
    for (place, pattern) in candidates {
        let better = best.is_none_or(|best| place < best);
        if better
            && matcher.entries.get(place).is_some_and(|entry| entry.when.holds(facts))
            && matches(pattern, &lower)
        {
            best = Some(place);
        }
    }
    best.and_then(|place| matcher.entries.get(place)).copied()
}

/// `line`, cut where nobody looks any more.
pub(super) fn capped(line: &str) -> &str {
    let end = (0..=LONGEST_LINE.min(line.len()))
        .rev()
        .find(|end| line.is_char_boundary(*end))
        .unwrap_or(0);
    line.get(..end).unwrap_or(line)
}

/// Whether the parts of `pattern`, between its stars, follow each other in `line`; both in lower
/// case.
pub(super) fn matches(pattern: &str, line: &str) -> bool {
    let mut rest = line;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at.saturating_add(part.len())..).unwrap_or_default();
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every part as often as it fits into a line.
    #[test]
    fn a_pattern_is_tried_once_a_line() {
        let matcher = MATCHER.as_ref().unwrap();
        for (_, pattern) in &matcher.patterns {
            let part = pattern.split('*').max_by_key(|part| part.len()).unwrap();
            let (once, often) = (
                matcher.candidates(part),
                matcher.candidates(&part.repeat(LONGEST_LINE / part.len())),
            );
            assert!(!once.is_empty() && often.len() <= once.len().saturating_add(3), "{part}");
        }
        let all: String =
            matcher.patterns.iter().map(|(_, pattern)| pattern.replace('*', "")).collect();
        assert!(matcher.candidates(&all.repeat(2)).len() <= matcher.patterns.len());
    }
}
