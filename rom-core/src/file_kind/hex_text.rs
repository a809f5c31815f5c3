//! Bytes written in hex, in whatever way: hexdump, xxd, od, arrays of source code, registry files.
//!
//! One decoder for all. A line is an offset, tokens of digits, and what people read beside them.
//! Which number is the offset, how many bytes are in a line and in which order the bytes of a word
//! are, the lines tell each other.

use super::OpenError;
use super::byte_text::ByteText;
use super::{letter_dump, numbers};

/// Fewer bytes are a number in some text.
const SHORTEST: usize = 16;

/// Whether text that begins like this may hold bytes.
pub(super) fn may_be(start: &str) -> bool {
    let registry = start.starts_with("Windows Registry Editor") || start.starts_with("REGEDIT4");
    registry
        || start.contains(QUERY_MARK)
        || start.contains("0x")
        || start.contains("0X")
        || start.contains('$')
        || start.contains("h,")
        || has_escapes(start)
        || start.lines().take(64).any(dump_like)
        || start.contains(['{', '[']) && start.bytes().any(|byte| byte.is_ascii_digit())
}

fn dump_like(line: &str) -> bool {
    let mut tokens = line.split(separator).filter(|token| !token.is_empty());
    let digits =
        |token: &str| token.len() >= 2 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (tokens.next(), tokens.next()) {
        (Some(first), None) => digits(first) && first.len() >= 8,
        (Some(first), Some(second)) => digits(first) && digits(second.trim_end_matches(':')),
        _ => false,
    }
}

fn separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, ',' | ':' | ';' | '-')
}

/// The bytes that `text` stands for, at most so many, and in which form they are written.
pub(super) fn decode(text: &str, most: usize) -> Result<(ByteText, Vec<u8>), OpenError> {
    let start = text.trim_start();
    let (form, bytes) =
        if start.starts_with("Windows Registry Editor") || start.starts_with("REGEDIT4") {
            (ByteText::Registry, registry(text))
        } else if let Some(bytes) = registry_query(text) {
            (ByteText::Registry, bytes)
        } else if let Some(bytes) = literals(text) {
            (ByteText::Literal, bytes)
        } else if let Some(bytes) = letter_dump::decode(text, most)? {
            (ByteText::HexDump, bytes)
        } else if let Some(bytes) = numbers::array(text) {
            (ByteText::Array, bytes)
        } else if let Some(bytes) = numbers::decimals(text)? {
            (ByteText::Decimals, bytes)
        } else {
            dump(text, most)?
        };
    if bytes.len() > most {
        return Err(OpenError::TooLarge);
    }
    if bytes.len() < SHORTEST { Err(OpenError::Damaged) } else { Ok((form, bytes)) }
}

/// The value of a registry file that begins like a ROM, or else its longest one.
fn registry(text: &str) -> Vec<u8> {
    let mut best: Vec<u8> = Vec::new();
    let mut bytes: Vec<u8> = Vec::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim) {
        let digits = if goes_on { Some(line) } else { registry_value(line) };
        let Some(digits) = digits else { continue };
        let digits_of_line = digits.trim_end_matches('\\').split(',').map(str::trim);
        bytes.extend(digits_of_line.filter_map(|digits| u8::from_str_radix(digits, 16).ok()));
        // A value ends with its line, unless that ends in a backslash.
        goes_on = line.ends_with('\\');
        if goes_on {
            continue;
        }
        let value = std::mem::take(&mut bytes);
        if value.starts_with(&[0x55, 0xAA]) {
            return value;
        }
        if value.len() > best.len() {
            best = value;
        }
    }
    if bytes.len() > best.len() { bytes } else { best }
}

/// What is after `=hex:` or `=hex(3):` in a line.
fn registry_value(line: &str) -> Option<&str> {
    let (_, value) = line.split_once("=hex")?;
    match value.strip_prefix('(') {
        Some(typed) => typed.split_once("):").map(|(_, value)| value),
        None => value.strip_prefix(':'),
    }
}

/// What `reg query` prints between the name of a value and its digits.
const QUERY_MARK: &str = "REG_BINARY";

/// The first value that `reg query` prints, in hex digits without anything between them.
fn registry_query(text: &str) -> Option<Vec<u8>> {
    let value = text.lines().find_map(|line| line.split_once(QUERY_MARK))?.1;
    hex::decode(value.trim()).ok()
}

/// Whether text has bytes by their numbers, in hex or octal, after a backslash.
fn has_escapes(text: &str) -> bool {
    text.contains("\\x")
        || text.match_indices('\\').any(|(at, _)| {
            let next = at.checked_add(1).and_then(|at| text.as_bytes().get(at));
            next.is_some_and(u8::is_ascii_digit)
        })
}

