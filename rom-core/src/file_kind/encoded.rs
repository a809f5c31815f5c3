//! Base64, Intel HEX and Motorola S-records.

use super::OpenError;
use super::byte_text::ByteText;

/// Whether text that begins like this may be one of them.
pub(super) fn may_be(start: &str) -> bool {
    let line = start.lines().next().unwrap_or_default().trim();
    let word = !line.is_empty() && !line.contains(char::is_whitespace);
    word || line.starts_with("-----BEGIN ")
        || line.starts_with("data:")
        || line.starts_with("begin-base64 ")
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
    base64(text, usize::MAX).is_some_and(|bytes| bytes.len() >= SHORTEST)
}

/// Bytes that base64 text makes at least.
const SHORTEST: usize = 48;

/// The bytes that `text` of this form stands for.
pub(super) fn decode(text: &str, form: ByteText, most: usize) -> Result<Vec<u8>, OpenError> {
    match form {
        ByteText::Base64 => base64(text, most).ok_or(OpenError::Damaged),
        ByteText::IntelHex => records(text, most, intel_record),
        ByteText::SRecords => records(text, most, s_record),
        _ => Err(OpenError::Unsupported),
    }
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
