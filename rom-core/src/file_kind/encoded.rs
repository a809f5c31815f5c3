//! Base64, uuencode, quoted-printable, Intel HEX and Motorola S-records.

use super::OpenError;
use super::byte_text::ByteText;

/// Whether text that begins like this may be one of them.
pub(super) fn may_be(start: &str) -> bool {
    let line = start.lines().next().unwrap_or_default().trim();
    let word = !line.is_empty() && !line.contains(char::is_whitespace);
    word || line.starts_with("-----BEGIN ")
        || line.starts_with("data:")
        || line.starts_with("begin-base64 ")
        || line.starts_with("begin ")
        || start.contains(QUOTED)
        || embedded(start).is_some()
}

/// Which of these has a ROM in it, whatever is around: a mail, the reply of a server, YAML.
pub(super) fn with_rom(text: &str) -> Option<ByteText> {
    if text.contains(QUOTED) {
        return Some(ByteText::QuotedPrintable);
    }
    let is_whole = || base64(text, usize::MAX).is_some();
    (embedded(text).is_some() && !is_whole()).then_some(ByteText::Base64)
}

/// Whether `text` is uuencoded.
pub(super) fn is_uuencoded(text: &str) -> bool {
    uuencoded(text, usize::MAX).is_some_and(|bytes| bytes.len() >= SHORTEST)
}

/// Which kind of records `text` is, if it is one.
pub(super) fn records_form(text: &str) -> Option<ByteText> {
    let first = text.lines().find(|line| !line.trim().is_empty())?.trim();
    let is_hex =
        |digits: &str| digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if first.strip_prefix(':').is_some_and(is_hex) {
        return Some(ByteText::IntelHex);
    }
    first.strip_prefix('S').is_some_and(is_hex).then_some(ByteText::SRecords)
}

/// Whether `text` is base64. A word of letters decodes to something as well: that is too short.
pub(super) fn is_base64(text: &str) -> bool {
    // Base32 has no small letters.
    text.contains(|letter: char| letter.is_ascii_lowercase())
        && base64(text, usize::MAX).is_some_and(|bytes| bytes.len() >= SHORTEST)
}

/// Bytes that base64 text makes at least.
const SHORTEST: usize = 48;

/// The bytes that `text` of this form stands for.
pub(super) fn decode(text: &str, form: ByteText, most: usize) -> Result<Vec<u8>, OpenError> {
    match form {
        ByteText::Base64 => {
            base64(text, most).or_else(|| base64(&embedded(text)?, most)).ok_or(OpenError::Damaged)
        }
        ByteText::Uuencode => uuencoded(text, most).ok_or(OpenError::Damaged),
        ByteText::QuotedPrintable => quoted_printable(text, most).ok_or(OpenError::Damaged),
        ByteText::IntelHex => records(text, most, intel_record),
        ByteText::SRecords => records(text, most, s_record),
        _ => Err(OpenError::Unsupported),
    }
}

/// What 55 AA begins with in base64: the third letter has two bits of the next byte.
const ROM_IN_BASE64: [&str; 4] = ["Vao", "Vap", "Vaq", "Var"];

/// Lines of base64 that begin with a ROM, with something else around them: they go on up to the
/// first letter that base64 has not. JSON writes its line ends as letters.
fn embedded(text: &str) -> Option<String> {
    let is_letter =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=');
    let start = ROM_IN_BASE64.iter().filter_map(|start| {
        text.match_indices(start).map(|(at, _)| at).find(|at| {
            let before = text.get(..*at).and_then(|before| before.chars().next_back());
            let after = text.get(*at..).unwrap_or_default();
            before.is_none_or(|before| matches!(before, '"' | '\n' | ' ' | '\t' | ','))
                && after.chars().take(LEAST_LINE).filter(|letter| is_letter(*letter)).count()
                    == LEAST_LINE
        })
    });
    let body = text.get(start.min()?..)?;
    let body = body.get(..body.find('"').unwrap_or(body.len()))?.replace("\\n", "\n");
    let lines = body.lines().map(str::trim);
    let lines: Vec<&str> =
        lines.take_while(|line| !line.is_empty() && line.chars().all(is_letter)).collect();
    Some(lines.join("\n")).filter(|lines| lines.len() >= SHORTEST)
}

/// Letters of the first line of base64 in other text, at least.
const LEAST_LINE: usize = 48;

/// What 55 AA becomes in quoted-printable.
const QUOTED: &str = "U=AA";

/// The bytes of quoted-printable text from 55 AA on, up to a line with which a mail goes on.
fn quoted_printable(text: &str, most: usize) -> Option<Vec<u8>> {
    let mut rest = text.get(text.find(QUOTED)?..)?;
    if let Some(boundary) = rest.find("\n--") {
        rest = rest.get(..boundary)?;
    }
    let mut bytes = Vec::new();
    for line in rest.split_inclusive('\n') {
        let (body, ends) = match line.strip_suffix('\n') {
            Some(body) => (body.strip_suffix('\r').unwrap_or(body), true),
            None => (line, false),
        };
        // An equals sign at its end joins a line to the next one.
        let (body, joins) = body.strip_suffix('=').map_or((body, false), |body| (body, true));
        let mut parts = body.split('=');
        bytes.extend(parts.next()?.bytes());
        for part in parts {
            bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
            bytes.extend(part.get(2..)?.bytes());
        }
        if ends && !joins {
            bytes.push(b'\n');
        }
        if bytes.len() > most {
            return None;
        }
    }
    Some(bytes)
}

