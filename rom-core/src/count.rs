//! A number with the noun that it counts.

use std::fmt;

/// A number of any integer type with its noun: `1 byte`, `2 bytes`.
///
/// ```
/// use rom_core::count::Count;
///
/// assert_eq!(Count(1_usize, "file").to_string(), "1 file");
/// assert_eq!(Count(0_u64, "entry").to_string(), "0 entries");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<N>(
    /// How many.
    pub N,
    /// The noun in the singular.
    pub &'static str,
);

impl<N: fmt::Display + PartialEq + From<u8>> fmt::Display for Count<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, noun) = self;
        match noun.strip_suffix('y') {
            _ if *number == N::from(1) => write!(f, "1 {noun}"),
            Some(stem) => write!(f, "{number} {stem}ies"),
            None => write!(f, "{number} {noun}s"),
        }
    }
}
