//! CPU model names: one spelling for all that people and kernels write, and what a name says before
//! any list is asked.

use super::{Brand, Catalog};
use regex_lite::{Regex, RegexBuilder};
use std::cell::OnceCell;

/// What a model name is, where it leads to no platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    /// The model that QEMU shows to a guest.
    VirtualMachine,
    /// An engineering sample: the name says nothing of the silicon.
    Sample,
    /// A family without a model number: `Celeron`, `Core i5`.
    Family,
    /// A bare number that several CPUs have, of Intel's and AMD's or of two families.
    Ambiguous,
    /// A name that no list has.
    Unlisted,
}

/// Whether `name` names a CPU of Intel's, as far as the words in it say.
#[must_use]
pub(super) fn is_intel(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let has_word =
        |wanted: &&str| name.split(|c: char| !c.is_ascii_alphabetic()).any(|word| word == *wanted);
    !OTHER_MAKERS.iter().any(has_word)
}

/// Words that are in the names of other makers' CPUs only.
const OTHER_MAKERS: &[&str] = &[
    "amd",
    "ryzen",
    "epyc",
    "athlon",
    "threadripper",
    "opteron",
    "phenom",
    "sempron",
    "turion",
    "fx",
    "apple",
    "arm",
    "cortex",
    "neoverse",
    "snapdragon",
    "ampere",
    "altra",
    "via",
    "zhaoxin",
    "kaixian",
    "hygon",
    "loongson",
    "raspberry",
    "mediatek",
    "rockchip",
    "power",
    "graviton",
];

/// What kind of name this is, where no list and no pattern knows it.
pub(super) fn kind(name: &str) -> NameKind {
    let lower = name.to_ascii_lowercase();
    if is_virtual(&lower) {
        return NameKind::VirtualMachine;
    }
    let plain = plain(name);
    if plain.split(' ').any(|word| word == "0000" || word == "es" || word == "qs") {
        return NameKind::Sample;
    }
    if AMBIGUOUS.contains(&plain.as_str()) {
        return NameKind::Ambiguous;
    }
    let is_family = |word: &str| FAMILY_WORDS.contains(&word);
    if !plain.is_empty() && plain.split(' ').all(is_family) {
        NameKind::Family
    } else {
        NameKind::Unlisted
    }
}

/// QEMU's own names, and its named models: the code name is in brackets.
fn is_virtual(lower: &str) -> bool {
    const CODE_NAMES: &[&str] = &[
        "conroe",
        "merom",
        "penryn",
        "nehalem",
        "westmere",
        "sandy bridge",
        "ivy bridge",
        "haswell",
        "broadwell",
        "skylake",
        "cascadelake",
        "cooperlake",
        "icelake",
        "sapphirerapids",
        "graniterapids",
        "sierraforest",
        "clearwaterforest",
        "snowridge",
        "denverton",
    ];
    let in_brackets = lower.split('(').skip(1).filter_map(|rest| rest.split(')').next());
    lower.contains("qemu")
        || lower.contains("kvm processor")
        || in_brackets
            .into_iter()
            .any(|inside| CODE_NAMES.iter().any(|name| inside.starts_with(name)))
}

/// Words of families, each as [`plain`] leaves it.
const FAMILY_WORDS: &[&str] = &[
    "core", "ultra", "i3", "i5", "i7", "i9", "m3", "m5", "m7", "m", "3", "5", "7", "9", "x7", "x9",
    "celeron", "pentium", "atom", "xeon", "gold", "silver", "bronze", "platinum", "e3", "e5", "e7",
    "d", "e", "w", "n", "x5", "v2", "v3", "v4", "v5", "v6",
];

/// Bare numbers that AMD's CPUs have too, or Xeons.
const AMBIGUOUS: &[&str] = &[
    "1250p", "1270p", "1350p", "1370p", "2125", "2600", "3100", "3225", "3245", "4410y", "4300u",
    "4500u", "4600u", "4650u", "5300u", "5500u", "5600u", "5650u", "6600u", "6650u", "7500",
    "7600", "7700", "7900x", "8400f", "8700f", "9600", "9700f", "9900x",
];

/// The CPU names of a catalog, ready to be asked.
pub(super) struct Names<'c> {
    brands: &'c [Brand],
    rules: Vec<Rule<'c>>,
}

/// A rule, which is compiled when a name first comes to it: most are in a list.
struct Rule<'c> {
    pattern: &'c str,
    brand: &'c Brand,
    /// `None` where the pattern is not one.
    compiled: OnceCell<Option<Regex>>,
}

impl Rule<'_> {
    fn matches(&self, plain: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| rule(self.pattern).ok());
        compiled.as_ref().is_some_and(|rule| rule.is_match(plain))
    }
}

