//! Numbers of source code: arrays of C, Rust, Go, Java or assembly, JSON, what a debugger prints.

use super::OpenError;

/// Fewer numbers are a length or an index.
const SHORTEST: usize = 16;

/// The bytes of an array of numbers; `None` if the text has none. Without brackets only hex numbers
/// are told from other words.
pub(super) fn array(text: &str) -> Option<Vec<u8>> {
    let text = without_comments(text);
    let braces = between(text.find('{'), text.rfind('}'));
    let brackets = text.rfind('[').and_then(|start| {
        let end = text.get(start..)?.find(']')?.checked_add(start)?;
        between(Some(start), Some(end))
    });
    let bracketed = [braces, brackets].into_iter().flatten().map(|place| (place, false));
    bracketed.chain([((0, text.len()), true)]).find_map(|((start, end), is_hex)| {
        let body = text.get(start..end)?;
        let bytes = if body.contains("\\x") { escapes(body) } else { numbers(body, is_hex) };
        bytes.filter(|bytes| bytes.len() >= SHORTEST)
    })
}

/// What is between two places, without the bracket that is at the first.
fn between(start: Option<usize>, end: Option<usize>) -> Option<(usize, usize)> {
    let start = start?.checked_add(1)?;
    end.filter(|end| start < *end).map(|end| (start, end))
}

/// Decimal numbers with nothing but spaces and commas between them, where they are a ROM's.
pub(super) fn decimals(text: &str) -> Result<Option<Vec<u8>>, OpenError> {
    let mut numbers = text
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';'))
        .filter(|token| !token.is_empty());
    let first: Option<Vec<u8>> = numbers.by_ref().take(2).map(|token| token.parse().ok()).collect();
    let Some(mut bytes) = first.filter(|first| first.as_slice() == [0x55, 0xAA]) else {
        return Ok(None);
    };
    for number in numbers {
        // Lines that are equal to the one before, of which nobody says how many.
        if number == "*" {
            return Err(OpenError::Incomplete);
        }
        let Ok(number) = number.parse() else { return Ok(None) };
        bytes.push(number);
    }
    Ok(Some(bytes))
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

/// Whether so many letters are most of `all`: prose has numbers as well.
const fn is_most(letters: usize, all: usize) -> bool {
    letters.saturating_mul(4) >= all.saturating_mul(3)
}

fn escapes(text: &str) -> Option<Vec<u8>> {
    let two_digits = |part: &str| u8::from_str_radix(part.get(..2)?, 16).ok();
    let bytes: Vec<u8> = text.split("\\x").skip(1).filter_map(two_digits).collect();
    let all = text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b',').count();
    is_most(bytes.len().saturating_mul(4), all).then_some(bytes)
}

/// How the numbers of an array are written: all in one way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// 0x55, 0x55u, $55, 55h.
    Hex,
    /// 0b01010101.
    Binary,
    /// 0125, as C has octal numbers.
    Octal,
    /// 85, -86.
    Decimal,
}

/// A number as it is written: its digits without what marks their base.
struct Number<'t> {
    style: Style,
    digits: &'t str,
    negative: bool,
}

/// The bytes of the numbers in `text`, if those are most of it. Words are between hex numbers only:
/// a hex number without a mark looks like one.
fn numbers(text: &str, is_hex: bool) -> Option<Vec<u8>> {
    let (mut letters, mut all, mut seen): (usize, usize, Seen) = (0, 0, Seen::default());
    walk(text, &mut |token, number| {
        all = all.saturating_add(token.len());
        if let Some(number) = number {
            letters = letters.saturating_add(token.len());
            seen.add(&number);
        }
    });
    let style = seen.style().filter(|style| match style {
        Style::Hex => is_most(letters, all),
        Style::Binary | Style::Octal | Style::Decimal => !is_hex && letters == all,
    })?;
    let mut bytes = Some(Vec::new());
    walk(text, &mut |_, number| {
        if let (Some(number), Some(read)) = (number, bytes.as_mut())
            && value(&number, style, read).is_none()
        {
            bytes = None;
        }
    });
    bytes
}

/// Goes through the words of `text` and the numbers among them. One with a colon after it is an
/// address, which gdb puts the name of a symbol after; neither of them is a word.
fn walk<'t>(text: &'t str, each: &mut dyn FnMut(&'t str, Option<Number<'t>>)) {
    let separator = |letter: char| {
        letter.is_whitespace()
            || matches!(letter, ',' | ';' | '(' | ')' | '[' | ']' | '{' | '}' | '\'' | '"')
    };
    let is_label = |token: &str| token.starts_with('<') && token.ends_with(':');
    let mut tokens = text.split(separator).filter(|token| !token.is_empty()).peekable();
    while let Some(token) = tokens.next() {
        let is_address = || token.strip_suffix(':').is_some_and(|own| number(own).is_some());
        let is_labelled = tokens.peek().is_some_and(|next| is_label(next));
        if !is_cast(token) && !is_label(token) && !is_labelled && !is_address() {
            each(token, number(token));
        }
    }
}

/// Types that numbers are cast to.
fn is_cast(token: &str) -> bool {
    matches!(token, "byte" | "char" | "unsigned" | "uint8_t" | "u8" | "BYTE")
}

