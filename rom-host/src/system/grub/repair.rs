//! GRUB's files with their faults repaired: a file that grub-mkconfig accepts, with the options that
//! were meant.

use super::shell::{self, Variables};
use super::{GrubFiles, Options, VARIABLES, odd_letter, plain_letters};

/// What is left of options where a guide lost characters on its way: they mean nothing.
pub const GARBLED: [&str; 4] = ["ff", "video=efifb", "video=vesafb", "disable_vga=1"];

/// Turns of repairing and reading again.
const TURNS: usize = 8;

impl GrubFiles {
    /// The files without their faults. `None` where they have none, and where what was meant is not
    /// plain.
    #[must_use]
    pub fn repaired(&self) -> Option<Self> {
        let mut next = self.clone();
        let mut turns = 0;
        while let Options::Faulty(found) = next.options() {
            turns += 1;
            if turns > TURNS {
                return None;
            }
            let file = next.files.iter_mut().find(|file| file.path == found.path)?;
            let text = repaired(&file.text, self.shell)?;
            if text == file.text {
                return None;
            }
            file.text = text;
        }
        (turns > 0 && matches!(next.options(), Options::Known(_))).then_some(next)
    }
}

/// What a line is, by its looks: a quote that is open may make the shell see something else.
enum Line<'t> {
    /// A blank line, a comment, or the word of a condition.
    Other,
    /// A setting: what is before its name, the name, and what is after the equals sign.
    Setting { before: &'t str, name: &'t str, value: &'t str, adds: bool },
    /// Words.
    Words,
}

fn line(text: &str) -> Line<'_> {
    let trimmed = text.trim_start();
    let first = trimmed.split([' ', '\t', ';']).next().unwrap_or_default();
    if trimmed.is_empty() || trimmed.starts_with('#') || shell::KEYWORDS.contains(&first) {
        return Line::Other;
    }
    let own = trimmed.strip_prefix("export ").map_or(trimmed, str::trim_start);
    let before = text.strip_suffix(own).unwrap_or_default();
    let end = own.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let Some((name, rest)) = end.and_then(|end| own.split_at_checked(end)) else {
        return Line::Words;
    };
    let rest = rest.trim_start();
    let (adds, rest) = rest.strip_prefix('+').map_or((false, rest), |rest| (true, rest));
    match rest.strip_prefix('=') {
        Some(value) if name.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
            Line::Setting { before, name, value, adds }
        }
        _ => Line::Words,
    }
}

/// Whether lines, by themselves, are one assignment and nothing else.
fn is_whole(block: &[&str], sh: shell::Shell) -> bool {
    let text = block.join("\n");
    let mut variables = Variables::new();
    let reading = shell::read(&text, sh, &mut variables);
    reading.stop.is_none() && reading.assignments.len() == 1 && odd_letter(&text).is_none()
}

fn repaired(text: &str, sh: shell::Shell) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    // Of a line that is continued in the next one neither is whole.
    if lines.iter().any(|line| line.ends_with('\\')) {
        return None;
    }
    let mut out: Vec<String> = Vec::new();
    let mut rest = lines.as_slice();
    while let [first, after @ ..] = rest {
        rest = after;
        match line(first) {
            Line::Other => out.push((*first).to_owned()),
            Line::Words => {
                let mut variables = Variables::new();
                let reading = shell::read(&plain_letters(first), sh, &mut variables);
                let runs = matches!(reading.stop, Some(shell::Stop::Command { .. }));
                out.push(if runs { format!("# {first}") } else { (*first).to_owned() });
            }
            Line::Setting { before, name, value, adds } => {
                let is_ours = VARIABLES.contains(&name);
                let stray = rest.iter().take_while(|own| matches!(line(own), Line::Words)).count();
                let stray = if is_ours { stray } else { 0 };
                let (more, after) = rest.split_at_checked(stray)?;
                let mut block = vec![*first];
                if is_whole(&block, sh) && more.is_empty() {
                    out.push((*first).to_owned());
                    continue;
                }
                block.extend(more);
                let values = [value].into_iter().chain(more.iter().copied());
                let words = options(values, is_ours)?;
                let refers = if adds { format!("${name} ") } else { String::new() };
                out.push(format!("{before}{name}=\"{refers}{words}\""));
                rest = after;
            }
        }
    }
    let end = if text.ends_with('\n') { "\n" } else { "" };
    Some(out.join("\n") + end)
}

/// The words of a value that was written over several lines or with stray quotes. `None` where there
/// is more in it than words.
fn options<'t>(lines: impl Iterator<Item = &'t str>, is_ours: bool) -> Option<String> {
    let mut words = Vec::new();
    for line in lines {
        let plain = plain_letters(line);
        if plain.contains(['`', '\\', '#', '$', ';', '|', '&', '<', '>', '(', ')']) {
            return None;
        }
        let open = plain.replace(['"', '\''], " ");
        let own = open.split_ascii_whitespace().filter(|word| !is_ours || !GARBLED.contains(word));
        words.extend(own.map(str::to_owned));
    }
    Some(words.join(" "))
}