impl<'c> Names<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Self {
        let of_brand = |brand: &'c Brand| {
            let rule = move |pattern| Rule { pattern, brand, compiled: OnceCell::new() };
            brand.patterns.iter().map(String::as_str).map(rule)
        };
        Self { brands: &catalog.brands, rules: catalog.brands.iter().flat_map(of_brand).collect() }
    }

    /// The codes of the platforms that `name` leads to: by Intel's lists, then by the rules of its
    /// families, then by a bare model number where all that have it agree. None where nothing does.
    pub(super) fn codes(&self, name: &str) -> &'c [String] {
        let plain = plain(name);
        if plain.is_empty() || is_virtual(&name.to_ascii_lowercase()) {
            return &[];
        }
        let listed =
            |brand: &&Brand| brand.models.iter().any(|model| model.eq_ignore_ascii_case(&plain));
        if let Some(brand) = self.brands.iter().find(listed) {
            return &brand.platforms;
        }
        match self.rules.iter().find(|rule| rule.matches(&plain)) {
            Some(rule) => &rule.brand.platforms,
            None => bare(self.brands, &plain),
        }
    }
}

/// What all listed models say that end in `number`, as `14900K` and `1245 v6` are ends.
fn bare<'c>(brands: &'c [Brand], number: &str) -> &'c [String] {
    let number = without_small_family(number);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let starts_with_family =
        number.split(' ').next().is_some_and(|word| FAMILY_WORDS.contains(&word));
    if digits < 3 || starts_with_family || AMBIGUOUS.contains(&number) {
        return &[];
    }
    let ends_in_it = |brand: &&Brand| brand.models.iter().any(|model| is_end(model, number));
    let mut found = brands.iter().filter(ends_in_it);
    let Some(first) = found.next() else { return &[] };
    if found.all(|other| other.platforms == first.platforms) { &first.platforms } else { &[] }
}

/// `celeron n5000`, whose family is another, as `n5000`: the letter says enough.
fn without_small_family(name: &str) -> &str {
    let families = ["celeron ", "pentium ", "atom "];
    let rest = families.iter().find_map(|family| name.strip_prefix(family)).unwrap_or(name);
    if rest.starts_with(['g', 'j', 'n', 'x']) { rest } else { name }
}

/// Whether `number` is the end of `model`, after a blank or after the hyphen behind `i7` and its
/// like.
fn is_end(model: &str, number: &str) -> bool {
    let Some(split) = model.len().checked_sub(number.len()) else { return false };
    let (Some(before), Some(end)) = (model.get(..split), model.get(split..)) else { return false };
    let family = before
        .strip_suffix('-')
        .is_some_and(|family| matches!(family, "i3" | "i5" | "i7" | "i9" | "m3" | "m5" | "m7"));
    end.eq_ignore_ascii_case(number) && (family || before.ends_with(' '))
}

/// A rule of the catalog, which matches a whole plain name in either case. What it may cost is
/// bounded: a catalog is a stranger's text.
pub(super) fn rule(pattern: &str) -> Result<Regex, regex_lite::Error> {
    RegexBuilder::new(&format!("(?i)^(?:{pattern})$")).size_limit(LARGEST_RULE).build()
}

/// Bytes that a rule may come to: four times what the largest of the built-in catalog needs.
const LARGEST_RULE: usize = 16 << 10;

/// A model name in one spelling, in lower case: without maker, trademarks, generation, clock and
/// words that every name has; `core i7 8700k`, `i7_8700K` and `Intel(R) Core(TM) i7-8700K CPU @
/// 3.70GHz` are all `i7-8700k`.
pub(super) fn plain(name: &str) -> String {
    let name = name.chars().take(LONGEST_NAME).collect::<String>().to_lowercase();
    let name =
        name.replace(['–', '—', '‑', '−'], "-").replace("®", "").replace("™", "").replace('_', " ");
    let name =
        name.replace("(r)", "").replace("(tm)", "").replace("(c)", "").replace("core2", "core 2");
    let name = before(before(before(before(&name, "@"), " with "), " w/"), "×");
    let mut words: Vec<String> = Vec::new();
    let mut brackets = false;
    for word in name.split([' ', '\t', ',', '\u{a0}']).filter(|word| !word.is_empty()) {
        brackets |= word.starts_with('(');
        let inside = brackets;
        brackets &= !word.ends_with(')');
        if !inside && !is_noise(word) {
            push(&mut words, word);
        }
    }
    finish(&mut words);
    words.join(" ")
}

/// Characters of a name that are read; real ones have fewer than 100.
const LONGEST_NAME: usize = 200;

