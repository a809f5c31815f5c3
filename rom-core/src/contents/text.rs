//! Text in drivers: ASCII or UTF-16, anywhere.

use crate::bytes::Window;
use memchr::memmem;

/// Where `text` stands in `driver`, as ASCII or else as UTF-16.
pub(super) fn find(driver: Window<'_>, text: &str) -> Option<usize> {
    memmem::find(driver.bytes(), text.as_bytes()).or_else(|| {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(driver.bytes(), &wide)
    })
}

/// Longest text that is read.
const LONGEST: usize = 80;

/// The printable ASCII characters from `at` on.
pub(super) fn ascii(driver: Window<'_>, at: usize) -> String {
    let tail = driver.from(at).map_or(&[] as &[u8], Window::bytes);
    tail.iter().take(LONGEST).take_while(|byte| (b' '..=b'~').contains(*byte)).map(|byte| char::from(*byte)).collect()
}
