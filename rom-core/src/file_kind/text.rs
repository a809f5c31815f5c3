//! Text: what stands for bytes, what servers answer, and what shells leave in a file.

use super::byte_text::ByteText;
use super::{FileKind, OpenError, OpenLimits, encoded, hex_text};
use crate::layout::RomHeader;
use memchr::memchr;
use std::borrow::Cow;
use std::fmt;

/// What text tells of how it came into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextHint {
    /// The kernel could not read the ROM BAR.
    RomNotReadable,
    /// The kernel found no ROM.
    NoRom,
    /// A program had no right to read.
    NoPermission,
    /// A file was not there.
    NotThere,
    /// The `rom` file of sysfs was read before the ROM was switched on.
    RomSwitchedOff,
    /// What was to be written to the `rom` file of sysfs.
    RomSwitch,
    /// A command, instead of what it prints.
    Command,
    /// A specification for `oprom build`.
    Specification,
    /// Nothing that is known.
    Other,
}

impl fmt::Display for TextHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RomNotReadable => {
                "an error message: the ROM could not be read (Input/output error). An iGPU has no \
                 ROM of its own to read"
            }
            Self::NoRom => "an error message: the device has no ROM file",
            Self::RomSwitchedOff => {
                "an error message: the ROM was read before it was switched on (Invalid argument)"
            }
            Self::NoPermission => "an error message: no permission to read",
            Self::NotThere => "an error message: a file does not exist",
            Self::RomSwitch => "the 0 or 1 that switches the rom file of sysfs, not the ROM itself",
            Self::Command => "a shell command, not its output",
            Self::Specification => "a specification for oprom build",
            Self::Other => "text",
        })
    }
}

/// Bytes of a file that are looked at to tell text.
const SAMPLE: usize = 4096;

/// What a text file is; `None` if it holds something else than text.
pub(super) fn identify(bytes: &[u8]) -> Option<FileKind> {
    let start = bytes.get(..SAMPLE).unwrap_or(bytes);
    let start = as_text(start, bytes.len() > SAMPLE)?;
    // A page or a warning can be before something else; no text but UTF-16 has zeros.
    let rest = bytes.get(SAMPLE..).unwrap_or_default();
    if matches!(start, Cow::Borrowed(_)) && memchr(0, rest).is_some() {
        return None;
    }
    let trimmed = start.trim_start();
    let is_pointer =
        |name: &str| trimmed.starts_with(&format!("version https://{name}.github.com/"));
    if is_pointer("git-lfs") || is_pointer("hawser") {
        let size = start.lines().find_map(|line| line.strip_prefix("size ")?.trim().parse().ok());
        return Some(FileKind::GitLfsPointer { size });
    }
    if let Some(kind) = markup(trimmed) {
        return Some(rom_in_reply(bytes, trimmed).map_or(kind, FileKind::ByteText));
    }
    if let Some(form) = byte_text(bytes, trimmed) {
        return Some(FileKind::ByteText(form));
    }
    Some(FileKind::Text(hint(trimmed)))
}

/// `bytes` as text, if they are: UTF-16 with its mark, or UTF-8 with or without one, in which no
/// control characters are. A sample may be `cut` in the middle of a character.
pub(super) fn as_text(bytes: &[u8], cut: bool) -> Option<Cow<'_, str>> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(wide(rest, u16::from_le_bytes)?),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(wide(rest, u16::from_be_bytes)?),
        // UTF-16 without a mark begins with an ASCII letter.
        [b'\t'..=b'~', 0, b'\t'..=b'~', 0, ..] => Cow::Owned(wide(bytes, u16::from_le_bytes)?),
        _ => Cow::Borrowed(utf8(bytes, cut)?),
    };
    let odd = |letter: char| {
        letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\x0C' | '\x1B')
    };
    if text.chars().any(odd) { None } else { Some(text) }
}

fn utf8(bytes: &[u8], cut: bool) -> Option<&str> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if cut && error.error_len().is_none() => {
            str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        Err(_) => None,
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [first, second] => unit([*first, *second]),
        _ => 0,
    });
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

/// A page or the answer of a server, by how it begins.
fn markup(text: &str) -> Option<FileKind> {
    let begins =
        |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    if begins("<?xml") || begins("<Error") {
        if text.contains("<html") {
            return Some(FileKind::WebPage { title: element(text, "title") });
        }
        let code = element(text, "Code");
        let message = element(text, "Message").or_else(|| element(text, "message"));
        let message = match (code, message) {
            (Some(code), Some(message)) => Some(format!("{code}: {message}")),
            (code, message) => code.or(message),
        };
        return Some(FileKind::ServerAnswer { message });
    }
    if ["<!doctype", "<html", "<head", "<body", "<!--", "<br", "<title", "<meta", "<script"]
        .iter()
        .any(|tag| begins(tag))
    {
        return Some(FileKind::WebPage { title: element(text, "title") });
    }
    if begins("HTTP/") {
        return Some(FileKind::ServerAnswer { message: text.lines().next().and_then(one_line) });
    }
    let begins_json = text.starts_with('{') && text.get(1..)?.trim_start().starts_with(['"', '}'])
        || text.starts_with("[{");
    begins_json.then(|| FileKind::ServerAnswer { message: json_message(text) })
}

