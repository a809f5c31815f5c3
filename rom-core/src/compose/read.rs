//! A specification out of its text.

use super::spec::{ComposeError, Spec};
use crate::lines::Lines;
use std::str::FromStr;

impl Spec {
    /// Bytes of the longest text that is read. Larger parts of a ROM are files beside it.
    pub const LONGEST: usize = 16 << 20;
    /// Most values in it: each takes 100 times its text while the text is read.
    const MOST_VALUES: usize = 250_000;
}

impl FromStr for Spec {
    type Err = ComposeError;

    /// Reads a specification: [`ComposeError::Syntax`] where the text is no TOML of this shape,
    /// [`ComposeError::TooLarge`] where it is too long, [`ComposeError::FileName`] where it names a
    /// file that is not beside it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let values = memchr::memchr3_iter(b',', b'=', b'[', text.as_bytes())
            .take(Self::MOST_VALUES.saturating_add(1));
        if text.len() > Self::LONGEST || values.count() > Self::MOST_VALUES {
            return Err(ComposeError::TooLarge("the specification"));
        }
        let mut spec: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (line, column) = Lines::of(text).place(at);
            ComposeError::Syntax { line, column, message: error.message().to_owned() }
        })?;
        spec.for_each_file(|name, _| {
            if is_plain_name(name) { Ok(()) } else { Err(ComposeError::FileName(name.to_owned())) }
        })?;
        Ok(spec)
    }
}

/// Whether `name` names a file in a folder, and nothing outside of it.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0'])
}
