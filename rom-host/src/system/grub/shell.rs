//! The part of the shell that GRUB's file is written in: assignments. What runs a program, or
//! depends on one, is told apart, and not run.

use std::collections::BTreeMap;
use std::ops::Range;

/// The shell that sources the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// dash, as Debian's /bin/sh: `+=` is no assignment.
    Dash,
    /// bash.
    Bash,
}

/// Values of variables; `None` where a program would have to be run to know one.
pub(super) type Variables = BTreeMap<String, Option<String>>;

/// An assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The variable.
    pub(super) name: String,
    /// Where its value is in the text, as it is written.
    pub(super) value: Range<usize>,
}

/// What is in the way of reading the file on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A quote that is opened in this line and never closed.
    OpenQuote {
        /// The line, from 1.
        line: usize,
    },
    /// A word that the shell takes for a program.
    Command {
        /// The line, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// A condition, a function, a pipe, another file: what only a shell can say the result of.
    Computed {
        /// The line, from 1.
        line: usize,
    },
}

/// What was read of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Its assignments, in order, up to where it could not be read on.
    pub(super) assignments: Vec<Assignment>,
    /// Why it could not be read to its end.
    pub(super) stop: Option<Stop>,
}

/// Words with which something begins that is more than an assignment.
pub(super) const KEYWORDS: [&str; 19] = [
    "if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac",
    "function", "{", "!", "[", "test", ".", "source",
];

/// Commands that change no variable, or none that matters here.
const HARMLESS: [&str; 5] = [":", "true", "export", "echo", "printf"];

/// A word: what it is, where that is known, and where it is written.
struct Word {
    text: Option<String>,
    span: Range<usize>,
}

struct Reader<'t, 'v> {
    text: &'t str,
    at: usize,
    shell: Shell,
    variables: &'v mut Variables,
    reading: Reading,
}

/// Reads `text`, and adds what it assigns to `variables`.
pub(super) fn read(text: &str, shell: Shell, variables: &mut Variables) -> Reading {
    let mut reader = Reader { text, at: 0, shell, variables, reading: Reading::default() };
    while reader.at < text.len() {
        if let Err(stop) = reader.command() {
            reader.reading.stop = Some(stop);
            break;
        }
    }
    reader.reading
}

const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t')
}

/// The variable that `raw`, a word as it is written, assigns, and whether it adds to it. The number
/// is that of bytes before the value.
fn assigned(raw: &str) -> Option<(&str, bool, usize)> {
    let end = raw.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')?;
    let (name, rest) = raw.split_at_checked(end)?;
    if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    if rest.starts_with('=') {
        return Some((name, false, end + 1));
    }
    rest.starts_with("+=").then_some((name, true, end + 2))
}

impl Reader<'_, '_> {
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    /// The line that the byte at `at` is in, from 1.
    fn line(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or_default().matches('\n').count() + 1
    }

    fn skip_blanks(&mut self) {
        loop {
            if self.rest().starts_with("\\\n") {
                self.at += 2;
            } else if self.peek().is_some_and(is_blank) {
                self.next();
            } else {
                return;
            }
        }
    }

