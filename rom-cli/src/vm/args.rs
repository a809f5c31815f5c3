//! The `args` line of a Proxmox VE configuration: arguments for QEMU, in words as a shell has them.

/// The words, and what they set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) words: Vec<String>,
    /// Whether a quote is opened and not closed.
    pub(crate) open_quote: bool,
}

/// A `-set device.NAME.PROPERTY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeviceSetting {
    pub(crate) device: String,
    pub(crate) property: String,
    pub(crate) value: String,
}

impl Args {
    /// Splits `text` at white space that is not inside quotes or behind a backslash.
    pub(crate) fn read(text: &str) -> Self {
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
                (None, '\\') => word.get_or_insert_default().extend(letters.next()),
                (None, letter) if letter.is_whitespace() => words.extend(word.take()),
                (Some(_) | None, letter) => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        Self { words, open_quote: quote.is_some() }
    }

    /// The values of an option, for example of `-set`.
    pub(crate) fn values<'a>(&'a self, option: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.words.windows(2).filter_map(move |pair| match pair {
            [name, value] if name == option => Some(value.as_str()),
            _ => None,
        })
    }

    /// What is set of devices, in order.
    pub(crate) fn settings(&self) -> Vec<DeviceSetting> {
        let read = |text: &str| {
            let (name, value) = text.strip_prefix("device.")?.split_once('=')?;
            let (device, property) = name.rsplit_once('.')?;
            Some(DeviceSetting { device: device.to_owned(), property: property.to_owned(), value: value.to_owned() })
        };
        self.values("-set").filter_map(read).collect()
    }

    /// The last value that `property` of `device` is set to.
    pub(crate) fn setting(&self, device: &str, property: &str) -> Option<String> {
        let settings = self.settings();
        let own = settings.into_iter().rev().find(|setting| setting.device == device && setting.property == property);
        own.map(|setting| setting.value)
    }

    /// Whether an editor cut the line: it ends in the mark that nano shows, or in an option without its value.
    pub(crate) fn is_cut(&self) -> bool {
        let last = self.words.last().map(String::as_str).unwrap_or_default();
        let in_setting =
            self.words.len() >= 2 && self.words.get(self.words.len().saturating_sub(2)).is_some_and(|word| word == "-set");
        self.open_quote
            || last.ends_with('>')
            || matches!(last, "-set" | "-cpu" | "-device")
            || (in_setting && !last.contains('='))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        let args = Args::read("-cpu 'host,kvm=off'  -set device.hostpci0.x-igd-lpc=on -name \"a b\" c\\ d");
        assert_eq!(args.words, ["-cpu", "host,kvm=off", "-set", "device.hostpci0.x-igd-lpc=on", "-name", "a b", "c d"]);
        assert_eq!(args.setting("hostpci0", "x-igd-lpc").as_deref(), Some("on"));
        assert!(!args.is_cut());
    }

    #[test]
    fn the_last_setting_counts() {
        let args = Args::read("-set device.hostpci0.addr=3.0 -set device.hostpci0.addr=2.0");
        assert_eq!(args.setting("hostpci0", "addr").as_deref(), Some("2.0"));
    }

    #[test]
    fn a_line_that_an_editor_cut_is_seen() {
        for cut in ["-cpu host -set device.hostpci0>", "-set", "-name \"a", "-set device.hostpci0"] {
            assert!(Args::read(cut).is_cut(), "{cut}");
        }
    }
}
