//! A frame of LZ4 (LZ4 frame format 1.6.4, block format), as coreboot has it: blocks that need
//! nothing of each other.

use super::Failure;
use crate::bytes::Window;

/// What a frame begins with, and the bytes of its header with the checksum of that.
const MAGIC: u32 = 0x184D_2204;
const HEADER: usize = 7;
/// Flags of the header: version 1, what else may follow, blocks that need the ones before.
const VERSION: u8 = 0b0100_0000;
const CONTENT_SIZE: u8 = 0b0000_1000;
const DICTIONARY: u8 = 0b0000_0001;
const BLOCK_CHECKSUM: u8 = 0b0001_0000;
/// Bit of a block's size that says that it is stored.
const STORED: u32 = 1 << 31;
/// Bytes that a match has at least.
const SHORTEST_MATCH: usize = 4;

/// Decodes a frame to at most `most` bytes.
pub(super) fn decode(data: &[u8], most: usize) -> Result<Vec<u8>, Failure> {
    let window = Window::of_file(data);
    let mut output = Vec::new();
    frame(window, most, &mut output)
        .ok_or(Failure { too_large: output.len() > most, decoded: output.len() })?;
    if output.len() > most {
        Err(Failure { too_large: true, decoded: output.len() })
    } else {
        Ok(output)
    }
}

fn frame(window: Window<'_>, most: usize, output: &mut Vec<u8>) -> Option<()> {
    let flags = window.u8(4)?;
    if window.u32(0)? != MAGIC || flags & 0b1100_0000 != VERSION {
        return None;
    }
    let mut at = HEADER;
    for (flag, length) in [(CONTENT_SIZE, 8), (DICTIONARY, 4)] {
        if flags & flag != 0 {
            at = at.checked_add(length)?;
        }
    }
    loop {
        let word = window.u32(at)?;
        if word == 0 {
            return Some(());
        }
        let length = usize::try_from(word & !STORED).ok()?;
        let block = window.cut(at.checked_add(4)?, length)?;
        if word & STORED == 0 {
            sequences(block, most, output)?;
        } else {
            output.extend(block.bytes());
        }
        if output.len() > most {
            return None;
        }
        let checksum = if flags & BLOCK_CHECKSUM == 0 { 0 } else { 4 };
        at = at.checked_add(4)?.checked_add(length)?.checked_add(checksum)?;
    }
}

/// Decodes a block: literals and matches by turns, the last with literals alone.
fn sequences(block: Window<'_>, most: usize, output: &mut Vec<u8>) -> Option<()> {
    let mut at: usize = 0;
    loop {
        let token = block.u8(at)?;
        at = at.checked_add(1)?;
        let literals = length(block, &mut at, token >> 4)?;
        output.extend(block.cut(at, literals)?.bytes());
        at = at.checked_add(literals)?;
        if at >= block.len() {
            return Some(());
        }
        let distance = usize::from(block.u16(at)?);
        at = at.checked_add(2)?;
        let matched = length(block, &mut at, token & 0xF)?.checked_add(SHORTEST_MATCH)?;
        if distance == 0 || output.len().checked_add(matched)? > most.saturating_add(SHORTEST_MATCH)
        {
            // The caller tells damage from size by how much there is.
            let missing = most.saturating_add(1).saturating_sub(output.len());
            output.extend(std::iter::repeat_n(0, if distance == 0 { 0 } else { missing }));
            return None;
        }
        copy(output, distance, matched)?;
    }
}

/// A length: four bits, then bytes while they are all ones.
fn length(block: Window<'_>, at: &mut usize, bits: u8) -> Option<usize> {
    let mut length = usize::from(bits);
    if bits < 0xF {
        return Some(length);
    }
    loop {
        let byte = block.u8(*at)?;
        *at = at.checked_add(1)?;
        length = length.checked_add(usize::from(byte))?;
        if byte != u8::MAX {
            return Some(length);
        }
    }
}

/// Appends `count` bytes from `distance` back, which may overlap with what they become.
fn copy(output: &mut Vec<u8>, distance: usize, count: usize) -> Option<()> {
    let mut rest = count;
    while rest > 0 {
        let start = output.len().checked_sub(distance)?;
        let step = rest.min(distance);
        output.extend_from_within(start..start.checked_add(step)?);
        rest = rest.checked_sub(step)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(blocks: &[(u32, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82];
        for (flag, block) in blocks {
            bytes.extend((u32::try_from(block.len()).unwrap() | flag).to_le_bytes());
            bytes.extend(*block);
        }
        bytes.extend([0; 4]);
        bytes
    }

    #[test]
    fn literals_and_matches_are_decoded() {
        // Three literals, a match of 4 + 15 + 2 from 3 back, one literal.
        let block = [0x3F, b'a', b'b', b'c', 3, 0, 2, 0x10, b'!'];
        let decoded = decode(&framed(&[(0, &block), (STORED, b"plain")]), 100).unwrap();
        assert_eq!(decoded, b"abcabcabcabcabcabcabcabc!plain");
    }

    #[test]
    fn what_is_damaged_or_too_large_is_refused() {
        let block = [0x3F, b'a', b'b', b'c', 3, 0, 2, 0x10, b'!'];
        let good = framed(&[(0, &block)]);
        assert_eq!(decode(&good, 25).map(|bytes| bytes.len()), Ok(25));
        assert!(decode(&good, 24).unwrap_err().too_large);
        assert!(decode(&good, 8).unwrap_err().too_large);
        for cut in 0..good.len() {
            assert!(!decode(&good[..cut], 100).unwrap_err().too_large, "{cut}");
        }
        for (at, byte) in [(0, 0), (4, 0x20), (15, 4), (15, 0)] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert!(!decode(&bad, 100).unwrap_err().too_large, "{at}");
        }
    }
}
