//! Dell's updates ("PFS"): a packed stream with entries, each of which may be another, plain data,
//! or blocks for Intel BIOS Guard in any order.

use super::{Format, Reader, size};
use crate::bytes::{Span, Window};
use crate::layout::{
    BiosGuardHeader, PfsBlockInfo, PfsChunkFooter, PfsChunkHeader, PfsEntry, PfsFooter, PfsHeader,
};
use crate::read::structure;
use crate::unpack::codec::{self, Codec};
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Entries of a list. A chip of 64 MiB in blocks has 1,024.
const MOST_ENTRIES: usize = 65_536;
/// What zlib's streams begin with here.
const ZLIB: [u8; 2] = [0x78, 0x9C];
/// What the platforms of Dell's blocks begin with.
const PLATFORM: &[u8] = b"DELL";

fn find(window: Window<'_>) -> Vec<Span> {
    let mut found =
        super::find(window, &PfsChunkHeader::SIGNATURE, PfsChunkHeader::SIGNATURE_AT, chunk);
    found.extend(super::find(window, &PfsHeader::SIGNATURE, 0, |window| {
        let header: PfsHeader = structure(window, 0)?;
        let length = PfsHeader::SIZE
            .saturating_add(size(header.payload_size))
            .saturating_add(PfsFooter::SIZE);
        (size(header.payload_size) >= PfsEntry::SIZE).then_some(length.min(window.len()))
    }));
    found
}

/// Bytes of the packed stream that begins with `window`, with what is around it, as far as it is
/// there.
fn chunk(window: Window<'_>) -> Option<usize> {
    let header: PfsChunkHeader = structure(window, 0)?;
    if !window.has(PfsChunkHeader::SIZE, &ZLIB) {
        return None;
    }
    let length = PfsChunkHeader::SIZE
        .saturating_add(size(header.length))
        .saturating_add(PfsChunkFooter::SIZE);
    Some(length.min(window.len()))
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    if unpacker.add(depth, ItemKind::Container(Format::DellPfs), own).is_none() {
        return;
    }
    let depth = depth.saturating_add(1);
    let window = unpacker.window(own);
    if window.has(0, &PfsHeader::SIGNATURE) {
        entries(unpacker, own, depth);
        return;
    }
    let header: Option<PfsChunkHeader> = structure(window, 0);
    let length = header
        .map_or(0, |header| size(header.length))
        .min(window.len().saturating_sub(PfsChunkHeader::SIZE));
    let Some(data) = own.inner(PfsChunkHeader::SIZE, length) else { return };
    if let Some(part) = unpacker.decode(Codec::Zlib, data, depth) {
        unpacker.open(part, depth);
    }
}

/// An entry of a list.
struct Entry {
    data: Span,
    info: Option<PfsBlockInfo>,
}

/// Adds the entries of the list that fills `own`.
fn entries(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    let window = unpacker.window(own);
    let (list, end) = read(window);
    if list.first().is_some_and(|first| is_block(window, first)) {
        match join(window, &list, unpacker.room()) {
            Ok(bytes) => {
                let part = unpacker.part(bytes);
                unpacker.entry(depth, part, "joined blocks");
            }
            Err(opaque) => unpacker.opaque(depth, opaque, own),
        }
    } else {
        for (index, entry) in list.iter().enumerate() {
            if let Some(data) =
                own.inner(entry.data.offset, entry.data.length).filter(|data| data.span.length > 0)
            {
                unpacker.entry(depth, data, &format!("entry {index}"));
            }
        }
    }
    let whole = unpacker.window(own).has(end.saturating_add(8), &PfsFooter::SIGNATURE);
    if !whole && let Some(rest) = own.from(end).filter(|rest| rest.span.length > 0) {
        unpacker.opaque(depth, Opaque::Damaged, rest);
    }
}

/// The entries of the list that begins with `window`, and where the last ends.
fn read(window: Window<'_>) -> (Vec<Entry>, usize) {
    let header: Option<PfsHeader> = structure(window, 0);
    let payload = header.map_or(0, |header| size(header.payload_size));
    let list_end = PfsHeader::SIZE.saturating_add(payload).min(window.len());
    let mut list = Vec::new();
    let mut at = PfsHeader::SIZE;
    while list.len() < MOST_ENTRIES && at < list_end {
        let Some((entry, end)) = entry(window, at).filter(|(_, end)| *end <= list_end) else {
            break;
        };
        list.push(entry);
        at = end;
    }
    (list, at)
}

/// The entry at `at`, and where it ends.
fn entry(window: Window<'_>, at: usize) -> Option<(Entry, usize)> {
    let header: PfsEntry = structure(window, at)?;
    let data = Span::new(at.checked_add(header.header_size())?, size(header.data_size));
    let metadata_at = data.end().checked_add(size(header.signature_size))?;
    let rest = size(header.metadata_size).checked_add(size(header.metadata_signature_size))?;
    let end = metadata_at.checked_add(rest)?;
    window.cut(at, end.checked_sub(at)?)?;
    let metadata = window.cut(metadata_at, size(header.metadata_size))?;
    Some((Entry { data, info: structure(metadata, 0) }, end))
}

/// Whether the data of an entry is a block for BIOS Guard.
fn is_block(window: Window<'_>, entry: &Entry) -> bool {
    let data = window.cut(entry.data.offset, entry.data.length);
    data.and_then(|data| structure::<BiosGuardHeader>(data, 0))
        .is_some_and(|header| header.platform.starts_with(PLATFORM))
}

/// A block: where in the chip it goes, its address in memory, and its data.
struct Block<'w> {
    offset: u32,
    address: u32,
    data: Window<'w>,
}

/// The blocks in their order, with gaps filled as erased flash is.
fn join(window: Window<'_>, list: &[Entry], room: usize) -> Result<Vec<u8>, Opaque> {
    let blocks: Option<Vec<Block<'_>>> = list.iter().map(|entry| block(window, entry)).collect();
    let mut blocks = blocks.ok_or(Opaque::Damaged)?;
    blocks.sort_by_key(|block| (block.offset, block.address));
    let base = blocks.first().map_or(0, |first| first.offset);
    let mut bytes: Vec<u8> = Vec::new();
    for block in blocks {
        let at = size(block.offset.saturating_sub(base));
        // Two blocks may have one offset and two addresses: the second goes behind the first.
        let filled = at.max(bytes.len());
        if filled.saturating_add(block.data.len()) > room.min(codec::LARGEST) {
            return Err(Opaque::TooLarge);
        }
        bytes.reserve_exact(filled.saturating_add(block.data.len()).saturating_sub(bytes.len()));
        bytes.resize(filled, 0xFF);
        bytes.extend(block.data.bytes());
    }
    Ok(bytes)
}

fn block<'w>(window: Window<'w>, entry: &Entry) -> Option<Block<'w>> {
    let own = window.cut(entry.data.offset, entry.data.length)?;
    let header: BiosGuardHeader = structure(own, 0)?;
    let script = own.cut(BiosGuardHeader::SIZE, size(header.script_size))?;
    let data = own.cut(BiosGuardHeader::SIZE.checked_add(script.len())?, size(header.data_size))?;
    let by_script = || script.u32(BiosGuardHeader::SCRIPT_OFFSET_AT);
    let offset = entry.info.map(|info| info.offset).or_else(by_script)?;
    Some(Block { offset, address: entry.info.map_or(0, |info| info.address), data })
}