    /// One command, up to the end of its line or a semicolon.
    fn command(&mut self) -> Result<(), Stop> {
        let mut exporting = false;
        let mut first = true;
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return Ok(()),
                Some('\n' | ';') => {
                    self.next();
                    return Ok(());
                }
                Some('#') => {
                    while self.peek().is_some_and(|letter| letter != '\n') {
                        self.next();
                    }
                    continue;
                }
                Some('&' | '|' | '<' | '>' | '(' | ')') => {
                    return Err(Stop::Computed { line: self.line(self.at) });
                }
                Some(_) => {}
            }
            let start = self.at;
            let raw = self.rest().to_owned();
            if let Some((name, adds, before)) = assigned(&raw)
                && (!adds || self.shell == Shell::Bash)
            {
                self.at += before;
                self.assignment(name, adds)?;
                first = false;
                continue;
            }
            let word = self.word(start)?;
            let written = self.text.get(word.span.clone()).unwrap_or_default();
            if exporting {
                continue;
            }
            if self.peek() == Some('(') || KEYWORDS.contains(&written) {
                return Err(Stop::Computed { line: self.line(start) });
            }
            if first && HARMLESS.contains(&written) {
                exporting = true;
                continue;
            }
            return Err(Stop::Command { line: self.line(start), word: written.to_owned() });
        }
    }

    fn assignment(&mut self, name: &str, adds: bool) -> Result<(), Stop> {
        let word = self.word(self.at)?;
        let before = if adds { self.variable(name) } else { Some(String::new()) };
        let value = before.zip(word.text).map(|(before, own)| before + &own);
        self.variables.insert(name.to_owned(), value);
        self.reading.assignments.push(Assignment { name: name.to_owned(), value: word.span });
        Ok(())
    }

    /// What a variable is; one that nothing assigns is empty.
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned().unwrap_or_else(|| Some(String::new()))
    }

    /// A word from here to a blank or an operator.
    fn word(&mut self, start: usize) -> Result<Word, Stop> {
        // Of a quote that is closed by the next one the fault is where the word begins.
        let line = self.line(start);
        self.inside_word(start).map_err(|stop| match stop {
            Stop::OpenQuote { .. } => Stop::OpenQuote { line },
            other => other,
        })
    }

    fn inside_word(&mut self, start: usize) -> Result<Word, Stop> {
        let mut text = Some(String::new());
        while let Some(letter) = self.peek() {
            if is_blank(letter) || matches!(letter, '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
            {
                break;
            }
            let own = match letter {
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '$' | '`' => self.expansion()?,
                '\\' => {
                    self.next();
                    match self.next() {
                        None | Some('\n') => Some(String::new()),
                        Some(letter) => Some(letter.to_string()),
                    }
                }
                _ => {
                    self.next();
                    Some(letter.to_string())
                }
            };
            text = text.zip(own).map(|(text, own)| text + &own);
        }
        Ok(Word { text, span: start..self.at })
    }

    fn single_quoted(&mut self) -> Result<Option<String>, Stop> {
        let open = self.at;
        self.next();
        let Some(length) = self.rest().find('\'') else {
            return Err(Stop::OpenQuote { line: self.line(open) });
        };
        let text = self.rest().get(..length).map(str::to_owned);
        self.at += length + 1;
        Ok(text)
    }

    fn double_quoted(&mut self) -> Result<Option<String>, Stop> {
        let open = self.at;
        self.next();
        let mut text = Some(String::new());
        loop {
            let own = match self.peek() {
                None => return Err(Stop::OpenQuote { line: self.line(open) }),
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('$' | '`') => self.expansion()?,
                Some('\\') => {
                    self.next();
                    match self.next() {
                        Some('\n') => Some(String::new()),
                        Some(letter @ ('$' | '`' | '"' | '\\')) => Some(letter.to_string()),
                        other => Some(format!("\\{}", other.map(String::from).unwrap_or_default())),
                    }
                }
                Some(letter) => {
                    self.next();
                    Some(letter.to_string())
                }
            };
            text = text.zip(own).map(|(text, own)| text + &own);
        }
    }

    /// What is after a `$` or between backquotes; `None` where a program gives it.
    fn expansion(&mut self) -> Result<Option<String>, Stop> {
        let open = self.at;
        let unclosed = Stop::OpenQuote { line: self.line(open) };
        if self.next() == Some('`') {
            loop {
                match self.next() {
                    None => return Err(unclosed),
                    Some('`') => return Ok(None),
                    Some('\\') => {
                        self.next();
                    }
                    Some(_) => {}
                }
            }
        }
        match self.peek() {
            Some('(') => {
                self.nested('(', ')').ok_or(unclosed)?;
                Ok(None)
            }
            Some('{') => {
                let inside = self.nested('{', '}').ok_or(unclosed)?;
                let is_name = inside.chars().all(|own| own.is_ascii_alphanumeric() || own == '_');
                Ok(if is_name { self.variable(&inside) } else { None })
            }
            Some(letter) if letter.is_ascii_alphabetic() || letter == '_' => {
                let rest = self.rest();
                let end = rest.find(|own: char| !own.is_ascii_alphanumeric() && own != '_');
                let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_owned();
                self.at += name.len();
                Ok(self.variable(&name))
            }
            Some('0'..='9' | '?' | '$' | '!' | '#' | '*' | '@' | '-') => {
                self.next();
                Ok(None)
            }
            _ => Ok(Some("$".to_owned())),
        }
    }

    /// What is between brackets, with all that is inside.
    fn nested(&mut self, open: char, close: char) -> Option<String> {
        let mut depth = 0_usize;
        let start = self.at;
        loop {
            let letter = self.next()?;
            match letter {
                '\'' | '"' => while self.next()? != letter {},
                '\\' => {
                    self.next()?;
                }
                _ if letter == open => depth += 1,
                _ if letter == close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return self.text.get(start + 1..self.at - 1).map(str::to_owned);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<Option<String>, Stop> {
        let mut variables = Variables::new();
        match read(text, Shell::Dash, &mut variables).stop {
            Some(stop) => Err(stop),
            None => Ok(variables.remove("A").unwrap_or_default()),
        }
    }

    fn is(text: &str, expected: &str) {
        assert_eq!(value(text), Ok(Some(expected.to_owned())), "{text}");
    }

    #[test]
    fn values_as_the_shell_has_them() {
        is("A=\"quiet splash\"\n", "quiet splash");
        is("  export A='a  b' # c\n", "a  b");
        is("A=a\"b c\"'d'\\ e\n", "ab cd e");
        is("A=1\nA=2;A=3\n", "3");
        is("B=x\nA=\"$B ${B} $C.\"\n", "x x .");
        is("A=\"a\\\nb\"\n", "ab");
        is("A=\"a\nb\"", "a\nb");
        is("A=\"\\$x \\a \\\"\"\n", "$x \\a \"");
        is("A=x # \"\n#'\n", "x");
        is("A=a#b", "a#b");
        is("A=1\nexport A\n: x\n", "1");
    }

    #[test]
    fn what_a_program_gives_is_not_known() {
        assert_eq!(value("A=`lsb_release -i 2> /dev/null || echo \"x\"`\n"), Ok(None));
        assert_eq!(value("A=$(echo \")\")x\n"), Ok(None));
        assert_eq!(value("A=${B:-c}\n"), Ok(None));
        is("B=`x`\nA=1\n", "1");
    }

    #[test]
    fn what_is_no_assignment_stops() {
        let command = |line, word: &str| Err(Stop::Command { line, word: word.to_owned() });
        assert_eq!(value("A=1\nff video=x\n"), command(2, "ff"));
        assert_eq!(value("A = 1\n"), command(1, "A"));
        assert_eq!(value("A=quiet splash\n"), command(1, "splash"));
        assert_eq!(value("A+=x\n"), command(1, "A+=x"));
        assert_eq!(value("vfio-pci.ids=8086:a7a8\n"), command(1, "vfio-pci.ids=8086:a7a8"));
        for text in ["if [ -e x ]; then A=1; fi\n", ". /x\n", "A=1 | b\n", "f() {\n"] {
            assert_eq!(value(text), Err(Stop::Computed { line: 1 }), "{text}");
        }
        for text in ["A=1\nA=\"x\nB=y\n", "\nA='x", "\nA=`x"] {
            assert_eq!(value(text), Err(Stop::OpenQuote { line: 2 }), "{text}");
        }
    }

    #[test]
    fn bash_adds() {
        let mut variables = Variables::new();
        let reading = read("A=a\nA+=\" b\"\n", Shell::Bash, &mut variables);
        assert_eq!((reading.stop, variables["A"].as_deref()), (None, Some("a b")));
    }
}
