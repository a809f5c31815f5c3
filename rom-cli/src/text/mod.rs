//! Text as values: what comes from outside, and what is said about it.
//!
//! A [`Line`] is text from outside: on one line, whatever it holds. A [`Block`] is prose, put
//! together of literals, numbers and lines: it is wrapped between the words of its prose, and never
//! inside of a line.

mod block;
mod command;
mod line;

pub(crate) use block::{Block, Hex, Part, Sentence, Styled, block};
pub(crate) use command::{Advice, ShellCommand, file_or_placeholder, file_word};
pub(crate) use line::Line;
pub(crate) use rom_core::plain::{escaped, is_plain};
