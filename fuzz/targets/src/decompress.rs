//! Any bytes as compressed data, and as data that is compressed and then damaged: a decoder written
//! from the specification makes the same of it.

use rom_core::layout::Algorithm;
use rom_core::read::decompress;
use rom_core::{Limits, compose};

mod reference;

const LIMITS: Limits = Limits { decompressed: 1 << 16, compressed_blocks: 64, ..Limits::DEFAULT };

pub(super) fn run(bytes: &[u8]) {
    for algorithm in [Algorithm::Uefi, Algorithm::Tiano] {
        same(bytes, algorithm);
        // Compressing is slow, and few bytes reach all of it.
        let Some(([low, high, damage], data)) = bytes.split_first_chunk().filter(|_| bytes.len() <= 512) else { continue };
        let mut compressed = compose::compress(data, algorithm).expect("it is small enough");
        assert_eq!(decompress(&compressed, algorithm, &LIMITS).as_deref(), Ok(data));
        let at = usize::from(u16::from_le_bytes([*low, *high])) % compressed.len();
        compressed[at] ^= damage;
        same(&compressed, algorithm);
    }
}

fn same(source: &[u8], algorithm: Algorithm) {
    let ours = decompress(source, algorithm, &LIMITS).ok();
    assert_eq!(ours, reference::decompress(source, algorithm, LIMITS.decompressed, LIMITS.compressed_blocks));
}
