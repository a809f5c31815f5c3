//! A thing inside of a thing: what is found in a stretch of bytes is opened, and what is opened is
//! looked into again.
//!
//! The outermost comes first: what begins inside of something that was found is left to that.

use super::codec::Codec;
use super::formats::{self, Reader};
use super::volume;
use super::{ItemKind, Opaque, Place, Unpacker};
use crate::bytes::{Span, Window};
use crate::layout::CapsuleHeader;
use crate::read::{ChipRegion, chip_regions, structure};
use crate::scan;
use std::cmp::Reverse;
use std::iter;

/// What DOS and Windows programs begin with.
const PROGRAM: &[u8] = b"MZ";

/// Bytes between things that are not listed: they are padding whatever they hold.
const FEWEST: usize = 16;

impl Unpacker<'_> {
    /// Adds everything that is in `place`.
    pub(super) fn open(&mut self, place: Place, depth: usize) {
        let window = self.window(place);
        if let Some((name, body)) = capsule(window) {
            if self.add(depth, ItemKind::Capsule(name), place).is_none() {
                return;
            }
            if let Some(body) = place.from(body) {
                self.contents(body, depth.saturating_add(1));
            }
            return;
        }
        self.contents(place, depth);
    }

    /// Adds what is in `place`, which is not a capsule.
    fn contents(&mut self, place: Place, depth: usize) {
        let window = self.window(place);
        let regions = chip_regions(window, window.len());
        let mut found: Vec<(Span, Reader)> = Vec::new();
        // Volumes are found among the others: a volume may hold what looks like another format.
        for reader in readers() {
            found.extend((reader.find)(window).into_iter().map(|span| (span, reader)));
        }
        found.sort_by_key(|(span, _)| (span.offset, Reverse(span.length)));
        if found.is_empty() && regions.is_empty() {
            self.nothing_in(place, depth);
            return;
        }
        for region in &regions {
            if let Some(place) = place.inner(region.span.offset, region.span.length) {
                self.add(depth, ItemKind::Region(region.name), place);
            }
        }
        let begins: Vec<usize> = found
            .iter()
            .filter(|(_, reader)| !reader.yields)
            .map(|(span, _)| span.offset)
            .collect();
        let mut at: usize = 0;
        for (mut span, reader) in found {
            if span.offset < at {
                continue;
            }
            if reader.yields {
                let next = begins.get(begins.partition_point(|begins| *begins <= span.offset));
                span.length = span
                    .length
                    .min(next.map_or(usize::MAX, |next| next.saturating_sub(span.offset)));
            }
            let Some(own) = place.inner(span.offset, span.length) else { continue };
            self.between(place, Span::new(at, span.offset.saturating_sub(at)), &regions, depth);
            (reader.open)(self, own, depth);
            at = span.end();
        }
        self.between(place, Span::new(at, place.span.length.saturating_sub(at)), &regions, depth);
    }

    /// Adds what is in `place`, in which nothing was found. The file itself is then nothing that
    /// can be taken apart.
    fn nothing_in(&mut self, place: Place, depth: usize) {
        // Tools write single sections and files too.
        if depth == 0 && self.lone(place) {
            return;
        }
        let bytes = self.window(place).bytes();
        if depth > 0 && !bytes.starts_with(PROGRAM) && !is_text(bytes) {
            self.between(place, Span::new(0, bytes.len()), &[], depth);
        }
    }

    /// Adds what is between things: a program at the start, option ROMs, and the rest as what is
    /// not understood.
    fn between(&mut self, place: Place, span: Span, regions: &[ChipRegion], depth: usize) {
        let Some(own) = place.inner(span.offset, span.length) else { return };
        if span.offset == 0 && span.length > 0 && self.window(own).has(0, PROGRAM) {
            self.add(depth, ItemKind::Program, own);
            return;
        }
        let mut at: usize = 0;
        for rom in scan::roms(self.window(own).bytes()) {
            self.rest(
                place,
                Span::new(span.offset.saturating_add(at), rom.offset.saturating_sub(at)),
                regions,
                depth,
            );
            if let Some(place) = own.inner(rom.offset, rom.length) {
                self.add(depth, ItemKind::OptionRom, place);
            }
            at = rom.end();
        }
        self.rest(
            place,
            Span::new(span.offset.saturating_add(at), span.length.saturating_sub(at)),
            regions,
            depth,
        );
    }

    /// Adds what is in no region of another's as not understood. Padding is nothing.
    fn rest(&mut self, place: Place, span: Span, regions: &[ChipRegion], depth: usize) {
        let mut at = span.offset;
        for region in regions.iter().filter(|region| !region.is_bios) {
            self.unknown(place, at, region.span.offset.min(span.end()), depth);
            at = at.max(region.span.end());
        }
        self.unknown(place, at, span.end(), depth);
    }

    /// Adds the bytes from `from` to `to` as not understood, without the padding around them.
    pub(super) fn unknown(&mut self, place: Place, from: usize, to: usize, depth: usize) {
        let Some(own) = to.checked_sub(from).and_then(|length| place.inner(from, length)) else {
            return;
        };
        let bytes = self.window(own).bytes();
        let is_data = |byte: &u8| !matches!(byte, 0x00 | 0xFF);
        let (Some(first), Some(last)) =
            (bytes.iter().position(is_data), bytes.iter().rposition(is_data))
        else {
            return;
        };
        let length = last.saturating_sub(first).saturating_add(1);
        if length >= FEWEST
            && let Some(place) = own.inner(first, length)
        {
            self.opaque(depth, Opaque::Unknown, place);
        }
    }

    /// What `data` decodes to, as a part of its own, where nothing tells by which of `codecs`: data
    /// may decode to bytes by the wrong one too, but not to anything that is known.
    pub(super) fn decode_best(&mut self, codecs: &[Codec], data: Place) -> Option<Place> {
        let mut first = None;
        for codec in codecs {
            let Ok(part) = self.try_decode(*codec, data) else { continue };
            let window = self.window(part);
            if readers().any(|reader| !(reader.find)(window).is_empty()) {
                return Some(part);
            }
            first = first.or(Some(part));
        }
        first
    }

    /// Adds a file of an update, and what is in it.
    pub(super) fn entry(&mut self, depth: usize, place: Place, name: &str) {
        if self.named(depth, ItemKind::Entry, place, name) {
            self.open(place, depth.saturating_add(1));
        }
    }
}

/// Everything that is looked for. Volumes are one of them: a volume may hold what looks like
/// another.
fn readers() -> impl Iterator<Item = Reader> {
    iter::once(volume::READER).chain(formats::READERS)
}

fn is_text(bytes: &[u8]) -> bool {
    let text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    bytes.iter().all(text)
}

/// The name of the capsule that begins with `window`, and where in it the update begins.
fn capsule(window: Window<'_>) -> Option<(&'static str, usize)> {
    let header: CapsuleHeader = structure(window, 0)?;
    let (guid, name) =
        CapsuleHeader::KNOWN.iter().find(|(guid, _)| *guid == header.capsule_guid)?;
    let size = if CapsuleHeader::APTIO.contains(guid) {
        u32::from(window.u16(CapsuleHeader::SIZE)?)
    } else {
        header.header_size
    };
    let body = usize::try_from(size)
        .ok()
        .filter(|size| (CapsuleHeader::SIZE..=window.len()).contains(size));
    Some((name, body.unwrap_or(CapsuleHeader::SIZE)))
}
