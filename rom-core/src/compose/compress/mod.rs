//! The UEFI compression algorithm and its Tiano variant, forwards (UEFI 2.10, 19): matches first,
//! then two prefix codes a block.

mod bits;
mod huffman;
mod matches;

use self::bits::Bits;
use self::huffman::code_lengths;
use self::matches::{Matches, Token};
use super::spec::ComposeError;
use super::structure::written;
use crate::layout::compression::{
    CHARACTER_BITS, CHARACTERS, EXTRA, EXTRA_BITS, EXTRA_GAP, LONGEST_CODE, MATCH_BASE, POSITIONS,
    ZERO_RUNS,
};
use crate::layout::{Algorithm, CompressionHeader};

/// Tokens in one block: enough to pay for its tables, few enough for them to fit what they
/// describe.
const BLOCK: usize = 8192;

/// Compresses `data`, with its header in front.
///
/// # Errors
/// [`ComposeError::TooLarge`] for more than 4 GiB.
pub fn compress(data: &[u8], algorithm: Algorithm) -> Result<Vec<u8>, ComposeError> {
    let tokens: Vec<Token> = Matches::new(data, algorithm).collect();
    let mut bits = Bits::default();
    for block in tokens.chunks(BLOCK) {
        write_block(block, algorithm, &mut bits);
    }
    let body = bits.finish();
    let size =
        |length: usize| u32::try_from(length).map_err(|_| ComposeError::TooLarge("the driver"));
    let header =
        CompressionHeader { compressed_size: size(body.len())?, original_size: size(data.len())? };
    let mut bytes = written(&header)?;
    bytes.extend(body);
    Ok(bytes)
}

/// Writes the number of tokens, the three tables, the tokens.
fn write_block(block: &[Token], algorithm: Algorithm, bits: &mut Bits) {
    let mut characters = [0_u32; CHARACTERS];
    let mut positions = [0_u32; POSITIONS];
    for token in block {
        count(&mut characters, token.character());
        if let Token::Match { distance, .. } = token {
            count(&mut positions, position(*distance).0);
        }
    }
    bits.put(u32::try_from(block.len()).unwrap_or(0), 16);
    let character_code = Code::of(&characters);
    write_character_lengths(&character_code, bits);
    let position_code = Code::of(&positions);
    write_lengths(&position_code, algorithm.position_bits(), None, bits);
    for token in block {
        character_code.put(token.character(), bits);
        if let Token::Match { distance, .. } = token {
            let (symbol, extra, width) = position(*distance);
            position_code.put(symbol, bits);
            bits.put(extra, width);
        }
    }
}

impl Token {
    /// Its symbol in the character code.
    fn character(&self) -> usize {
        match self {
            Self::Literal(byte) => usize::from(*byte),
            Self::Match { length, .. } => length.saturating_add(MATCH_BASE),
        }
    }
}

/// Symbol of a distance of 1 and more in the position code, and the bits below its highest with
/// their number.
fn position(distance: usize) -> (usize, u32, u32) {
    let value = u32::try_from(distance.saturating_sub(1)).unwrap_or(u32::MAX);
    let bits = 32_u32.saturating_sub(value.leading_zeros());
    let width = bits.saturating_sub(1);
    let extra = if bits == 0 { 0 } else { value & !1_u32.wrapping_shl(width) };
    (usize::try_from(bits).unwrap_or(0), extra, width)
}

fn count(frequencies: &mut [u32], symbol: usize) {
    if let Some(frequency) = frequencies.get_mut(symbol) {
        *frequency = frequency.saturating_add(1);
    }
}

/// A canonical prefix code.
struct Code {
    /// Bits of each symbol; 0 for one that does not occur.
    lengths: Vec<u8>,
    codes: Vec<u32>,
    /// The symbol of a code that has only one, which takes no bits.
    only: Option<usize>,
}

impl Code {
    /// The best code for symbols of these frequencies.
    fn of(frequencies: &[u32]) -> Self {
        let mut used = frequencies
            .iter()
            .enumerate()
            .filter(|(_, frequency)| **frequency > 0)
            .map(|(symbol, _)| symbol);
        let only = match (used.next(), used.next()) {
            (None, _) => Some(0),
            (Some(symbol), None) => Some(symbol),
            (Some(_), Some(_)) => None,
        };
        let lengths =
            if only.is_some() { vec![0; frequencies.len()] } else { code_lengths(frequencies) };
        let mut codes = vec![0; lengths.len()];
        let mut code = 0_u32;
        for length in 1..=LONGEST_CODE {
            code = code.wrapping_shl(1);
            for (own, place) in
                lengths.iter().zip(&mut codes).filter(|(own, _)| usize::from(**own) == length)
            {
                debug_assert!(*own > 0);
                *place = code;
                code = code.wrapping_add(1);
            }
        }
        Self { lengths, codes, only }
    }

    fn put(&self, symbol: usize, bits: &mut Bits) {
        let length = self.lengths.get(symbol).copied().unwrap_or(0);
        bits.put(self.codes.get(symbol).copied().unwrap_or(0), u32::from(length));
    }

    /// Symbols up to the last one that occurs.
    fn used(&self) -> &[u8] {
        let end = self
            .lengths
            .iter()
            .rposition(|length| *length > 0)
            .map_or(0, |last| last.saturating_add(1));
        self.lengths.get(..end).unwrap_or_default()
    }
}

