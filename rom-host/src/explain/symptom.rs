//! Finds the symptom in what a person types: whole words, in short texts alone.

use super::entry::Entry;
use super::index;

/// Words of a text that can be a symptom; what is longer is a line of a log or a story.
const LONGEST: usize = 16;

/// The symptom that `asked` names.
pub(super) fn symptom(asked: &str) -> Option<&'static Entry> {
    let words = plain(asked)?;
    index::symptoms().find(|entry| entry.patterns.iter().any(|pattern| has_words(&words, pattern)))
}

/// Letters and digits of `asked` in lower case, one blank between words, and one at each end.
fn plain(asked: &str) -> Option<String> {
    let lower = asked.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(LONGEST + 1)
        .collect();
    (words.len() <= LONGEST).then(|| format!(" {} ", words.join(" ")))
}

fn has_words(words: &str, pattern: &str) -> bool {
    words.contains(&format!(" {pattern} "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symptom_is_whole_words_of_a_short_text() {
        for (asked, expected) in [
            ("Black Screen!", Some("black-screen")),
            ("there is no sound", Some("no-sound")),
            ("code43", Some("code-43")),
            ("Code-43", Some("code-43")),
            ("soundless", None),
            ("blackscreens", None),
            ("my cat sits on the keyboard", None),
            ("", None),
        ] {
            assert_eq!(symptom(asked).map(|entry| entry.id), expected, "{asked}");
        }
        assert_eq!(
            symptom(&format!("{} black screen", "word ".repeat(20))).map(|entry| entry.id),
            None
        );
    }

    #[test]
    fn patterns_are_plain_words() {
        for entry in index::symptoms() {
            for pattern in entry.patterns {
                assert_eq!(
                    plain(pattern).as_deref(),
                    Some(format!(" {pattern} ").as_str()),
                    "{}",
                    entry.id
                );
            }
        }
    }
}
