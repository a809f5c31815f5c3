//! Words as a shell has them: of a command in a script, of the `args` line of Proxmox VE, of
//! `/proc/PID/cmdline`.

pub use crate::advice::quoted;

/// Words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The words, without their quotes.
    pub words: Vec<String>,
    /// Whether a quote is opened and not closed.
    pub open_quote: bool,
}

impl Words {
    /// Splits `text` at white space that is not inside quotes or behind a backslash, as POSIX
    /// shells do. A backslash at the end of a line joins it to the next, and what follows a `#` at
    /// the start of a word is a comment.
    pub fn read(text: &str) -> Self {
        let mut words = Vec::new();
        let mut word: Option<String> = None;
        let mut quote: Option<char> = None;
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            match (quote, letter) {
                (Some(open), letter) if letter == open => quote = None,
                (None, '\'' | '"') => {
                    quote = Some(letter);
                    word.get_or_insert_default();
                }
                (None, '\\') => match letters.next() {
                    Some('\n') => {}
                    escaped => word.get_or_insert_default().extend(escaped),
                },
                (None, '#') if word.is_none() => {
                    letters.by_ref().take_while(|letter| *letter != '\n').for_each(drop);
                }
                (None, letter) if letter.is_whitespace() => words.extend(word.take()),
                (Some(_) | None, letter) => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        Self { words, open_quote: quote.is_some() }
    }

    /// Splits what the kernel shows of a process: words that end in NUL.
    pub fn of_process(text: &str) -> Self {
        let words = text.split_terminator('\0').map(str::to_owned).collect();
        Self { words, open_quote: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        let words =
            Words::read("-cpu 'host,kvm=off'  -set a.b=on -name \"a b\" c\\ d \\\n  e # no\nf");
        assert_eq!(
            words.words,
            ["-cpu", "host,kvm=off", "-set", "a.b=on", "-name", "a b", "c d", "e", "f"]
        );
        assert!(!words.open_quote && Words::read("-name \"a").open_quote);
        assert_eq!(Words::of_process("qemu\0-name\0a b\0").words, ["qemu", "-name", "a b"]);
    }

    #[test]
    fn what_is_quoted_reads_the_same() {
        for word in ["plain,a=b", "", "a b", "it's", "\"", "\\", "#"] {
            assert_eq!(Words::read(&quoted(word)).words, [word]);
        }
    }
}