fn before<'n>(name: &'n str, mark: &str) -> &'n str {
    name.split(mark).next().unwrap_or(name)
}

/// Words that say nothing of the model.
fn is_noise(word: &str) -> bool {
    const NOISE: &[&str] = &[
        "intel",
        "intel's",
        "cpu",
        "processor",
        "processors",
        "genuine",
        "gen",
        "generation",
        "inside",
        "x",
    ];
    let ordinal = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_ordinal = !ordinal.is_empty()
        && ordinal.bytes().all(|byte| byte.is_ascii_digit())
        && ["st", "nd", "rd", "th"].iter().any(|end| word.strip_suffix(end) == Some(ordinal));
    NOISE.contains(&word)
        || is_ordinal
        || word.ends_with("ghz")
        || word.ends_with("mhz")
        || word.ends_with("-core")
}

/// Adds a word, joined to what is before it where one name is in two words.
fn push(words: &mut Vec<String>, word: &str) {
    let last = words.last().map(String::as_str).unwrap_or_default();
    let number = word.starts_with(|c: char| c.is_ascii_digit());
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let of = |family: &str| words.iter().any(|word| word == family);
    let hyphenated = match last {
        "i3" | "i5" | "i7" | "i9" | "m3" | "m5" | "m7" => {
            digits >= 3 || word.get(1..2) == Some("y")
        }
        "e3" | "e5" | "e7" | "w3" | "w5" | "w7" | "w9" => number,
        "m" => word.get(1..2) == Some("y"),
        "x3" | "x5" | "x7" => digits >= 3 && of("atom"),
        "e" | "w" | "d" => number && of("xeon"),
        _ => false,
    };
    // The kernel names the mobile ones of 2010 "i5 CPU M 520"; Intel's list has them as i5-520M.
    let letter = matches!(last, "m" | "q" | "x" | "l" | "u") && number;
    if hyphenated {
        join(words, &format!("-{word}"));
    } else if letter
        && words.len() > 1
        && words.get(words.len().saturating_sub(2)).is_some_and(|word| is_core_i(word))
    {
        let suffix = match words.pop().as_deref() {
            Some("q") => "qm",
            Some("x") => "xm",
            Some("l") => "lm",
            Some("u") => "um",
            _ => "m",
        };
        join(words, &format!("-{word}{suffix}"));
    } else if let Some((model, version)) = xeon_version(word) {
        words.extend([model.to_owned(), version.to_owned()]);
    } else if let Some((family, number)) = core_number(last, word) {
        words.extend([family.to_owned(), number.to_owned()]);
    } else {
        words.push(word.to_owned());
    }
}

fn join(words: &mut [String], end: &str) {
    if let Some(last) = words.last_mut() {
        last.push_str(end);
    }
}

fn is_core_i(word: &str) -> bool {
    matches!(word, "i3" | "i5" | "i7" | "i9")
}

/// `e3-1245v6` as `e3-1245` and `v6`.
fn xeon_version(word: &str) -> Option<(&str, &str)> {
    let split = word.len().checked_sub(2)?;
    let (model, version) = (word.get(..split)?, word.get(split..)?);
    let is_version = version.starts_with('v') && version.ends_with(|c: char| c.is_ascii_digit());
    let model = model.trim_end_matches('-');
    (is_version && ["e3-", "e5-", "e7-"].iter().any(|family| model.starts_with(family)))
        .then_some((model, version))
}

/// `7-155h` behind `ultra` as `7` and `155h`; `ultra7` as `ultra` and `7`.
fn core_number<'w>(last: &str, word: &'w str) -> Option<(&'w str, &'w str)> {
    if let Some(number) =
        word.strip_prefix("ultra").filter(|number| matches!(*number, "3" | "5" | "7" | "9"))
    {
        return word.get(..5).map(|family| (family, number));
    }
    let (family, number) = word.split_once('-')?;
    (matches!(last, "ultra" | "core") && matches!(family, "3" | "5" | "7" | "9" | "x7" | "x9"))
        .then_some((family, number))
}

