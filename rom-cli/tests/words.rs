//! How the program speaks: phrases that no printed text has. All string literals of the three
//! crates are read, the help in `args.rs`, the catalog's sentences and the golden files.

use std::fs;
use std::path::{Path, PathBuf};

/// Phrases that a reader stops at, in lower case, with what is written instead. They match whole
/// words; one that ends in `*` matches the beginning of the last.
const PHRASES: &[(&str, &str)] = &[
    ("anew", "again"),
    ("be handed to", "passed through to"),
    ("boot picture", "display at boot"),
    ("for ever", "forever"),
    ("foretell*", "predicts"),
    ("foretold", "predicted"),
    ("goes by", "uses"),
    ("hand over", "pass through"),
    ("handed on", "passed through"),
    ("handed over", "passed through"),
    ("hands over", "passes through"),
    ("in front of", "before"),
    ("is no efi", "is not an EFI"),
    ("is no multiple", "is not a multiple"),
    ("is no option rom", "is not an option ROM"),
    ("is no pci", "is not a PCI"),
    ("is no rom", "is not a ROM"),
    ("is no uefi", "is not a UEFI"),
    ("is no vga", "is not a VGA"),
    ("is none of filling", "is not padding"),
    ("judged", "treated as, checked"),
    ("leads out of", "is outside"),
    ("lies outside", "is outside"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("nobody is there", "there is no"),
    ("nobody knows", "is unknown"),
    ("looks no further", "stops"),
    ("nothing tells", "is unknown"),
    ("on its way", "during a transfer"),
    ("pass over", "skip"),
    ("passed over", "skipped"),
    ("passes over", "skips"),
    ("picture*", "display"),
    ("put in place", "installed"),
    ("so many bytes", "a number with its unit"),
    ("stand nowhere", "there is no"),
    ("stands at", "is at"),
    ("stands behind", "is after"),
    ("stands in", "is in"),
    ("stands nowhere", "there is no"),
    ("stands there", "is there"),
    ("starts nothing of", "does not start any image"),
    ("take it out", "remove it"),
    ("taken out of", "removed from, extracted from"),
    ("takes this step back", "undoes this step"),
    ("the digest is right", "the digest matches"),
    ("told by", "identified by"),
    ("worth a look", "a warning"),
];

/// Labels that say nothing on their own, with what is written instead.
const LABELS: &[(&str, &str)] = &[
    ("Got", "Downloaded"),
    ("Have", "Already present"),
    ("Is at", "Saved to"),
    ("Mind", "Warning"),
    ("Or", "Alternative"),
    ("Proved", "Hash matches"),
    ("Would", "Would do"),
];

/// Nouns of counts: after 1 they have no `s`.
const NOUNS: &[&str] = &[
    "bytes",
    "checks",
    "drivers",
    "entries",
    "files",
    "functions",
    "GPUs",
    "images",
    "ROMs",
    "warnings",
];

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files below `folder` whose names end in one of `ends`.
fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ends));
        } else if ends.iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The phrase of the list that `text` has.
fn phrase(text: &str) -> Option<&'static (&'static str, &'static str)> {
    let mut words = String::from(" ");
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric() && c != '\'') {
        if !word.is_empty() {
            words.push_str(word);
            words.push(' ');
        }
    }
    // "There is no ROM" is plain.
    let words = words.replace(" there is ", " there-is ");
    PHRASES.iter().find(|(phrase, _)| match phrase.strip_suffix('*') {
        Some(start) => words.contains(&format!(" {start}")),
        None => words.contains(&format!(" {phrase} ")),
    })
}

/// The string literals of a Rust file before its tests, each on one line. A comment of `args.rs`
/// is help, and so is read too.
fn literals(source: &str, with_comments: bool) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let tail = &rest[at..];
        rest = if let Some(comment) = tail.strip_prefix("//") {
            let (line, after) = comment.split_once('\n').unwrap_or((comment, ""));
            if with_comments && line.starts_with('/') {
                found.push(line.trim_start_matches('/').to_owned());
            }
            after
        } else if let Some(text) = tail.strip_prefix('"') {
            let (literal, after) = literal(text);
            found.push(literal);
            after
        } else if tail.starts_with("'\"'") || tail.starts_with("'\\\"'") {
            tail.trim_start_matches(['\'', '\\', '"'])
        } else {
            &tail[1..]
        };
    }
    found
}

/// The text up to the quote that ends it, without continued line ends, and what is after it.
fn literal(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text.char_indices();
    while let Some((at, character)) = rest.next() {
        match character {
            '"' => return (value, &text[at + 1..]),
            '\\' => match rest.next() {
                Some((_, '\n')) => {
                    let (more, after) = literal(rest.as_str().trim_start());
                    return (value + &more, after);
                }
                Some((_, 'n')) => value.push('\n'),
                Some((_, other)) => value.push(other),
                None => break,
            },
            other => value.push(other),
        }
    }
    (value, "")
}

/// Whether people or other programs write this text: a pattern of the index of `explain`, all of
/// it in small letters. A name of one word is not prose either.
fn is_typed(path: &Path, text: &str) -> bool {
    let one_word = !text.trim().contains(' ') && !LABELS.iter().any(|(label, _)| *label == text);
    let pattern = path.parent().is_some_and(|folder| folder.ends_with("explain/index"))
        && text.to_lowercase() == text;
    one_word || pattern
}

#[test]
fn literals_are_found() {
    let source = "a(\"one \\\n    two\", '\"', 'x'); // \"no\"\n/// Help.\nb(\"\\\"c\\\"\")\
        #[cfg(test)]\nmod tests { \"d\" }";
    assert_eq!(literals(source, false), ["one two", "\"c\""]);
    assert_eq!(literals(source, true), ["one two", " Help.", "\"c\""]);
}

#[test]
fn a_phrase_is_whole_words() {
    assert!(phrase("Pictures are here").is_some() && phrase("the file is no ROM.").is_some());
    assert!(phrase("no rombar").is_none() && phrase("a recommendation").is_none());
}

#[test]
fn no_printed_text_has_a_phrase_of_the_list() {
    let mut faults = Vec::new();
    for folder in ["rom-core/src", "rom-host/src", "rom-cli/src"] {
        for path in files(&top().join(folder), &[".rs"]) {
            let source = fs::read_to_string(&path).unwrap();
            for text in literals(&source, path.ends_with("args.rs")) {
                if is_typed(&path, &text) {
                    continue;
                }
                if let Some((old, new)) = phrase(&text).or_else(|| {
                    LABELS.iter().find(|(label, _)| folder == "rom-cli/src" && text == *label)
                }) {
                    faults.push(format!("{}: {text:?}: {old:?} -> {new}", path.display()));
                }
            }
        }
    }
    let catalog = fs::read_to_string(top().join("known-roms.toml")).unwrap();
    for line in catalog.lines() {
        if let Some((old, new)) = phrase(line) {
            faults.push(format!("known-roms.toml: {line}: {old:?} -> {new}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn one_is_not_a_plural() {
    let mut faults = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for path in files(&folder, &[".txt"]) {
        let text = fs::read_to_string(&path).unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(2) {
            let noun = pair[1].trim_end_matches(|c: char| !c.is_alphanumeric());
            if pair[0] == "1" && NOUNS.contains(&noun) {
                faults.push(format!("{}: {}", path.display(), pair.join(" ")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
