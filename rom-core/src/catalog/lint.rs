//! The strict reader: everything that is not as it should be, each with its place.

use super::Confidence;
use super::cpu_name;
use super::document::{Choice, Document, Placed};
use super::read::{self, is_plain_name};
use super::{Evidence, NO_IGPU};
use crate::bytes::{Span, line_and_column};
use crate::rules::{Code, Finding};
use std::collections::HashMap;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// Tables of the catalog, and the keys that each may have.
const TABLES: &[(&str, &[&str])] = &[
    ("rom", &["name", "sha256", "size", "url", "evidence", "gop", "note"]),
    ("lookalike", &["name", "sha256", "size", "note"]),
    ("virtual_function", CHOICE),
    ("platform", &["code", "name", "generation", "discrete", "refused", "note", "roms", "devices"]),
    ("roms", CHOICE),
    ("devices", &["id", "name"]),
    ("cpu", &["name", "family", "models", "steppings", "platforms"]),
    ("brand", &["name", "models", "patterns", "platforms"]),
];
const CHOICE: &[&str] = &["name", "confidence", "reason", "only"];

/// Every breach of the catalog's rules, in the order of the text. Spans are byte ranges of `text`.
#[must_use]
pub fn lint(text: &str) -> Vec<Finding> {
    let document = match read::document(text) {
        Ok(document) => document,
        Err(error) => return vec![Finding::of_file(error.code, error.span, error.message)],
    };
    let mut lint = Lint { text, findings: Vec::new() };
    lint.keys();
    lint.roms(&document);
    lint.platforms(&document);
    lint.cpus(&document);
    lint.findings.sort_by_key(|finding| (finding.span.offset, finding.code));
    lint.findings
}

struct Lint<'a> {
    text: &'a str,
    findings: Vec<Finding>,
}

