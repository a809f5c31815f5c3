//! Prose.

use super::{Line, escaped};
use anstyle::Style;
use rom_core::count::Count;
use rom_core::{DeviceId, Digest};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Prose that is wrapped to the terminal. It is put together by [`block!`] of literals, numbers and
/// [`Line`]s, so that text from outside can neither break a line nor begin one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    style: Style,
    /// Whether it may go on in the next line where it has a space.
    wraps: bool,
    text: String,
}

/// What a [`Block`] is made of.
pub(crate) trait Part {
    /// Puts this behind what is there.
    fn append_to(self, block: &mut Block);
}

/// A [`Block`] of its parts, in their order.
macro_rules! block {
    ($($part:expr),* $(,)?) => {{
        #[allow(unused_mut, reason = "a block can be empty")]
        let mut block = $crate::text::Block::default();
        $($crate::text::Part::append_to($part, &mut block);)*
        block
    }};
}
pub(crate) use block;

/// A sentence of one of our libraries. It may hold text from outside, so that everything in it is
/// escaped; it wraps as prose does.
#[derive(Clone, Debug)]
pub(crate) struct Sentence<T>(pub(crate) T);

/// A part in a style.
pub(crate) struct Styled<T>(pub(crate) Style, pub(crate) T);

/// A number that is written in hex: an offset, an address.
pub(crate) struct Hex(pub(crate) usize);

impl Block {
    fn push(&mut self, wraps: bool, text: impl Into<String>) {
        self.0.push(Piece { style: Style::new(), wraps, text: text.into() });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|piece| piece.text.is_empty())
    }

    /// Characters of it on one line.
    pub(crate) fn columns(&self) -> usize {
        self.0.iter().map(|piece| escaped(&piece.text).chars().count()).sum()
    }

    /// It on one line.
    pub(crate) fn on_one_line(&self, color: bool) -> String {
        let mut line = String::new();
        for piece in &self.0 {
            let text = escaped(&piece.text);
            painted(&mut line, piece.style, &text, color);
        }
        line
    }

    /// Its lines, in a column that begins at `indent` and ends before `width`. Words that are
    /// longer than that stay whole.
    pub(crate) fn lines(&self, indent: usize, width: usize, color: bool) -> Vec<String> {
        let mut lines = Lines {
            width,
            indent,
            color,
            done: Vec::new(),
            line: String::new(),
            column: indent,
            begun: false,
        };
        let mut word: Vec<(Style, Cow<'_, str>)> = Vec::new();
        for piece in &self.0 {
            if !piece.wraps {
                word.push((piece.style, escaped(&piece.text)));
                continue;
            }
            for (index, part) in piece.text.split([' ', '\n']).enumerate() {
                if index > 0 {
                    lines.add(&mut word);
                }
                if !part.is_empty() {
                    word.push((piece.style, escaped(part)));
                }
            }
        }
        lines.add(&mut word);
        lines.finish()
    }

    /// It as it came, for JSON.
    pub(crate) fn raw(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }
}

/// Lines while words are put into them.
struct Lines {
    width: usize,
    indent: usize,
    color: bool,
    done: Vec<String>,
    line: String,
    column: usize,
    /// Whether there is a word on the line.
    begun: bool,
}

impl Lines {
    /// Adds a word, whose parts may have styles of their own, and leaves `word` empty.
    fn add(&mut self, word: &mut Vec<(Style, Cow<'_, str>)>) {
        let length: usize = word.iter().map(|(_, text)| text.chars().count()).sum();
        if length == 0 {
            word.clear();
            return;
        }
        if self.begun && self.column.saturating_add(length) >= self.width {
            self.done.push(std::mem::take(&mut self.line));
            self.column = self.indent;
        } else if self.begun {
            self.line.push(' ');
            self.column = self.column.saturating_add(1);
        }
        self.begun = true;
        self.column = self.column.saturating_add(length);
        for (style, text) in word.drain(..) {
            painted(&mut self.line, style, &text, self.color);
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.done.push(self.line);
        self.done
    }
}

fn painted(line: &mut String, style: Style, text: &str, color: bool) {
    if color && !style.is_plain() {
        line.extend([&style.render().to_string(), text, &style.render_reset().to_string()]);
    } else {
        line.push_str(text);
    }
}

impl Part for &'static str {
    fn append_to(self, block: &mut Block) {
        block.push(true, self);
    }
}

impl Part for &Line {
    fn append_to(self, block: &mut Block) {
        block.push(false, self.raw());
    }
}

impl Part for Line {
    fn append_to(self, block: &mut Block) {
        (&self).append_to(block);
    }
}

impl Part for &Block {
    fn append_to(self, block: &mut Block) {
        block.0.extend_from_slice(&self.0);
    }
}

impl Part for Block {
    fn append_to(self, block: &mut Block) {
        block.0.extend(self.0);
    }
}

impl<T: AsRef<str>> Part for Sentence<T> {
    fn append_to(self, block: &mut Block) {
        block.push(true, self.0.as_ref());
    }
}

impl<T: Part> Part for Styled<T> {
    fn append_to(self, block: &mut Block) {
        let from = block.0.len();
        self.1.append_to(block);
        for piece in block.0.iter_mut().skip(from) {
            piece.style = self.0;
        }
    }
}

impl<T: Part> Part for Option<T> {
    fn append_to(self, block: &mut Block) {
        if let Some(part) = self {
            part.append_to(block);
        }
    }
}

impl Part for Hex {
    fn append_to(self, block: &mut Block) {
        block.push(false, format!("{:#x}", self.0));
    }
}

/// Values of our own whose text is one word.
macro_rules! words {
    ($($type:ty),*) => { $(
        impl Part for $type {
            fn append_to(self, block: &mut Block) {
                block.push(false, self.to_string());
            }
        }
    )* };
}
words!(u8, u16, u32, u64, usize, Count<usize>, Digest, DeviceId);

impl From<Line> for Block {
    fn from(line: Line) -> Self {
        block![line]
    }
}

impl<T: Part> From<Styled<T>> for Block {
    fn from(styled: Styled<T>) -> Self {
        block![styled]
    }
}

impl<T: AsRef<str>> From<Sentence<T>> for Block {
    fn from(sentence: Sentence<T>) -> Self {
        block![sentence]
    }
}

impl Serialize for Block {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.raw())
    }
}

impl JsonSchema for Block {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Block".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_and_text_from_outside_is_not() {
        let path = Line::new("a path with many words in it");
        let block = block!["one two three ", &path, ": four five"];
        assert_eq!(
            block.lines(4, 16, false),
            ["one two", "three", "a path with many words in it:", "four five"]
        );
        assert_eq!(
            block.on_one_line(false),
            "one two three a path with many words in it: four five"
        );
    }

    #[test]
    fn nothing_from_outside_ends_a_line() {
        let block = block![
            "says ",
            &Line::new("a\nPASS  all\u{2028}is well"),
            Sentence("and\u{9b}1m\nso on")
        ];
        let lines = block.lines(0, 20, false);
        assert_eq!(lines, ["says", "a\\u{a}PASS  all\\u{2028}is welland\\u{9b}1m", "so on"]);
    }

    #[test]
    fn styles_are_round_words_alone() {
        let block = block![Styled(Style::new().bold(), "two words"), ", plain"];
        assert_eq!(
            block.lines(0, 6, true),
            ["\u{1b}[1mtwo\u{1b}[0m", "\u{1b}[1mwords\u{1b}[0m,", "plain"]
        );
        assert_eq!(block.lines(0, 6, false), ["two", "words,", "plain"]);
        assert_eq!(block.raw(), "two words, plain");
    }
}
