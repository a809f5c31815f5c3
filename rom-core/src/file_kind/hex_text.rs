//! Bytes written in hex, in whatever way: hexdump, xxd, od, arrays of source code, registry files.
//!
//! One decoder for all. A line is an offset, tokens of digits, and what people read beside them.
//! Which number is the offset, how many bytes are in a line and in which order the bytes of a word
//! are, the lines tell each other.

use super::OpenError;
use super::byte_text::ByteText;

/// Fewer bytes are a number in some text.
const SHORTEST: usize = 16;

/// Whether text that begins like this may hold bytes.
pub(super) fn may_be(start: &str) -> bool {
    let registry = start.starts_with("Windows Registry Editor") || start.starts_with("REGEDIT4");
    registry
        || start.contains("0x")
        || start.contains("0X")
        || start.contains("\\x")
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
        } else if let Some(bytes) = literals(text) {
            (ByteText::Literal, bytes)
        } else if let Some(bytes) = array(text) {
            (ByteText::Array, bytes)
        } else if let Some(bytes) = decimals(text) {
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

/// The bytes of string literals of source code, as `repr` of Python writes them: letters stand for
/// themselves, and backslashes for the rest. `None` if the text is none.
fn literals(text: &str) -> Option<Vec<u8>> {
    let start = text.find(['\'', '"']).filter(|start| *start < LONGEST_NAME)?;
    // Of a literal that is nothing but numbers the array is made.
    let (before, mut rest) = text.split_at_checked(start)?;
    if !text.contains("\\x") || before.contains(['{', '[', '\\']) {
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
            '0' => 0,
            'a' => 7,
            'b' => 8,
            'v' => 11,
            'f' => 12,
            '\n' => continue,
            other => u8::try_from(other).ok()?,
        });
    }
}

/// Decimal numbers with nothing but spaces and commas between them, where they are a ROM's.
fn decimals(text: &str) -> Option<Vec<u8>> {
    let mut numbers = text
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';'))
        .filter(|token| !token.is_empty());
    let first: Option<Vec<u8>> = numbers.by_ref().take(2).map(|token| token.parse().ok()).collect();
    let mut bytes = first.filter(|first| first.as_slice() == [0x55, 0xAA])?;
    for number in numbers {
        bytes.push(number.parse().ok()?);
    }
    Some(bytes)
}

/// The numbers of an array of source code: 0x55, \x55, or decimal numbers in brackets. `None` if
/// the text is none.
fn array(text: &str) -> Option<Vec<u8>> {
    let text = without_comments(text);
    let body = match (text.find('{'), text.rfind('}')) {
        (Some(start), Some(end)) if start < end => text.get(start..end)?,
        _ => &text,
    };
    if body.contains("\\x") {
        let bytes = escapes(body);
        return is_most(body, bytes.len().saturating_mul(4)).then_some(bytes);
    }
    if body.contains("0x") || body.contains("0X") {
        return hex_numbers(body);
    }
    let body = text.get(text.find(['[', '{'])?.checked_add(1)?..text.rfind([']', '}'])?)?;
    let numbers = body.split([',', ' ', '\n', '\r', '\t']).filter(|token| !token.is_empty());
    numbers.map(|number| number.parse().ok()).collect()
}

/// `text` without `//` and `/* */` comments.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, comment) = rest.split_at(at);
        kept.push_str(before);
        rest = if let Some(inner) = comment.strip_prefix("/*") {
            inner.split_once("*/").map_or("", |(_, after)| after)
        } else if comment.starts_with("//") {
            comment.find('\n').and_then(|end| comment.get(end..)).unwrap_or("")
        } else {
            kept.push('/');
            comment.get(1..).unwrap_or("")
        };
    }
    kept.push_str(rest);
    kept
}

/// Whether so many letters are most of those in `text`: prose has numbers as well.
fn is_most(text: &str, letters: usize) -> bool {
    let all = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b',').count();
    letters.saturating_mul(4) >= all.saturating_mul(3)
}

fn escapes(text: &str) -> Vec<u8> {
    let two_digits = |part: &str| u8::from_str_radix(part.get(..2)?, 16).ok();
    text.split("\\x").skip(1).filter_map(two_digits).collect()
}

/// Numbers that begin with 0x, of one to eight digits; one with a colon after it is an address.
fn hex_numbers(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut letters: usize = 0;
    let mut rest = text;
    while let Some(at) = rest.find(['x', 'X']) {
        let (before, from) = rest.split_at_checked(at)?;
        let digits = from.get(1..)?;
        if !before.ends_with('0') {
            rest = digits;
            continue;
        }
        let end = digits.bytes().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(digits.len());
        let (number, after) = digits.split_at_checked(end)?;
        rest = after;
        letters = letters.saturating_add(end).saturating_add(2);
        if after.trim_start().starts_with([':', '<']) {
            letters = letters.saturating_add(1);
            continue;
        }
        let value = u64::from_str_radix(number, 16).ok()?;
        let size = match end {
            1 | 2 => 1,
            3 | 4 => 2,
            5..=8 => 4,
            _ => return None,
        };
        bytes.extend(value.to_le_bytes().into_iter().take(size));
    }
    is_most(text, letters).then_some(bytes)
}

/// What numbers offsets are written in.
const BASES: [u32; 3] = [16, 8, 10];

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
    let bytes = without_offsets(&lines).ok_or(OpenError::Damaged)?;
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
    let parts = number.split(separator);
    let hex = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    parts.clone().all(hex).then_some(Line { first: number, rest, colon, star: false })
}

/// How many digits a token has and what number they are in, by how many bytes a token stands for.
#[derive(Clone, Copy)]
struct Token {
    digits: usize,
    radix: u32,
    bytes: usize,
}

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
    // xxd writes words as their bytes come; hexdump and od as the machine reads them.
    let in_order = first.colon;
    let mut bytes: Vec<u8> = Vec::new();
    let mut before: Vec<u8> = Vec::new();
    let mut repeats = false;
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
            return Ok(None);
        }
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
    let mut tokens = rest.split_whitespace();
    let first = tokens.next()?;
    let by_digits = |token: &Token| {
        token.digits == first.len() && u64::from_str_radix(first, token.radix).is_ok()
    };
    TOKENS.iter().find(|token| by_digits(token)).copied()
}

/// The bytes of at most `room` that the tokens at the start of `rest` are.
fn tokens(rest: &str, token: Token, room: usize, in_order: bool) -> Vec<u8> {
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
        let size = if in_order { text.len() / 2 } else { token.bytes };
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

/// The bytes of lines of nothing but digits.
fn without_offsets(lines: &[Line<'_>]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for line in lines {
        let tokens = line.first.split(separator).chain(line.rest.split(separator));
        for token in tokens.filter(|token| !token.is_empty()) {
            let digits = token.trim_start_matches("0x");
            bytes.extend(hex::decode(digits).ok()?);
        }
    }
    Some(bytes)
}