fn number(token: &str) -> Option<Number<'_>> {
    let (negative, token) = match token.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, token),
    };
    let of = |style, digits| Number { style, digits, negative };
    let is_hex =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let suffixes = ['u', 'U', 'l', 'L'];
    let prefixed = token.strip_prefix("0x").or_else(|| token.strip_prefix("0X"));
    if let Some(digits) = prefixed.or_else(|| token.strip_prefix('$')) {
        let digits = digits.trim_end_matches(suffixes);
        return is_hex(digits).then(|| of(Style::Hex, digits));
    }
    if let Some(digits) = token.strip_prefix("0b") {
        let is_binary =
            !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0' | b'1'));
        if is_binary {
            return Some(of(Style::Binary, digits));
        }
    }
    // Assembly: a hex number begins with a digit.
    if let Some(digits) = token.strip_suffix(['h', 'H']) {
        let is_number = is_hex(digits) && digits.starts_with(|first: char| first.is_ascii_digit());
        let digits = digits.strip_prefix('0').filter(|rest| rest.len() == 2).unwrap_or(digits);
        return is_number.then(|| of(Style::Hex, digits));
    }
    let digits = token.trim_end_matches(suffixes);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_decimal.then(|| of(Style::Decimal, digits))
}

/// What is known of the numbers together.
#[derive(Default)]
struct Seen {
    /// The style of the first that is not a zero alone, which is a number of any base.
    style: Option<Style>,
    /// Whether some are written in another.
    is_mixed: bool,
    /// Whether some have more digits than one, and whether all of these can be octal.
    is_long: bool,
    is_not_octal: bool,
}

impl Seen {
    fn add(&mut self, number: &Number<'_>) {
        if number.style == Style::Decimal && number.digits == "0" {
            return;
        }
        let style = *self.style.get_or_insert(number.style);
        self.is_mixed |= style != number.style;
        if number.digits.len() > 1 {
            self.is_long = true;
            let digits = number.digits;
            self.is_not_octal |=
                number.negative || !digits.starts_with('0') || digits.contains(['8', '9']);
        } else {
            self.is_not_octal = true;
        }
    }

    fn style(&self) -> Option<Style> {
        let style = self.style.filter(|_| !self.is_mixed)?;
        let is_octal = style == Style::Decimal && self.is_long && !self.is_not_octal;
        Some(if is_octal { Style::Octal } else { style })
    }
}

/// Adds the bytes of a number: of a hex number as many as its digits are for, of others one.
fn value(number: &Number<'_>, style: Style, bytes: &mut Vec<u8>) -> Option<()> {
    let radix = match style {
        Style::Hex => 16,
        Style::Binary => 2,
        Style::Octal => 8,
        Style::Decimal => 10,
    };
    let value = u64::from_str_radix(number.digits, radix).ok()?;
    let size = match (style, number.digits.len()) {
        (Style::Hex, 0..=2) | (Style::Binary | Style::Octal | Style::Decimal, _) => 1,
        (Style::Hex, 3 | 4) => 2,
        (Style::Hex, 5..=8) => 4,
        (Style::Hex, _) => return None,
    };
    // Java has no other bytes than signed ones.
    if number.negative {
        let value = i16::try_from(value).ok()?.checked_neg()?;
        bytes.push(i8::try_from(value).ok()?.cast_unsigned());
        return Some(());
    }
    if size == 1 {
        bytes.push(u8::try_from(value).ok()?);
    } else {
        bytes.extend(value.to_le_bytes().into_iter().take(size));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of a ROM in 18 numbers.
    const BYTES: [u8; 18] = [0x55, 0xAA, 4, 0, 0xFF, 1, 2, 3, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];

    fn written(before: &str, number: fn(&u8) -> String, after: &str) -> Option<Vec<u8>> {
        let all: Vec<String> = BYTES.iter().map(number).collect();
        array(&format!("{before}{}{after}", all.join(", ")))
    }

    #[test]
    fn numbers_of_every_base_are_read() {
        let expected = Some(BYTES.to_vec());
        let decimal = |byte: &u8| byte.to_string();
        assert_eq!(written("unsigned char rom[18] = {\n", decimal, "\n};\n"), expected);
        assert_eq!(written("rom = [", decimal, "]"), expected);
        assert_eq!(written("{\"size\": 18, \"data\": [", decimal, "]}"), expected);
        let signed = |byte: &u8| byte.cast_signed().to_string();
        assert_eq!(written("byte[] rom = {", signed, "};"), expected);
        let octal = |byte: &u8| if *byte == 0 { "0".to_owned() } else { format!("0{byte:o}") };
        assert_eq!(written("char rom[] = {", octal, "};"), expected);
        let cast = |byte: &u8| format!("(byte)0x{byte:02x}");
        assert_eq!(written("byte[] rom = {", cast, "};"), expected);
        let quoted = |byte: &u8| format!("'{byte:#x}'");
        assert_eq!(written("[", quoted, "]"), expected);
        assert_eq!(written("db ", |byte| format!("0{byte:02X}h"), "\n"), expected);
        assert_eq!(written("dc.b ", |byte| format!("${byte:02X}"), "\n"), expected);
        assert_eq!(written("{", |byte| format!("0b{byte:08b}"), "}"), expected);
    }

    #[test]
    fn prose_and_values_that_are_no_bytes_are_none() {
        assert_eq!(array("a list {of 3 things} and [4] more"), None);
        assert_eq!(written("{", |byte| (u16::from(*byte) + 300).to_string(), "}"), None);
        assert_eq!(written("{", |byte| (-i16::from(*byte)).to_string(), "}"), None);
        assert_eq!(decimals("85 170 3 *\n"), Err(OpenError::Incomplete));
        assert_eq!(decimals("85 170 3 x"), Ok(None));
    }
}
