//! A slice that knows where in the file it lies, and lets nobody read past its end.

use std::fmt;

/// A range of bytes of a file: absolute offset and length, both in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Offset from the start of the file.
    pub offset: usize,
    /// Number of bytes.
    pub length: usize,
}

impl Span {
    /// The span of `length` bytes that starts at `offset`.
    #[must_use]
    pub const fn new(offset: usize, length: usize) -> Self {
        Self { offset, length }
    }

    /// The same span, counted from `start` instead of 0.
    #[must_use]
    pub const fn after(self, start: usize) -> Self {
        Self { offset: self.offset.saturating_add(start), length: self.length }
    }

    /// The first offset after the span.
    #[must_use]
    pub const fn end(self) -> usize {
        self.offset.saturating_add(self.length)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}+{:#x}", self.offset, self.length)
    }
}

/// Part of a file. Offsets given to its methods count from its own start; spans that it returns are
/// absolute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Window<'a> {
    bytes: &'a [u8],
    base: usize,
}

impl<'a> Window<'a> {
    /// The whole file.
    #[must_use]
    pub const fn of_file(bytes: &'a [u8]) -> Self {
        Self { bytes, base: 0 }
    }

    /// The bytes in the window.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.bytes.len()
    }

    /// Whether the window holds nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }

    /// Where the window lies in the file.
    #[must_use]
    pub const fn span(self) -> Span {
        Span::new(self.base, self.bytes.len())
    }

    /// The window from `at` to the end; `None` if `at` lies behind the end.
    #[must_use]
    pub fn from(self, at: usize) -> Option<Self> {
        Some(Self { bytes: self.bytes.get(at..)?, base: self.base.saturating_add(at) })
    }

    /// Exactly `length` bytes from `at` on; `None` if they are not all there.
    #[must_use]
    pub fn cut(self, at: usize, length: usize) -> Option<Self> {
        let tail = self.from(at)?;
        Some(Self { bytes: tail.bytes.get(..length)?, base: tail.base })
    }

    /// The first `length` bytes, or all if there are fewer.
    #[must_use]
    pub fn first(self, length: usize) -> Self {
        Self { bytes: self.bytes.get(..length).unwrap_or(self.bytes), base: self.base }
    }

    /// The byte at `at`.
    #[must_use]
    pub fn u8(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The little-endian 16-bit word at `at`.
    #[must_use]
    pub fn u16(self, at: usize) -> Option<u16> {
        self.cut(at, 2)?.bytes.try_into().ok().map(u16::from_le_bytes)
    }

    /// The little-endian 32-bit word at `at`.
    #[must_use]
    pub fn u32(self, at: usize) -> Option<u32> {
        self.cut(at, 4)?.bytes.try_into().ok().map(u32::from_le_bytes)
    }

    /// The little-endian 64-bit word at `at`.
    #[must_use]
    pub fn u64(self, at: usize) -> Option<u64> {
        self.cut(at, 8)?.bytes.try_into().ok().map(u64::from_le_bytes)
    }

    /// Whether the bytes at `at` are `wanted`.
    #[must_use]
    pub fn has(self, at: usize, wanted: &[u8]) -> bool {
        self.from(at).is_some_and(|tail| tail.bytes.starts_with(wanted))
    }

    /// The one value that all bytes have, if they have one.
    #[must_use]
    pub(crate) fn uniform(self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        rest.iter().all(|byte| byte == first).then_some(*first)
    }

    /// The sum of all bytes, modulo 256.
    #[must_use]
    pub(crate) fn byte_sum(self) -> u8 {
        self.bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
    }
}

impl fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Window({})", self.span())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_stay_absolute_through_nested_cuts() {
        let file = [0u8, 1, 2, 3, 4, 5, 6, 7];
        let outer = Window::of_file(&file).cut(2, 5).unwrap();
        let inner = outer.cut(1, 3).unwrap();
        assert_eq!(inner.span(), Span::new(3, 3));
        assert_eq!(inner.u16(0), Some(0x0403));
        assert_eq!(outer.u32(1), Some(0x0605_0403));
        assert_eq!((inner.span().end(), inner.byte_sum()), (6, 12));
    }

    #[test]
    fn places_are_told_in_hex() {
        assert_eq!(Span::new(0x200, 16).to_string(), "0x200+0x10");
        assert_eq!(format!("{:?}", Window::of_file(&[1, 2])), "Window(0x0+0x2)");
    }

    #[test]
    fn reads_past_the_end_give_nothing() {
        let file = [1u8, 2, 3];
        let window = Window::of_file(&file);
        assert_eq!(window.u16(2), None);
        assert_eq!(window.u32(0), None);
        assert_eq!(window.cut(1, 3), None);
        assert_eq!(window.cut(usize::MAX, 2), None);
        assert_eq!(window.from(3).map(Window::len), Some(0));
        assert_eq!(window.from(4), None);
    }

    #[test]
    fn uniform_bytes_are_recognised() {
        assert_eq!(Window::of_file(&[7, 7, 7]).uniform(), Some(7));
        assert_eq!(Window::of_file(&[7, 7, 8]).uniform(), None);
        assert_eq!(Window::of_file(&[]).uniform(), None);
    }
}
