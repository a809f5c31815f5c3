//! Line and column of a place in a text, however many places are asked for.

/// Bytes between two marks: a column is counted from the mark before it.
const STEP: usize = 1024;

/// A text and where its lines begin.
///
/// ```
/// let lines = rom_core::lines::Lines::of("schema = 1\nrom = 2\n");
/// assert_eq!(lines.place(17), (2, 7));
/// ```
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    text: &'t str,
    /// Offset of the first byte of each line.
    starts: Vec<usize>,
    /// Characters before each multiple of [`STEP`].
    characters: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// The lines of `text`.
    #[must_use]
    pub fn of(text: &'t str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(breaks.map(|at| at.saturating_add(1))).collect();
        let mut seen = 0_usize;
        let mut characters = Vec::with_capacity(text.len().div_ceil(STEP));
        for block in text.as_bytes().chunks(STEP) {
            characters.push(seen);
            seen = seen.saturating_add(starts_of_characters(block));
        }
        Self { text, starts, characters }
    }

    /// Line and column of the byte at `offset`, both counted from 1; the column in characters. An
    /// offset past the end is the end.
    #[must_use]
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.characters_before(offset).saturating_sub(self.characters_before(start));
        (line, column.saturating_add(1))
    }

    fn characters_before(&self, offset: usize) -> usize {
        let mark = (offset / STEP).min(self.characters.len().saturating_sub(1));
        let counted = self.characters.get(mark).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(mark.saturating_mul(STEP)..offset).unwrap_or_default();
        counted.saturating_add(starts_of_characters(rest))
    }
}

fn starts_of_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same by counting from the start of the text.
    fn counted(text: &str, offset: usize) -> (usize, usize) {
        let before = &text[..offset];
        let line = before.rsplit('\n').next().unwrap();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    #[test]
    fn every_place_is_what_counting_from_the_start_gives() {
        let long = "a\u{e4}\u{20ac}\u{1f600}".repeat(600);
        for text in ["", "\n", "a", "a\nb\u{e4}c\n\nd", &long, &format!("{long}\n{long}\n")] {
            let lines = Lines::of(text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                assert_eq!(lines.place(offset), counted(text, offset), "{offset}");
            }
            assert_eq!(lines.place(usize::MAX), counted(text, text.len()));
        }
    }
}
