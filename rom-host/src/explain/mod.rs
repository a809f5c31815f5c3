//! What a code, a check or a line of a log means.

mod messages;
mod pages;

pub use messages::{MESSAGES, Matters, Message};

/// What is known about something that was asked.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// A message of the kernel, QEMU, Proxmox VE or the guest.
    Message(&'static Message),
    /// A page of the documentation: heading and text.
    Page(&'static str, &'static str),
}

/// What `asked` means: a code, the id of a check, or a line of a log.
pub fn explain(asked: &str) -> Option<Meaning> {
    let asked = asked.trim();
    if let Some((heading, text)) = pages::page(asked) {
        return Some(Meaning::Page(heading, text));
    }
    message(asked).map(Meaning::Message)
}

/// The message that `line` is, the most particular one.
#[must_use]
pub fn message(line: &str) -> Option<&'static Message> {
    let line = line.to_lowercase();
    MESSAGES.iter().find(|message| message.patterns.iter().any(|pattern| matches(pattern, &line)))
}

/// Whether the parts of `pattern`, which stand between stars, follow each other in `line`; both in lower case.
fn matches(pattern: &str, line: &str) -> bool {
    let mut rest = line;
    pattern.split('*').all(|part| match rest.find(part) {
        Some(at) => {
            rest = rest.get(at.saturating_add(part.len())..).unwrap_or_default();
            true
        }
        None => false,
    })
}

/// A message that a log holds.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// Which one.
    pub message: &'static Message,
    /// The first line that has it, from 1, and its text.
    pub line: usize,
    /// The text of that line.
    pub text: String,
    /// How many lines have it.
    pub count: usize,
}

/// The known messages of a log, in the order in which they first occur.
#[must_use]
pub fn in_log(log: &str) -> Vec<Occurrence> {
    let mut found: Vec<Occurrence> = Vec::new();
    for (number, line) in (1..).zip(log.lines()) {
        let Some(message) = message(line) else { continue };
        match found.iter_mut().find(|known| known.message.id == message.id) {
            Some(known) => known.count = known.count.saturating_add(1),
            None => found.push(Occurrence { message, line: number, text: line.trim().to_owned(), count: 1 }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_leave_numbers_and_addresses_open() {
        assert!(matches(
            "slot * function * not available for vfio-pci",
            "pci: slot 2 function 0 not available for vfio-pci, in use by vga,id=vga"
        ));
        assert!(!matches("slot * function", "function 0 of slot"));
    }

    #[test]
    fn every_message_is_found_by_its_own_example() {
        for known in MESSAGES {
            assert!(!known.examples.is_empty(), "{}", known.id);
            for example in known.examples {
                assert_eq!(message(example).map(|found| found.id), Some(known.id), "{example}");
            }
        }
    }

    /// Addresses and sizes of another machine.
    #[test]
    fn other_numbers_do_not_matter() {
        let others = [
            ("0000:00:02.0", "0001:03:00.0"),
            ("00:02.0]", "03:00.0]"),
            ("hostpci0", "hostpci3"),
            ("0x4000000000", "0x6000000000"),
            ("a7a8", "46d1"),
        ];
        for known in MESSAGES {
            for example in known.examples {
                let changed = others.iter().fold((*example).to_owned(), |line, (old, new)| line.replace(old, new));
                let logged = format!("Nov 25 03:12:59 pve7 kernel: [  12.345678] {changed}");
                assert_eq!(message(&logged).map(|found| found.id), Some(known.id), "{logged}");
            }
        }
    }

    #[test]
    fn patterns_are_in_lower_case_and_ids_are_unique() {
        let mut ids: Vec<&str> = MESSAGES.iter().map(|message| message.id).collect();
        assert!(MESSAGES.iter().flat_map(|message| message.patterns).all(|pattern| pattern.to_lowercase() == *pattern));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), MESSAGES.len());
    }
}
