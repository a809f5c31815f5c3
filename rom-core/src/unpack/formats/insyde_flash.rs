//! Parts of Insyde's flash program ("iFlash"), plain behind a header of their own.

use super::{Format, Reader, printable, size};
use crate::bytes::{Span, Window};
use crate::layout::InsydeFlashHeader;
use crate::read::structure;
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};

pub(super) const READER: Reader = Reader { find, open, yields: false };

fn find(window: Window<'_>) -> Vec<Span> {
    super::find(window, &InsydeFlashHeader::SIGNATURE, 0, |window| {
        let header = read(window)?;
        Some(InsydeFlashHeader::SIZE.saturating_add(size(header.total_size)).min(window.len()))
    })
}

/// The header that begins with `window`. The program holds the word as text too.
fn read(window: Window<'_>) -> Option<InsydeFlashHeader> {
    let header: InsydeFlashHeader = structure(window, 0)?;
    let is_name = header
        .name
        .iter()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    let sizes = header.used_size > 0
        && header.used_size <= header.total_size
        && header.total_size != u32::MAX;
    // One that begins in the last bytes of a file is text; one that is cut is still one.
    (is_name && sizes && window.len() > InsydeFlashHeader::SIZE).then_some(header)
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    let Some(header) = read(unpacker.window(own)) else { return };
    if unpacker.add(depth, ItemKind::Container(Format::InsydeFlash), own).is_none() {
        return;
    }
    let depth = depth.saturating_add(1);
    let there = own.span.length.saturating_sub(InsydeFlashHeader::SIZE);
    let used = size(header.used_size);
    let Some(data) = own.inner(InsydeFlashHeader::SIZE, used.min(there)) else { return };
    let name = printable(&header.name);
    unpacker.entry(depth, data, name.trim_end_matches('_'));
    if used > there {
        unpacker.opaque(depth, Opaque::Cut(used.saturating_sub(there)), data);
    }
}
