//! coreboot's file system (CBFS): files one after the other, plain, LZMA or LZ4, and payloads in
//! segments.

use super::{Format, Reader, printable, size};
use crate::bytes::{Span, Window};
use crate::layout::{CbfsCompression, CbfsFile, CbfsSegment};
use crate::read::structure;
use crate::unpack::codec::Codec;
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Files of a file system. Real ones have 50.
const MOST_FILES: usize = 4096;
/// Segments of a payload, and attributes of a file.
const MOST_PARTS: usize = 64;
/// Letters of a name.
const LONGEST_NAME: usize = 128;

fn find(window: Window<'_>) -> Vec<Span> {
    // Files that follow each other are one.
    let mut found: Vec<Span> = Vec::new();
    for file in
        super::find(window, &CbfsFile::MAGIC, 0, |window| read(window).map(|(_, length)| length))
    {
        match found.last_mut() {
            Some(last) if next_of(*last) == file.offset => {
                last.length = file.end().saturating_sub(last.offset);
            }
            _ => found.push(file),
        }
    }
    found
}

/// Where the file behind those of `span` begins.
const fn next_of(span: Span) -> usize {
    let length = span.length.next_multiple_of(CbfsFile::ALIGNMENT);
    span.offset.saturating_add(length)
}

/// The header that begins with `window`, and the bytes of the file with it.
fn read(window: Window<'_>) -> Option<(CbfsFile, usize)> {
    let header: CbfsFile = structure(window, 0)?;
    let length = size(header.offset).checked_add(size(header.length))?;
    let sound = header.magic == CbfsFile::MAGIC && size(header.offset) >= CbfsFile::SIZE;
    (sound && length <= window.len()).then_some((header, length))
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    if unpacker.add(depth, ItemKind::Container(Format::Cbfs), own).is_none() {
        return;
    }
    let mut at: usize = 0;
    for _ in 0..MOST_FILES {
        let Some(place) = own.from(at) else { return };
        let Some((header, length)) = read(unpacker.window(place)) else { return };
        if let Some(place) = place.inner(0, length) {
            file(unpacker, place, &header, depth.saturating_add(1));
        }
        at = at.saturating_add(length).next_multiple_of(CbfsFile::ALIGNMENT);
    }
}

/// Adds the file that fills `own`.
fn file(unpacker: &mut Unpacker<'_>, own: Place, header: &CbfsFile, depth: usize) {
    if [CbfsFile::EMPTY, CbfsFile::DELETED].contains(&header.file_type) {
        return;
    }
    let Some(data) = own.from(size(header.offset)) else { return };
    let window = unpacker.window(own);
    let name = window
        .from(CbfsFile::SIZE)
        .map(|name| printable(name.first(LONGEST_NAME).bytes()))
        .unwrap_or_default();
    if header.file_type == CbfsFile::PAYLOAD {
        if unpacker.named(depth, ItemKind::Entry, data, &name) {
            payload(unpacker, data, depth.saturating_add(1));
        }
        return;
    }
    let compression = compression(window, header);
    if let Some(plain) = plain(unpacker, compression, data, depth) {
        unpacker.entry(depth, plain, &name);
    }
}

/// How the data of a file is compressed, by its attribute.
fn compression(window: Window<'_>, header: &CbfsFile) -> u32 {
    let mut at = size(header.attributes_offset);
    if at < CbfsFile::SIZE {
        return 0;
    }
    for _ in 0..MOST_PARTS {
        let attribute: Option<CbfsCompression> = structure(window, at);
        match attribute {
            Some(own) if own.tag == CbfsCompression::TAG => return own.compression,
            Some(own) if size(own.length) >= CbfsCompression::FEWEST => {
                at = at.saturating_add(size(own.length));
            }
            Some(_) | None => break,
        }
    }
    0
}

/// The data as it was before compression.
fn plain(
    unpacker: &mut Unpacker<'_>,
    compression: u32,
    data: Place,
    depth: usize,
) -> Option<Place> {
    match compression {
        0 => Some(data),
        1 => unpacker.decode(Codec::Lzma, data, depth),
        2 => unpacker.decode(Codec::Lz4, data, depth),
        _ => {
            unpacker.opaque(
                depth,
                Opaque::Named("coreboot file with a compression other than LZMA and LZ4"),
                data,
            );
            None
        }
    }
}

/// Adds what is in the segments of the payload that fills `own`.
fn payload(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    for index in 0..MOST_PARTS {
        let segment: Option<CbfsSegment> =
            structure(unpacker.window(own), index.saturating_mul(CbfsSegment::SIZE));
        let Some(segment) = segment.filter(|segment| segment.segment_type != CbfsSegment::ENTRY)
        else {
            return;
        };
        if !CbfsSegment::WITH_DATA.contains(&segment.segment_type) {
            continue;
        }
        let Some(data) = own.inner(size(segment.offset), size(segment.length)) else { continue };
        if let Some(plain) = plain(unpacker, segment.compression, data, depth) {
            unpacker.entry(depth, plain, &printable(&segment.segment_type));
        }
    }
}
