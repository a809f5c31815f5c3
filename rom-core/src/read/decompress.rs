//! The UEFI compression algorithm (UEFI 2.10, 19) and its Tiano variant: LZ77, then two canonical
//! Huffman codes a block.
//!
//! Table-driven: a code of up to [`Codes::WIDTH`] bits is one look-up, a longer one a comparison
//! for each further bit. Nothing that the data says can make it read or write outside its bounds,
//! write more than its limit, or build tables without end.

use super::structure::structure;
use crate::bytes::Window;
use crate::layout::compression::{
    CHARACTER_BITS, CHARACTERS, EXTRA, EXTRA_BITS, EXTRA_GAP, LONGEST_CODE, MATCH_BASE, POSITIONS,
    ZERO_RUNS,
};
use crate::layout::{Algorithm, CompressionHeader};
use crate::limits::Limits;
use crate::model::{DecompressError, DecompressFault};

/// Decompresses `source`, which begins with its [`CompressionHeader`]; padding may follow.
///
/// # Errors
/// [`DecompressError`] where the data is damaged, and how far into `source` that was noticed.
pub fn decompress(
    source: &[u8],
    algorithm: Algorithm,
    limits: &Limits,
) -> Result<Vec<u8>, DecompressError> {
    match decompress_as_firmware(source, algorithm, limits)? {
        Decompressed { bytes, short: None } => Ok(bytes),
        Decompressed { short: Some(error), .. } => Err(error),
    }
}

/// What firmware makes of compressed data.
pub(super) struct Decompressed {
    /// The output.
    pub(super) bytes: Vec<u8>,
    /// Whether the data ended before the output was complete. Firmware does not notice: it reads
    /// zeros from there on.
    pub(super) short: Option<DecompressError>,
}

/// Decompresses `source` as firmware does.
pub(super) fn decompress_as_firmware(
    source: &[u8],
    algorithm: Algorithm,
    limits: &Limits,
) -> Result<Decompressed, DecompressError> {
    let window = Window::of_file(source);
    let fault = |fault| DecompressError { fault, at: 0 };
    let header: CompressionHeader = structure(window, 0).ok_or(fault(DecompressFault::Header))?;
    let size = |value: u32| usize::try_from(value).map_err(|_| fault(DecompressFault::TooLarge));
    let (compressed, original) = (size(header.compressed_size)?, size(header.original_size)?);
    let data =
        window.cut(CompressionHeader::SIZE, compressed).ok_or(fault(DecompressFault::Cut))?;
    if original > limits.decompressed {
        return Err(fault(DecompressFault::TooLarge));
    }
    let mut bits = Bits::new(data.bytes());
    let mut output = vec![0; original];
    let end = blocks(&mut bits, &mut output, algorithm, limits.compressed_blocks);
    let at = CompressionHeader::SIZE.saturating_add(bits.position());
    // Behind the end of the data everything goes wrong sooner or later; that it ended is what is
    // wrong.
    end.map_err(|fault| DecompressError {
        fault: if bits.overrun() { DecompressFault::Short } else { fault },
        at,
    })?;
    let short = bits.overrun().then_some(DecompressError { fault: DecompressFault::Short, at });
    Ok(Decompressed { bytes: output, short })
}

/// Decodes block after block until the output is complete.
fn blocks(
    bits: &mut Bits<'_>,
    output: &mut [u8],
    algorithm: Algorithm,
    limit: usize,
) -> Result<(), DecompressFault> {
    let mut characters = CharacterCode::new();
    let mut positions = PositionCode::new();
    let mut blocks = 0..limit;
    let mut at = 0;
    while at < output.len() {
        blocks.next().ok_or(DecompressFault::Blocks)?;
        // A count of 0 means 65536: firmware counts down in 16 bits.
        let count = match bits.take(16) {
            0 => 1 << 16,
            count => u32::from(count),
        };
        characters.read_characters(bits)?;
        positions.read_lengths(bits, algorithm.position_bits(), None)?;
        let end = block(*bits, output, at, count, (&characters, &positions));
        *bits = end.bits;
        at = end.at;
        end.fault.map_or(Ok(()), Err)?;
    }
    Ok(())
}

/// Where a block ended.
struct BlockEnd<'a> {
    bits: Bits<'a>,
    at: usize,
    fault: Option<DecompressFault>,
}

