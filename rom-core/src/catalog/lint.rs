//! The strict reader: everything that is not as it should be, each with its place. Its work grows
//! with the text, not faster.

use super::text::is_plain_name;
use super::{
    AmdFamily, AmdGpu, Brand, Catalog, CpuModel, KnownFile, Platform, RomChoice, RomEntry,
};
use super::{Confidence, Evidence, KnownKind, LARGEST_ROM, NO_IGPU, cpu_name, read};
use crate::lines::Lines;
use crate::rules::{Code, Fact, Finding};
use serde::de::DeserializeOwned;
use serde_ignored::Path;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::str::FromStr;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// Every breach of the catalog's rules, in the order of the text. Spans are byte ranges of `text`.
#[must_use]
pub fn lint(text: &str) -> Vec<Finding> {
    let table = match read::table(text) {
        Ok(table) => table,
        Err(error) => {
            return vec![Finding::of_file(error.span, Fact::Catalog(error.code, error.message))];
        }
    };
    let mut lint = Lint { lines: Lines::of(text), table: table.get_ref(), findings: Vec::new() };
    lint.entries();
    lint.roms();
    lint.platforms();
    lint.amd_gpus();
    lint.references();
    lint.patterns();
    lint.findings.sort_by_key(|finding| (finding.span.offset, finding.code));
    // A catalog that is not even read has its fault above.
    if lint.findings.is_empty()
        && let Err(error) = text.parse::<Catalog>()
    {
        lint.findings.push(Finding::of_file(error.span, Fact::Catalog(error.code, error.message)));
    }
    lint.findings
}

struct Lint<'t> {
    lines: Lines<'t>,
    table: &'t DeTable<'t>,
    findings: Vec<Finding>,
}

/// A text of the catalog, and its place.
#[derive(Clone)]
struct Text<'t> {
    text: &'t str,
    at: Range<usize>,
}

/// All values under the keys of `path`, through every list on the way.
fn values<'t>(table: &'t DeTable<'t>, path: &[&str]) -> Vec<&'t Spanned<DeValue<'t>>> {
    let Some((key, rest)) = path.split_first() else { return Vec::new() };
    let Some(value) = table.get(*key) else { return Vec::new() };
    let items =
        value.get_ref().as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    if rest.is_empty() {
        return items;
    }
    items
        .into_iter()
        .filter_map(|item| item.get_ref().as_table())
        .flat_map(|table| values(table, rest))
        .collect()
}

/// All texts under the keys of `path`. What is not text is the reader's to refuse.
fn texts<'t>(table: &'t DeTable<'t>, path: &[&str]) -> Vec<Text<'t>> {
    let text = |value: &&'t Spanned<DeValue<'t>>| {
        Some(Text { text: value.get_ref().as_str()?, at: value.span() })
    };
    values(table, path).iter().filter_map(text).collect()
}

/// The tables under `key`.
fn tables<'t>(table: &'t DeTable<'t>, key: &str) -> Vec<&'t DeTable<'t>> {
    values(table, &[key]).into_iter().filter_map(|value| value.get_ref().as_table()).collect()
}

impl<'t> Lint<'t> {
    fn report(&mut self, code: Code, at: &Range<usize>, message: impl Into<String>) {
        self.findings.push(Finding::of_file(read::span(at), Fact::Catalog(code, message.into())));
    }

    /// Reads each entry by its type: what the reader refuses, and the keys that the type does not
    /// have.
    fn entries(&mut self) {
        for (key, value) in self.table {
            match key.get_ref().as_ref() {
                // The reader has its say about these two.
                "schema" | "date" => {}
                "rom" => self.each::<RomEntry>(value),
                "known_file" => self.each::<KnownFile>(value),
                "virtual_function" => self.each::<RomChoice>(value),
                "platform" => self.each::<Platform>(value),
                "cpu" => self.each::<CpuModel>(value),
                "brand" => self.each::<Brand>(value),
                "amd_gpu" => self.each::<AmdGpu>(value),
                name => self.report(Code::CatalogUnknownKey, &key.span(), format!("{name:?}")),
            }
        }
    }

