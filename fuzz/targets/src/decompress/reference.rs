//! A decoder of UEFI compressed data, written from the specification to be read, not to be fast:
//! one bit at a time, codes in a list.

use rom_core::layout::Algorithm;
use std::iter;

/// What `source` decompresses to; `None` if it is damaged, or larger than `most` bytes.
///
/// UEFI 2.10, 19.2 has the format. Where it is silent about damage, this is as strict and as
/// lenient as edk2's `Decompress.c`: codes have to be complete, a block of no symbols is one of
/// 65,536, and what is left over after the last byte of the output is not looked at.
pub(crate) fn decompress(source: &[u8], algorithm: Algorithm, most: usize, mut blocks: usize) -> Option<Vec<u8>> {
    let (compressed_size, rest) = source.split_first_chunk()?;
    let (original_size, data) = rest.split_first_chunk()?;
    let data = data.get(..u32::from_le_bytes(*compressed_size) as usize)?;
    let original = u32::from_le_bytes(*original_size) as usize;
    if original > most {
        return None;
    }
    let mut bits = Bits { data, next: 0 };
    let mut output = Vec::new();
    while output.len() < original {
        blocks = blocks.checked_sub(1)?;
        block(&mut bits, &mut output, original, algorithm)?;
    }
    (bits.next <= data.len() * 8).then_some(output)
}

/// One block: its size, three codes, and its symbols (19.2.3).
fn block(bits: &mut Bits<'_>, output: &mut Vec<u8>, original: usize, algorithm: Algorithm) -> Option<()> {
    let count = match bits.number(16) {
        0 => 65_536,
        count => count,
    };
    let extra = small_code(bits, 19, 5, Some(3))?;
    let characters = character_code(bits, &extra)?;
    let position_bits = match algorithm {
        Algorithm::Uefi => 4,
        Algorithm::Tiano => 5,
    };
    let positions = small_code(bits, 31, position_bits, None)?;
    for _ in 0..count {
        let symbol = characters.symbol(bits);
        if let Ok(literal) = u8::try_from(symbol) {
            if output.len() == original {
                return Some(());
            }
            output.push(literal);
            continue;
        }
        let position = positions.symbol(bits);
        let distance = 1 + match position {
            0 => 0,
            _ => (1 << (position - 1)) | bits.number(position - 1),
        };
        let start = output.len().checked_sub(distance)?;
        for at in (start..).take(symbol - 253) {
            if output.len() < original {
                output.push(output[at]);
            }
        }
        if output.len() == original {
            return Some(());
        }
    }
    Some(())
}

/// The extra set and the position set (19.2.3.1): lengths of three bits, or more in unary.
fn small_code(bits: &mut Bits<'_>, symbols: usize, count_bits: usize, gap: Option<usize>) -> Option<Code> {
    let count = bits.number(count_bits);
    if count == 0 {
        return Some(Code::Only(bits.number(count_bits)));
    }
    let mut lengths = Vec::new();
    while lengths.len() < count {
        let mut length = bits.number(3);
        if length == 7 {
            length += iter::from_fn(|| Some(bits.number(1))).take_while(|bit| *bit == 1).count();
        }
        if lengths.len() == symbols {
            return None;
        }
        lengths.push(length);
        if Some(lengths.len()) == gap {
            lengths.resize(lengths.len() + bits.number(2), 0);
        }
    }
    Code::of(&lengths)
}

/// The set of characters and lengths, whose code lengths are written in the extra code.
fn character_code(bits: &mut Bits<'_>, extra: &Code) -> Option<Code> {
    let count = bits.number(9);
    if count == 0 {
        return Some(Code::Only(bits.number(9)));
    }
    let mut lengths = Vec::new();
    while lengths.len() < count {
        // A run of zeros may end beyond the last symbol; a single length may not stand there.
        match extra.symbol(bits) {
            1 => lengths.resize(lengths.len() + bits.number(4) + 3, 0),
            2 => lengths.resize(lengths.len() + bits.number(9) + 20, 0),
            _ if lengths.len() == 510 => return None,
            symbol => lengths.push(symbol.saturating_sub(2)),
        }
    }
    Code::of(&lengths)
}

/// A prefix code.
enum Code {
    /// One symbol, which takes no bit.
    Only(usize),
    /// Length, code and symbol of each.
    All(Vec<(usize, usize, usize)>),
}

impl Code {
    /// The code of these lengths by symbol: shorter codes first, in the order of the symbols. It
    /// has to be complete.
    fn of(lengths: &[usize]) -> Option<Self> {
        let mut codes = Vec::new();
        let mut next = 0;
        for length in 1..=16 {
            for symbol in (0..lengths.len()).filter(|symbol| lengths[*symbol] == length) {
                codes.push((length, next, symbol));
                next += 1;
            }
            next *= 2;
        }
        let complete = next == 1 << 17 && lengths.iter().all(|length| *length <= 16);
        complete.then_some(Self::All(codes))
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> usize {
        match self {
            Self::Only(symbol) => *symbol,
            Self::All(codes) => {
                let mut code = 0;
                for length in 1.. {
                    code = code * 2 + bits.number(1);
                    if let Some((_, _, symbol)) = codes.iter().find(|own| (own.0, own.1) == (length, code)) {
                        return *symbol;
                    }
                }
                unreachable!("the code is complete")
            }
        }
    }
}

/// Bits, most significant first; zeros behind the end.
struct Bits<'a> {
    data: &'a [u8],
    next: usize,
}

impl Bits<'_> {
    /// The next `count` bits as a number.
    fn number(&mut self, count: usize) -> usize {
        (0..count).fold(0, |number, _| {
            let byte = self.data.get(self.next / 8).copied().unwrap_or(0);
            let bit = usize::from(byte >> (7 - self.next % 8) & 1);
            self.next += 1;
            number * 2 + bit
        })
    }
}
