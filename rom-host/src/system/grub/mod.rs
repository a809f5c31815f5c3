//! GRUB's settings, /etc/default/grub and what is sourced after it, read as the shell files that
//! they are (grub-mkconfig: the file, then on Debian each of /etc/default/grub.d/*.cfg).

mod edit;
mod repair;
mod shell;

pub use repair::GARBLED;
pub use shell::Shell;

use shell::{Assignment, Stop, Variables};
use std::fmt;

/// The variables that hold options of the kernel, in the order in which they get to it
/// (`/etc/grub.d/10_linux`).
pub const VARIABLES: [&str; 2] = ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"];
/// The variable to which options are added: that of normal starts.
const DEFAULT: &str = "GRUB_CMDLINE_LINUX_DEFAULT";

/// A file of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// Its path there.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// GRUB's files, in the order in which they are sourced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrubFiles {
    /// The files.
    pub files: Vec<TextFile>,
    /// The shell that sources them.
    pub shell: Shell,
}

/// What is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A quote is not closed: grub-mkconfig stops.
    OpenQuote,
    /// A quote is closed by that of a later setting: the settings between are lost.
    RanOver,
    /// A word is taken for a program: grub-mkconfig stops.
    Command(String),
    /// A value has a line break: GRUB's own file breaks there, and what follows is lost.
    LineBreak,
    /// A quote or dash that the shell does not know as one, or a space that is none.
    Letter(char),
    /// Options after a space without quotes, which are variables of their own and reach no kernel.
    OutsideQuotes(String),
}

/// A fault, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The line itself.
    pub text: String,
    /// What is wrong there.
    pub fault: Fault,
}

/// The options that GRUB gives the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Options {
    /// They are these.
    Known(Vec<String>),
    /// They depend on a program or a condition, in this file.
    Computed(String),
    /// The files cannot be used as they are.
    Faulty(Box<Found>),
}

/// Letters that a word processor or a web page put in place of plain ones, and the plain ones.
const LETTERS: [(char, char); 13] = [
    ('\u{201c}', '"'),
    ('\u{201d}', '"'),
    ('\u{201e}', '"'),
    ('\u{ab}', '"'),
    ('\u{bb}', '"'),
    ('\u{2018}', '\''),
    ('\u{2019}', '\''),
    ('\u{2010}', '-'),
    ('\u{2011}', '-'),
    ('\u{2013}', '-'),
    ('\u{2014}', '-'),
    ('\u{2212}', '-'),
    ('\u{a0}', ' '),
];

/// The first letter of `text` that stands for a plain one.
#[must_use]
pub fn odd_letter(text: &str) -> Option<char> {
    text.chars().find(|letter| LETTERS.iter().any(|(odd, _)| odd == letter))
}

/// `text` with plain letters.
#[must_use]
pub fn plain_letters(text: &str) -> String {
    let plain = |letter| LETTERS.iter().find(|(odd, _)| *odd == letter).map(|(_, plain)| *plain);
    text.chars().map(|letter| plain(letter).unwrap_or(letter)).collect()
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote | Self::RanOver => f.write_str("an unclosed quote"),
            Self::Command(word) => write!(f, "a word that the shell runs as a program: {word}"),
            Self::LineBreak => f.write_str("a line break inside the quotes"),
            Self::Letter('\u{a0}') => f.write_str("a space that does not separate words (U+00A0)"),
            Self::Letter(letter) => {
                let code = u32::from(*letter);
                write!(f, "the typographic character {letter} (U+{code:04X})")
            }
            Self::OutsideQuotes(word) => write!(f, "an option outside of quotes: {word}"),
        }
    }
}