    fn each<T: DeserializeOwned>(&mut self, entries: &'t Spanned<DeValue<'t>>) {
        let Some(list) = entries.get_ref().as_array() else {
            return self.report(Code::CatalogSyntax, &entries.span(), "not a list of tables");
        };
        for entry in list {
            let Some(table) = entry.get_ref().as_table() else {
                self.report(Code::CatalogSyntax, &entry.span(), "not a table");
                continue;
            };
            let mut unknown = Vec::new();
            let note = |path: Path<'_>| unknown.extend(key_at(table, &path));
            let read =
                serde_ignored::deserialize::<_, _, T>(ValueDeserializer::from(entry.clone()), note);
            for (key, at) in unknown {
                self.report(Code::CatalogUnknownKey, &at, format!("{key:?}"));
            }
            if let Err(error) = read {
                let found = error.span().and_then(|span| read::at(table, span));
                let error = read::unreadable(&error, found);
                self.findings
                    .push(Finding::of_file(error.span, Fact::Catalog(error.code, error.message)));
            }
        }
    }

    /// Reports each of `texts` that was there before.
    fn unique(&mut self, code: Code, texts: &[Text<'t>]) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for Text { text, at } in texts {
            match seen.get(text) {
                Some(first) => {
                    let (line, _) = self.lines.place(*first);
                    self.report(code, at, format!("{text:?} is already in line {line}"));
                }
                None => {
                    seen.insert(text, at.start);
                }
            }
        }
    }

    fn roms(&mut self) {
        self.unique(Code::CatalogDuplicate, &texts(self.table, &["rom", "name"]));
        let mut hashes = texts(self.table, &["rom", "sha256"]);
        hashes.extend(texts(self.table, &["known_file", "sha256"]));
        self.unique(Code::CatalogDuplicate, &hashes);
        // What is not hex at all is the reader's.
        for hash in hashes.iter().filter(|hash| hash.text.len() == 64 && is_upper_hex(hash.text)) {
            self.report(Code::CatalogBadHash, &hash.at, format!("{:?}", hash.text));
        }
        for rom in tables(self.table, "rom") {
            let name = texts(rom, &["name"])
                .pop()
                .map(|name| name.text)
                .filter(|name| is_plain_name(name));
            for url in texts(rom, &["url"]) {
                // A catalog is read by many: what may be a password or a token is neither pinned
                // nor shown.
                if url.text.contains(['@', '?', '#']) {
                    let what = "it has a user, a password or a query".to_owned();
                    self.report(Code::CatalogUrl, &url.at, what);
                    continue;
                }
                let file = url
                    .text
                    .strip_prefix("https://")
                    .and_then(|rest| rest.split_once('/')?.1.rsplit('/').next());
                if file.is_none() || name.is_some_and(|name| file != Some(name)) {
                    self.report(Code::CatalogUrl, &url.at, format!("{:?}", url.text));
                }
            }
            for size in values(rom, &["size"]) {
                let bytes =
                    size.get_ref().as_integer().and_then(|size| size.as_str().parse::<u64>().ok());
                if let Some(bytes) = bytes.filter(|bytes| !(1..=LARGEST_ROM).contains(bytes)) {
                    self.report(Code::CatalogSize, &size.span(), format!("{bytes} bytes"));
                }
            }
        }
        self.words::<Evidence>("evidence", &["rom", "evidence"]);
        self.words::<KnownKind>("kind", &["known_file", "kind"]);
        self.words::<Confidence>("confidence", &["virtual_function", "confidence"]);
        self.words::<Confidence>("confidence", &["platform", "roms", "confidence"]);
    }

    fn words<W: FromStr>(&mut self, key: &str, path: &[&str]) {
        for word in texts(self.table, path) {
            if word.text.parse::<W>().is_err() {
                self.report(Code::CatalogWord, &word.at, format!("{key} {:?}", word.text));
            }
        }
    }