/// The bytes of string literals of source code, as `repr` of Python writes them: letters stand for
/// themselves, and backslashes for the rest. `None` if the text is none.
fn literals(text: &str) -> Option<Vec<u8>> {
    let start = text.find(['\'', '"']).filter(|start| *start < LONGEST_NAME)?;
    // Of letters that are numbers the array is made.
    let (before, mut rest) = text.split_at_checked(start)?;
    if !has_escapes(text) || before.contains('\\') || before.trim_end().ends_with(['{', '[']) {
        return None;
    }
    let quote = rest.chars().next()?;
    let mut bytes = Vec::new();
    loop {
        rest = literal(rest.strip_prefix(quote)?, quote, &mut bytes)?;
        // Literals follow each other, with a plus, a comma or a backslash between them.
        let next = rest.trim_start_matches(|letter: char| {
            letter.is_whitespace() || matches!(letter, '+' | ',' | '\\' | 'b')
        });
        if !next.starts_with(quote) {
            return (next.len() < LONGEST_NAME).then_some(bytes);
        }
        rest = next;
    }
}

/// Letters before and after the literals: a name, a bracket, a semicolon.
const LONGEST_NAME: usize = 120;

/// Adds the bytes of the literal that `text` is in, up to its `quote`; what is after that.
fn literal<'t>(text: &'t str, quote: char, bytes: &mut Vec<u8>) -> Option<&'t str> {
    let mut letters = text.chars();
    loop {
        let letter = letters.next()?;
        if letter == quote {
            return Some(letters.as_str());
        }
        if letter != '\\' {
            bytes.push(u8::try_from(letter).ok()?);
            continue;
        }
        bytes.push(match letters.next()? {
            'x' => {
                let digits = letters.as_str().get(..2)?;
                letters = letters.as_str().get(2..)?.chars();
                u8::from_str_radix(digits, 16).ok()?
            }
            'n' => b'\n',
            'r' => b'\r',
            't' => b'\t',
            first @ '0'..='7' => {
                let rest = letters.as_str();
                let is_octal = |byte: &u8| matches!(byte, b'0'..=b'7');
                let more = rest.bytes().take(2).take_while(|byte| is_octal(byte)).count();
                let digits = format!("{first}{}", rest.get(..more)?);
                letters = rest.get(more..)?.chars();
                u8::from_str_radix(&digits, 8).ok()?
            }
            'a' => 7,
            'b' => 8,
            'v' => 11,
            'f' => 12,
            '\n' => continue,
            other => u8::try_from(other).ok()?,
        });
    }
}

/// What numbers offsets are written in.
const BASES: [u32; 3] = [16, 8, 10];

/// Lines whose offsets fit, after which one that does not is a gap.
const FITTING: usize = 4;

/// A line of a dump: its first token, and all after it.
struct Line<'t> {
    first: &'t str,
    rest: &'t str,
    /// Whether the first token ends in a colon.
    colon: bool,
    /// Whether the line stands for repetitions of the one before it.
    star: bool,
}

/// Lines of hex bytes or words, with or without offsets.
fn dump(text: &str, most: usize) -> Result<(ByteText, Vec<u8>), OpenError> {
    let lines: Vec<Line<'_>> = text.lines().filter_map(line).collect();
    let written = text.lines().filter(|line| !line.trim().is_empty()).count();
    // Prompts and captions are few.
    let strays = written.saturating_sub(lines.len());
    if lines.is_empty() || strays > (lines.len() / 4).saturating_add(4) {
        return Err(OpenError::Damaged);
    }
    for base in BASES {
        if let Some(bytes) = with_offsets(&lines, base, most)? {
            return Ok((ByteText::HexDump, bytes));
        }
    }
    let bytes = without_offsets(&lines)?.ok_or(OpenError::Damaged)?;
    Ok((ByteText::HexDigits, bytes))
}

/// A line that begins with a number, or stands for repetitions.
fn line(text: &str) -> Option<Line<'_>> {
    let trimmed = text.trim();
    if trimmed == "*" {
        return Some(Line { first: "", rest: "", colon: false, star: true });
    }
    let end = trimmed.find(|letter: char| letter.is_whitespace()).unwrap_or(trimmed.len());
    let (first, rest) = trimmed.split_at_checked(end)?;
    let colon = first.ends_with(':');
    let number = first.trim_end_matches(':');
    let number = number.strip_prefix("0x").filter(|_| colon).unwrap_or(number);
    if let Some(offset) = after_segment(number).filter(|_| !rest.trim().is_empty()) {
        return Some(Line { first: offset, rest, colon: true, star: false });
    }
    let parts = number.split(separator);
    let hex = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.clone().all(hex).then_some(Line { first: number, rest, colon, star: false })
}

