//! The tolerant reader: unknown keys are passed over, a word it does not know counts as the weakest.
//!
//! What it does not forgive is what safety rests on: the hash, the file name, the device id.

use super::document::{self, Document, Placed};
use super::{Brand, Catalog, Confidence, CpuModel, Device, Evidence, List, Lookalike, Platform, RomChoice, RomEntry, Text};
use crate::bytes::Span;
use crate::digest::Digest;
use crate::rules::Code;
use std::fmt;
use std::ops::Range;

/// The schema number that this version reads.
pub(super) const SCHEMA: i64 = 1;

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

/// Reads a catalog.
///
/// # Errors
/// [`CatalogError`] where the text is no TOML of this shape, or a hash, file name or device id is not one.
pub fn read(text: &str) -> Result<Catalog, CatalogError> {
    let document = document(text)?;
    Ok(Catalog {
        roms: list(document.rom, rom)?,
        lookalikes: list(document.lookalike, |file| {
            Ok(Lookalike { name: file.name.into(), sha256: digest(&file.sha256)?, note: file.note.into() })
        })?,
        virtual_function: list(document.virtual_function, choice)?,
        platforms: list(document.platform, platform)?,
        cpus: list(document.cpu, |cpu| {
            Ok(CpuModel {
                name: cpu.name.into(),
                family: cpu.family,
                models: cpu.models.into(),
                steppings: cpu.steppings.into(),
                platforms: texts(cpu.platforms),
            })
        })?,
        brands: list(document.brand, |brand| {
            Ok(Brand {
                name: brand.name.into_inner().into(),
                models: texts(brand.models),
                patterns: texts(brand.patterns),
                platforms: texts(brand.platforms),
            })
        })?,
    })
}

/// The text as a document of a schema that is known.
pub(super) fn document(text: &str) -> Result<Document, CatalogError> {
    let document: Document = toml::from_str(text).map_err(|error| CatalogError {
        code: Code::CatalogSyntax,
        span: span(&error.span().unwrap_or(0..0)),
        message: error.message().to_owned(),
    })?;
    if *document.schema.get_ref() != SCHEMA {
        let message = format!("schema {}", document.schema.get_ref());
        return Err(CatalogError { code: Code::CatalogSchema, span: span(&document.schema.span()), message });
    }
    Ok(document)
}

pub(super) fn span(range: &Range<usize>) -> Span {
    Span::new(range.start, range.end.saturating_sub(range.start))
}

fn list<A, B: Clone>(from: Vec<A>, each: impl FnMut(A) -> Result<B, CatalogError>) -> Result<List<B>, CatalogError> {
    from.into_iter().map(each).collect::<Result<Vec<B>, _>>().map(List::Owned)
}

fn texts(from: Vec<Placed>) -> List<Text> {
    from.into_iter().map(|text| Text::Owned(text.into_inner())).collect()
}

fn rom(rom: document::Rom) -> Result<RomEntry, CatalogError> {
    if !is_plain_name(rom.name.get_ref()) {
        return Err(wrong(Code::CatalogName, &rom.name));
    }
    Ok(RomEntry {
        sha256: digest(&rom.sha256)?,
        name: rom.name.into_inner().into(),
        size: rom.size,
        url: rom.url.into_inner().into(),
        evidence: Evidence::read(rom.evidence.get_ref()).unwrap_or(Evidence::ReleasePage),
        gop: rom.gop.map(Text::Owned),
        note: rom.note.map(Text::Owned),
    })
}

fn platform(platform: document::Platform) -> Result<Platform, CatalogError> {
    Ok(Platform {
        code: platform.code.into_inner().into(),
        name: platform.name.into(),
        generation: platform.generation.into(),
        discrete: platform.discrete,
        refused: platform.refused.map(Text::Owned),
        note: platform.note.map(Text::Owned),
        roms: list(platform.roms, choice)?,
        devices: list(platform.devices, |device| Ok(Device { id: device_id(&device.id)?, name: device.name.into() }))?,
    })
}

fn choice(choice: document::Choice) -> Result<RomChoice, CatalogError> {
    Ok(RomChoice {
        name: choice.name.into_inner().into(),
        confidence: Confidence::read(choice.confidence.get_ref()).unwrap_or(Confidence::Low),
        reason: choice.reason.into(),
        only: list(choice.only, |id| device_id(&id))?,
    })
}

fn digest(text: &Placed) -> Result<Digest, CatalogError> {
    Digest::read(text.get_ref()).ok_or_else(|| wrong(Code::CatalogBadHash, text))
}

fn device_id(text: &Placed) -> Result<u16, CatalogError> {
    crate::model::hex_u16(text.get_ref()).ok_or_else(|| wrong(Code::CatalogBadDeviceId, text))
}

fn wrong(code: Code, text: &Placed) -> CatalogError {
    CatalogError { code, span: span(&text.span()), message: format!("{:?}", text.get_ref()) }
}

/// Whether `name` can be a file name in any folder and the end of any address.
pub(super) fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && name.len() <= 128 && !name.starts_with(['.', '-']) && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROM: &str = "schema = 1\n[[rom]]\nname = 'a.rom'\nurl = 'https://x/a.rom'\nevidence = 'hearsay'\nsha256 = '";

    fn with_hash(hash: &str) -> Result<Catalog, CatalogError> {
        read(&format!("{ROM}{hash}'\nunknown = true\n"))
    }

    #[test]
    fn unknown_keys_and_words_are_forgiven() {
        let catalog = with_hash(&"ab".repeat(32)).unwrap();
        assert_eq!(catalog.roms[0].evidence, Evidence::ReleasePage);
    }

    #[test]
    fn a_hash_that_is_none_is_not_forgiven_and_its_place_is_told() {
        let error = with_hash("abc").unwrap_err();
        assert_eq!(error.code, Code::CatalogBadHash);
        assert_eq!(error.span.offset, ROM.len() - 1);
        let missing = read("schema = 1\n[[rom]]\nname = 'a.rom'\nurl = ''\nevidence = ''\n").unwrap_err();
        assert_eq!(missing.code, Code::CatalogSyntax);
        assert!(missing.message.contains("sha256"), "{missing}");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["", "../a.rom", "a/b.rom", ".hidden", "-x", "a b", "a\u{202e}b"] {
            assert!(!is_plain_name(name), "{name:?}");
        }
        assert!(is_plain_name("RKL_TGL_ADL_RPL_GOPv17.1_igd.rom"));
    }

    #[test]
    fn another_schema_is_not_guessed_at() {
        assert_eq!(read("schema = 2\n").unwrap_err().code, Code::CatalogSchema);
    }
}
