//! Options added to GRUB's files and taken out of them. What cannot be done for sure is not done.

use super::{DEFAULT, GrubFiles, Options, TextFile, VARIABLES};

/// Whether a word can be between double quotes as it is, and is one word there.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|own| own.is_ascii_graphic() && !"\"'`$\\".contains(own))
}

/// The bytes of `raw`, a value as it is written, that are the word `word` and a space beside it.
fn place(raw: &str, word: &str) -> Option<std::ops::Range<usize>> {
    let edge = |letter: Option<char>| {
        letter.is_none_or(|own| own.is_ascii_whitespace() || own == '"' || own == '\'')
    };
    let is_space = |letter: Option<char>| letter.is_some_and(|own| own == ' ' || own == '\t');
    let (start, _) = raw.match_indices(word).find(|(at, _)| {
        let before = raw.get(..*at).and_then(|own| own.chars().next_back());
        let after = raw.get(at + word.len()..).and_then(|own| own.chars().next());
        edge(before) && edge(after)
    })?;
    let end = start + word.len();
    if is_space(raw.get(end..).and_then(|own| own.chars().next())) {
        return Some(start..end + 1);
    }
    let before = raw.get(..start).and_then(|own| own.chars().next_back());
    Some(if is_space(before) { start - 1..end } else { start..end })
}

impl GrubFiles {
    /// The files with options added and removed, so that the kernel gets them at the next start.
    /// `None` where that cannot be said for sure: the files have a fault, or compute something.
    #[must_use]
    pub fn changed(&self, add: &[&str], remove: &[&str]) -> Option<Self> {
        if !add.iter().chain(remove).all(|word| is_plain(word)) {
            return None;
        }
        let mut next = self.clone();
        for word in remove {
            // Each turn takes one away, so that it ends.
            while next.has(word)? {
                next = next.without(word)?;
            }
        }
        let mut missing = Vec::new();
        for word in add {
            if !next.has(word)? {
                missing.push(*word);
            }
        }
        if missing.is_empty() {
            return Some(next);
        }
        let next = next.with(&missing.join(" "))?;
        let all = add.iter().all(|word| next.has(word) == Some(true));
        all.then_some(next)
    }

    /// Whether the kernel gets an option.
    fn has(&self, word: &str) -> Option<bool> {
        match self.options() {
            Options::Known(words) => Some(words.iter().any(|own| own == word)),
            Options::Computed(_) | Options::Faulty(_) => None,
        }
    }

    fn without(&self, word: &str) -> Option<Self> {
        let (read, _) = self.read().ok()?;
        let mut next = self.clone();
        for (file, own) in next.files.iter_mut().zip(&read) {
            for assignment in &own.assignments {
                if !VARIABLES.contains(&assignment.name.as_str()) {
                    continue;
                }
                let raw = file.text.get(assignment.value.clone())?;
                if let Some(inside) = place(raw, word) {
                    let start = assignment.value.start;
                    file.text.replace_range(start + inside.start..start + inside.end, "");
                    return Some(next);
                }
            }
        }
        None
    }

    /// The files with `words` at the end of the last value that begins anew, or with a line of
    /// their own.
    fn with(&self, words: &str) -> Option<Self> {
        let (read, _) = self.read().ok()?;
        let mut next = self.clone();
        let mut last = None;
        for (index, (file, own)) in self.files.iter().zip(&read).enumerate() {
            for assignment in own.assignments.iter().filter(|own| own.name == DEFAULT) {
                let raw = file.text.get(assignment.value.clone())?;
                let adds = file.text.get(..assignment.value.start)?.ends_with("+=");
                if !adds && !raw.contains('$') && !raw.contains('`') {
                    last = Some((index, assignment.value.clone(), raw.to_owned()));
                }
            }
        }
        let quoted = |raw: &str| -> Option<String> {
            let inside = ['"', '\''].into_iter().find_map(|quote| {
                let inside = raw.strip_prefix(quote)?.strip_suffix(quote)?;
                (!inside.contains(['"', '\'', '\\'])).then_some((quote, inside))
            });
            let bare = !raw.contains(['"', '\'', '\\']);
            let (quote, inside) = inside.or_else(|| bare.then_some(('"', raw)))?;
            let inside = inside.trim_end();
            let space = if inside.is_empty() { "" } else { " " };
            Some(format!("{quote}{inside}{space}{words}{quote}"))
        };
        if let Some((index, span, raw)) = last
            && let Some(value) = quoted(&raw)
        {
            next.files.get_mut(index)?.text.replace_range(span, &value);
            return Some(next);
        }
        // After every other assignment, so that nothing replaces it.
        let last = read.iter().rposition(|own| own.assignments.iter().any(|it| it.name == DEFAULT));
        let file: &mut TextFile = next.files.get_mut(last.unwrap_or(0))?;
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            file.text.push('\n');
        }
        let line = format!("{DEFAULT}=\"${DEFAULT} {words}\"\n");
        file.text.push_str(&line);
        Some(next)
    }
}