/// Takes out words that only some spellings of a name have.
fn finish(words: &mut Vec<String>) {
    let followed_by = |words: &[String], starts: &[&str]| {
        words.get(1).is_some_and(|next| starts.iter().any(|start| next.starts_with(start)))
    };
    let first = words.first().map(String::as_str).unwrap_or_default();
    let needless = match first {
        "core" => {
            followed_by(words, &["i3-", "i5-", "i7-", "i9-", "m3-", "m5-", "m7-", "m-", "ultra"])
        }
        _ => false,
    };
    if needless {
        words.remove(0);
    }
    if words.first().is_some_and(|word| word == "pentium")
        && words.len() > 2
        && followed_by(words, &["gold", "silver"])
    {
        words.remove(1);
    }
    // "E5-2670 0": the kernel's name of the first version.
    if words.len() > 1 && words.last().is_some_and(|word| word == "0") {
        words.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_name_are_one() {
        for (name, expected) in [
            ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "i7-8700k"),
            ("core i7 8700k", "i7-8700k"),
            ("i7_8700K", "i7-8700k"),
            ("i7–8700K", "i7-8700k"),
            ("Intel® Core™ i5-8250U × 8", "i5-8250u"),
            ("13th Gen Intel(R) Core(TM) i5-1340P", "i5-1340p"),
            ("12th Generation Intel Core i3-12100 (8) @ 4.300GHz", "i3-12100"),
            ("Intel(R) Core(TM) Ultra 7 155H", "ultra 7 155h"),
            ("Core Ultra 7-155H", "ultra 7 155h"),
            ("Ultra7 155H", "ultra 7 155h"),
            ("Intel(R) Core(TM) 5 120U", "core 5 120u"),
            ("Intel(R) Core(TM) i5 CPU       M 520  @ 2.40GHz", "i5-520m"),
            ("Intel(R) Core(TM) i7 CPU       Q 720  @ 1.60GHz", "i7-720qm"),
            ("Intel(R) Core(TM) i7 CPU         950  @ 3.07GHz", "i7-950"),
            ("Intel(R) Core(TM)2 Duo CPU     E8400  @ 3.00GHz", "core 2 duo e8400"),
            ("Intel(R) Xeon(R) CPU E3-1245 V2 @ 3.40GHz", "xeon e3-1245 v2"),
            ("E3-1245v6", "e3-1245 v6"),
            ("Xeon E3 1245 v6", "xeon e3-1245 v6"),
            ("Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz", "xeon e5-2670"),
            ("Intel(R) Xeon(R) E-2176M  CPU @ 2.70GHz", "xeon e-2176m"),
            ("Intel(R) Pentium(R) Gold G5400 CPU @ 3.70GHz", "pentium g5400"),
            ("Pentium Gold", "pentium gold"),
            ("Intel(R) Core(TM) m3-6Y30 CPU @ 0.90GHz", "m3-6y30"),
            ("Intel(R) Core(TM) M-5Y10c CPU @ 0.80GHz", "m-5y10c"),
            ("Intel(R) N100", "n100"),
            ("Intel(R) Processor U300E", "u300e"),
            (
                "Intel(R) Core(TM) i7-8705G CPU @ 3.10GHz with Radeon(TM) RX Vega M GL Graphics",
                "i7-8705g",
            ),
            ("", ""),
        ] {
            assert_eq!(plain(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_lead_nowhere_are_told_apart() {
        for (name, expected) in [
            ("QEMU Virtual CPU version 2.5+", NameKind::VirtualMachine),
            ("Common KVM processor", NameKind::VirtualMachine),
            ("Intel Xeon Processor (Skylake, IBRS)", NameKind::VirtualMachine),
            ("Genuine Intel(R) 0000", NameKind::Sample),
            ("Genuine Intel(R) CPU 0000 @ 2.20GHz", NameKind::Sample),
            ("Celeron", NameKind::Family),
            ("Pentium Gold", NameKind::Family),
            ("13th Gen Intel(R) Core(TM) i5", NameKind::Family),
            ("Core Ultra 7", NameKind::Family),
            ("7600", NameKind::Ambiguous),
            ("i5-1340H", NameKind::Unlisted),
            ("", NameKind::Unlisted),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }

    #[test]
    fn other_makers_are_known_by_their_words() {
        for name in [
            "AMD Ryzen 7 5700G",
            "ryzen 5 5600x",
            "EPYC 7302P",
            "Apple M1",
            "Cortex-A72",
            "Snapdragon X Elite",
        ] {
            assert!(!is_intel(name), "{name}");
        }
        for name in [
            "i7-8700K",
            "Xeon Silver 4110",
            "Intel(R) Xeon(R) Platinum 8280",
            "N100",
            "",
            "Core i5-8305G",
        ] {
            assert!(is_intel(name), "{name}");
        }
    }

    #[test]
    fn an_end_of_a_name_begins_after_a_blank_or_a_hyphen() {
        assert!(is_end("i9-14900K", "14900k") && is_end("Ultra 7 155H", "155h"));
        assert!(
            !is_end("i9-14900K", "4900k")
                && !is_end("Xeon W-1290", "1290")
                && !is_end("N100", "n100")
                && !is_end("N100", "an n100")
        );
    }
}