/// Writes the lengths of a code with three bits and more each.
fn write_lengths(code: &Code, count_bits: u32, gap: Option<usize>, bits: &mut Bits) {
    let number = |value: usize| u32::try_from(value).unwrap_or(0);
    if let Some(only) = code.only {
        bits.put(0, count_bits);
        bits.put(number(only), count_bits);
        return;
    }
    let used = code.used();
    bits.put(number(used.len()), count_bits);
    let mut rest = used.iter();
    let mut index = 0_usize;
    while let Some(length) = rest.next() {
        match length.checked_sub(7) {
            None => bits.put(u32::from(*length), 3),
            Some(more) => {
                bits.put(7, 3);
                (0..more).for_each(|_| bits.put(1, 1));
                bits.put(0, 1);
            }
        }
        index = index.saturating_add(1);
        if Some(index) == gap {
            let zeros = rest.clone().take(3).take_while(|length| **length == 0).count();
            bits.put(number(zeros), 2);
            rest = rest.as_slice().get(zeros..).unwrap_or_default().iter();
            index = index.saturating_add(zeros);
        }
    }
}

/// Writes the lengths of the character code in a code of their own.
fn write_character_lengths(code: &Code, bits: &mut Bits) {
    let number = |value: usize| u32::try_from(value).unwrap_or(0);
    let symbols = if code.only.is_some() { Vec::new() } else { extra_symbols(code.used()) };
    let mut frequencies = [0_u32; EXTRA];
    for (symbol, _, _) in &symbols {
        count(&mut frequencies, *symbol);
    }
    let extra_code = Code::of(&frequencies);
    write_lengths(&extra_code, EXTRA_BITS, Some(EXTRA_GAP), bits);
    if let Some(only) = code.only {
        bits.put(0, CHARACTER_BITS);
        bits.put(number(only), CHARACTER_BITS);
        return;
    }
    bits.put(number(code.used().len()), CHARACTER_BITS);
    for (symbol, extra, width) in symbols {
        extra_code.put(symbol, bits);
        bits.put(extra, width);
    }
}

/// Code lengths as symbols of the extra code, each with its further bits and their number. Runs of
/// zeros are one symbol.
fn extra_symbols(lengths: &[u8]) -> Vec<(usize, u32, u32)> {
    let mut symbols = Vec::new();
    for run in lengths.chunk_by(|one, next| *one == 0 && *next == 0) {
        match run.first() {
            Some(length) if *length > 0 => {
                symbols.push((usize::from(*length).saturating_add(2), 0, 0));
            }
            _ => zeros(run.len(), &mut symbols),
        }
    }
    symbols
}

/// A run of zeros. The short run's symbol counts up to 18, the long one's from 20 on: 19 takes two
/// symbols.
fn zeros(run: usize, symbols: &mut Vec<(usize, u32, u32)>) {
    let fitting = ZERO_RUNS.iter().rev().find(|(_, _, least)| run >= *least);
    let Some((symbol, width, least)) = fitting else {
        symbols.extend((0..run).map(|_| (0, 0, 0)));
        return;
    };
    let most = 1_usize.wrapping_shl(*width).saturating_sub(1);
    let extra = run.saturating_sub(*least).min(most);
    symbols.push((usize::from(*symbol), u32::try_from(extra).unwrap_or(0), *width));
    let left = run.saturating_sub(*least).saturating_sub(extra);
    if left > 0 {
        zeros(left, symbols);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::read::decompress;

    fn there_and_back(data: &[u8]) {
        for algorithm in [Algorithm::Uefi, Algorithm::Tiano] {
            let compressed = compress(data, algorithm).unwrap();
            let back = decompress(&compressed, algorithm, &Limits::default());
            assert_eq!(back.as_deref(), Ok(data), "{algorithm:?}, {} bytes", data.len());
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 2, 3, 255, 256, 257, BLOCK, BLOCK + 1, 3 * BLOCK + 17] {
            there_and_back(&vec![0x41; length]);
            let counting: Vec<u8> = (0..=250_u8).cycle().take(length).collect();
            there_and_back(&counting);
        }
    }

    #[test]
    fn every_distance_and_length_comes_back() {
        let mut data: Vec<u8> = Vec::new();
        for (index, length) in (1..300_usize).enumerate() {
            data.extend(std::iter::repeat_n(u8::try_from(index % 256).unwrap(), length));
            let from = data.len().saturating_sub(index * 29 + 1);
            data.extend_from_within(from..(from + length).min(data.len()));
        }
        there_and_back(&data);
    }

    #[test]
    fn runs_of_zero_lengths_of_every_size_are_written() {
        for run in 1..600 {
            let mut symbols = Vec::new();
            zeros(run, &mut symbols);
            let covered: usize = symbols
                .iter()
                .map(|(symbol, extra, _)| {
                    match ZERO_RUNS.iter().find(|(own, _, _)| usize::from(*own) == *symbol) {
                        Some((_, _, least)) => least + usize::try_from(*extra).unwrap(),
                        None => 1,
                    }
                })
                .sum();
            assert_eq!(covered, run);
            assert!(symbols.iter().all(|(_, extra, width)| *extra < 1 << width || *width == 0));
        }
    }
}
