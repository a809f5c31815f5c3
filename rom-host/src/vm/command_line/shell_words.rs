//! Words as a shell has them: of a command in a script, of `/proc/PID/cmdline`.

pub use crate::advice::quoted;
use std::collections::BTreeMap;

/// Words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The words, without their quotes.
    pub words: Vec<String>,
    /// Whether a quote is opened and not closed.
    pub open_quote: bool,
}

/// Whether a word is a program that is QEMU.
#[must_use]
pub(crate) fn is_qemu(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    matches!(name, "kvm" | "qemu" | "qemu-kvm")
        || name.starts_with("qemu-system-") && !name.contains(char::is_whitespace)
}

impl Words {
    /// Splits `text` at white space that is not inside quotes or behind a backslash, as POSIX
    /// shells do. A backslash at the end of a line joins it to the next, and what follows a `#` at
    /// the start of a word is a comment. Ends of commands count as white space.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let (commands, open_quote) = split(text);
        let words = commands.into_iter().flat_map(|command| command.words).collect();
        Self { words, open_quote }
    }

    /// The command in `text` that starts QEMU, or options of QEMU alone; `None` if there is
    /// neither. Programs before it (sudo, env, taskset) stay before it.
    #[must_use]
    pub fn qemu_command(text: &str) -> Option<Self> {
        let (commands, open_quote) = split(log_entry(text).unwrap_or(text));
        let mut found: Option<Vec<String>> = None;
        for command in &commands {
            let Some(first) = command.words.first() else { continue };
            match &mut found {
                // A backslash at the end of a line gets lost where lines are pasted.
                Some(words) if first.starts_with('-') => {
                    words.extend(command.words.iter().cloned());
                }
                Some(_) => break,
                None => found = own_command(command),
            }
        }
        let all =
            |command: &Command| command.words.first().is_none_or(|word| word.starts_with('-'));
        if found.is_none() && commands.iter().all(all) {
            found = Some(commands.iter().flat_map(|command| command.words.clone()).collect());
        }
        let words = found.filter(|words| !words.is_empty())?;
        Some(Self { words: with_arrays(words, &commands), open_quote })
    }

    /// Splits what the kernel shows of a process: words that end in NUL.
    #[must_use]
    pub fn of_process(text: &str) -> Self {
        let words = text.split_terminator('\0').map(str::to_owned).collect();
        Self { words, open_quote: false }
    }
}

/// A command, and the arrays that are set before its first word.
#[derive(Debug, Default)]
struct Command {
    words: Vec<String>,
    /// `NAME=(WORD WORD)`.
    arrays: BTreeMap<String, Vec<String>>,
}

/// The words of a command if it starts QEMU: by itself, or by a shell that is given it in one word.
fn own_command(command: &Command) -> Option<Vec<String>> {
    let words = &command.words;
    let is_start = |(index, word): &(usize, &String)| {
        let next = words.get(index.saturating_add(1));
        is_qemu(word) && next.is_none_or(|next| next.starts_with(['-', '$']))
    };
    // A key of a configuration is no program.
    let first = words.first().filter(|word| !word.ends_with(':') && !word.starts_with('-'))?;
    if words.iter().enumerate().any(|one| is_start(&one)) {
        return Some(words.clone());
    }
    let inner = words.windows(2).find_map(|pair| match pair {
        [option, inner] if option == "-c" || option == "-lc" => Some(inner),
        _ => None,
    })?;
    (first != inner).then(|| Words::qemu_command(inner).map(|own| own.words)).flatten()
}

/// The words with what is in the arrays of the script instead of `${NAME[@]}`.
fn with_arrays(words: Vec<String>, commands: &[Command]) -> Vec<String> {
    let mut all = Vec::new();
    for word in words {
        let name = word.strip_prefix("${").and_then(|rest| rest.strip_suffix("[@]}"));
        let array = name
            .and_then(|name| commands.iter().rev().find_map(|command| command.arrays.get(name)));
        match array {
            Some(inner) => all.extend(inner.iter().cloned()),
            None => all.push(word),
        }
    }
    all
}

/// The last command line that libvirt noted in its log of a domain, `/var/log/libvirt/qemu/*.log`.
fn log_entry(text: &str) -> Option<&str> {
    let start = text.rfind("starting up libvirt version:")?;
    let rest = text.get(start..)?;
    let lines = rest.get(rest.find('\n')?.saturating_add(1)..)?;
    let mut end = 0_usize;
    for line in lines.split_inclusive('\n') {
        end = end.saturating_add(line.len());
        if !line.trim_end().ends_with('\\') {
            break;
        }
    }
    lines.get(..end)
}

/// Commands of a shell, and whether a quote is open at the end.
fn split(text: &str) -> (Vec<Command>, bool) {
    let mut splitter = Splitter::default();
    let mut quote: Option<char> = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (Some('"'), '\\') => match letters.next() {
                Some('\n') => {}
                Some(escaped @ ('"' | '\\' | '$' | '`')) => splitter.letter(escaped),
                other => {
                    splitter.letter('\\');
                    splitter.letters(other);
                }
            },
            (None, '\'' | '"') => {
                quote = Some(letter);
                splitter.begin();
            }
            (None, '\\') => match letters.next() {
                Some('\n') => {}
                Some('\r') if letters.peek() == Some(&'\n') => drop(letters.next()),
                escaped => splitter.letters(escaped),
            },
            (None, '#') if splitter.word.is_none() => {
                while letters.next_if(|letter| *letter != '\n').is_some() {}
            }
            (None, '\n' | ';' | '&' | '|') => splitter.end_command(letter == '\n'),
            (None, '<' | '>') if splitter.redirects() => {
                while letters.next_if(|letter| matches!(letter, '<' | '>' | '&')).is_some() {}
            }
            (None, '(') if splitter.opens_array() => {}
            (None, ')') if splitter.array.is_some() => splitter.end_array(),
            (None, letter) if letter.is_whitespace() => splitter.end_word(),
            (Some(_) | None, letter) => splitter.letter(letter),
        }
    }
    splitter.end_array();
    splitter.end_command(false);
    (splitter.commands, quote.is_some())
}

