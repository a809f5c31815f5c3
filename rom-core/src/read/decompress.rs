//! The UEFI compression algorithm (UEFI 2.10, 19): LZ77 with a window of 8 KiB, then two canonical Huffman codes a block.
//!
//! Table-driven: a code of up to [`Codes::WIDTH`] bits is one look-up, a longer one a comparison for each further bit. Nothing
//! that the data says can make it read or write outside its bounds, or work on for longer than the output is large.

use super::structure::structure;
use crate::bytes::Window;
use crate::layout::CompressionHeader;
use crate::model::{DecompressError, DecompressFault};

/// Literals 0 to 255, then match lengths 3 to 256 (edk2, `BaseUefiDecompressLib.c`: NC).
const CHARACTERS: usize = 510;
/// First symbol that is a match, minus its length.
const MATCH_BASE: u16 = 256 - 3;
/// Bits of a count of character codes.
const CHARACTER_BITS: u32 = 9;
/// Symbols of the code that the character code's lengths are written in.
const EXTRA: usize = 19;
/// Bits of a count of extra codes.
const EXTRA_BITS: u32 = 5;
/// Index in the extra code behind which a run of zeros can stand.
const EXTRA_GAP: usize = 3;
/// Symbols of the position code.
const POSITIONS: usize = 31;
/// Bits of a count of position codes.
const POSITION_BITS: u32 = 4;
/// Longest code.
const LONGEST: usize = 16;

/// Decompresses `source`, which begins with its [`CompressionHeader`]; padding may follow. The output has at most `limit` bytes.
///
/// # Errors
/// [`DecompressError`] where the data is damaged, and how far into `source` that was noticed.
pub fn decompress(source: &[u8], limit: usize) -> Result<Vec<u8>, DecompressError> {
    let window = Window::of_file(source);
    let fault = |fault| DecompressError { fault, at: 0 };
    let header: CompressionHeader = structure(window, 0).ok_or(fault(DecompressFault::Header))?;
    let size = |value: u32| usize::try_from(value).map_err(|_| fault(DecompressFault::TooLarge));
    let (compressed, original) = (size(header.compressed_size)?, size(header.original_size)?);
    let data = window.cut(CompressionHeader::SIZE, compressed).ok_or(fault(DecompressFault::Cut))?;
    if original > limit {
        return Err(fault(DecompressFault::TooLarge));
    }
    let mut bits = Bits::new(data.bytes());
    let mut output = Vec::with_capacity(original);
    blocks(&mut bits, &mut output, original)
        .map_err(|fault| DecompressError { fault, at: CompressionHeader::SIZE.saturating_add(bits.position()) })?;
    Ok(output)
}

/// Decodes block after block until `output` has `original` bytes.
fn blocks(bits: &mut Bits<'_>, output: &mut Vec<u8>, original: usize) -> Result<(), DecompressFault> {
    let mut characters = Codes::<CHARACTERS>::new();
    let mut positions = Codes::<POSITIONS>::new();
    while output.len() < original {
        // A count of 0 means 65536: firmware counts down in 16 bits.
        let count = match bits.take(16)? {
            0 => 1 << 16,
            count => u32::from(count),
        };
        characters.read_characters(bits)?;
        positions.read_lengths(bits, POSITION_BITS, None)?;
        for _ in 0..count {
            if output.len() >= original {
                break;
            }
            let symbol = characters.decode(bits)?;
            if let Ok(literal) = u8::try_from(symbol) {
                output.push(literal);
            } else {
                let length = usize::from(symbol.wrapping_sub(MATCH_BASE));
                let distance = distance(&positions, bits)?;
                copy_match(output, distance, length, original)?;
            }
        }
    }
    Ok(())
}

/// How far back a match begins; 1 is the last byte.
fn distance(positions: &Codes<POSITIONS>, bits: &mut Bits<'_>) -> Result<usize, DecompressFault> {
    let symbol = positions.decode(bits)?;
    let offset = match symbol.checked_sub(1) {
        None | Some(0) => usize::from(symbol),
        Some(extra) => {
            let extra = u32::from(extra);
            1_usize.wrapping_shl(extra).wrapping_add(bits.take_long(extra)?)
        }
    };
    Ok(offset.saturating_add(1))
}