/// The bytes of uuencoded text: lines of a length and four letters for three bytes.
fn uuencoded(text: &str, most: usize) -> Option<Vec<u8>> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("begin "));
    lines.next()?;
    let mut bytes = Vec::new();
    for line in lines {
        let mut values =
            line.bytes().map(|letter| letter.checked_sub(b' ').map(|value| value & 0x3F));
        let length = usize::from(values.next().flatten().unwrap_or(0));
        if line == "end" || length == 0 {
            return Some(bytes);
        }
        let values: Vec<u32> = values.map(|value| value.map(u32::from)).collect::<Option<_>>()?;
        let mut of_line = Vec::with_capacity(length);
        for group in values.chunks(4) {
            let word = (0..4).fold(0_u32, |word, place| word << 6 | group.get(place).unwrap_or(&0));
            let [_, first, second, third] = word.to_be_bytes();
            of_line.extend([first, second, third]);
        }
        bytes.extend(of_line.get(..length)?);
        if bytes.len() > most {
            return None;
        }
    }
    None
}

fn base64(text: &str, most: usize) -> Option<Vec<u8>> {
    let text = text.trim();
    let text = match text.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,")?.1,
        None => text,
    };
    let mut bytes = Vec::new();
    let (mut bits, mut count, mut ended) = (0_u32, 0_u32, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("-----")
            || line.starts_with("begin-base64 ")
            || line.starts_with("====")
        {
            continue;
        }
        for letter in line.bytes() {
            let value = match letter {
                b'A'..=b'Z' => letter.checked_sub(b'A')?,
                b'a'..=b'z' => letter.checked_sub(b'a')?.checked_add(26)?,
                b'0'..=b'9' => letter.checked_sub(b'0')?.checked_add(52)?,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => {
                    ended = true;
                    continue;
                }
                _ => return None,
            };
            if ended || bytes.len() >= most {
                return None;
            }
            bits = (bits << 6 | u32::from(value)) & 0x00FF_FFFF;
            count = count.checked_add(6)?;
            if count >= 8 {
                count = count.checked_sub(8)?;
                bytes.push(u8::try_from(bits.checked_shr(count)? & 0xFF).ok()?);
            }
        }
    }
    Some(bytes)
}

/// A line of bytes and where they go; or the upper part of the addresses that follow; or nothing.
enum Record {
    Data(usize, Vec<u8>),
    Base(usize),
    Other,
}

/// Puts the records of `text` together, from the lowest address on; what none of them has is FF.
fn records(
    text: &str,
    most: usize,
    read: fn(&str) -> Option<Record>,
) -> Result<Vec<u8>, OpenError> {
    let mut data = Vec::new();
    let mut base: usize = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match read(line).ok_or(OpenError::Damaged)? {
            Record::Data(at, bytes) => data.push((base.saturating_add(at), bytes)),
            Record::Base(at) => base = at,
            Record::Other => {}
        }
    }
    let first = data.iter().map(|(at, _)| *at).min().ok_or(OpenError::Damaged)?;
    let last = data.iter().map(|(at, bytes)| at.saturating_add(bytes.len())).max().unwrap_or(first);
    let length = last.saturating_sub(first);
    if length > most {
        return Err(OpenError::TooLarge);
    }
    let mut image = vec![0xFF; length];
    for (at, bytes) in data {
        let start = at.saturating_sub(first);
        if let Some(place) = image.get_mut(start..start.saturating_add(bytes.len())) {
            place.copy_from_slice(&bytes);
        }
    }
    Ok(image)
}

/// A record of Intel HEX: count, address, type, data, and a sum that makes all zero.
fn intel_record(line: &str) -> Option<Record> {
    let bytes = hex::decode(line.strip_prefix(':')?).ok()?;
    let [count, high, low, kind, rest @ ..] = bytes.as_slice() else { return None };
    let (_, data) = rest.split_last()?;
    if data.len() != usize::from(*count)
        || bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) != 0
    {
        return None;
    }
    let word = || data.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
    Some(match kind {
        0 => Record::Data(usize::from(u16::from_be_bytes([*high, *low])), data.to_vec()),
        2 if data.len() == 2 => Record::Base(word() << 4),
        4 if data.len() == 2 => Record::Base(word() << 16),
        1 | 3 | 5 => Record::Other,
        _ => return None,
    })
}

/// An S-record: type, count, address, data, and a sum that makes all FF.
fn s_record(line: &str) -> Option<Record> {
    let kind = line.as_bytes().get(1)?;
    let bytes = hex::decode(line.get(2..)?).ok()?;
    let (count, rest) = bytes.split_first()?;
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    if rest.len() != usize::from(*count) || sum != 0xFF {
        return None;
    }
    let address_size = match kind {
        b'1' => 2,
        b'2' => 3,
        b'3' => 4,
        b'0' | b'5'..=b'9' => return Some(Record::Other),
        _ => return None,
    };
    let (address, data) = rest.split_at_checked(address_size)?;
    let at = address.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
    let (_, data) = data.split_last()?;
    Some(Record::Data(at, data.to_vec()))
}
