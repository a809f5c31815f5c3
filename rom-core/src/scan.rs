//! Option ROMs inside of anything: found in one pass over blocks, in memory that does not grow with
//! what is read.
//!
//! What counts is 55 AA whose pointer leads to "PCIR": eight bytes that have to agree, which chance
//! does not bring about. An ISA ROM has a size byte, an instruction and a checksum instead.

use crate::bytes::{Span, Window};
use crate::layout::{CodeType, LegacyRomHeader, Pcir, RomHeader, blocks};
use crate::limits::Limits;
use crate::read::{IsaExtent, LARGEST_ISA_ROM, isa_rom, structure};
use memchr::memmem;
use std::io::{self, ErrorKind, Read};

/// A ROM that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'b> {
    /// Where it begins, counted from the start of what was read.
    pub offset: u64,
    /// Its bytes, as far as they are there.
    pub bytes: &'b [u8],
    /// Bytes that it says it has and that are not there.
    pub missing: usize,
}

/// Reads all of `source`, and hands every ROM in it to `found`; how many bytes that were.
///
/// ```
/// let mut found = Vec::new();
/// let length = rom_core::scan::scan(&mut &[0; 2000][..], &mut |hit| found.push(hit.offset))?;
/// assert!(length == 2000 && found.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The first error of `source`.
pub fn scan(source: &mut dyn Read, found: &mut dyn FnMut(Hit<'_>)) -> io::Result<u64> {
    let mut scanner = Scanner::default();
    let mut total: u64 = 0;
    loop {
        let read = match source.read(scanner.space()) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        total = total.saturating_add(u64::try_from(read).unwrap_or(0));
        scanner.advance(read, found);
        if read == 0 {
            return Ok(total);
        }
    }
}

/// Finds ROMs in what is read into it, block by block.
#[derive(Debug)]
struct Scanner {
    buffer: Vec<u8>,
    /// Bytes of the buffer that hold something.
    filled: usize,
    /// Bytes of it that are done with.
    done: usize,
    /// Where the buffer begins in what is read.
    base: u64,
    /// Bytes of the largest ROM.
    most: usize,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            buffer: vec![0; Self::BLOCK],
            filled: 0,
            done: 0,
            base: 0,
            most: Limits::DEFAULT.file,
        }
    }
}

/// What is known of a place at which a ROM could begin.
enum Extent {
    /// No ROM begins there.
    Nothing,
    /// More bytes have to be read to tell.
    Unknown,
    /// A ROM of this many bytes.
    Rom(usize),
}

impl Scanner {
    /// Bytes that are read at a time: what fits into a processor's cache.
    const BLOCK: usize = 256 << 10;

    /// Where the next bytes are to be put. It is never empty.
    fn space(&mut self) -> &mut [u8] {
        if self.done > 0 {
            self.buffer.copy_within(self.done..self.filled, 0);
            self.filled = self.filled.saturating_sub(self.done);
            self.base = self.base.saturating_add(u64::try_from(self.done).unwrap_or(u64::MAX));
            self.done = 0;
        }
        let wanted = self.filled.saturating_add(Self::BLOCK);
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        self.buffer.get_mut(self.filled..).unwrap_or_default()
    }