/// Decodes `count` symbols, or fewer if the output is complete before. Bits and place are values
/// here, so that they stay in registers.
fn block<'a>(
    mut bits: Bits<'a>,
    output: &mut [u8],
    mut at: usize,
    count: u32,
    (characters, positions): (&CharacterCode, &PositionCode),
) -> BlockEnd<'a> {
    let mut left = count;
    let fault = 'symbols: loop {
        bits.fill();
        // What was filled has room for three symbols of 16 bits, or for one and a distance.
        for round in 0..3 {
            if left == 0 {
                break 'symbols None;
            }
            left = left.wrapping_sub(1);
            let (symbol, length) = characters.decode(&bits);
            bits.skip(length);
            // Firmware looks for the end of the output before a literal and behind a match.
            if symbol < 256 {
                let Some(place) = output.get_mut(at) else { break 'symbols None };
                let [literal, _] = symbol.to_le_bytes();
                *place = literal;
                at = at.wrapping_add(1);
                continue;
            }
            if round > 0 {
                bits.fill();
            }
            let (position, length) = positions.decode(&bits);
            bits.skip(length);
            if (symbol | position) & NO_SYMBOL != 0 {
                break 'symbols Some(DecompressFault::Table);
            }
            let distance = bits.take_distance(position);
            let length = usize::from(symbol).wrapping_sub(MATCH_BASE);
            let Some(end) = copy_match(output, at, distance, length) else {
                break 'symbols Some(DecompressFault::Distance);
            };
            at = end;
            if at >= output.len() {
                break 'symbols None;
            }
            break;
        }
    };
    BlockEnd { bits, at, fault }
}

/// Bytes that are copied at once.
const CHUNK: usize = 8;

/// For each distance up to [`CHUNK`], how a chunk of a match is made from the bytes before it: the
/// part of the 8 bytes at its start that is there already, a factor that repeats this part, and the
/// least multiple of the distance that is no less than [`CHUNK`].
const PERIODS: [(u64, u64, usize); CHUNK + 1] = [
    (0, 0, CHUNK),
    (0xFF, 0x0101_0101_0101_0101, 8),
    (0xFFFF, 0x0001_0001_0001_0001, 8),
    (0xFF_FFFF, 0x0001_0000_0100_0001, 9),
    (0xFFFF_FFFF, 0x0000_0001_0000_0001, 8),
    (0xFF_FFFF_FFFF, 0x0000_0100_0000_0001, 10),
    (0xFFFF_FFFF_FFFF, 0x0001_0000_0000_0001, 12),
    (0x00FF_FFFF_FFFF_FFFF, 0x0100_0000_0000_0001, 14),
    (u64::MAX, 1, 8),
];

/// Writes `length` bytes from `distance` back to `at`, as far as there is room. Says where they
/// end; `None` if they begin before the output does.
#[inline]
fn copy_match(output: &mut [u8], at: usize, distance: usize, length: usize) -> Option<usize> {
    let start = at.checked_sub(distance)?;
    let end = at.saturating_add(length);
    if end.saturating_add(CHUNK) > output.len() {
        return copy_last_match(output, at, distance, length);
    }
    // Whole chunks without a branch on the distance; the last may write more than the match has,
    // and what follows writes over it.
    let (part, factor, multiple) = *PERIODS.get(distance.min(CHUNK))?;
    let first = u64::from_le_bytes(*output.get(start..)?.first_chunk()?);
    *output.get_mut(at..)?.first_chunk_mut()? = (first & part).wrapping_mul(factor).to_le_bytes();
    let mut to = at.wrapping_add(CHUNK);
    while to < end {
        let chunk =
            *output.get(to.wrapping_sub(distance.max(multiple))..)?.first_chunk::<CHUNK>()?;
        *output.get_mut(to..)?.first_chunk_mut()? = chunk;
        to = to.wrapping_add(CHUNK);
    }
    Some(end)
}

/// The same, byte by byte, near the end of the output.
#[cold]
fn copy_last_match(output: &mut [u8], at: usize, distance: usize, length: usize) -> Option<usize> {
    let end = at.saturating_add(length).min(output.len());
    for to in at..end {
        let byte = *output.get(to.wrapping_sub(distance))?;
        *output.get_mut(to)? = byte;
    }
    Some(end)
}

