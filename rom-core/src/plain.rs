//! Text of others in sentences of ours: it stays on its line, and a terminal shows all of it.

use crate::count::Count;
use std::borrow::Cow;
use std::fmt::{self, Write};

/// Whether `character` is shown as itself, in its place, and changes nothing but that place.
///
/// Not so are control characters (line ends and tabs too), what changes the direction of text,
/// separators of lines and paragraphs, and what is drawn as nothing: `Default_Ignorable_Code_Point`
/// of Unicode 16, `DerivedCoreProperties.txt`.
#[must_use]
pub fn is_plain(character: char) -> bool {
    let ends_a_line = matches!(character, '\u{2028}' | '\u{2029}');
    !character.is_control() && !ends_a_line && !is_ignorable(character)
}

/// What is drawn as nothing, marks of direction among it.
const fn is_ignorable(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// `text` with every character escaped that is not plain.
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_plain(character) {
            safe.push(character);
        } else {
            safe.extend(character.escape_unicode());
        }
    }
    Cow::Owned(safe)
}

/// `text`, or its first `most` bytes and how many more there are.
#[must_use]
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let begin = text.get(..text.floor_char_boundary(most)).unwrap_or_default();
    let more = text.len().saturating_sub(begin.len());
    Cow::Owned(format!("{begin}... ({})", Count(more, "more byte")))
}

/// Writes all that it is given escaped, for a `Display` that has text of others in it.
pub(crate) struct Plain<W>(pub(crate) W);

impl<W: Write> Write for Plain<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_str(&escaped(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(escaped("a\x1b[31mb\u{202e}c\rd"), "a\\u{1b}[31mb\\u{202e}c\\u{d}d");
        assert_eq!(escaped("two\nlines \u{df}"), "two\\u{a}lines \u{df}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_that_is_said() {
        assert_eq!(shortened("four", 4), "four");
        assert_eq!(shortened("fives", 4), "five... (1 more byte)");
        assert_eq!(shortened("\u{e4}\u{e4}", 3), "\u{e4}... (2 more bytes)");
        assert_eq!(shortened("", 0), "");
    }

    #[test]
    fn what_a_terminal_would_obey_reorder_or_hide_is_not_plain() {
        for hidden in "\n\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{2028}\u{2029}\u{2066}\u{fff9}\u{e0041}".chars() {
            assert!(!is_plain(hidden), "{hidden:?}");
        }
        for shown in " a\u{a0}\u{fc}\u{3b1}\u{4e2d}\u{1f600}".chars() {
            assert!(is_plain(shown), "{shown:?}");
        }
    }
}