/// Appends `length` bytes from `distance` back, but not beyond `original` bytes of output.
fn copy_match(output: &mut Vec<u8>, distance: usize, length: usize, original: usize) -> Result<(), DecompressFault> {
    let start = output.len().checked_sub(distance).ok_or(DecompressFault::Distance)?;
    let mut left = length.min(original.saturating_sub(output.len()));
    while left > 0 {
        // A match may overlap what it produces: each round doubles what can be copied at once.
        let chunk = left.min(output.len().saturating_sub(start));
        output.extend_from_within(start..start.saturating_add(chunk));
        left = left.saturating_sub(chunk);
    }
    Ok(())
}

/// Bits of a byte slice, most significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte that is not in `buffer` yet.
    at: usize,
    /// Bits not taken yet, from the most significant on; zeros behind them.
    buffer: u64,
    /// How many bits of `buffer` come from `bytes`.
    held: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, buffer: 0, held: 0 }
    }

    /// Bytes of which all bits were taken, or begun.
    fn position(&self) -> usize {
        let held = usize::try_from(self.held / 8).unwrap_or(0);
        self.at.saturating_sub(held)
    }

    /// Fills the buffer to at least 56 bits, if there are so many.
    #[inline]
    fn fill(&mut self) {
        let word = self.bytes.get(self.at..).and_then(|tail| tail.first_chunk::<8>());
        if let Some(word) = word {
            self.buffer |= u64::from_be_bytes(*word).wrapping_shr(self.held);
            let bytes = 63_u32.wrapping_sub(self.held) / 8;
            self.at = self.at.wrapping_add(usize::try_from(bytes).unwrap_or(0));
            self.held |= 0x38;
            return;
        }
        while self.held <= 56 {
            let Some(byte) = self.bytes.get(self.at) else { return };
            self.buffer |= u64::from(*byte).wrapping_shl(56_u32.wrapping_sub(self.held));
            self.at = self.at.wrapping_add(1);
            self.held = self.held.wrapping_add(8);
        }
    }

    /// The next `count` bits, 1 to 16, without taking them; zeros behind the end.
    #[inline]
    fn peek(&self, count: u32) -> u16 {
        u16::try_from(self.buffer.wrapping_shr(64_u32.wrapping_sub(count))).unwrap_or(u16::MAX)
    }

    /// Takes `count` bits, at most 16.
    #[inline]
    fn skip(&mut self, count: u32) -> Result<(), DecompressFault> {
        self.held = self.held.checked_sub(count).ok_or(DecompressFault::Short)?;
        self.buffer = self.buffer.wrapping_shl(count);
        Ok(())
    }

    /// Takes and returns `count` bits, 1 to 16.
    fn take(&mut self, count: u32) -> Result<u16, DecompressFault> {
        self.fill();
        let value = self.peek(count);
        self.skip(count)?;
        Ok(value)
    }

    /// Takes and returns `count` bits, 0 to 32.
    fn take_long(&mut self, count: u32) -> Result<usize, DecompressFault> {
        if count > 16 {
            let high = self.take_long(count.wrapping_sub(16))?;
            return Ok(high.wrapping_shl(16) | usize::from(self.take(16)?));
        }
        if count == 0 { Ok(0) } else { self.take(count).map(usize::from) }
    }
}

/// A canonical prefix code of `N` symbols: shorter codes first, symbols of one length in their order.
struct Codes<const N: usize> {
    lengths: [u8; N],
    /// For each value of the next [`Self::WIDTH`] bits: symbol times 32, plus the length of its code; 0 for a longer code.
    short: Vec<u16>,
    /// Symbols with codes, by code.
    sorted: Vec<u16>,
    /// For each length, left-aligned to 16 bits: the first code of the next length, and where in `sorted` its symbols begin.
    limits: [(u32, u32, usize); LONGEST + 1],
    /// The symbol that stands without any bit, where the code has only that one.
    only: Option<u16>,
}

