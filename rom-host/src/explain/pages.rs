//! The documentation of codes, checks and words, as it is in docs/.

use rom_core::Code;

const FINDINGS: &str = include_str!("../../../docs/findings.md");
const CHECKS: &str = include_str!("../../../docs/checks.md");
const GLOSSARY: &str = include_str!("../../../docs/glossary.md");

/// What a heading of a code or check begins with.
const HEADING: &str = "### ";

/// Heading and text of the page about `id`, in either case.
pub(super) fn page(id: &str) -> Option<(&'static str, &'static str)> {
    let id = id.to_uppercase();
    let known = Code::ALL.iter().any(|code| code.id() == id)
        || id.starts_with("HOST")
        || id.starts_with("RUN0")
        || id.starts_with("VM0");
    [FINDINGS, CHECKS].into_iter().filter(|_| known).find_map(|document| section(document, &id))
}

/// Heading and text of the entry of the glossary for `word`, in either case. A heading begins with
/// the names of what it is about.
pub(super) fn word(word: &str) -> Option<(&'static str, &'static str)> {
    let entries = GLOSSARY.split("\n### ").skip(1).filter_map(|entry| entry.split_once('\n'));
    let is_it = |heading: &str| {
        let names = heading.split(": ").next().unwrap_or_default();
        names.split(", ").any(|name| name.eq_ignore_ascii_case(word))
    };
    entries
        .filter(|(heading, _)| is_it(heading))
        .map(|(heading, text)| (heading, text.trim()))
        .next()
}

/// What there are pages about: codes, checks, and each name of a word.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let headings = [FINDINGS, CHECKS, GLOSSARY].into_iter().flat_map(|document| {
        document.lines().filter_map(|line| line.strip_prefix(HEADING)?.split(": ").next())
    });
    headings.flat_map(|names| names.split(", "))
}

fn section(document: &'static str, id: &str) -> Option<(&'static str, &'static str)> {
    let start = document.find(&format!("\n{HEADING}{id}: "))?;
    let (heading, rest) = document.get(start..)?.trim_start().split_once('\n')?;
    let end = rest.find("\n#").unwrap_or(rest.len());
    Some((heading.trim_start_matches(HEADING), rest.get(..end)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page() {
        for code in Code::ALL {
            let (heading, text) = page(code.id()).unwrap_or_else(|| panic!("{}", code.id()));
            assert!(heading.starts_with(code.id()) && !text.is_empty());
        }
        assert!(page("host040").unwrap().1.contains("disable_vga"));
        assert_eq!(page("HOST999"), None);
        assert_eq!(page("The driver"), None);
    }

    #[test]
    fn every_name_has_a_page() {
        for name in names() {
            assert!(page(name).or_else(|| word(name)).is_some(), "{name}");
        }
        for name in ["ROM014", "HOST040", "VM020", "GOP"] {
            assert!(names().any(|own| own == name), "{name}");
        }
    }

    #[test]
    fn words_are_found_by_each_of_their_names() {
        let (heading, text) = word("gop").unwrap();
        assert_eq!(
            (heading, word("Graphics Output Protocol")),
            ("GOP, Graphics Output Protocol: how UEFI firmware draws on a display", word("GOP"))
        );
        assert!(
            text.starts_with("A GOP driver is the UEFI driver of one GPU family.")
                && !text.contains("GVT"),
            "{text}"
        );
        for known in [
            "VBT",
            "OpRegion",
            "LPC bridge",
            "GGC",
            "DVMT",
            "stolen memory",
            "IGD assignment driver",
            "Platform GOP Policy",
            "legacy mode",
            "UPT",
            "romfile",
            "catalog",
            "OVMF",
            "AAVMF",
            "VF",
            "mdev",
        ] {
            assert!(word(known).is_some(), "{known}");
        }
        assert_eq!((word(""), word("how")), (None, None));
    }

    #[test]
    fn every_word_has_two_or_three_sentences_and_names_of_its_own() {
        let mut names = Vec::new();
        for entry in GLOSSARY.split("\n### ").skip(1) {
            let (heading, text) = entry.split_once('\n').unwrap();
            let sentences = text.split_whitespace().filter(|word| word.ends_with('.')).count();
            assert!((1..=5).contains(&sentences), "{heading}: {sentences}");
            names.extend(heading.split(": ").next().unwrap().split(", ").map(str::to_lowercase));
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