/// The offset of an address with its segment, as DEBUG of DOS prints it.
fn after_segment(number: &str) -> Option<&str> {
    let (segment, offset) = number.split_once(':')?;
    let is_word = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_word(segment) && is_word(offset)).then_some(offset)
}

/// How many digits a token has and what number they are in, by how many bytes a token stands for.
#[derive(Clone, Copy)]
struct Token {
    /// 0 where numbers have as many as they need.
    digits: usize,
    radix: u32,
    bytes: usize,
}

/// Tokens that look like others where few of them are looked at.
const DECIMAL: Token = Token { digits: 0, radix: 10, bytes: 1 };
const DECIMAL_WORD: Token = Token { digits: 0, radix: 10, bytes: 2 };
const BINARY: Token = Token { digits: 8, radix: 2, bytes: 1 };

const TOKENS: [Token; 6] = [
    Token { digits: 2, radix: 16, bytes: 1 },
    Token { digits: 4, radix: 16, bytes: 2 },
    Token { digits: 8, radix: 16, bytes: 4 },
    Token { digits: 16, radix: 16, bytes: 8 },
    Token { digits: 3, radix: 8, bytes: 1 },
    Token { digits: 6, radix: 8, bytes: 2 },
];

/// The bytes of lines that begin with their offset; `None` if they do not.
fn with_offsets(lines: &[Line<'_>], base: u32, most: usize) -> Result<Option<Vec<u8>>, OpenError> {
    let offset = |line: &Line<'_>| usize::from_str_radix(line.first, base).ok();
    let Some(first) = lines.iter().find(|line| !line.star && !line.rest.trim().is_empty()) else {
        return Ok(None);
    };
    let Some(start) = offset(first) else { return Ok(None) };
    let Some(token) = token(first.rest) else { return Ok(None) };
    // Bits alone look like an offset.
    if token.radix == 2 && !first.colon {
        return Ok(None);
    }
    // xxd writes words as their bytes come; hexdump and od as the machine reads them.
    let in_order = first.colon;
    let mut bytes: Vec<u8> = Vec::new();
    let mut before: Vec<u8> = Vec::new();
    let mut repeats = false;
    let mut fitting: usize = 0;
    let mut numbered = lines.iter().filter(|line| !std::ptr::eq(*line, first)).peekable();
    let mut current = Some(first);
    while let Some(line) = current {
        current = numbered.next();
        if line.star {
            repeats = true;
            continue;
        }
        let Some(at) = offset(line).and_then(|at| at.checked_sub(start)) else { return Ok(None) };
        if at > most {
            return Err(OpenError::TooLarge);
        }
        if repeats && !before.is_empty() && at > bytes.len() {
            let missing = at.saturating_sub(bytes.len());
            bytes.extend(before.iter().copied().cycle().take(missing));
        }
        repeats = false;
        if at != bytes.len() {
            // The last offset alone says how long it all is: words may have filled it up.
            let is_end = line.rest.trim().is_empty() && current.is_none();
            if is_end && at < bytes.len() && bytes.len().saturating_sub(at) < 8 {
                bytes.truncate(at);
                break;
            }
            // So many lines that fit are no chance: others are missing.
            if at > bytes.len() && fitting >= FITTING {
                return Err(OpenError::Incomplete);
            }
            return Ok(None);
        }
        fitting = fitting.saturating_add(1);
        let next = current.filter(|next| !next.star).and_then(offset);
        let room = next.and_then(|next| next.checked_sub(start)?.checked_sub(at));
        // The last line has no more than the others, and its letters are apart from its bytes.
        let room = room.unwrap_or(if before.is_empty() { 64 } else { before.len() });
        let cut =
            if current.is_none() || next.is_none() { without_letters(line) } else { line.rest };
        before = tokens(cut, token, room, in_order);
        bytes.extend_from_slice(&before);
    }
    // A number at the start of two lines of bytes can be an offset by chance.
    let enough = lines.len() > 1 || first.colon || first.first.len() >= 6;
    Ok((enough && !bytes.is_empty()).then(|| ordered(bytes, token.bytes)))
}

/// The part of a line before the letters beside its bytes: two spaces or a bar are before them, and
/// bytes are after the offset.
fn without_letters<'t>(line: &Line<'t>) -> &'t str {
    let rest = line.rest;
    let bar = rest.find(['|', '>']).unwrap_or(rest.len());
    let rest = rest.get(..bar).unwrap_or(rest);
    if !line.colon {
        return rest;
    }
    let trimmed = rest.trim_start();
    trimmed.find("  ").and_then(|end| trimmed.get(..end)).unwrap_or(trimmed)
}