    /// Takes note that `read` bytes were put into [`Scanner::space`], and hands every ROM that is
    /// whole to `found`. Nothing read means the end: then what is not whole is passed on too.
    fn advance(&mut self, read: usize, found: &mut dyn FnMut(Hit<'_>)) {
        self.filled = self.filled.saturating_add(read).min(self.buffer.len());
        let window = Window::of_file(self.buffer.get(..self.filled).unwrap_or_default());
        let mut at = self.done;
        while let Some(start) = signature(window, at) {
            let Some(tail) = window.from(start) else { break };
            let whole = read == 0 || tail.len() >= self.most;
            let offset = self.base.saturating_add(u64::try_from(start).unwrap_or(u64::MAX));
            match extent(tail, whole, offset) {
                Extent::Nothing => at = start.saturating_add(1),
                Extent::Unknown => {
                    self.done = start;
                    return;
                }
                Extent::Rom(length) => {
                    let bytes = tail.first(length).bytes();
                    found(Hit { offset, bytes, missing: length.saturating_sub(bytes.len()) });
                    at = start.saturating_add(bytes.len());
                }
            }
        }
        // The last byte can be the first of a signature.
        self.done = at.max(self.filled.saturating_sub(1));
    }
}

/// Where every ROM in `bytes` is, as far as it is in them.
#[must_use]
pub fn roms(bytes: &[u8]) -> Vec<Span> {
    let window = Window::of_file(bytes);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = signature(window, at) {
        let Some(tail) = window.from(start) else { break };
        at = match extent(tail, true, u64::try_from(start).unwrap_or(u64::MAX)) {
            Extent::Rom(length) => {
                let span = tail.first(length).span();
                found.push(span);
                span.end()
            }
            Extent::Nothing | Extent::Unknown => start.saturating_add(1),
        };
    }
    found
}

fn signature(window: Window<'_>, from: usize) -> Option<usize> {
    memmem::find(window.from(from)?.bytes(), &RomHeader::SIGNATURE_BYTES)?.checked_add(from)
}

/// How long the ROM at the start of `window` is: its images one after the other, up to the last.
/// `whole` says that no more bytes come, `offset` where it is in what is read.
fn extent(window: Window<'_>, whole: bool, offset: u64) -> Extent {
    let unknown = if whole { Extent::Nothing } else { Extent::Unknown };
    let mut length: usize = 0;
    // The size byte of a legacy image may say more than its PCI data structure.
    let mut end: usize = 0;
    loop {
        let begun = length > 0;
        let ended = |unknown| if begun && whole { Extent::Rom(length.max(end)) } else { unknown };
        let Some(image) = window.from(length) else { return ended(unknown) };
        if !image.has(0, &RomHeader::SIGNATURE_BYTES)
            && image.len() >= RomHeader::SIGNATURE_BYTES.len()
        {
            return if begun { Extent::Rom(length.max(end)) } else { Extent::Nothing };
        }
        let Some(header) = structure::<RomHeader>(image, 0) else { return ended(unknown) };
        let at = usize::from(header.pcir_offset);
        let pcir: Option<Pcir> = structure(image, at);
        let is_pcir = |pcir: &Pcir| {
            pcir.signature == Pcir::SIGNATURE && usize::from(pcir.length) >= Pcir::SIZE
        };
        let Some(pcir) = pcir.filter(|pcir| at >= RomHeader::SIZE && is_pcir(pcir)) else {
            // What the pointer leads to may be still to come.
            if !whole && image.from(at.saturating_add(Pcir::SIZE)).is_none() {
                return unknown;
            }
            return if begun {
                Extent::Rom(length.max(end))
            } else {
                isa_extent(window, whole, offset)
            };
        };
        let size_byte = image.u8(LegacyRomHeader::AT.initialization_size.offset).unwrap_or(0);
        let own = if pcir.image_length == 0 { u16::from(size_byte) } else { pcir.image_length };
        if own == 0 {
            return if begun { Extent::Rom(length.max(end)) } else { Extent::Nothing };
        }
        if pcir.code_type == CodeType::LEGACY {
            end = end.max(length.saturating_add(blocks(u16::from(size_byte))));
        }
        length = length.saturating_add(blocks(own));
        if pcir.indicator.is_last() {
            break;
        }
    }
    let all = length.max(end);
    if window.len() < all && !whole { Extent::Unknown } else { Extent::Rom(all) }
}

/// How long the ISA ROM at the start of `window` is, which is at this `offset`. At the start of a
/// file its checksum may be incorrect; elsewhere only multiples of 512 are looked at.
fn isa_extent(window: Window<'_>, whole: bool, offset: u64) -> Extent {
    if !offset.is_multiple_of(512) {
        return Extent::Nothing;
    }
    if !whole && window.len() < LARGEST_ISA_ROM {
        return Extent::Unknown;
    }
    match isa_rom(window) {
        Some(IsaExtent { length, is_sound }) if is_sound || offset == 0 => Extent::Rom(length),
        _ => Extent::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose;

    fn rom(text: &str) -> Vec<u8> {
        compose::compose(&text.parse::<compose::Spec>().unwrap()).unwrap()
    }

    fn small() -> Vec<u8> {
        rom("purpose = \"\"\n[[image]]\nkind = \"legacy\"\n[[image]]\nkind = \"efi\"\n")
    }

    /// Gives at most this many bytes at a time.
    struct Steps<'b>(&'b [u8], usize);

    impl Read for Steps<'_> {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(space.len());
            self.0.read(&mut space[..most])
        }
    }

    fn scanned(bytes: &[u8], step: usize) -> Vec<(u64, usize, usize)> {
        let mut found = Vec::new();
        let mut add = |hit: Hit<'_>| found.push((hit.offset, hit.bytes.len(), hit.missing));
        assert_eq!(scan(&mut Steps(bytes, step), &mut add).unwrap(), bytes.len() as u64);
        found
    }

    #[test]
    fn roms_are_found_wherever_blocks_end() {
        let small = small();
        let mut image = vec![0xFF; 3001];
        image.extend(b"\x55\xAA PCIR, and no ROM");
        let first = image.len();
        image.extend(&small);
        image.extend([0x55; 7]);
        let second = image.len();
        image.extend(&small);
        image.push(0xAA);
        let expected = [(first as u64, small.len(), 0), (second as u64, small.len(), 0)];
        for step in [1, 2, 3, 511, 4096, 1 << 20] {
            assert_eq!(scanned(&image, step), expected, "{step}");
        }
        let spans: Vec<Span> = expected
            .iter()
            .map(|(at, length, _)| Span::new(usize::try_from(*at).unwrap(), *length))
            .collect();
        assert_eq!(roms(&image), spans);
    }

    #[test]
    fn isa_roms_are_found_by_their_checksum() {
        let mut isa = vec![0x90; 1024];
        isa[..4].copy_from_slice(&[0x55, 0xAA, 2, 0xCB]);
        isa[1023] = isa.iter().fold(0x90, |sum: u8, byte| sum.wrapping_sub(*byte));
        let flash = [vec![0xFF; 512], isa.clone(), vec![0xFF; 700]].concat();
        for step in [1, 513, 1 << 20] {
            assert_eq!(scanned(&flash, step), [(512, 1024, 0)], "{step}");
        }
        assert!(scanned(&flash[12..], 512).is_empty(), "such a ROM begins at a multiple of 512");
        let mut wrong = flash;
        wrong[900] ^= 1;
        assert!(scanned(&wrong, 1 << 20).is_empty());
        isa[200] ^= 1;
        assert_eq!(scanned(&isa, 512), [(0, 1024, 0)], "nothing else is in the file");
        assert_eq!(scanned(&isa[..1000], 512), [(0, 1000, 24)]);
    }

    #[test]
    fn a_rom_reaches_as_far_as_its_size_byte() {
        let mut rom = rom("purpose = ''\n[[image]]\nkind = 'legacy'\nblocks = 2\n");
        rom[2] = 3;
        rom.extend([0xFF; 1024]);
        assert_eq!(scanned(&rom, 512), [(0, 1536, 0)]);
    }

    #[test]
    fn memory_does_not_grow() {
        let mut scanner = Scanner::default();
        for round in 0..64_usize {
            let space = scanner.space();
            space.fill(if round % 2 == 0 { 0x55 } else { 0xAA });
            let length = space.len();
            scanner.advance(length, &mut |_| panic!("there is no ROM"));
            assert!(scanner.buffer.len() <= 2 * Scanner::BLOCK, "{round}");
        }
    }

    #[test]
    fn a_cut_rom_is_found_with_what_is_missing() {
        let small = small();
        let cut = small.len() - 100;
        assert_eq!(scanned(&small[..cut], 300), [(0, cut, 100)]);
    }

    #[test]
    fn what_only_looks_like_a_rom_is_none() {
        let mut zero = small();
        // The length of the first image, in both places.
        zero[2] = 0;
        zero[0x1C + Pcir::AT.image_length.offset] = 0;
        assert_eq!(roms(&zero).first().map(|span| span.offset), Some(512));
        assert!(roms(&[0x55, 0xAA].repeat(10_000)).is_empty());
        assert!(roms(b"").is_empty());
    }
}
