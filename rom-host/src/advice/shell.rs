//! Commands as a shell reads them.

use rom_core::plain::is_plain;
use std::fmt;

/// Bytes of an argument with its end (Linux, `include/uapi/linux/binfmts.h`, `MAX_ARG_STRLEN`).
const LONGEST_WORD: usize = 128 << 10;

/// A command to type: a program and its arguments. It is one line, however long, and every POSIX
/// shell reads it as these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellCommand {
    words: Vec<String>,
}

impl ShellCommand {
    /// A command of these words. `None` if there are none, or if a word cannot be typed on one
    /// line: it holds a control character, one that changes the order in which text is shown, or
    /// more than Linux starts a program with.
    #[must_use]
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Option<Self> {
        let words: Vec<String> = words.into_iter().map(Into::into).collect();
        let typed =
            words.iter().all(|word| word.len() < LONGEST_WORD && word.chars().all(is_plain));
        (typed && !words.is_empty()).then_some(Self { words })
    }

    /// The program and its arguments, without quotes.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

impl fmt::Display for ShellCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&quoted(word))?;
        }
        Ok(())
    }
}

/// A word as it is typed: quoted where the shell would read it as something else.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-+=.,:/@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const SHELLS: [&str; 2] = ["bash", "dash"];

    /// What `shell` makes of `line`, which is to print its words with a NUL after each.
    fn read_by(shell: &str, line: &str) -> Vec<String> {
        let script = format!("cd / && set -- {line} && printf '%s\\0' \"$@\"");
        let output = Command::new(shell).args(["-c", &script]).output().unwrap();
        assert!(output.stderr.is_empty(), "{shell}: {line}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn real_shells_read_the_words_that_were_meant() {
        let letters: Vec<char> =
            "aZ09 '\"\\$`!#&|;<>(){}[]*?~^=%@,.:/-+_\u{e4}\u{1f600}".chars().collect();
        let mut random = fastrand::Rng::with_seed(7);
        let mut word = || -> String {
            let length = random.usize(0..12);
            (0..length).map(|_| letters[random.usize(0..letters.len())]).collect()
        };
        for _ in 0..20 {
            let words: Vec<String> =
                ["qm".to_owned()].into_iter().chain((0..100).map(|_| word())).collect();
            let line = ShellCommand::new(words.clone()).unwrap().to_string();
            for shell in SHELLS {
                assert_eq!(read_by(shell, &line), words, "{shell}: {line}");
            }
        }
    }

    #[test]
    fn every_letter_of_ascii_alone_and_first() {
        let ascii = (0x20..0x7F_u8).map(char::from);
        let words: Vec<String> =
            ascii.flat_map(|letter| [letter.to_string(), format!("{letter}x")]).collect();
        let line = words.iter().map(|word| quoted(word)).collect::<Vec<String>>().join(" ");
        for shell in SHELLS {
            assert_eq!(read_by(shell, &format!("first {line}"))[1..], words, "{shell}");
        }
    }

    #[test]
    fn what_cannot_be_typed_on_one_line_is_no_command() {
        for word in ["a\nb", "a\u{1b}[2J", "\u{202e}a", "\u{2028}", "a\0", "\u{200b}", "\u{ad}"] {
            assert_eq!(ShellCommand::new(["qm", word]), None, "{word:?}");
        }
        assert_eq!(ShellCommand::new([""; 0]), None);
        assert_eq!(ShellCommand::new(["qm".to_owned(), "x".repeat(128 << 10)]), None);
        let longest = "x".repeat((128 << 10) - 1);
        let status = Command::new("true").arg(&longest).status().unwrap();
        assert!(status.success() && ShellCommand::new(["true".to_owned(), longest]).is_some());
        let plain = ["qm", "set", "100", "--vga", "none"];
        assert_eq!(ShellCommand::new(plain).unwrap().to_string(), "qm set 100 --vga none");
    }
}