/// Bits of a byte slice, most significant first; behind its end, zeros.
#[derive(Clone, Copy)]
struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte that is not in `buffer` yet; may lie behind the end.
    at: usize,
    /// Bits not taken yet, from the most significant on.
    buffer: u64,
    /// How many bits of `buffer` are there.
    held: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, buffer: 0, held: 0 }
    }

    /// Bits taken.
    fn taken(&self) -> usize {
        self.at.saturating_mul(8).saturating_sub(usize::try_from(self.held).unwrap_or(0))
    }

    /// Whether bits were taken that the slice does not have.
    fn overrun(&self) -> bool {
        self.taken() > self.bytes.len().saturating_mul(8)
    }

    /// Bytes of which all bits were taken, or begun.
    fn position(&self) -> usize {
        self.taken().div_ceil(8).min(self.bytes.len())
    }

    /// Fills the buffer to at least 56 bits.
    #[inline]
    fn fill(&mut self) {
        let word = self.bytes.get(self.at..).and_then(|tail| tail.first_chunk::<8>());
        let word =
            word.map_or_else(|| last_word(self.bytes, self.at), |word| u64::from_be_bytes(*word));
        self.buffer |= word.wrapping_shr(self.held);
        let bytes = 63_u32.wrapping_sub(self.held) / 8;
        self.at = self.at.wrapping_add(usize::try_from(bytes).unwrap_or(0));
        self.held |= 0x38;
    }

    /// The next `count` bits, 1 to 16, without taking them.
    #[inline]
    fn peek(&self, count: u32) -> usize {
        usize::try_from(self.buffer.wrapping_shr(64_u32.wrapping_sub(count))).unwrap_or(0)
    }

    /// Takes `count` bits, at most as many as were filled.
    #[inline]
    fn skip(&mut self, count: u32) {
        self.held = self.held.wrapping_sub(count);
        self.buffer = self.buffer.wrapping_shl(count);
    }

    /// Takes and returns `count` bits, 1 to 16.
    #[inline]
    fn take(&mut self, count: u32) -> u16 {
        self.fill();
        let value = self.peek(count);
        self.skip(count);
        u16::try_from(value).unwrap_or(u16::MAX)
    }

    /// Takes what follows a symbol of the position code; returns how far back a match begins, 1 for
    /// the last byte.
    #[inline]
    fn take_distance(&mut self, position: u16) -> usize {
        let width = u32::from(position.saturating_sub(1));
        if width > 23 {
            self.fill();
        }
        let extra = self.buffer.wrapping_shr(1).wrapping_shr(63_u32.wrapping_sub(width));
        self.skip(width);
        let offset = if position == 0 { 0 } else { 1_u64.wrapping_shl(width) | extra };
        usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(1)
    }
}

/// The bytes from `at` on where fewer than eight are left.
#[cold]
fn last_word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.iter_mut()
        .zip(bytes.get(at..).unwrap_or_default())
        .for_each(|(place, byte)| *place = *byte);
    u64::from_be_bytes(word)
}

/// What no symbol is: the bits do not begin with any code. Symbols have fewer than 10 bits.
const NO_SYMBOL: u16 = 0x8000;

/// A canonical prefix code of `N` symbols: shorter codes first, symbols of one length in their
/// order. Codes of up to as many bits as `SIZE` is a power of two are looked up at once.
struct Codes<const N: usize, const SIZE: usize> {
    lengths: [u8; N],
    /// For each value of the next bits, an [`Self::entry`]; 0 for the beginning of a longer code.
    short: Box<[u16; SIZE]>,
    /// Symbols with codes, by code.
    sorted: Vec<u16>,
    /// For each length, left-aligned to 16 bits: the first code of the next length, and where in
    /// `sorted` its symbols begin.
    limits: [(u32, u32, usize); LONGEST_CODE + 1],
}

type CharacterCode = Codes<CHARACTERS, 4096>;
type ExtraCode = Codes<EXTRA, 256>;
type PositionCode = Codes<POSITIONS, 256>;

impl<const N: usize, const SIZE: usize> Codes<N, SIZE> {
    /// Bits that are looked up at once.
    const WIDTH: u32 = SIZE.trailing_zeros();
    /// Marks an entry.
    const SHORT: u16 = 0x8000;

    fn new() -> Self {
        Self {
            lengths: [0; N],
            short: Box::new([0; SIZE]),
            sorted: Vec::new(),
            limits: Default::default(),
        }
    }

    /// A symbol and the length of its code.
    const fn entry(symbol: u16, length: u16) -> u16 {
        Self::SHORT | symbol.wrapping_shl(6) | length
    }

