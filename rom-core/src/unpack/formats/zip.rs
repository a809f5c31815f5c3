//! ZIP archives, alone or behind a program: what is stored or deflated in them.

use super::{Format, Reader, printable, size};
use crate::bytes::{Span, Window};
use crate::layout::{ZipEnd, ZipEntry, ZipLocalHeader};
use crate::read::structure;
use crate::unpack::codec::Codec;
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};
use memchr::memmem;

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Files of an archive that are opened. Vendors' have ten.
const MOST_ENTRIES: usize = 1024;
/// Ends of archives that are looked at.
const MOST_ARCHIVES: usize = 64;

fn find(window: Window<'_>) -> Vec<Span> {
    let ends = memmem::find_iter(window.bytes(), &ZipEnd::SIGNATURE).take(MOST_ARCHIVES);
    ends.filter_map(|at| archive(window, at)).collect()
}

/// The archive whose directory ends at `at`: where its first file begins, if a program is before
/// it.
fn archive(window: Window<'_>, at: usize) -> Option<Span> {
    let end: ZipEnd = structure(window, at)?;
    let directory = at.checked_sub(size(end.directory_size))?;
    let start = directory.checked_sub(size(end.directory_offset))?;
    let first: ZipEntry = structure(window, directory)?;
    if first.signature != ZipEntry::SIGNATURE {
        return None;
    }
    // Offsets of an archive behind a program may count from the program.
    let begins = start.checked_add(size(first.offset))?;
    let stop = at.checked_add(ZipEnd::SIZE)?;
    window
        .has(begins, &ZipLocalHeader::SIGNATURE)
        .then_some(Span::new(start, stop.checked_sub(start)?))
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    if unpacker.add(depth, ItemKind::Container(Format::Zip), own).is_none() {
        return;
    }
    let depth = depth.saturating_add(1);
    let window = unpacker.window(own);
    let end = window.len().checked_sub(ZipEnd::SIZE).and_then(|at| structure::<ZipEnd>(window, at));
    let Some(mut at) = end.map(|end| size(end.directory_offset)) else { return };
    for _ in 0..MOST_ENTRIES {
        let window = unpacker.window(own);
        let header: Option<ZipEntry> = structure(window, at);
        let Some(header) = header.filter(|header| header.signature == ZipEntry::SIGNATURE) else {
            return;
        };
        let name_at = at.saturating_add(ZipEntry::SIZE);
        let name_length = usize::from(header.name_length);
        let name = window
            .cut(name_at, name_length)
            .map(|name| printable(name.bytes()))
            .unwrap_or_default();
        let rest =
            usize::from(header.extra_length).saturating_add(usize::from(header.comment_length));
        at = name_at.saturating_add(name_length).saturating_add(rest);
        if header.size > 0 {
            file(unpacker, own, &header, &name, depth);
        }
    }
}

/// Adds a file of the archive that fills `own`.
fn file(unpacker: &mut Unpacker<'_>, own: Place, header: &ZipEntry, name: &str, depth: usize) {
    let local_at = size(header.offset);
    let local: Option<ZipLocalHeader> = structure(unpacker.window(own), local_at);
    let data =
        local.filter(|local| local.signature == ZipLocalHeader::SIGNATURE).and_then(|local| {
            let before =
                usize::from(local.name_length).checked_add(usize::from(local.extra_length))?;
            own.inner(
                local_at.checked_add(ZipLocalHeader::SIZE)?.checked_add(before)?,
                size(header.compressed_size),
            )
        });
    let Some(data) = data else {
        unpacker.opaque(depth, Opaque::Damaged, own);
        return;
    };
    match header.method {
        _ if header.flags & ZipEntry::ENCRYPTED != 0 => {
            unpacker.opaque(depth, Opaque::Password, data);
        }
        0 => unpacker.entry(depth, data, name),
        8 => {
            if let Some(part) = unpacker.decode(Codec::Deflate, data, depth) {
                unpacker.entry(depth, part, name);
            }
        }
        _ => unpacker.opaque(
            depth,
            Opaque::Named("ZIP entry with a method other than deflate"),
            data,
        ),
    }
}