impl<const N: usize> Codes<N> {
    /// Bits that are looked up at once.
    const WIDTH: u32 = if N > 64 { 12 } else { 8 };

    fn new() -> Self {
        Self { lengths: [0; N], short: vec![0; 1 << Self::WIDTH], sorted: Vec::new(), limits: Default::default(), only: None }
    }

    /// Takes one symbol.
    #[inline]
    fn decode(&self, bits: &mut Bits<'_>) -> Result<u16, DecompressFault> {
        if let Some(only) = self.only {
            return Ok(only);
        }
        bits.fill();
        let entry = self.short.get(usize::from(bits.peek(Self::WIDTH))).copied().unwrap_or(0);
        if entry != 0 {
            bits.skip(u32::from(entry & 31))?;
            return Ok(entry >> 5);
        }
        self.decode_long(bits)
    }

    /// Takes one symbol whose code is longer than [`Self::WIDTH`].
    #[cold]
    fn decode_long(&self, bits: &mut Bits<'_>) -> Result<u16, DecompressFault> {
        let code = u32::from(bits.peek(16));
        for (length, (first, limit, index)) in (0_u32..).zip(self.limits) {
            if code < limit {
                let rank = code.wrapping_sub(first).wrapping_shr(16_u32.wrapping_sub(length));
                let at = index.saturating_add(usize::try_from(rank).unwrap_or(usize::MAX));
                bits.skip(length)?;
                return self.sorted.get(at).copied().ok_or(DecompressFault::Table);
            }
        }
        Err(DecompressFault::Table)
    }

    /// Reads the code lengths that stand with three bits each, and builds the code (edk2: `ReadPTLen`).
    fn read_lengths(&mut self, bits: &mut Bits<'_>, count_bits: u32, gap: Option<usize>) -> Result<(), DecompressFault> {
        let count = usize::from(bits.take(count_bits)?);
        if count == 0 {
            self.only = Some(bits.take(count_bits)?);
            return Ok(());
        }
        self.lengths = [0; N];
        let mut index = 0_usize;
        while index < count {
            let length = length(bits)?;
            *self.lengths.get_mut(index).ok_or(DecompressFault::Table)? = length;
            index = index.saturating_add(1);
            if Some(index) == gap {
                index = index.saturating_add(usize::from(bits.take(2)?));
            }
        }
        self.build()
    }

    /// Builds the tables from the lengths, which must be those of a complete prefix code (edk2: `MakeTable`).
    fn build(&mut self) -> Result<(), DecompressFault> {
        self.only = None;
        let mut counts = [0_u32; LONGEST + 1];
        for length in self.lengths.iter().filter(|length| **length > 0) {
            let count = counts.get_mut(usize::from(*length)).ok_or(DecompressFault::Table)?;
            *count = count.saturating_add(1);
        }
        self.sorted.clear();
        let mut code = 0_u32;
        for (length, (count, limit)) in (0_u32..).zip(counts.iter().zip(&mut self.limits)) {
            let first = code;
            code = code.saturating_add(count.wrapping_shl(16_u32.wrapping_sub(length)));
            *limit = (first, if *count == 0 { 0 } else { code }, self.sorted.len());
            if *count > 0 {
                let of_length = (0_u16..).zip(&self.lengths).filter(|(_, own)| u32::from(**own) == length);
                self.sorted.extend(of_length.map(|(symbol, _)| symbol));
            }
        }
        if code != 1 << 16 {
            return Err(DecompressFault::Table);
        }
        self.short.fill(0);
        let mut at = 0_usize;
        for symbol in &self.sorted {
            let length = self.lengths.get(usize::from(*symbol)).copied().unwrap_or(0);
            let Some(spare) = Self::WIDTH.checked_sub(u32::from(length)) else { break };
            let end = at.saturating_add(1_usize.wrapping_shl(spare));
            let entry = symbol.wrapping_shl(5) | u16::from(length);
            self.short.get_mut(at..end).ok_or(DecompressFault::Table)?.fill(entry);
            at = end;
        }
        Ok(())
    }
}

