//! The error of everything that is read from a word or two of text.

use std::fmt;

/// Text that is not what it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    expected: &'static str,
}

impl ParseError {
    pub(crate) const fn expected(expected: &'static str) -> Self {
        Self { expected }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for ParseError {}

/// Reads a value by the name that `$name` gives each of `$all`.
macro_rules! from_name {
    ($type:ty, $all:expr, $name:ident, $expected:literal) => {
        impl std::str::FromStr for $type {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut all = $all.into_iter();
                all.find(|value| value.$name() == text)
                    .ok_or($crate::ParseError::expected($expected))
            }
        }
    };
}
pub(crate) use from_name;