    fn platforms(&mut self) {
        self.unique(Code::CatalogDuplicate, &texts(self.table, &["platform", "code"]));
        let mut owned = Vec::new();
        for platform in tables(self.table, "platform") {
            let ids = texts(platform, &["devices", "id"]);
            self.unique(Code::CatalogDuplicate, &ids);
            for (previous, id) in
                ids.iter().zip(ids.iter().skip(1)).filter(|(previous, id)| previous.text > id.text)
            {
                self.report(
                    Code::CatalogUnsorted,
                    &id.at,
                    format!("{:?} is after {:?}", id.text, previous.text),
                );
            }
            for id in ids.iter().filter(|id| id.text.len() == 4 && is_upper_hex(id.text)) {
                self.report(Code::CatalogBadDeviceId, &id.at, format!("{:?}", id.text));
            }
            let own: HashSet<&str> = ids.iter().map(|id| id.text).collect();
            for id in texts(platform, &["roms", "only"]).iter().filter(|id| !own.contains(id.text))
            {
                self.report(
                    Code::CatalogBadDeviceId,
                    &id.at,
                    format!("{:?} is not a device of this platform", id.text),
                );
            }
            let mut once = HashSet::new();
            owned.extend(ids.into_iter().filter(|id| once.insert(id.text)));
            let without_roms = values(platform, &["roms"]).is_empty();
            if without_roms != platform.contains_key("refused") {
                for code in texts(platform, &["code"]) {
                    self.report(Code::CatalogEmptyPlatform, &code.at, format!("{:?}", code.text));
                }
            }
        }
        self.unique(Code::CatalogSharedDevice, &owned);
    }

    fn amd_gpus(&mut self) {
        self.unique(Code::CatalogDuplicate, &texts(self.table, &["amd_gpu", "name"]));
        let ids = texts(self.table, &["amd_gpu", "ids"]);
        self.unique(Code::CatalogSharedDevice, &ids);
        let audio = texts(self.table, &["amd_gpu", "audio"]);
        for id in ids.iter().chain(&audio).filter(|id| is_upper_hex(id.text)) {
            self.report(Code::CatalogBadDeviceId, &id.at, format!("{:?}", id.text));
        }
        self.words::<AmdFamily>("family", &["amd_gpu", "family"]);
    }

    /// Names of ROMs and platforms that nothing in the catalog has.
    fn references(&mut self) {
        let roms = texts(self.table, &["rom", "name"]);
        let chosen = [&["virtual_function", "name"][..], &["platform", "roms", "name"]];
        self.known(Code::CatalogUnknownRom, &roms, &chosen);
        let mut platforms = texts(self.table, &["platform", "code"]);
        platforms.push(Text { text: NO_IGPU, at: 0..0 });
        self.known(
            Code::CatalogUnknownPlatform,
            &platforms,
            &[&["cpu", "platforms"], &["brand", "platforms"]],
        );
    }

    fn known(&mut self, code: Code, names: &[Text<'t>], paths: &[&[&str]]) {
        let names: HashSet<&str> = names.iter().map(|name| name.text).collect();
        for name in paths
            .iter()
            .flat_map(|path| texts(self.table, path))
            .filter(|name| !names.contains(name.text))
        {
            self.report(code, &name.at, format!("{:?}", name.text));
        }
    }

    fn patterns(&mut self) {
        let patterns = texts(self.table, &["brand", "patterns"]);
        self.unique(Code::CatalogDuplicate, &patterns);
        for pattern in patterns {
            if let Err(error) = cpu_name::rule(pattern.text) {
                self.report(Code::CatalogPattern, &pattern.at, error.to_string());
            }
        }
        let models = texts(self.table, &["brand", "models"]);
        self.unique(Code::CatalogDuplicate, &models);
        for model in models {
            let plain = cpu_name::plain(model.text);
            if !plain.eq_ignore_ascii_case(model.text) {
                self.report(
                    Code::CatalogPattern,
                    &model.at,
                    format!("{:?} is read as {plain:?}", model.text),
                );
            }
        }
        for brand in tables(self.table, "brand") {
            let empty = ["models", "patterns"].iter().all(|key| values(brand, &[key]).is_empty());
            for name in texts(brand, &["name"]).iter().filter(|_| empty) {
                self.report(
                    Code::CatalogPattern,
                    &name.at,
                    format!("{:?} has neither models nor patterns", name.text),
                );
            }
        }
    }
}

fn is_upper_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// The key that `path` leads to in `table`, and its place.
fn key_at<'t>(table: &'t DeTable<'t>, path: &Path<'_>) -> Option<(String, Range<usize>)> {
    let (parent, key) = match path {
        Path::Map { parent, key } => (parent, key),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => {
            return key_at(table, parent);
        }
        Path::Root | Path::Seq { .. } => return None,
    };
    let (found, _) = table_at(table, parent)?.get_key_value(key.as_str())?;
    Some((key.clone(), found.span()))
}

