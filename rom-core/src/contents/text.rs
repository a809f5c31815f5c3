//! Text in drivers: ASCII or UTF-16, anywhere.

use crate::bytes::Window;
use memchr::memmem;

/// Text that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it begins.
    pub(super) offset: usize,
    /// Where it ends.
    end: usize,
    /// Bytes of a character.
    width: usize,
}

/// The first place of `text` in `driver`, as ASCII or else as UTF-16.
pub(super) fn find(driver: Window<'_>, text: &str) -> Option<Found> {
    let found = |offset: usize, width: usize| {
        let end = offset.saturating_add(text.len().saturating_mul(width));
        Found { offset, end, width }
    };
    let ascii = memmem::find(driver.bytes(), text.as_bytes()).map(|offset| found(offset, 1));
    ascii.or_else(|| {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(driver.bytes(), &wide).map(|offset| found(offset, 2))
    })
}

/// Longest text that is read, in characters.
const LONGEST: usize = 80;

/// The printable ASCII characters behind `found`.
pub(super) fn behind(driver: Window<'_>, found: Found) -> String {
    let tail = driver.from(found.end).map(Window::bytes).unwrap_or_default();
    tail.chunks_exact(found.width)
        .take(LONGEST)
        .map_while(|character| match character {
            [byte] | [byte, 0] if (b' '..=b'~').contains(byte) => Some(char::from(*byte)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_and_read_on_in_either_width() {
        let wide: Vec<u8> =
            "xx Rev.1.2.3\u{e9}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [b"xx Rev.1.2.3\xff".to_vec(), wide] {
            let driver = Window::of_file(&bytes);
            assert_eq!(behind(driver, find(driver, "Rev.").unwrap()), "1.2.3");
        }
        assert_eq!(find(Window::of_file(b"Re"), "Rev."), None);
    }
}
