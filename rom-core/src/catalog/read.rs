//! The tolerant reader: unknown keys are passed over, a word it does not know counts as the
//! weakest.
//!
//! What it does not forgive is what safety rests on: the hash, the file name, the device id, the
//! versions where a file fails.

use super::Catalog;
use crate::bytes::Span;
use crate::rules::Code;
use serde::Deserialize;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// The schema number that this version reads.
const SCHEMA: &str = "1";

/// A catalog that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    /// The rule that was broken.
    pub code: Code,
    /// Where in the text.
    pub span: Span,
    /// What was found.
    pub message: String,
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.title(), self.message)
    }
}

impl std::error::Error for CatalogError {}

impl FromStr for Catalog {
    type Err = CatalogError;

    /// Reads a catalog: an error where the text is no TOML of this shape, or a hash, file name or
    /// device id is not one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let table = table(text)?;
        Self::deserialize(toml::Deserializer::from(table)).map_err(|error| {
            let table = DeTable::parse(text).ok();
            unreadable(&error, table.as_ref().and_then(|table| at(table.get_ref(), error.span()?)))
        })
    }
}

/// The text as TOML of a schema that is known.
pub(super) fn table(text: &str) -> Result<Spanned<DeTable<'_>>, CatalogError> {
    let table = DeTable::parse(text).map_err(|error| unreadable(&error, None))?;
    if let Some(schema) = table.get_ref().get("schema") {
        let number = schema
            .get_ref()
            .as_integer()
            .filter(|number| number.radix() == 10)
            .map(DeInteger::as_str);
        if let Some(number) = number.filter(|number| *number != SCHEMA) {
            let message = format!("schema {number}");
            return Err(CatalogError {
                code: Code::CatalogSchema,
                span: span(&schema.span()),
                message,
            });
        }
    }
    Ok(table)
}

/// The keys whose values have a shape of their own, and the rule that says which.
const SHAPED: [(&str, Code); 5] = [
    ("name", Code::CatalogName),
    ("sha256", Code::CatalogBadHash),
    ("id", Code::CatalogBadDeviceId),
    ("only", Code::CatalogBadDeviceId),
    ("qemu", Code::CatalogVersions),
];

/// An error of the reader as a breach of a rule. `found` is the key under which it was, and the
/// value.
pub(super) fn unreadable(
    error: &toml::de::Error,
    found: Option<(&str, &Spanned<DeValue<'_>>)>,
) -> CatalogError {
    let shaped = found.and_then(|(key, value)| {
        let (_, code) = SHAPED.iter().find(|(shaped, _)| *shaped == key)?;
        Some((*code, format!("{:?}", value.get_ref().as_str()?)))
    });
    let (code, message) =
        shaped.unwrap_or_else(|| (Code::CatalogSyntax, error.message().to_owned()));
    CatalogError { code, span: span(&error.span().unwrap_or(0..0)), message }
}

/// The value that is exactly at `span`, and the key under which it is.
pub(super) fn at<'t>(
    table: &'t DeTable<'t>,
    span: Range<usize>,
) -> Option<(&'t str, &'t Spanned<DeValue<'t>>)> {
    table.iter().find_map(|(key, value)| below(key.get_ref(), value, &span))
}

/// The same for a value under `key` and what is in it. TOML's own limit bounds the depth.
fn below<'t>(
    key: &'t str,
    value: &'t Spanned<DeValue<'t>>,
    span: &Range<usize>,
) -> Option<(&'t str, &'t Spanned<DeValue<'t>>)> {
    match value.get_ref() {
        DeValue::Array(array) => array.iter().find_map(|value| below(key, value, span)),
        DeValue::Table(table) => at(table, span.clone()),
        _ => (value.span() == *span).then_some((key, value)),
    }
}

pub(super) fn span(range: &Range<usize>) -> Span {
    Span::new(range.start, range.end.saturating_sub(range.start))
}

#[cfg(test)]
mod tests {
    use super::super::Evidence;
    use super::*;

    const ROM: &str = "schema = 1\n[[rom]]\nname = 'a.rom'\nurl = 'https://x/a.rom'\nevidence = \
        'hearsay'\nsha256 = '";

    fn with_hash(hash: &str) -> Result<Catalog, CatalogError> {
        format!("{ROM}{hash}'\nunknown = true\n").parse::<Catalog>()
    }

    #[test]
    fn unknown_keys_and_words_are_forgiven() {
        let catalog = with_hash(&"ab".repeat(32)).unwrap();
        assert_eq!(catalog.roms[0].evidence, Evidence::ReleasePage);
    }

    #[test]
    fn a_hash_that_is_none_is_not_forgiven_and_its_place_is_told() {
        let error = with_hash("abc").unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (Code::CatalogBadHash, "\"abc\""));
        assert_eq!(error.span.offset, ROM.len() - 1);
        let missing = "schema = 1\n[[rom]]\nname = 'a.rom'\nurl = ''\nevidence = ''\n"
            .parse::<Catalog>()
            .unwrap_err();
        assert_eq!(missing.code, Code::CatalogSyntax);
        assert!(missing.message.contains("sha256"), "{missing}");
    }

    #[test]
    fn each_shape_has_its_own_rule() {
        let hash = "ab".repeat(32);
        let platform = "[[platform]]\ncode = 'A'\nname = 'A'\ngeneration = '9'\n";
        for (text, code) in [
            (
                format!("[[rom]]\nname = '../a'\nurl = ''\nevidence = ''\nsha256 = '{hash}'"),
                Code::CatalogName,
            ),
            (
                format!("{platform}devices = [{{ id = 'xyz', name = '' }}]"),
                Code::CatalogBadDeviceId,
            ),
            (
                format!(
                    "{platform}roms = \
                        [{{ name = '', confidence = '', reason = '', only = ['a7a8', '1'] }}]"
                ),
                Code::CatalogBadDeviceId,
            ),
            (
                format!(
                    "[[known_file]]\nname = 'a'\nkind = 'gop'\nnote = ''\nsha256 = \
                        '{hash}'\nfails = [{{ qemu = '10', why = '' }}]"
                ),
                Code::CatalogVersions,
            ),
            (format!("{platform}devices = [{{ id = 5, name = '' }}]"), Code::CatalogSyntax),
        ] {
            assert_eq!(
                format!("schema = 1\n{text}\n").parse::<Catalog>().unwrap_err().code,
                code,
                "{text}"
            );
        }
    }

    #[test]
    fn another_schema_is_not_guessed_at() {
        assert_eq!(
            "schema = 2\nrom = 5\n".parse::<Catalog>().unwrap_err().code,
            Code::CatalogSchema
        );
        assert_eq!("schema = 'x'\n".parse::<Catalog>().unwrap_err().code, Code::CatalogSyntax);
        assert_eq!("".parse::<Catalog>().unwrap_err().code, Code::CatalogSyntax);
    }
}