/// How a ROM is written in the reply of a server: GitHub's has files in base64, others have numbers.
fn rom_in_reply(bytes: &[u8], start: &str) -> Option<ByteText> {
    if !start.starts_with(['{', '[']) || !encoded::may_be(start) && !hex_text::may_be(start) {
        return None;
    }
    let text = as_text(bytes, false)?;
    if let Some(form) = encoded::with_rom(&text) {
        return Some(form);
    }
    let (form, decoded) = hex_text::decode(&text, OpenLimits::default().bytes).ok()?;
    decoded.starts_with(&RomHeader::SIGNATURE_BYTES).then_some(form)
}

/// Letters of a message that are shown.
const LONGEST_MESSAGE: usize = 200;

/// What is in the first element of this name, on one line.
fn element(text: &str, name: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let open = lower.find(&format!("<{}", name.to_ascii_lowercase()))?;
    let start = open.checked_add(text.get(open..)?.find('>')?)?.checked_add(1)?;
    let length = text.get(start..)?.find('<')?;
    one_line(text.get(start..start.checked_add(length)?)?)
}

fn one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    let line: String = line.chars().take(LONGEST_MESSAGE).collect();
    (!line.is_empty()).then_some(line)
}

/// The text of the first key that servers put their message into.
fn json_message(text: &str) -> Option<String> {
    const KEYS: [&str; 7] =
        ["message", "error_description", "error", "detail", "msg", "title", "reason"];
    KEYS.iter().find_map(|key| {
        let quoted = format!("\"{key}\"");
        let after = text.get(text.find(&quoted)?.checked_add(quoted.len())?..)?;
        let value = after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        let mut message = String::new();
        let mut letters = value.chars();
        loop {
            match letters.next()? {
                '"' => return one_line(&message),
                '\\' => match letters.next()? {
                    'n' | 't' | 'r' => message.push(' '),
                    other => message.push(other),
                },
                letter => message.push(letter),
            }
        }
    })
}

/// A way to write bytes, if the text is nothing else.
fn byte_text(bytes: &[u8], start: &str) -> Option<ByteText> {
    // Most text has a word in its first line that none of these has.
    if !encoded::may_be(start) && !hex_text::may_be(start) {
        return None;
    }
    let text = as_text(bytes.get(..LONGEST_TEXT).unwrap_or(bytes), bytes.len() > LONGEST_TEXT)?;
    let records = encoded::records_form(&text).or_else(|| encoded::with_rom(&text));
    if records.is_some() {
        return records;
    }
    if encoded::is_uuencoded(&text) {
        return Some(ByteText::Uuencode);
    }
    // Hex digits are letters of base64 as well.
    match hex_text::decode(&text, OpenLimits::default().bytes) {
        Ok((form, _)) => Some(form),
        Err(OpenError::Incomplete) => Some(ByteText::HexDump),
        Err(_) => encoded::is_base64(&text).then_some(ByteText::Base64),
    }
}

/// Bytes of text that are decoded: five letters and more for each byte of the largest ROM.
const LONGEST_TEXT: usize = 128 << 20;

/// The bytes that a text of this form stands for.
pub(super) fn decode(
    bytes: &[u8],
    form: ByteText,
    limits: &OpenLimits,
) -> Result<Vec<u8>, OpenError> {
    let text = as_text(bytes.get(..LONGEST_TEXT).unwrap_or(bytes), bytes.len() > LONGEST_TEXT);
    let text = text.ok_or(OpenError::Damaged)?;
    match form {
        ByteText::Base64
        | ByteText::Uuencode
        | ByteText::QuotedPrintable
        | ByteText::IntelHex
        | ByteText::SRecords => encoded::decode(&text, form, limits.bytes),
        _ => hex_text::decode(&text, limits.bytes).map(|(_, bytes)| bytes),
    }
}

/// What commands begin with that end up in files.
const COMMANDS: [&str; 9] = ["echo ", "sudo ", "cat ", "dd ", "curl ", "wget ", "cp ", "cd ", "#!"];

/// What plain text tells.
fn hint(text: &str) -> TextHint {
    let lower = text.to_ascii_lowercase();
    let has = |words: &str| lower.contains(words);
    if has("input/output error") || has("invalid pci rom header") {
        return TextHint::RomNotReadable;
    }
    if has("permission denied") || has("operation not permitted") {
        return TextHint::NoPermission;
    }
    if has("invalid argument") {
        return TextHint::RomSwitchedOff;
    }
    if has("no such file") || has("not found") || has("returned error: 404") || has("cannot find") {
        return if has("/rom") && has("no such file") {
            TextHint::NoRom
        } else {
            TextHint::NotThere
        };
    }
    if matches!(text.trim(), "0" | "1") {
        return TextHint::RomSwitch;
    }
    if has("[[image]]") && has("purpose") {
        return TextHint::Specification;
    }
    let first = lower.lines().next().unwrap_or_default().trim_start_matches(['$', '#', ' ']);
    let is_command =
        COMMANDS.iter().any(|command| first.starts_with(command)) || lower.starts_with("#!");
    if is_command { TextHint::Command } else { TextHint::Other }
}