    /// The symbol that comes next, and the length of its code.
    #[inline]
    fn decode(&self, bits: &Bits<'_>) -> (u16, u32) {
        let entry = self.short.get(bits.peek(Self::WIDTH)).copied().unwrap_or(0);
        if entry & Self::SHORT == 0 {
            return self.decode_long(u32::try_from(bits.peek(16)).unwrap_or(0));
        }
        ((entry & !Self::SHORT).wrapping_shr(6), u32::from(entry & 63))
    }

    /// The same for a code longer than [`Self::WIDTH`].
    #[cold]
    fn decode_long(&self, code: u32) -> (u16, u32) {
        for (length, (first, limit, index)) in (0_u32..).zip(self.limits) {
            if code < limit {
                let rank = code.wrapping_sub(first).wrapping_shr(16_u32.wrapping_sub(length));
                let at = index.saturating_add(usize::try_from(rank).unwrap_or(usize::MAX));
                return (self.sorted.get(at).copied().unwrap_or(NO_SYMBOL), length);
            }
        }
        (NO_SYMBOL, 0)
    }

    /// Makes this the code of one symbol, which stands without any bit.
    fn only(&mut self, symbol: u16) {
        self.short.fill(Self::entry(symbol, 0));
    }

    /// Reads the code lengths that stand with three bits each, and builds the code (edk2:
    /// `ReadPTLen`).
    fn read_lengths(
        &mut self,
        bits: &mut Bits<'_>,
        count_bits: u32,
        gap: Option<usize>,
    ) -> Result<(), DecompressFault> {
        let count = usize::from(bits.take(count_bits));
        if count == 0 {
            self.only(bits.take(count_bits));
            return Ok(());
        }
        self.lengths = [0; N];
        let mut index = 0_usize;
        while index < count {
            let length = length(bits);
            *self.lengths.get_mut(index).ok_or(DecompressFault::Table)? = length;
            index = index.saturating_add(1);
            if Some(index) == gap {
                index = index.saturating_add(usize::from(bits.take(2)));
            }
        }
        self.build()
    }

    /// Builds the tables from the lengths, which must be those of a complete prefix code (edk2:
    /// `MakeTable`).
    fn build(&mut self) -> Result<(), DecompressFault> {
        let mut counts = [0_u32; LONGEST_CODE + 1];
        for length in self.lengths.iter().filter(|length| **length > 0) {
            let count = counts.get_mut(usize::from(*length)).ok_or(DecompressFault::Table)?;
            *count = count.saturating_add(1);
        }
        let mut code = 0_u32;
        let mut index = 0_usize;
        let mut next = [0_usize; LONGEST_CODE + 1];
        for (length, ((count, limit), next)) in
            (0_u32..).zip(counts.iter().zip(&mut self.limits).zip(&mut next))
        {
            let first = code;
            code = code.saturating_add(count.wrapping_shl(16_u32.wrapping_sub(length)));
            *limit = (first, if *count == 0 { 0 } else { code }, index);
            *next = index;
            index = index.saturating_add(usize::try_from(*count).unwrap_or(usize::MAX));
        }
        if code != 1 << 16 {
            return Err(DecompressFault::Table);
        }
        self.sorted.clear();
        self.sorted.resize(index, 0);
        for (symbol, length) in (0_u16..).zip(&self.lengths).filter(|(_, length)| **length > 0) {
            let next = next.get_mut(usize::from(*length)).ok_or(DecompressFault::Table)?;
            *self.sorted.get_mut(*next).ok_or(DecompressFault::Table)? = symbol;
            *next = next.saturating_add(1);
        }
        let mut at = 0_usize;
        for symbol in &self.sorted {
            let length = self.lengths.get(usize::from(*symbol)).copied().unwrap_or(0);
            let Some(spare) = Self::WIDTH.checked_sub(u32::from(length)) else { break };
            let end = at.saturating_add(1_usize.wrapping_shl(spare));
            self.short
                .get_mut(at..end)
                .ok_or(DecompressFault::Table)?
                .fill(Self::entry(*symbol, u16::from(length)));
            at = end;
        }
        self.short.get_mut(at..).unwrap_or_default().fill(0);
        Ok(())
    }
}

