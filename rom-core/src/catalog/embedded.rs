//! The catalog that comes with the program: tables that the build script made of `known-roms.toml`, so that nothing is parsed when
//! the program starts.

use super::{Brand, Catalog, Confidence, CpuModel, Device, Evidence, Lookalike, Platform, RomChoice, RomEntry, Text};
use crate::digest::Digest;
use std::borrow::Cow::Borrowed;

include!(concat!(env!("OUT_DIR"), "/known_roms.rs"));

/// The text of the embedded catalog.
pub const EMBEDDED_TEXT: &str = include_str!("../../../known-roms.toml");

impl Catalog {
    /// The catalog that comes with the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{lint, read};

    #[test]
    fn the_tables_are_what_the_file_says() {
        assert_eq!(Catalog::embedded(), &read(EMBEDDED_TEXT).unwrap());
    }

    #[test]
    fn the_file_passes_its_own_lint() {
        assert_eq!(lint(EMBEDDED_TEXT), []);
    }
}
