//! The catalog that comes with the program.
//!
//! The build script puts `known-roms.toml` down as JSON, which is read five times as fast, each list
//! when it is first asked for.

use super::{Catalog, Table};
use std::sync::LazyLock;

/// The text of the embedded catalog.
pub const EMBEDDED_TEXT: &str = include_str!("../../known-roms.toml");

/// The day on which the embedded catalog was changed last, such as `2026-11-25`. It is here beside
/// the catalog so that nobody has to read that for it.
pub const EMBEDDED_DATE: &str = env!("CATALOG_DATE");

/// What the build script wrote of the built-in catalog.
macro_rules! json {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $name, ".json"))
    };
}

impl Catalog {
    /// The catalog that comes with the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Catalog> = LazyLock::new(|| Catalog {
            roms: Table::built_in(json!("rom")),
            known_files: Table::built_in(json!("known_file")),
            virtual_function: Table::built_in(json!("virtual_function")),
            platforms: Table::built_in(json!("platform")),
            cpus: Table::built_in(json!("cpu")),
            brands: Table::built_in(json!("brand")),
            amd_gpus: Table::built_in(json!("amd_gpu")),
            // It cannot fail at run time: a test reads the same bytes.
            ..serde_json::from_str(json!("known-roms")).unwrap_or_default()
        });
        &EMBEDDED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::lint;

    #[test]
    fn what_is_built_in_is_what_the_file_says() {
        assert_eq!(Catalog::embedded(), &EMBEDDED_TEXT.parse::<Catalog>().unwrap());
        assert!(!Catalog::embedded().roms.is_empty());
        assert_eq!(Catalog::embedded().date.as_deref(), Some(EMBEDDED_DATE));
    }

    #[test]
    fn the_file_passes_its_own_lint() {
        assert_eq!(lint(EMBEDDED_TEXT), []);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let written = toml::to_string(Catalog::embedded()).unwrap();
        assert_eq!(&written.parse::<Catalog>().unwrap(), Catalog::embedded());
        assert_eq!(lint(&written), []);
    }
}