#[derive(Debug, Default)]
struct Splitter {
    commands: Vec<Command>,
    command: Command,
    word: Option<String>,
    /// The array that is open: its name and its words.
    array: Option<(String, Vec<String>)>,
    /// Whether the next word is the file of a redirection, and no word of the command.
    is_file: bool,
}

impl Splitter {
    fn begin(&mut self) {
        self.word.get_or_insert_default();
    }

    fn letter(&mut self, letter: char) {
        self.word.get_or_insert_default().push(letter);
    }

    fn letters(&mut self, letters: impl IntoIterator<Item = char>) {
        for letter in letters {
            self.letter(letter);
        }
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if std::mem::take(&mut self.is_file) {
            return;
        }
        match &mut self.array {
            Some((_, words)) => words.push(word),
            None => self.command.words.push(word),
        }
    }

    /// Whether a redirection begins here: where a word would, or after the number of a file.
    fn redirects(&mut self) -> bool {
        let number = self.word.as_deref().is_none_or(|word| {
            !word.is_empty() && word.chars().all(|letter| letter.is_ascii_digit())
        });
        if number {
            self.word = None;
            self.is_file = true;
        }
        number
    }

    /// Whether the word so far is `NAME=`, which a bracket makes an array.
    fn opens_array(&mut self) -> bool {
        let name = self.word.as_deref().and_then(|word| word.strip_suffix('='));
        let is_name = |name: &&str| {
            name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let Some(name) = name.filter(|_| self.array.is_none()).filter(is_name) else {
            return false;
        };
        self.array = Some((name.to_owned(), Vec::new()));
        self.word = None;
        true
    }

    fn end_array(&mut self) {
        self.end_word();
        if let Some((name, words)) = self.array.take() {
            self.command.arrays.insert(name, words);
        }
    }

    /// Ends a command; a line that ends inside of an array does not.
    fn end_command(&mut self, by_line: bool) {
        self.end_word();
        self.is_file = false;
        if !(by_line && self.array.is_some()) {
            self.commands.push(std::mem::take(&mut self.command));
        }
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
        assert_eq!(Words::read(r#""a\"b\\c\d" 'e\f'"#).words, [r#"a"b\c\d"#, r"e\f"]);
        assert_eq!(Words::of_process("qemu\0-name\0a b\0").words, ["qemu", "-name", "a b"]);
    }

    #[test]
    fn what_is_quoted_reads_the_same() {
        for word in ["plain,a=b", "", "a b", "it's", "\"", "\\", "#", "a;b", "a&b"] {
            assert_eq!(Words::read(&quoted(word)).words, [word]);
        }
    }

    #[test]
    fn the_command_that_starts_qemu_is_found() {
        let words = |text: &str| Words::qemu_command(text).map(|words| words.words.join(" "));
        for (text, command) in [
            ("/usr/bin/kvm -id 100", "/usr/bin/kvm -id 100"),
            ("-vga none\n-m 4G", "-vga none -m 4G"),
            ("modprobe vfio-pci\necho 1 > /sys/x\nexec kvm -m 4G\necho done", "exec kvm -m 4G"),
            (
                "sudo -E taskset -c 0-3 qemu-system-x86_64 -m 4G &",
                "sudo -E taskset -c 0-3 qemu-system-x86_64 -m 4G",
            ),
            (
                "numactl --cpunodebind=0 env A=b /usr/libexec/qemu-kvm -m 4G",
                "numactl --cpunodebind=0 env A=b /usr/libexec/qemu-kvm -m 4G",
            ),
            ("kvm -m 4G > /dev/null 2>&1 -vga none", "kvm -m 4G -vga none"),
            ("sh -c 'qemu-system-x86_64 -m 4G; echo'", "qemu-system-x86_64 -m 4G"),
            ("qemu-system-x86_64 -m 4G\n-vga none", "qemu-system-x86_64 -m 4G -vga none"),
            (
                "args=(\n -m 4G # much\n -vga none\n)\nqemu-system-x86_64 \"${args[@]}\"",
                "qemu-system-x86_64 -m 4G -vga none",
            ),
            (
                "2025-01-01 00:00:00.000+0000: starting up libvirt version: 11.3.0, qemu version: 10.0.2\nLC_ALL=C \\\nPATH=/bin \\\n/usr/bin/qemu-system-x86_64 \\\n-name guest=a \\\n-msg timestamp=on\nchar device redirected to /dev/pts/1\n",
                "LC_ALL=C PATH=/bin /usr/bin/qemu-system-x86_64 -name guest=a -msg timestamp=on",
            ),
        ] {
            assert_eq!(words(text).as_deref(), Some(command), "{text}");
        }
        for other in ["", "bios: ovmf", "name: kvm", "hello", "qm set 100 --vga none"] {
            assert_eq!(words(other), None, "{other}");
        }
    }
}