impl Codes<CHARACTERS> {
    /// Reads the character code, whose lengths stand in a code of their own (edk2: `ReadPTLen` and `ReadCLen`).
    fn read_characters(&mut self, bits: &mut Bits<'_>) -> Result<(), DecompressFault> {
        let mut extra = Codes::<EXTRA>::new();
        extra.read_lengths(bits, EXTRA_BITS, Some(EXTRA_GAP))?;
        let count = usize::from(bits.take(CHARACTER_BITS)?);
        if count == 0 {
            self.only = Some(bits.take(CHARACTER_BITS)?);
            return Ok(());
        }
        self.lengths = [0; CHARACTERS];
        let mut index = 0_usize;
        while index < count {
            let zeros = match extra.decode(bits)? {
                0 => 1,
                1 => usize::from(bits.take(4)?).saturating_add(3),
                2 => usize::from(bits.take(CHARACTER_BITS)?).saturating_add(20),
                symbol => {
                    let length = u8::try_from(symbol.wrapping_sub(2)).map_err(|_| DecompressFault::Table)?;
                    *self.lengths.get_mut(index).ok_or(DecompressFault::Table)? = length;
                    index = index.saturating_add(1);
                    continue;
                }
            };
            index = index.saturating_add(zeros);
        }
        self.build()
    }
}

/// A code length: three bits, and from seven on one more for each further set bit.
fn length(bits: &mut Bits<'_>) -> Result<u8, DecompressFault> {
    let mut length = u8::try_from(bits.take(3)?).map_err(|_| DecompressFault::Table)?;
    if length == 7 {
        while bits.take(1)? == 1 {
            length = length.saturating_add(1);
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    fn fault(source: &[u8], limit: usize) -> DecompressFault {
        decompress(source, limit).unwrap_err().fault
    }

    #[test]
    fn one_symbol_needs_no_bits() {
        // A block of 5 symbols; extra code: only symbol 0; character code: only 'A'; position code: only 0.
        let bits = [(5_u32, 16), (0, 5), (0, 5), (0, 9), (0x41, 9), (0, 4), (0, 4)];
        let mut text = String::new();
        for (value, width) in bits {
            write!(text, "{value:0width$b}").unwrap();
        }
        while !text.len().is_multiple_of(8) {
            text.push('0');
        }
        let data: Vec<u8> =
            text.as_bytes().chunks(8).map(|byte| u8::from_str_radix(str::from_utf8(byte).unwrap(), 2).unwrap()).collect();
        let mut source = u32::try_from(data.len()).unwrap().to_le_bytes().to_vec();
        source.extend(5_u32.to_le_bytes());
        source.extend(&data);
        assert_eq!(decompress(&source, 64).unwrap(), b"AAAAA");
        source[0] -= 1;
        assert_eq!(fault(&source, 64), DecompressFault::Short);
    }

    #[test]
    fn headers_are_held_to_the_data_and_the_limit() {
        assert_eq!(fault(&[1, 0, 0], 64), DecompressFault::Header);
        assert_eq!(fault(&[9, 0, 0, 0, 1, 0, 0, 0, 0], 64), DecompressFault::Cut);
        assert_eq!(fault(&[1, 0, 0, 0, 65, 0, 0, 0, 0], 64), DecompressFault::TooLarge);
        assert_eq!(decompress(&[0, 0, 0, 0, 0, 0, 0, 0], 64), Ok(Vec::new()));
    }

    #[test]
    fn an_incomplete_code_is_refused() {
        // Extra code of one symbol of length 2: it leaves three quarters of the codes without meaning.
        let source = [4, 0, 0, 0, 1, 0, 0, 0, 0x00, 0x01, 0b0000_1010, 0];
        assert_eq!(fault(&source, 64), DecompressFault::Table);
    }
}