impl Lint<'_> {
    fn report(&mut self, code: Code, at: &Range<usize>, message: impl Into<String>) {
        self.findings.push(Finding::of_file(code, read::span(at), message));
    }

    /// The line, counted from 1, in which the byte at `offset` stands.
    fn line(&self, offset: usize) -> usize {
        line_and_column(self.text, Span::new(offset, 0)).0
    }

    fn keys(&mut self) {
        let Ok(table) = DeTable::parse(self.text) else { return };
        for (key, value) in table.get_ref() {
            let name = key.get_ref().as_ref();
            let allowed = TABLES.iter().find(|(table, _)| *table == name).map(|(_, keys)| *keys);
            match allowed {
                Some(keys) => self.keys_of(value.get_ref(), keys),
                None if name == "schema" => {}
                None => self.report(Code::CatalogUnknownKey, &key.span(), format!("{name:?}")),
            }
        }
    }

    fn keys_of(&mut self, value: &DeValue<'_>, allowed: &[&str]) {
        let Some(tables) = value.as_array() else { return };
        for (key, value) in tables.iter().filter_map(|table| table.get_ref().as_table()).flatten() {
            let name = key.get_ref().as_ref();
            if !allowed.contains(&name) {
                self.report(Code::CatalogUnknownKey, &key.span(), format!("{name:?}"));
            }
            if let Some((_, keys)) = TABLES.iter().find(|(table, _)| *table == name && matches!(name, "roms" | "devices")) {
                self.keys_of(value.get_ref(), keys);
            }
        }
    }

    /// Reports what `seen` has already, and remembers the rest.
    fn unique<'d>(&mut self, seen: &mut HashMap<&'d str, Range<usize>>, value: &'d Placed, code: Code) {
        if let Some(first) = seen.get(value.get_ref().as_str()).cloned() {
            let message = format!("{:?} stands in line {} already", value.get_ref(), self.line(first.start));
            self.report(code, &value.span(), message);
        } else {
            seen.insert(value.get_ref(), value.span());
        }
    }

    fn roms(&mut self, document: &Document) {
        let (mut names, mut hashes) = (HashMap::new(), HashMap::new());
        for rom in &document.rom {
            let name = rom.name.get_ref();
            if !is_plain_name(name) {
                self.report(Code::CatalogName, &rom.name.span(), format!("{name:?}"));
            }
            self.unique(&mut names, &rom.name, Code::CatalogDuplicate);
            self.unique(&mut hashes, &rom.sha256, Code::CatalogDuplicate);
            self.lower_hex(&rom.sha256, 64, Code::CatalogBadHash);
            let url = rom.url.get_ref();
            if !url.starts_with("https://") || url.rsplit('/').next() != Some(name) {
                self.report(Code::CatalogUrl, &rom.url.span(), format!("{url:?}"));
            }
            if Evidence::read(rom.evidence.get_ref()).is_none() {
                self.report(Code::CatalogWord, &rom.evidence.span(), format!("evidence {:?}", rom.evidence.get_ref()));
            }
        }
        for file in &document.lookalike {
            self.unique(&mut hashes, &file.sha256, Code::CatalogDuplicate);
            self.lower_hex(&file.sha256, 64, Code::CatalogBadHash);
        }
    }

    fn lower_hex(&mut self, value: &Placed, digits: usize, code: Code) {
        let text = value.get_ref();
        if text.len() != digits || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            self.report(code, &value.span(), format!("{text:?}"));
        }
    }

    fn platforms(&mut self, document: &Document) {
        let (mut codes, mut owners) = (HashMap::new(), HashMap::new());
        self.choices(&document.virtual_function, document, &[]);
        for platform in &document.platform {
            self.unique(&mut codes, &platform.code, Code::CatalogDuplicate);
            let mut own = HashMap::new();
            let mut previous: Option<&Placed> = None;
            for id in platform.devices.iter().map(|device| &device.id) {
                self.lower_hex(id, 4, Code::CatalogBadDeviceId);
                self.unique(&mut own, id, Code::CatalogDuplicate);
                if let Some(previous) = previous.filter(|previous| previous.get_ref() > id.get_ref()) {
                    let message = format!("{:?} stands behind {:?}", id.get_ref(), previous.get_ref());
                    self.report(Code::CatalogUnsorted, &id.span(), message);
                }
                previous = Some(id);
            }
            for id in
                platform.devices.iter().map(|device| &device.id).filter(|id| own.get(id.get_ref().as_str()) == Some(&id.span()))
            {
                self.unique(&mut owners, id, Code::CatalogSharedDevice);
            }
            if platform.roms.is_empty() == platform.refused.is_none() {
                self.report(Code::CatalogEmptyPlatform, &platform.code.span(), format!("{:?}", platform.code.get_ref()));
            }
            let ids: Vec<&str> = platform.devices.iter().map(|device| device.id.get_ref().as_str()).collect();
            self.choices(&platform.roms, document, &ids);
        }
    }

    fn choices(&mut self, choices: &[Choice], document: &Document, ids: &[&str]) {
        for choice in choices {
            let name = choice.name.get_ref();
            if !document.rom.iter().any(|rom| rom.name.get_ref() == name) {
                self.report(Code::CatalogUnknownRom, &choice.name.span(), format!("{name:?}"));
            }
            if Confidence::read(choice.confidence.get_ref()).is_none() {
                let message = format!("confidence {:?}", choice.confidence.get_ref());
                self.report(Code::CatalogWord, &choice.confidence.span(), message);
            }
            for id in choice.only.iter().filter(|id| !ids.contains(&id.get_ref().as_str())) {
                self.report(Code::CatalogBadDeviceId, &id.span(), format!("{:?} is no device of this platform", id.get_ref()));
            }
        }
    }

    fn cpus(&mut self, document: &Document) {
        let named = document.cpu.iter().flat_map(|cpu| &cpu.platforms);
        for code in named.chain(document.brand.iter().flat_map(|brand| &brand.platforms)) {
            let known = document.platform.iter().any(|platform| platform.code.get_ref() == code.get_ref());
            if !known && code.get_ref() != NO_IGPU {
                self.report(Code::CatalogUnknownPlatform, &code.span(), format!("{:?}", code.get_ref()));
            }
        }
        let (mut models, mut patterns) = (HashMap::new(), HashMap::new());
        for brand in &document.brand {
            for model in &brand.models {
                self.unique(&mut models, model, Code::CatalogDuplicate);
                let plain = cpu_name::plain(model.get_ref());
                if !plain.eq_ignore_ascii_case(model.get_ref()) {
                    self.report(Code::CatalogPattern, &model.span(), format!("{:?} is read as {plain:?}", model.get_ref()));
                }
            }
            for pattern in &brand.patterns {
                self.unique(&mut patterns, pattern, Code::CatalogDuplicate);
                if let Err(error) = cpu_name::rule(pattern.get_ref()) {
                    self.report(Code::CatalogPattern, &pattern.span(), error.to_string());
                }
            }
            if brand.models.is_empty() && brand.patterns.is_empty() {
                let message = format!("{:?} has neither models nor patterns", brand.name.get_ref());
                self.report(Code::CatalogPattern, &brand.name.span(), message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// A catalog without fault, with one of its lines replaced.
    fn with(line: &str, by: &str) -> Vec<(&'static str, usize)> {
        let good = format!(
            "schema = 1\n\
             [[rom]]\n\
             name = 'a.rom'\n\
             sha256 = '{HASH}'\n\
             url = 'https://example.org/a.rom'\n\
             evidence = 'proved'\n\
             [[platform]]\n\
             code = 'A'\n\
             name = 'A'\n\
             generation = '9'\n\
             roms = [{{ name = 'a.rom', confidence = 'high', reason = 'made for it', only = ['0002'] }}]\n\
             devices = [\n\
             {{ id = '0001', name = 'one' }},\n\
             {{ id = '0002', name = 'two' }},\n\
             ]\n\
             [[platform]]\n\
             code = 'B'\n\
             name = 'B'\n\
             generation = '9'\n\
             refused = 'there is none'\n\
             devices = [{{ id = '0003', name = 'three' }}]\n\
             [[cpu]]\n\
             name = 'C'\n\
             family = 6\n\
             models = [1]\n\
             platforms = ['A']\n\
             [[brand]]\n\
             models = ['C-2']\n\
             patterns = ['C-1']\n\
             name = 'C'\n\
             platforms = ['NO-IGPU']\n"
        );
        assert!(good.contains(line), "{line}");
        let text = good.replacen(line, by, 1);
        lint(&text).iter().map(|finding| (finding.code.id(), line_and_column(&text, finding.span).0)).collect()
    }

    #[test]
    fn a_catalog_without_fault_has_no_finding() {
        assert_eq!(with("", ""), []);
    }

    #[test]
    fn each_fault_has_its_code_and_its_line() {
        let second =
            format!("[[rom]]\nname = 'a.rom'\nsha256 = '{HASH}'\nurl = 'https://x/a.rom'\nevidence = 'proved'\n[[cpu]]");
        for (line, by, expected) in [
            ("schema = 1", "schema = ", vec![("CAT001", 1)]),
            ("schema = 1", "schema = 3", vec![("CAT002", 1)]),
            ("evidence = 'proved'", "evidence = 'proved'\nhash = ''", vec![("CAT003", 7)]),
            ("id = '0001', name", "id = '0001', title = '', name", vec![("CAT003", 13)]),
            ("schema = 1", "schema = 1\nrelease = 'x'", vec![("CAT003", 2)]),
            (HASH, "0123", vec![("CAT004", 4)]),
            (HASH, &HASH.to_uppercase(), vec![("CAT004", 4)]),
            ("id = '0001'", "id = '1'", vec![("CAT005", 13), ("CAT007", 14)]),
            ("only = ['0002']", "only = ['0009']", vec![("CAT005", 11)]),
            ("[[cpu]]", &second, vec![("CAT006", 23), ("CAT006", 24)]),
            ("id = '0001'", "id = '0002'", vec![("CAT006", 14)]),
            ("id = '0001'", "id = '0009'", vec![("CAT007", 14)]),
            ("id = '0003'", "id = '0002'", vec![("CAT008", 21)]),
            ("roms = [{ name = 'a.rom'", "roms = [{ name = 'b.rom'", vec![("CAT009", 11)]),
            ("https://", "http://", vec![("CAT010", 5)]),
            ("org/a.rom", "org/b.rom", vec![("CAT010", 5)]),
            ("'proved'", "'sure'", vec![("CAT011", 6)]),
            ("'high'", "'sure'", vec![("CAT011", 11)]),
            ("refused = 'there is none'", "", vec![("CAT012", 17)]),
            ("platforms = ['A']", "platforms = ['Z']", vec![("CAT013", 26)]),
            ("'C-1'", "'C-(1'", vec![("CAT014", 29)]),
            ("'C-2'", "'Intel C-2'", vec![("CAT014", 28)]),
            ("'C-2'", "'C-2', 'C-2'", vec![("CAT006", 28)]),
            ("models = ['C-2']\npatterns = ['C-1']", "", vec![("CAT014", 29)]),
            ("name = 'a.rom'", "name = '../a.rom'", vec![("CAT009", 11), ("CAT010", 5), ("CAT015", 3)]),
        ] {
            let mut expected = expected;
            expected.sort_by_key(|(code, line)| (*line, *code));
            assert_eq!(with(line, by), expected, "{line} -> {by}");
        }
    }

    #[test]
    fn a_duplicate_names_the_place_of_the_first() {
        let text = "schema = 1\n[[platform]]\ncode = 'A'\nname = ''\ngeneration = ''\nrefused = ''\n\
                    [[platform]]\ncode = 'A'\nname = ''\ngeneration = ''\nrefused = ''\n";
        let findings = lint(text);
        assert_eq!(findings[0].message, "\"A\" stands in line 3 already");
        assert_eq!(line_and_column(text, findings[0].span), (8, 8));
    }
}
