//! Data in the form of the UEFI compression algorithm, every byte as a literal of eight bits: valid for every decoder, never smaller.

use super::image::written;
use super::spec::ComposeError;
use crate::layout::CompressionHeader;

/// Bytes in one block; the format counts them in 16 bits.
const BLOCK: usize = 0x8000;

/// What makes the character code: one extra code of no bits that says "length 8" ([`crate::read::decompress`] reads it back), for
/// 256 characters, and one position code.
const TABLES: [(u16, u32); 5] = [(0, 5), (10, 5), (256, 9), (0, 4), (0, 4)];

/// `data` with its compression header.
pub(super) fn literal(data: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let mut bits = Bits::default();
    for block in data.chunks(BLOCK) {
        bits.put(u16::try_from(block.len()).map_err(|_| ComposeError::TooLarge("a block"))?, 16);
        for (value, width) in TABLES {
            bits.put(value, width);
        }
        for byte in block {
            bits.put(u16::from(*byte), 8);
        }
    }
    let body = bits.finish();
    let size = |length: usize| u32::try_from(length).map_err(|_| ComposeError::TooLarge("the driver"));
    let header = CompressionHeader { compressed_size: size(body.len())?, original_size: size(data.len())? };
    let mut bytes = written(&header)?;
    bytes.extend(body);
    Ok(bytes)
}

/// Bits, most significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    buffer: u32,
    held: u32,
}

impl Bits {
    fn put(&mut self, value: u16, width: u32) {
        self.buffer = self.buffer.wrapping_shl(width) | u32::from(value);
        self.held = self.held.wrapping_add(width);
        while self.held >= 8 {
            self.held = self.held.wrapping_sub(8);
            let [byte, ..] = self.buffer.wrapping_shr(self.held).to_le_bytes();
            self.bytes.push(byte);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.held > 0 {
            self.put(0, 8_u32.wrapping_sub(self.held));
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::decompress;

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 255, BLOCK, BLOCK + 1, 3 * BLOCK + 17] {
            let data: Vec<u8> = (0..=250_u8).cycle().take(length).collect();
            assert_eq!(decompress(&literal(&data).unwrap(), 1 << 20).as_deref(), Ok(data.as_slice()), "{length}");
        }
    }
}