/// The table that `path` leads to. The catalog's own types bound the depth.
fn table_at<'t>(table: &'t DeTable<'t>, path: &Path<'_>) -> Option<&'t DeTable<'t>> {
    match path {
        Path::Root => Some(table),
        Path::Map { .. } | Path::Seq { .. } => value_at(table, path)?.as_table(),
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => table_at(table, parent),
    }
}

fn value_at<'t>(table: &'t DeTable<'t>, path: &Path<'_>) -> Option<&'t DeValue<'t>> {
    match path {
        Path::Root => None,
        Path::Map { parent, key } => {
            table_at(table, parent)?.get(key.as_str()).map(Spanned::get_ref)
        }
        Path::Seq { parent, index } => {
            value_at(table, parent)?.as_array()?.get(*index).map(Spanned::get_ref)
        }
        Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => value_at(table, parent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
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
             platforms = ['NO-IGPU']\n\
             [[known_file]]\n\
             name = 'k.rom'\n\
             sha256 = '{KNOWN}'\n\
             kind = 'gop'\n\
             note = 'k'\n\
             fails = [{{ qemu = '>=10.0', why = 'w' }}]\n"
        );
        assert!(good.contains(line), "{line}");
        let text = good.replacen(line, by, 1);
        lint(&text)
            .iter()
            .map(|finding| (finding.code.id(), Lines::of(&text).place(finding.span.offset).0))
            .collect()
    }

    #[test]
    fn a_catalog_without_fault_has_no_finding() {
        assert_eq!(with("", ""), []);
    }

    #[test]
    fn each_fault_has_its_code_and_its_line() {
        let second = format!(
            "[[rom]]\nname = 'a.rom'\nsha256 = '{HASH}'\nurl = 'https://x/a.rom'\nevidence = \
                'proved'\n[[cpu]]"
        );
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
            ("https://example", "https://user:word@example", vec![("CAT010", 5)]),
            ("org/a.rom", "org/a.rom?token=1", vec![("CAT010", 5)]),
            ("'proved'", "'sure'", vec![("CAT011", 6)]),
            ("'high'", "'sure'", vec![("CAT011", 11)]),
            ("refused = 'there is none'", "", vec![("CAT012", 17)]),
            ("platforms = ['A']", "platforms = ['Z']", vec![("CAT013", 26)]),
            ("'C-1'", "'C-(1'", vec![("CAT014", 29)]),
            ("name = 'a.rom'", "name = '../a.rom'", vec![("CAT009", 11), ("CAT015", 3)]),
            ("schema = 1", "schema = 1\nrom = 5", vec![("CAT001", 3)]),
            ("models = [1]", "models = [-1]", vec![("CAT001", 25)]),
            ("'C-2'", "'Intel C-2'", vec![("CAT014", 28)]),
            ("'C-2'", "'C-2', 'C-2'", vec![("CAT006", 28)]),
            ("models = ['C-2']\npatterns = ['C-1']", "", vec![("CAT014", 29)]),
            ("kind = 'gop'", "", vec![("CAT001", 32)]),
            ("why = 'w'", "why = 'w', when = 'w'", vec![("CAT003", 37)]),
            (KNOWN, HASH, vec![("CAT006", 34)]),
            ("https://example.org/a.rom", "https://a.rom", vec![("CAT010", 5)]),
            ("'gop'", "'part'", vec![("CAT011", 35)]),
            ("'C-1'", "'(C{1000}){1000}'", vec![("CAT014", 29)]),
            ("name = 'k.rom'", "name = 'k/rom'", vec![("CAT015", 33)]),
            ("'>=10.0'", "'10'", vec![("CAT016", 37)]),
            ("evidence = 'proved'", "evidence = 'proved'\nsize = 16777217", vec![("CAT017", 7)]),
            ("evidence = 'proved'", "evidence = 'proved'\nsize = 0", vec![("CAT017", 7)]),
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
        assert_eq!(findings[0].fact.to_string(), "\"A\" is already in line 3");
        assert_eq!(Lines::of(text).place(findings[0].span.offset), (8, 8));
    }
}
