//! Words as Proxmox VE splits the `args` of a VM: by Perl's `Text::ParseWords::shellwords`.

/// Splits `text` as `shellwords` of Perl does. An unclosed quote and a backslash at the end give no
/// words at all.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.trim_start_matches(is_blank).chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            quote @ ('"' | '\'') => {
                let own = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        None => return Vec::new(),
                        Some(end) if end == quote => break,
                        Some('\\') => {
                            let Some(escaped) = letters.next() else { return Vec::new() };
                            // Inside of single quotes a backslash stays.
                            own.extend((quote == '\'').then_some('\\'));
                            own.push(escaped);
                        }
                        Some(inner) => own.push(inner),
                    }
                }
            }
            '\\' => match letters.next() {
                None => return Vec::new(),
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            blank if is_blank(blank) => words.extend(word.take()),
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    words
}

/// White space of Perl in bytes.
const fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// A word as `shellwords` reads it back. It is also what a POSIX shell reads back, but for `$` and
/// backquotes.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| !is_blank(letter) && !matches!(letter, '"' | '\'' | '\\');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let mut text = String::from("\"");
    for letter in word.chars() {
        text.extend(matches!(letter, '"' | '\\').then_some('\\'));
        text.push(letter);
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    /// What Perl makes of each line: one line of words in hex for each.
    fn perl(lines: &[String]) -> Vec<Vec<String>> {
        const SCRIPT: &str = "while (<STDIN>) { chomp; \
            print join(' ', map { 'x' . unpack('H*', $_) } shellwords($_)), \"\\n\" }";
        let mut perl = Command::new("perl")
            .args(["-MText::ParseWords", "-e", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let text = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect::<String>();
        let mut input = perl.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
        let output = perl.wait_with_output().unwrap();
        writer.join().unwrap();
        let text = |word: &str| String::from_utf8(hex::decode(&word[1..]).unwrap()).unwrap();
        let answers = String::from_utf8(output.stdout).unwrap();
        answers.lines().map(|line| line.split_whitespace().map(text).collect()).collect()
    }

    fn random_lines(count: usize) -> Vec<String> {
        let letters: Vec<char> = "ab,=. \t  \"\"''\\\\#$-\u{a0}\u{e4}\u{3000}".chars().collect();
        let mut random = fastrand::Rng::with_seed(11);
        let mut line = || -> String {
            let length = random.usize(0..24);
            (0..length).map(|_| letters[random.usize(0..letters.len())]).collect()
        };
        (0..count).map(|_| line()).collect()
    }

    #[test]
    fn perl_splits_the_same() {
        let mut lines = random_lines(5000);
        lines.extend(
            [
                r#"-name "a\"b" -set device.hostpci0.x-igd-lpc=on"#,
                r#"-cpu host -name "C:\\win""#,
                r"-name 'C:\win\' -x",
                r"-set a.b=c \",
                r#"-name "a"#,
                "-set a # b",
                "a\u{a0}b",
                "\"\" ''",
                "",
            ]
            .map(str::to_owned),
        );
        let answers = perl(&lines);
        assert_eq!(answers.len(), lines.len());
        for (line, answer) in lines.iter().zip(answers) {
            assert_eq!(split(line), answer, "{line:?}");
        }
    }

    #[test]
    fn what_is_quoted_reads_the_same() {
        for word in random_lines(2000) {
            assert_eq!(split(&quoted(&word)), std::slice::from_ref(&word), "{word:?}");
        }
    }
}