impl Fault {
    /// What comes of it.
    #[must_use]
    pub const fn result(&self) -> &'static str {
        match self {
            Self::OpenQuote | Self::Command(_) => "Until it is fixed, GRUB's menu is not written.",
            Self::RanOver => "The settings up to the next quote are lost.",
            Self::LineBreak => "GRUB loses the options after the line break.",
            Self::Letter(_) => "The kernel does not read it as what it looks like.",
            Self::OutsideQuotes(_) => "That option does not reach the kernel.",
        }
    }

    /// Whether GRUB's menu cannot be written with it.
    #[must_use]
    pub const fn stops(&self) -> bool {
        matches!(self, Self::OpenQuote | Self::Command(_))
    }
}

/// What was read of one file: the assignments in it.
struct Read {
    assignments: Vec<Assignment>,
}

impl GrubFiles {
    /// The options, as the shell would have them at the end.
    #[must_use]
    pub fn options(&self) -> Options {
        match self.read() {
            Err(options) => options,
            Ok((_, variables)) => {
                let mut words = Vec::new();
                for name in VARIABLES {
                    match variables.get(name) {
                        None => {}
                        Some(Some(value)) => {
                            words.extend(value.split_ascii_whitespace().map(str::to_owned));
                        }
                        Some(None) => return Options::Computed(self.first_path()),
                    }
                }
                Options::Known(words)
            }
        }
    }

    fn first_path(&self) -> String {
        self.files.first().map(|file| file.path.clone()).unwrap_or_default()
    }

    fn read(&self) -> Result<(Vec<Read>, Variables), Options> {
        let mut variables = Variables::new();
        let mut all = Vec::new();
        for file in &self.files {
            let reading = shell::read(&file.text, self.shell, &mut variables);
            let found = |line: usize, fault: Fault| {
                let text = file.text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
                let (path, text) = (file.path.clone(), text.trim().to_owned());
                Options::Faulty(Box::new(Found { path, line, text, fault }))
            };
            if let Some((line, letter)) = first_letter(&file.text) {
                return Err(found(line, Fault::Letter(letter)));
            }
            let ran_over = reading.assignments.iter().find_map(|own| ran_over(&file.text, own));
            if let Some(line) = ran_over {
                return Err(found(line, Fault::RanOver));
            }
            match reading.stop {
                None => {}
                Some(Stop::OpenQuote { line }) => return Err(found(line, Fault::OpenQuote)),
                Some(Stop::Command { line, word }) => {
                    return Err(found(line, Fault::Command(word)));
                }
                Some(Stop::Computed { .. }) => return Err(Options::Computed(file.path.clone())),
            }
            for own in &reading.assignments {
                let at = |byte: usize| {
                    file.text.get(..byte).unwrap_or_default().matches('\n').count() + 1
                };
                let line = at(own.value.start);
                let value = variables.get(&own.name).and_then(Option::as_deref);
                let is_ours = VARIABLES.contains(&own.name.as_str());
                if is_ours && value.is_some_and(|value| value.trim().contains('\n')) {
                    return Err(found(line, Fault::LineBreak));
                }
                if !own
                    .name
                    .starts_with(|letter: char| letter.is_ascii_uppercase() || letter == '_')
                {
                    let word = value.map(|value| format!("{}={value}", own.name));
                    let word = word.unwrap_or_else(|| own.name.clone());
                    return Err(found(line, Fault::OutsideQuotes(word)));
                }
            }
            all.push(Read { assignments: reading.assignments });
        }
        Ok((all, variables))
    }
}

/// The first line, from 1, outside of comments that has a letter that stands for a plain one.
fn first_letter(text: &str) -> Option<(usize, char)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    lines
        .map(|(index, line)| (index + 1, line.split(" #").next().unwrap_or_default()))
        .find_map(|(number, line)| Some((number, odd_letter(line)?)))
}

/// The line in which a value begins that has another setting in it: its quote was meant to be
/// closed before that.
fn ran_over(text: &str, own: &Assignment) -> Option<usize> {
    let raw = text.get(own.value.clone())?;
    let is_setting = raw.lines().skip(1).any(|line| line.trim_start().starts_with("GRUB_"));
    is_setting.then(|| text.get(..own.value.start).unwrap_or_default().matches('\n').count() + 1)
}

#[cfg(test)]
mod tests;