impl CharacterCode {
    /// Reads the character code, whose lengths are in a code of their own (edk2: `ReadPTLen` and
    /// `ReadCLen`).
    fn read_characters(&mut self, bits: &mut Bits<'_>) -> Result<(), DecompressFault> {
        let mut extra = ExtraCode::new();
        extra.read_lengths(bits, EXTRA_BITS, Some(EXTRA_GAP))?;
        let count = usize::from(bits.take(CHARACTER_BITS));
        if count == 0 {
            self.only(bits.take(CHARACTER_BITS));
            return Ok(());
        }
        self.lengths = [0; CHARACTERS];
        let mut index = 0_usize;
        while index < count {
            bits.fill();
            let (symbol, length) = extra.decode(bits);
            bits.skip(length);
            let run = ZERO_RUNS.iter().find(|(own, _, _)| *own == symbol);
            let symbols = if let Some((_, width, least)) = run {
                usize::from(bits.take(*width)).saturating_add(*least)
            } else {
                let length =
                    u8::try_from(symbol.saturating_sub(2)).map_err(|_| DecompressFault::Table)?;
                *self.lengths.get_mut(index).ok_or(DecompressFault::Table)? = length;
                1
            };
            index = index.saturating_add(symbols);
        }
        self.build()
    }
}

/// A code length: three bits, and from seven on one more for each further set bit. Nothing above
/// [`LONGEST_CODE`] is valid.
fn length(bits: &mut Bits<'_>) -> u8 {
    let mut length = u8::try_from(bits.take(3)).unwrap_or(u8::MAX);
    if length == 7 {
        while bits.take(1) == 1 {
            length = length.saturating_add(1);
        }
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const LIMITS: Limits = Limits { decompressed: 64, ..Limits::DEFAULT };

    fn decompressed(source: &[u8]) -> Result<Vec<u8>, DecompressFault> {
        decompress(source, Algorithm::Uefi, &LIMITS).map_err(|error| error.fault)
    }

    /// Compressed data of these values and widths, which becomes this many bytes.
    fn source(bits: &[(u32, usize)], original: u32) -> Vec<u8> {
        let mut text = String::new();
        for (value, width) in bits {
            write!(text, "{value:0width$b}").unwrap();
        }
        while !text.len().is_multiple_of(8) {
            text.push('0');
        }
        let data: Vec<u8> = text
            .as_bytes()
            .chunks(8)
            .map(|byte| u8::from_str_radix(str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect();
        let mut source = u32::try_from(data.len()).unwrap().to_le_bytes().to_vec();
        source.extend(original.to_le_bytes());
        source.extend(&data);
        source
    }

    #[test]
    fn one_symbol_needs_no_bits() {
        // A block of 5 symbols; extra code: only symbol 0; character code: only 'A'; position code:
        // only 0.
        let bits = [(5, 16), (0, 5), (0, 5), (0, 9), (0x41, 9), (0, 4), (0, 4)];
        let mut source = source(&bits, 5);
        assert_eq!(decompressed(&source).unwrap(), b"AAAAA");
        source[0] -= 1;
        assert_eq!(decompressed(&source), Err(DecompressFault::Short));
    }

    /// A character code whose lengths are 1 to 15, and twice 16: each byte from 0 to 16 is coded
    /// once.
    #[test]
    fn codes_have_up_to_sixteen_bits() {
        let mut bits = vec![(17_u32, 16), (19, 5), (0, 3), (0, 3), (0, 3), (0, 2)];
        bits.extend([(4, 3); 16]);
        bits.push((17, 9));
        bits.extend((0..17).map(|symbol: u32| (symbol.min(15), 4)));
        bits.extend([(0, 4), (0, 4)]);
        bits.extend((0..16).map(|symbol: u32| ((1 << (symbol + 1)) - 2, symbol as usize + 1)));
        bits.push((0xFFFF, 16));
        let bytes: Vec<u8> = (0..17).collect();
        assert_eq!(decompressed(&source(&bits, 17)).unwrap(), bytes);
    }

    #[test]
    fn headers_are_held_to_the_data_and_the_limit() {
        assert_eq!(decompressed(&[1, 0, 0]), Err(DecompressFault::Header));
        assert_eq!(decompressed(&[9, 0, 0, 0, 1, 0, 0, 0, 0]), Err(DecompressFault::Cut));
        assert_eq!(decompressed(&[1, 0, 0, 0, 65, 0, 0, 0, 0]), Err(DecompressFault::TooLarge));
        assert_eq!(decompressed(&[0; 8]), Ok(Vec::new()));
    }

    #[test]
    fn an_incomplete_code_is_refused() {
        // Extra code of one symbol of length 2: it leaves three quarters of the codes without
        // meaning.
        let source = [4, 0, 0, 0, 1, 0, 0, 0, 0x00, 0x01, 0b0000_1010, 0];
        assert_eq!(decompressed(&source), Err(DecompressFault::Table));
    }
}
