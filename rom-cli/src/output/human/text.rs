//! Lines of text: wrapped, with a word in front, quoted for a shell.

use super::super::{Style, sanitize};
use std::io::{self, Write};

/// Columns that text is wrapped to.
const WIDTH: usize = 100;

/// `text` after `label`, its further lines indented below its first.
pub(in crate::output) fn wrapped(label: &str, text: &str) -> String {
    let indent = label.chars().count();
    let mut result = label.to_owned();
    let mut column = indent;
    for (index, word) in text.split_whitespace().enumerate() {
        let length = word.chars().count();
        if index > 0 && column.saturating_add(length) >= WIDTH {
            result.push('\n');
            result.push_str(&" ".repeat(indent));
            column = indent;
        } else if index > 0 {
            result.push(' ');
            column = column.saturating_add(1);
        }
        result.push_str(word);
        column = column.saturating_add(length);
    }
    result
}

/// `text` whose further lines begin with `indent`.
pub(super) fn wrapped_below(indent: &str, text: &str) -> String {
    wrapped(indent, text).trim_start().to_owned()
}

/// A step of what was found or done: a word, then what there is to say.
pub(super) fn step(out: &mut dyn Write, style: Style, word: &str, text: &str) -> io::Result<()> {
    let label = format!("{word:<9}");
    let line = wrapped(&label, &sanitize::text(text));
    let label_shown = if word.is_empty() { label.clone() } else { style.bold(&label) };
    writeln!(out, "{label_shown}{}", line.get(label.len()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_goes_on_below_its_first_word() {
        let text = "word ".repeat(30);
        let lines: Vec<String> = wrapped("label: ", &text).lines().map(str::to_owned).collect();
        assert!(lines.len() > 1);
        assert!(lines[0].starts_with("label: word"));
        assert!(lines[1].starts_with("       word"));
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
    }
}
