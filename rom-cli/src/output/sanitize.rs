//! Text out of a file, a catalog or a network, made safe for a terminal.

/// `text` with every character escaped that can move the cursor, change colours or reorder what is read. Line ends stay.
pub(super) fn text(text: &str) -> String {
    if text.chars().all(is_safe) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if is_safe(character) { safe.push(character) } else { safe.extend(character.escape_unicode()) }
    }
    safe
}

fn is_safe(character: char) -> bool {
    let reorders =
        matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    character == '\n' || (!character.is_control() && !reorders)
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_and_reordering_are_shown_instead_of_obeyed() {
        assert_eq!(super::text("a\x1b[31mb\u{202e}c\rd"), "a\\u{1b}[31mb\\u{202e}c\\u{d}d");
        assert_eq!(super::text("two\nlines \u{df}"), "two\nlines \u{df}");
    }
}
