//! ZIP: a directory at the end, and files that are stored or deflated (PKWARE APPNOTE 6.3).

use super::super::{OpenError, OpenLimits, Opened};
use super::compressed;
use crate::bytes::{Span, Window};
use memchr::memmem;
use std::borrow::Cow;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// Bytes that the end of the directory, with its comment, has at most.
const LONGEST_END: usize = 22 + 0xFFFF;
const ENTRY_SIZE: usize = 46;
const LOCAL_SIZE: usize = 30;
/// Bit 0 of an entry's flags.
const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

pub(super) fn open<'a>(bytes: &'a [u8], limits: &OpenLimits) -> Result<Vec<Opened<'a>>, OpenError> {
    let file = Window::of_file(bytes);
    let tail_at = file.len().saturating_sub(LONGEST_END);
    let tail = file.from(tail_at).ok_or(OpenError::Damaged)?;
    let end = memmem::rfind(tail.bytes(), END).ok_or(OpenError::Damaged)?;
    let entries = tail.u16(end.saturating_add(10)).ok_or(OpenError::Damaged)?;
    let first = tail.u32(end.saturating_add(16)).ok_or(OpenError::Damaged)?;
    let mut at = usize::try_from(first).map_err(|_| OpenError::Damaged)?;
    let mut found = Vec::new();
    let mut left = limits.bytes;
    for _ in 0..usize::from(entries).min(limits.files) {
        let Some(entry) = entry(file, at) else { return Err(OpenError::Damaged) };
        at = at.saturating_add(entry.length);
        if entry.name.ends_with('/') {
            continue;
        }
        let opened = file_of(file, &entry, &OpenLimits { bytes: left, ..*limits })?;
        left = left.saturating_sub(opened.bytes.len());
        found.push(opened);
    }
    Ok(found)
}

/// An entry of the directory.
struct Entry {
    length: usize,
    name: String,
    flags: u16,
    method: u16,
    packed: usize,
    crc32: u32,
    local_at: usize,
}

fn entry(file: Window<'_>, at: usize) -> Option<Entry> {
    let head = file.cut(at, ENTRY_SIZE).filter(|head| head.has(0, ENTRY))?;
    let name_length = usize::from(head.u16(28)?);
    let name = file.cut(at.checked_add(ENTRY_SIZE)?, name_length)?;
    let rest = usize::from(head.u16(30)?).checked_add(usize::from(head.u16(32)?))?;
    Some(Entry {
        length: ENTRY_SIZE.checked_add(name_length)?.checked_add(rest)?,
        name: String::from_utf8_lossy(name.bytes()).into_owned(),
        flags: head.u16(8)?,
        method: head.u16(10)?,
        packed: usize::try_from(head.u32(20)?).ok()?,
        crc32: head.u32(16)?,
        local_at: usize::try_from(head.u32(42)?).ok()?,
    })
}

fn file_of<'a>(
    file: Window<'a>,
    entry: &Entry,
    limits: &OpenLimits,
) -> Result<Opened<'a>, OpenError> {
    if entry.flags & ENCRYPTED != 0 {
        return Err(OpenError::Encrypted);
    }
    let data = local(file, entry).ok_or(OpenError::Damaged)?;
    let name = Some(entry.name.clone());
    let (span, bytes): (Option<Span>, Cow<'a, [u8]>) = match entry.method {
        STORED => (Some(data.span()), Cow::Borrowed(data.bytes())),
        DEFLATED => {
            let source = flate2::read::DeflateDecoder::new(data.bytes());
            (None, Cow::Owned(compressed::read(source, data.len(), limits)?))
        }
        _ => return Err(OpenError::Unsupported),
    };
    let mut sum = flate2::Crc::new();
    sum.update(&bytes);
    if sum.sum() != entry.crc32 {
        return Err(OpenError::Damaged);
    }
    Ok(Opened { name, span, bytes })
}

/// The bytes of a file as they are in the archive.
fn local<'a>(file: Window<'a>, entry: &Entry) -> Option<Window<'a>> {
    let head = file.cut(entry.local_at, LOCAL_SIZE).filter(|head| head.has(0, LOCAL))?;
    let names = usize::from(head.u16(26)?).checked_add(usize::from(head.u16(28)?))?;
    let at = entry.local_at.checked_add(LOCAL_SIZE)?.checked_add(names)?;
    file.cut(at, entry.packed)
}
