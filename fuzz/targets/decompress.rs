//! Any bytes as compressed data: it ends, and keeps to its limit. The same bytes as data: compressed, they come back.

use rom_core::layout::Algorithm;
use rom_core::read::decompress;
use rom_core::{Limits, compose};

pub(crate) fn run(bytes: &[u8]) {
    let limits = Limits { decompressed: 1 << 16, ..Limits::default() };
    for algorithm in [Algorithm::Uefi, Algorithm::Tiano] {
        if let Ok(output) = decompress(bytes, algorithm, &limits) {
            assert!(output.len() <= limits.decompressed);
        }
        // Compressing is slow, and few bytes reach all of it.
        if bytes.len() <= 512 {
            let compressed = compose::compress(bytes, algorithm).expect("it is small enough");
            assert_eq!(decompress(&compressed, algorithm, &limits).as_deref(), Ok(bytes));
        }
    }
}
