//! The writer: a catalog with more ROMs than it had. What is there stays as it is, comments among
//! it.

use super::{Catalog, CatalogError, RomEntry, lint};
use serde::Serialize;

/// Entries as a catalog has them.
#[derive(Serialize)]
struct Entries<'r> {
    rom: &'r [RomEntry],
}

impl Catalog {
    /// The text of a catalog with `roms` after what is in it.
    ///
    /// # Errors
    /// The first breach of a rule of catalogs: what the lint does not accept is not written.
    pub fn extended(text: &str, roms: &[RomEntry]) -> Result<String, CatalogError> {
        let entries = toml::to_string(&Entries { rom: roms }).unwrap_or_default();
        let extended = format!("{}\n\n{entries}", text.trim_end());
        match lint(&extended).into_iter().next() {
            Some(finding) => Err(CatalogError {
                code: finding.code,
                span: finding.span,
                message: finding.fact.to_string(),
            }),
            None => Ok(extended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EMBEDDED_TEXT, Evidence, LARGEST_ROM};
    use super::*;
    use crate::digest::Digest;
    use crate::rules::Code;

    fn entry(name: &str) -> RomEntry {
        RomEntry {
            name: name.to_owned(),
            sha256: Digest::of(name.as_bytes()),
            size: Some(512),
            url: format!("https://example.org/{name}"),
            evidence: Evidence::ReleasePage,
            gop: None,
            note: Some("\"quoted\"\n".to_owned()),
        }
    }

    #[test]
    fn what_was_there_stays_and_what_is_new_is_read_again() {
        let new = [entry("a.rom"), entry("b.rom")];
        let text = Catalog::extended(EMBEDDED_TEXT, &new).unwrap();
        assert!(text.starts_with(EMBEDDED_TEXT.trim_end()));
        let catalog = text.parse::<Catalog>().unwrap();
        assert_eq!(catalog.roms[catalog.roms.len() - 2..], new);
        assert_eq!(catalog.platforms, Catalog::embedded().platforms);
    }

    #[test]
    fn what_the_lint_refuses_is_not_written() {
        let refused = |roms: &[RomEntry]| Catalog::extended(EMBEDDED_TEXT, roms).unwrap_err().code;
        assert_eq!(refused(&[entry("../a.rom")]), Code::CatalogName);
        assert_eq!(refused(&[entry("a.rom"), entry("a.rom")]), Code::CatalogDuplicate);
        assert_eq!(
            refused(&[RomEntry { url: "http://example.org/a.rom".to_owned(), ..entry("a.rom") }]),
            Code::CatalogUrl
        );
        assert_eq!(
            refused(&[RomEntry { size: Some(LARGEST_ROM + 1), ..entry("a.rom") }]),
            Code::CatalogSize
        );
    }
}
