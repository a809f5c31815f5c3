//! tar: headers of 512 bytes, each before its file (POSIX.1-1988 `ustar`, GNU's long names).

use super::super::{OpenError, OpenLimits, Opened};
use crate::bytes::{Span, Window};
use std::borrow::Cow;

const BLOCK: usize = 512;
const NAME: Span = Span::new(0, 100);
const SIZE: Span = Span::new(124, 12);
const CHECKSUM: Span = Span::new(148, 8);
const TYPE_AT: usize = 156;
const PREFIX: Span = Span::new(345, 155);

/// Bytes of a name that are read.
const LONGEST_NAME: usize = 1024;

pub(super) fn open<'a>(bytes: &'a [u8], limits: &OpenLimits) -> Result<Vec<Opened<'a>>, OpenError> {
    let file = Window::of_file(bytes);
    let mut found = Vec::new();
    let mut long_name = None;
    let mut at: usize = 0;
    while let Some(header) = file.cut(at, BLOCK).filter(|header| header.uniform() != Some(0)) {
        if !sums_up(header) {
            return Err(OpenError::Damaged);
        }
        let size = octal(field(header, SIZE)).ok_or(OpenError::Damaged)?;
        let start = at.saturating_add(BLOCK);
        let data = file.cut(start, size).ok_or(OpenError::Damaged)?;
        at =
            start.saturating_add(size).checked_next_multiple_of(BLOCK).ok_or(OpenError::Damaged)?;
        match header.u8(TYPE_AT) {
            Some(b'L') => long_name = Some(text(data.first(LONGEST_NAME).bytes())),
            Some(b'0' | b'7' | 0) => {
                let name = long_name.take().unwrap_or_else(|| name(header));
                let bytes = Cow::Borrowed(data.bytes());
                found.push(Opened { name: Some(name), span: Some(data.span()), bytes });
                if found.len() >= limits.files {
                    break;
                }
            }
            // Folders, links, devices, and notes for other programs.
            _ => {}
        }
    }
    if found.is_empty() { Err(OpenError::Damaged) } else { Ok(found) }
}

fn field(header: Window<'_>, span: Span) -> &[u8] {
    header.cut(span.offset, span.length).map(Window::bytes).unwrap_or_default()
}

fn name(header: Window<'_>) -> String {
    let (prefix, name) = (text(field(header, PREFIX)), text(field(header, NAME)));
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

/// Text up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// An octal number that spaces and zeros are around.
fn octal(bytes: &[u8]) -> Option<usize> {
    let digits = text(bytes);
    let digits = digits.trim();
    if digits.is_empty() { Some(0) } else { usize::from_str_radix(digits, 8).ok() }
}

/// Whether the bytes of the header, with the checksum as spaces, add up to it.
fn sums_up(header: Window<'_>) -> bool {
    let own = CHECKSUM.offset..CHECKSUM.end();
    let sum = header.bytes().iter().enumerate().fold(0_usize, |sum, (index, byte)| {
        sum.saturating_add(usize::from(if own.contains(&index) { b' ' } else { *byte }))
    });
    octal(field(header, CHECKSUM)) == Some(sum)
}
