//! A whole log, read once: each known message with its first line and how often it occurs. Memory
//! does not grow with the log.

use super::entry::Entry;
use super::matcher;
use std::io::{self, BufRead};

/// A message that a log holds.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The message.
    pub message: &'static Entry,
    /// The first line that has it, from 1.
    pub line: usize,
    /// The text of that line.
    pub text: String,
    /// How many lines have it.
    pub count: usize,
}

/// What was found in a log.
#[derive(Clone, Debug, Default)]
pub struct LogSummary {
    /// The known messages, in the order in which they first occur.
    pub found: Vec<Occurrence>,
    /// How many lines were read.
    pub lines: usize,
    /// Whether the log is longer than what is read of it.
    pub cut: bool,
}

/// Bytes of a log that are read.
pub const LONGEST_LOG: u64 = 256 << 20;

/// The known messages of `log`. A line longer than 16 KiB is assessed by its beginning; after 256
/// MiB the rest is left out.
///
/// # Errors
/// What `log` gives while it is read.
pub fn read_log(log: &mut dyn BufRead) -> io::Result<LogSummary> {
    read_up_to(log, LONGEST_LOG)
}

fn read_up_to(log: &mut dyn BufRead, limit: u64) -> io::Result<LogSummary> {
    let mut summary = LogSummary::default();
    let mut line: Vec<u8> = Vec::new();
    let mut left = limit;
    loop {
        let chunk = log.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        if left == 0 {
            summary.cut = true;
            break;
        }
        let allowed = chunk
            .get(..usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len()))
            .unwrap_or(chunk);
        let end = memchr::memchr(b'\n', allowed);
        let part = allowed.get(..end.unwrap_or(allowed.len())).unwrap_or(allowed);
        let room = matcher::LONGEST_LINE.saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or(part));
        let used = end.map_or(allowed.len(), |end| end.saturating_add(1));
        log.consume(used);
        left = left.saturating_sub(used.try_into().unwrap_or(u64::MAX));
        if end.is_some() {
            summary.take(&line);
            line.clear();
        }
    }
    if !line.is_empty() {
        summary.take(&line);
    }
    Ok(summary)
}

/// The known messages of a log that is in memory.
#[must_use]
pub fn in_log(log: &str) -> LogSummary {
    read_log(&mut log.as_bytes()).unwrap_or_default()
}

impl LogSummary {
    fn take(&mut self, line: &[u8]) {
        self.lines = self.lines.saturating_add(1);
        let text = String::from_utf8_lossy(line);
        let Some(message) = matcher::message(&text) else { return };
        match self.found.iter_mut().find(|known| known.message.id == message.id) {
            Some(known) => known.count = known.count.saturating_add(1),
            None => self.found.push(Occurrence {
                message,
                line: self.lines,
                text: text.trim().to_owned(),
                count: 1,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "kernel: vfio-pci 0000:00:02.0: Failed to setup Intel IGD regions";

    #[test]
    fn lines_are_counted_and_the_first_is_kept() {
        let log = format!("nothing\n{KNOWN}\r\n\nother\n{KNOWN} again");
        let summary = in_log(&log);
        assert_eq!(summary.lines, 5);
        assert_eq!(summary.found.len(), 1);
        let found = &summary.found[0];
        assert_eq!((found.line, found.count, found.text.as_str()), (2, 2, KNOWN));
        assert!(!summary.cut);
    }

    #[test]
    fn a_long_line_is_judged_by_its_beginning_and_the_next_one_is_still_read() {
        let log = format!(
            "{KNOWN}{}\n{}{KNOWN}\n{KNOWN}",
            "x".repeat(100_000),
            "y".repeat(matcher::LONGEST_LINE)
        );
        let summary = in_log(&log);
        assert_eq!((summary.lines, summary.found[0].count), (3, 2));
        assert!(summary.found[0].text.len() <= matcher::LONGEST_LINE);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stop_it() {
        let mut log = b"\xff\xfe\x00\n".to_vec();
        log.extend_from_slice(KNOWN.as_bytes());
        let summary = read_log(&mut log.as_slice()).unwrap();
        assert_eq!(summary.found[0].line, 2);
    }

    #[test]
    fn a_log_that_is_too_long_is_cut_and_that_is_said() {
        let log = "a\n".repeat(50);
        let summary = read_up_to(&mut log.as_bytes(), 41).unwrap();
        assert_eq!((summary.lines, summary.cut), (21, true));
        let whole = read_up_to(&mut log.as_bytes(), 100).unwrap();
        assert_eq!((whole.lines, whole.cut), (50, false));
    }
}
