//! Options of the kernel in the files that boot loaders take them from.

use std::fmt;

/// Why a file is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEdited {
    /// The line that stands in the way.
    pub line: String,
}

impl fmt::Display for NotEdited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this line is more than a list of options: {}", self.line)
    }
}

/// The variable whose options GRUB gives to every normal start.
const DEFAULT: &str = "GRUB_CMDLINE_LINUX_DEFAULT";
/// The variable whose options GRUB gives to every start.
const ALWAYS: &str = "GRUB_CMDLINE_LINUX";

/// The text of /etc/default/grub with options that come and go. A quote that is not closed is
/// closed at the end of its line.
///
/// # Errors
/// A line that a shell reads as more than a list of words.
pub fn grub(text: &str, add: &[String], remove: &[String]) -> Result<String, NotEdited> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut missing: Vec<&str> = add.iter().map(String::as_str).collect();
    let mut target = None;
    for index in 0..lines.len() {
        let next = lines.get(index.saturating_add(1)).map(|line| line.trim_end().to_owned());
        let Some(line) = lines.get_mut(index) else { break };
        let Some(mut setting) = Setting::read(line, next.as_deref())? else { continue };
        setting.words.retain(|word| !remove.contains(word));
        missing.retain(|option| !setting.words.iter().any(|word| word == option));
        *line = setting.write(line);
        if setting.name == DEFAULT || target.is_none() {
            target = Some(index);
        }
    }
    if missing.is_empty() {
        return Ok(lines.concat());
    }
    if let Some(line) = target.and_then(|index| lines.get_mut(index)) {
        if let Some(mut setting) = Setting::read(line, None)? {
            setting.words.extend(missing.iter().map(|&option| option.to_owned()));
            *line = setting.write(line);
        }
    } else {
        if lines.last().is_some_and(|last| !last.ends_with('\n')) {
            lines.push("\n".to_owned());
        }
        lines.push(format!("{DEFAULT}=\"{}\"\n", missing.join(" ")));
    }
    Ok(lines.concat())
}

/// A line that sets one of the variables.
struct Setting {
    name: &'static str,
    words: Vec<String>,
    /// The words as they are written, to see whether they changed.
    written: Vec<String>,
    quote: Option<char>,
    /// Whether its quote is closed.
    closed: bool,
    /// What follows the value: a comment, or nothing.
    rest: String,
}

impl Setting {
    /// Reads a line; `next` is the one after it. `None` if it sets neither variable.
    fn read(line: &str, next: Option<&str>) -> Result<Option<Self>, NotEdited> {
        let unclear = || NotEdited { line: line.trim_end().to_owned() };
        let line_text = line.trim_end();
        let value_of = |name: &'static str| {
            let rest = line_text.trim_start().strip_prefix(name)?;
            Some((name, rest))
        };
        let Some((name, rest)) = value_of(DEFAULT).or_else(|| value_of(ALWAYS)) else {
            return Ok(None);
        };
        let Some(value) = rest.strip_prefix('=') else {
            // `+=` adds, and another name begins with this one.
            return if rest.starts_with('+') { Err(unclear()) } else { Ok(None) };
        };
        let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (inner, closed, rest) = match quote {
            None => match value.split_once(char::is_whitespace) {
                Some((inner, rest)) => (inner, true, rest),
                None => (value, true, ""),
            },
            Some(quote) => {
                let value = value.get(1..).unwrap_or_default();
                match value.split_once(quote) {
                    Some((inner, rest)) => (inner, true, rest),
                    // A value may have several lines; one that was cut off is followed by something
                    // else.
                    None if next.is_none_or(begins_something) => (value, false, ""),
                    None => return Err(unclear()),
                }
            }
        };
        let plain = |text: &str| !text.contains(['$', '`', '\\']);
        let comment = rest.trim_start();
        if !plain(inner) || !(comment.is_empty() || comment.starts_with('#')) {
            return Err(unclear());
        }
        let words: Vec<String> = inner.split_whitespace().map(str::to_owned).collect();
        let rest = rest.to_owned();
        Ok(Some(Self { name, written: words.clone(), words, quote, closed, rest }))
    }

    /// The line again, as it was where nothing changed.
    fn write(&self, line: &str) -> String {
        if self.words == self.written && self.closed {
            return line.to_owned();
        }
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let indent: String = line.chars().take_while(|letter| letter.is_whitespace()).collect();
        let quote = self.quote.unwrap_or('"');
        let gap = if self.quote.is_none() && !self.rest.is_empty() { " " } else { "" };
        let words = self.words.join(" ");
        format!("{indent}{}={quote}{words}{quote}{gap}{}{end}", self.name, self.rest)
    }
}

