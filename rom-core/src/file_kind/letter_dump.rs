//! Dumps that show bytes as letters, escapes and octal numbers: `od -c`, `hexdump -c`.

use super::OpenError;

/// Columns of a byte.
const COLUMNS: usize = 4;
/// Bytes in a line.
const WIDTH: usize = 16;

/// The bytes of such a dump; `None` if `text` is none.
pub(super) fn decode(text: &str, most: usize) -> Result<Option<Vec<u8>>, OpenError> {
    let Some(first) = text.lines().next() else { return Ok(None) };
    if !first.contains("   U 252 ") {
        return Ok(None);
    }
    // Both begin with seven digits, od in octal.
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    for base in [8, 16] {
        if let Some(bytes) = of_lines(&lines, base, most)? {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

fn of_lines(lines: &[&str], base: u32, most: usize) -> Result<Option<Vec<u8>>, OpenError> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut repeats = false;
    for line in lines {
        if *line == "*" {
            repeats = true;
            continue;
        }
        let (number, rest) =
            line.split_at_checked(line.find(' ').unwrap_or(line.len())).unwrap_or((line, ""));
        let Ok(at) = usize::from_str_radix(number, base) else { return Ok(None) };
        if at > most {
            return Err(OpenError::TooLarge);
        }
        if repeats && at > bytes.len() {
            let start = bytes.len().saturating_sub(WIDTH);
            let before = bytes.get(start..).unwrap_or_default().to_vec();
            let missing = at.saturating_sub(bytes.len());
            bytes.extend(before.into_iter().cycle().take(missing));
        }
        repeats = false;
        if at != bytes.len() {
            return Ok(None);
        }
        let Some(of_line) = of_line(rest) else { return Ok(None) };
        bytes.extend(of_line);
    }
    Ok(Some(bytes))
}

fn of_line(rest: &str) -> Option<Vec<u8>> {
    let rest = rest.trim_end_matches(['\r', '\n']);
    let mut bytes = Vec::new();
    let mut at: usize = 0;
    while at < rest.len() {
        let field = rest.get(at..at.saturating_add(COLUMNS).min(rest.len()))?;
        at = at.saturating_add(COLUMNS);
        // A space stands for itself at the end of its column; editors cut those at a line's end.
        let field = field.strip_prefix(' ').unwrap_or(field).trim_start();
        bytes.push(match field {
            "" => b' ',
            "\\0" => 0,
            "\\a" => 7,
            "\\b" => 8,
            "\\t" => b'\t',
            "\\n" => b'\n',
            "\\v" => 11,
            "\\f" => 12,
            "\\r" => b'\r',
            field if field.len() == 3 => u8::from_str_radix(field, 8).ok()?,
            field => match field.as_bytes() {
                [letter] => *letter,
                _ => return None,
            },
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_escapes_and_octal_numbers_are_bytes() {
        let dump = "0000000   U 252   \\0  \\n       A 001  \\t\n".replace("   \\0", "  \\0");
        let bytes = decode(&(dump + "0000010\n"), 100);
        assert_eq!(bytes, Ok(Some(b"U\xAA\0\n A\x01\t".to_vec())));
        let repeated = "0000000   U 252   1   2   3   4   5   6   7   8   9   a   b   c   d   e\n*\n\
            0000040\n";
        let bytes = decode(repeated, 100).unwrap().unwrap();
        assert_eq!((bytes.len(), &bytes[16..18]), (32, &b"U\xAA"[..]));
        assert_eq!(decode(repeated, 8), Err(OpenError::TooLarge));
        assert_eq!(decode("0000000   U 252   1 x99\n", 100), Ok(None));
        assert_eq!(decode("text", 100), Ok(None));
    }
}
