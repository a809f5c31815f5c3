//! AMI's updates for boards with Intel BIOS Guard ("PFAT"). The data of each block is plain: a file
//! is that of its blocks, in their order.

use super::{Format, Reader, size};
use crate::bytes::{Span, Window};
use crate::layout::{BiosGuardHeader, PfatHeader};
use crate::read::structure;
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};
use memchr::memmem;

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Files of an update. Real ones have three.
const MOST_FILES: usize = 64;
/// Blocks of a file. One of 64 MiB has 1,024.
const MOST_BLOCKS: usize = 65_536;
/// Bytes behind a block in which the next is looked for, where its signature is of no known kind.
const LONGEST_SIGNATURE: usize = 0x320;

/// An update, read as far as it goes.
struct Update {
    files: Vec<File>,
    /// Where the last block that is whole ends.
    end: usize,
    /// Whether more blocks are announced than are there.
    damaged: bool,
}

struct File {
    name: String,
    /// Where the data of its blocks is.
    blocks: Vec<Span>,
}

fn find(window: Window<'_>) -> Vec<Span> {
    super::find(window, &PfatHeader::SIGNATURE, PfatHeader::SIGNATURE_AT, |window| {
        let update = read(window)?;
        // What follows a damaged block is blocks too: a volume in it would have holes.
        Some(if update.damaged { window.len() } else { update.end })
    })
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    let Some(update) = read(unpacker.window(own)) else { return };
    if unpacker.add(depth, ItemKind::Container(Format::AmiPfat), own).is_none() {
        return;
    }
    let depth = depth.saturating_add(1);
    for file in update.files {
        let length =
            file.blocks.iter().fold(0, |sum: usize, block| sum.saturating_add(block.length));
        if length > unpacker.room() {
            unpacker.opaque(depth, Opaque::TooLarge, own);
            break;
        }
        let window = unpacker.window(own);
        let parts = file.blocks.iter().filter_map(|block| window.cut(block.offset, block.length));
        let mut bytes = Vec::with_capacity(length);
        parts.for_each(|part| bytes.extend(part.bytes()));
        let part = unpacker.part(bytes);
        unpacker.entry(depth, part, &file.name);
    }
    if update.damaged
        && let Some(rest) = own.from(update.end)
    {
        unpacker.opaque(depth, Opaque::Damaged, rest);
    }
}

/// Reads the update that begins with `window`.
fn read(window: Window<'_>) -> Option<Update> {
    let header: PfatHeader = structure(window, 0)?;
    if !window.has(PfatHeader::SIZE, PfatHeader::TITLE) {
        return None;
    }
    let text_size = size(header.header_size).checked_sub(PfatHeader::SIZE)?;
    let text = String::from_utf8_lossy(window.cut(PfatHeader::SIZE, text_size)?.bytes());
    let mut update = Update { files: Vec::new(), end: size(header.header_size), damaged: false };
    for (name, count) in text.lines().skip(1).filter_map(line).take(MOST_FILES) {
        let mut blocks = Vec::new();
        for _ in 0..count {
            let Some((data, end)) = block(window, update.end) else {
                update.damaged = true;
                break;
            };
            blocks.push(data);
            update.end = end;
        }
        update.files.push(File { name: name.to_owned(), blocks });
        if update.damaged {
            break;
        }
    }
    Some(update)
}

/// Name and number of blocks of a file: "FLAGS PARAMETER BLOCKS ;NAME".
fn line(text: &str) -> Option<(&str, usize)> {
    let (numbers, name) = text.split_once(';')?;
    let count: usize = numbers.split_whitespace().nth(2)?.parse().ok()?;
    Some((name.trim(), count.min(MOST_BLOCKS)))
}

/// The data of the block at `at`, and where the block ends.
fn block(window: Window<'_>, at: usize) -> Option<(Span, usize)> {
    let header: BiosGuardHeader = structure(window, at)?;
    let data_at = at.checked_add(BiosGuardHeader::SIZE)?.checked_add(size(header.script_size))?;
    let data = Span::new(data_at, size(header.data_size));
    let end = data_at.checked_add(data.length)?;
    window.cut(at, end.checked_sub(at)?)?;
    if header.attributes & BiosGuardHeader::SIGNED == 0 {
        return Some((data, end));
    }
    let signature = match window.u32(end) {
        Some(1) => BiosGuardHeader::SIGNATURE_2048,
        Some(2 | 3) => BiosGuardHeader::SIGNATURE_3072,
        // The next block is of the same version for the same board.
        Some(_) | None => {
            let common = window.cut(at, BiosGuardHeader::COMMON)?;
            let behind = window.from(end)?.first(LONGEST_SIGNATURE);
            memmem::find(behind.bytes(), common.bytes()).unwrap_or(0)
        }
    };
    Some((data, end.checked_add(signature)?.min(window.len())))
}