/// What the tokens of a line are.
fn token(rest: &str) -> Option<Token> {
    let rest = rest.split(['|', '>']).next().unwrap_or_default();
    let first = rest.split_whitespace().next()?;
    let is_binary =
        |text: &str| text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    let mut few = rest.split_whitespace().take(4);
    if few.all(is_binary) {
        return Some(BINARY);
    }
    if let Some(decimal) = decimal(rest) {
        return Some(decimal);
    }
    let by_digits = |token: &Token| {
        token.digits == first.len() && u64::from_str_radix(first, token.radix).is_ok()
    };
    TOKENS.iter().find(|token| by_digits(token)).copied()
}

/// Whether the tokens of a line are decimal numbers: each has as many digits as it needs, or all
/// have the five of the largest word.
fn decimal(rest: &str) -> Option<Token> {
    let values: Option<Vec<i32>> = rest.split_whitespace().map(|text| text.parse().ok()).collect();
    let values = values?;
    let lengths = || rest.split_whitespace().map(str::len);
    let is_padded = lengths().all(|length| length == 5);
    let is_natural =
        rest.split_whitespace().zip(&values).all(|(text, value)| text == value.to_string());
    let has_different = lengths().min() != lengths().max();
    let all_in = |least: i32, most: i32| values.iter().all(|value| (least..=most).contains(value));
    match (is_padded, is_natural && has_different) {
        (true, _) if all_in(0, 0xFFFF) => Some(DECIMAL_WORD),
        (false, true) if all_in(-0x80, 0xFF) => Some(DECIMAL),
        (false, true) if all_in(-0x8000, 0xFFFF) => Some(DECIMAL_WORD),
        _ => None,
    }
}

/// The bytes of at most `room` that the decimal tokens at the start of `rest` are.
fn decimal_tokens(rest: &str, token: Token, room: usize) -> Vec<u8> {
    let values = rest.split_whitespace().map_while(|text| text.parse::<i32>().ok());
    let bytes = values.flat_map(|value| value.to_le_bytes().into_iter().take(token.bytes));
    bytes.take(room).collect()
}

/// The bytes of at most `room` that the tokens at the start of `rest` are.
fn tokens(rest: &str, token: Token, room: usize, in_order: bool) -> Vec<u8> {
    if token.digits == 0 {
        return decimal_tokens(rest, token, room);
    }
    let mut bytes = Vec::new();
    for text in rest
        .split(|letter: char| letter.is_whitespace() || letter == '-')
        .filter(|text| !text.is_empty())
    {
        if bytes.len() >= room {
            break;
        }
        let Ok(value) = u64::from_str_radix(text, token.radix) else { break };
        let short = text.len() < token.digits;
        if text.len() > token.digits || short && token.radix != 16 {
            break;
        }
        // The last word of a file of an odd length has fewer digits where bytes come in order.
        let by_digits = in_order && token.radix == 16;
        let size = if by_digits { text.len() / 2 } else { token.bytes };
        if in_order {
            bytes.extend(value.to_be_bytes().into_iter().skip(8_usize.saturating_sub(size)));
        } else {
            bytes.extend(value.to_le_bytes().into_iter().take(size));
        }
    }
    bytes.truncate(room);
    bytes
}

/// Bytes in the order in which a ROM begins with 55 AA, where words leave that open.
fn ordered(bytes: Vec<u8>, size: usize) -> Vec<u8> {
    let reversed = |bytes: &[u8]| -> Vec<u8> {
        bytes.chunks(size).flat_map(|word| word.iter().rev().copied()).collect()
    };
    let begins = |bytes: &[u8]| bytes.starts_with(&[0x55, 0xAA]);
    if size > 1 && !begins(&bytes) {
        let start = bytes.get(..size).unwrap_or_default();
        if begins(&reversed(start)) {
            return reversed(&bytes);
        }
    }
    bytes
}

/// The words of a line.
fn digits_of<'t>(line: &Line<'t>) -> impl Iterator<Item = &'t str> {
    line.first.split(separator).chain(line.rest.split(separator)).filter(|token| !token.is_empty())
}

/// The bytes of lines of nothing but digits.
fn without_offsets(lines: &[Line<'_>]) -> Result<Option<Vec<u8>>, OpenError> {
    let texts = || lines.iter().flat_map(digits_of);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !texts().map(|token| token.trim_start_matches("0x")).all(is_digits) {
        return Ok(None);
    }
    // Lines equal to the one before are left out, and nothing tells how many.
    if lines.iter().any(|line| line.star) {
        return Err(OpenError::Incomplete);
    }
    let is_binary =
        |text: &str| text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0' | b'1'));
    if texts().all(is_binary) {
        return Ok(texts().map(|text| u8::from_str_radix(text, 2).ok()).collect());
    }
    let mut bytes = Vec::new();
    for token in texts() {
        let Ok(decoded) = hex::decode(token.trim_start_matches("0x")) else { return Ok(None) };
        bytes.extend(decoded);
    }
    Ok(Some(bytes))
}
