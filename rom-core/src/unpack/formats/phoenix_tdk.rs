//! What Phoenix's packer ("TDK Packer") puts behind a program: a list of files, plain or LZMA.

use super::{Format, Reader, printable, size};
use crate::bytes::{Span, Window};
use crate::layout::{TdkEntry, TdkHeader};
use crate::read::structure;
use crate::unpack::codec::Codec;
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};
use memchr::memmem;

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Files of a list.
const MOST_ENTRIES: usize = 256;
/// Programs before the list that are tried, the nearest first.
const MOST_PROGRAMS: usize = 1024;
/// What the program begins with that offsets are counted from.
const PROGRAM: &[u8] = b"MZ";

fn find(window: Window<'_>) -> Vec<Span> {
    let mut found = Vec::new();
    for at in memmem::find_iter(window.bytes(), &TdkHeader::SIGNATURE).take(MOST_ENTRIES) {
        let Some(entries) = read(window, at) else { continue };
        let Some(base) = base(window, at, &entries) else { continue };
        let end = entries
            .iter()
            .map(|entry| base.saturating_add(size(entry.offset)).saturating_add(size(entry.size)))
            .max();
        let end = end.unwrap_or(at).min(window.len());
        found.push(Span::new(base, end.saturating_sub(base)));
    }
    found
}

/// The entries of the list at `at`.
fn read(window: Window<'_>, at: usize) -> Option<Vec<TdkEntry>> {
    let header: TdkHeader = structure(window, at)?;
    let count = size(header.count);
    let expected = TdkHeader::ENTRIES_AT.checked_add(count.checked_mul(TdkEntry::SIZE)?)?;
    if size(header.size) != expected || !(1..=MOST_ENTRIES).contains(&count) {
        return None;
    }
    let first = at.checked_add(TdkHeader::ENTRIES_AT)?;
    (0..count)
        .map(|index| structure(window, first.checked_add(index.checked_mul(TdkEntry::SIZE)?)?))
        .collect()
}

/// Where the program begins that the offsets are counted from: the nearest for which all data is
/// behind the list.
fn base(window: Window<'_>, at: usize, entries: &[TdkEntry]) -> Option<usize> {
    let before = window.first(at);
    let nearest = entries.iter().map(|entry| size(entry.offset)).min()?;
    let behind = at
        .checked_add(TdkHeader::ENTRIES_AT)?
        .checked_add(entries.len().checked_mul(TdkEntry::SIZE)?)?;
    let mut programs = memmem::rfind_iter(before.bytes(), PROGRAM).take(MOST_PROGRAMS);
    programs.find(|program| {
        program.checked_add(nearest).is_some_and(|begins| begins >= behind && begins < window.len())
    })
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    let window = unpacker.window(own);
    let mut lists = memmem::find_iter(window.bytes(), &TdkHeader::SIGNATURE).take(MOST_ENTRIES);
    let Some(entries) = lists.find_map(|at| read(window, at)) else { return };
    if unpacker.add(depth, ItemKind::Container(Format::PhoenixTdk), own).is_none() {
        return;
    }
    let depth = depth.saturating_add(1);
    for entry in entries {
        let name = printable(&entry.name);
        let offset = size(entry.offset);
        let Some(data) = own.inner(offset, size(entry.size)) else {
            let there = own.span.length.saturating_sub(offset);
            let missing = size(entry.size).saturating_sub(there);
            if let Some(rest) = own.inner(offset, there) {
                unpacker.opaque(depth, Opaque::Cut(missing), rest);
            }
            continue;
        };
        let plain = if entry.compressed == 1 {
            unpacker.decode(Codec::Lzma, data, depth)
        } else {
            Some(data)
        };
        if let Some(plain) = plain {
            unpacker.entry(depth, plain, &name);
        }
    }
}