/// Whether a line begins something of its own: an assignment, a comment, nothing.
fn begins_something(line: &str) -> bool {
    let line = line.trim_start();
    let name = line.split('=').next().unwrap_or_default();
    let is_name = |name: &str| {
        !name.is_empty()
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    line.is_empty() || line.starts_with('#') || (line.contains('=') && is_name(name))
}

/// The text of /etc/kernel/cmdline, which is the options alone, with options that come and go.
#[must_use]
pub fn kernel_cmdline(text: &str, add: &[String], remove: &[String]) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut kept: Vec<&str> = words.clone();
    kept.retain(|word| !remove.iter().any(|gone| gone == word));
    kept.extend(add.iter().map(String::as_str).filter(|option| !words.contains(option)));
    if kept == words {
        return text.to_owned();
    }
    format!("{}{}", kept.join(" "), if text.ends_with('\n') { "\n" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn grub(text: &str, add: &str, remove: &str) -> Option<String> {
        super::grub(text, &words(add), &words(remove)).ok()
    }

    #[test]
    fn options_come_and_go_and_the_rest_stays() {
        let text = "# a\nGRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet ff\" # b\nGRUB_CMDLINE_LINUX=''\n";
        for (add, remove, expected) in [
            ("", "", text.to_owned()),
            ("", "ff", text.replace("quiet ff", "quiet")),
            ("intel_iommu=on", "ff", text.replace("quiet ff", "quiet intel_iommu=on")),
            ("quiet", "", text.to_owned()),
        ] {
            assert_eq!(grub(text, add, remove), Some(expected), "+{add} -{remove}");
        }
    }

    #[test]
    fn a_quote_that_was_cut_off_is_closed() {
        let cut = "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet video=efifb\nGRUB_CMDLINE_LINUX=\"\"\n";
        let whole = "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n";
        assert_eq!(grub(cut, "", "video=efifb").as_deref(), Some(whole));
        assert_eq!(
            grub("GRUB_CMDLINE_LINUX='a", "", "").as_deref(),
            Some("GRUB_CMDLINE_LINUX='a'")
        );
    }

    #[test]
    fn where_no_variable_is_one_is_added() {
        let added = "GRUB_CMDLINE_LINUX_DEFAULT=\"intel_iommu=on\"\n";
        assert_eq!(grub("", "intel_iommu=on", "").as_deref(), Some(added));
        assert_eq!(grub("A=b", "intel_iommu=on", ""), Some(format!("A=b\n{added}")));
        let bare = grub("GRUB_CMDLINE_LINUX=quiet\n", "intel_iommu=on", "");
        assert_eq!(bare.as_deref(), Some("GRUB_CMDLINE_LINUX=\"quiet intel_iommu=on\"\n"));
    }

    #[test]
    fn what_is_more_than_a_list_is_left_to_a_person() {
        for text in [
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet $(cat x)\"\n",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"' more'\n",
            "GRUB_CMDLINE_LINUX_DEFAULT+=\" more\"\n",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet\n splash\"\n",
            "GRUB_CMDLINE_LINUX_DEFAULT=\"quiet \\\n splash\"\n",
        ] {
            assert_eq!(grub(text, "a", "quiet"), None, "{text}");
        }
        let other = "GRUB_CMDLINE_LINUX_RECOVERY=\"x\"\n";
        assert_eq!(grub(other, "", "x").as_deref(), Some(other));
    }

    #[test]
    fn a_file_of_options_alone() {
        let edit = |text, add, remove| kernel_cmdline(text, &words(add), &words(remove));
        assert_eq!(edit("root=ZFS=a  quiet\n", "", "x"), "root=ZFS=a  quiet\n");
        assert_eq!(edit("root=a ff\n", "b", "ff"), "root=a b\n");
        assert_eq!(edit("root=a", "a", ""), "root=a a");
    }
}
