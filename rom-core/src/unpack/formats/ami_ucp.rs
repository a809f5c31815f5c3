//! AMI's utility configuration program ("UCP"): modules, each stored or packed by the UEFI
//! algorithm.

use super::{Format, Reader, printable, size};
use crate::bytes::{Span, Window};
use crate::layout::{Algorithm, CompressionHeader, UcpModule};
use crate::read::structure;
use crate::unpack::codec::Codec;
use crate::unpack::{ItemKind, Opaque, Place, Unpacker};
use memchr::memmem;
use std::cmp::Reverse;

pub(super) const READER: Reader = Reader { find, open, yields: false };

/// Modules of a whole. Real ones have 30.
const MOST_MODULES: usize = 1024;
/// Places whose words are summed up: each may say that it is the whole file.
const MOST_SUMS: usize = 16;

fn find(window: Window<'_>) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for tag in UcpModule::WHOLE {
        for at in memmem::find_iter(window.bytes(), &tag).take(super::MOST) {
            let Some(header) = structure::<UcpModule>(window, at) else { continue };
            let length = size(header.size);
            let next = at.saturating_add(UcpModule::SIZE);
            if length >= UcpModule::FEWEST
                && window.has(next, &[UcpModule::MARK])
                && window.cut(at, length).is_some()
            {
                found.push(Span::new(at, length));
            }
        }
    }
    // The largest with the right sum holds the others.
    found.sort_by_key(|span| Reverse(span.length));
    found.truncate(MOST_SUMS);
    let right = |span: &Span| {
        window.cut(span.offset, span.length).is_some_and(|own| word_sum(own.bytes()) == 0)
    };
    found.into_iter().find(right).into_iter().collect()
}

fn word_sum(bytes: &[u8]) -> u16 {
    bytes.chunks(2).fold(0, |sum, word| match word {
        [low, high] => sum.wrapping_add(u16::from_le_bytes([*low, *high])),
        [low] => sum.wrapping_add(u16::from(*low)),
        _ => sum,
    })
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    if unpacker.add(depth, ItemKind::Container(Format::AmiUcp), own).is_none() {
        return;
    }
    modules(unpacker, own, depth.saturating_add(1));
}

/// Adds the modules behind the header with which `own` begins.
fn modules(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    let mut at = UcpModule::SIZE;
    for _ in 0..MOST_MODULES {
        let window = unpacker.window(own);
        if !window.has(at, &[UcpModule::MARK]) {
            break;
        }
        let header: Option<UcpModule> = structure(window, at);
        let module = header.and_then(|header| {
            let data = own.inner(at, size(header.size))?.from(UcpModule::SIZE)?;
            (size(header.size) >= UcpModule::SIZE).then_some((header, data))
        });
        let Some((header, data)) = module else {
            if let Some(rest) = own.from(at) {
                unpacker.opaque(depth, Opaque::Damaged, rest);
            }
            return;
        };
        module_in(unpacker, &header, data, depth);
        at = at.saturating_add(size(header.size));
    }
    unpacker.unknown(own, at, own.span.length, depth);
}

/// Adds what is in a module: others, or data that is stored or packed.
fn module_in(unpacker: &mut Unpacker<'_>, header: &UcpModule, data: Place, depth: usize) {
    let name = printable(&header.tag);
    let window = unpacker.window(data);
    // The size of plain data may begin with the same byte.
    let inner = structure::<UcpModule>(window, 0);
    let is_module = |inner: UcpModule| {
        let [mark, letters @ ..] = inner.tag;
        let fits = (UcpModule::SIZE..=window.len()).contains(&size(inner.size));
        mark == UcpModule::MARK && letters.iter().all(u8::is_ascii_alphanumeric) && fits
    };
    if inner.is_some_and(is_module) {
        // Its own header is before `data`.
        if unpacker.named(depth, ItemKind::Entry, data, &name)
            && let Some(before) = data.span.offset.checked_sub(UcpModule::SIZE)
        {
            let length = data.span.length.saturating_add(UcpModule::SIZE);
            let whole = Place { part: data.part, span: Span::new(before, length) };
            modules(unpacker, whole, depth.saturating_add(1));
        }
        return;
    }
    let sizes: Option<CompressionHeader> = structure(window, 0);
    let Some(sizes) = sizes else {
        unpacker.entry(depth, data, &name);
        return;
    };
    let (packed, plain) = (size(sizes.compressed_size), size(sizes.original_size));
    if packed == plain {
        if let Some(stored) = data.inner(CompressionHeader::SIZE, plain) {
            unpacker.entry(depth, stored, &name);
        } else {
            unpacker.opaque(depth, Opaque::Damaged, data);
        }
        return;
    }
    // Not all modules begin with two sizes.
    if packed.saturating_add(CompressionHeader::SIZE) > data.span.length {
        unpacker.entry(depth, data, &name);
        return;
    }
    let codecs = [Codec::Efi(Algorithm::Uefi), Codec::Efi(Algorithm::Tiano)];
    match unpacker.decode_best(&codecs, data) {
        Some(part) => unpacker.entry(depth, part, &name),
        None => unpacker.opaque(depth, Opaque::Damaged, data),
    }
}
