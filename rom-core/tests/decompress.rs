//! Decompression against data that another compressor made: edk2's, of bytes that are generated
//! here.

use delharc::decode::{Decoder as _, Lh5Decoder, LhxDecoder};
use proptest::prelude::*;
use rom_core::layout::Algorithm;
use rom_core::model::{DecompressError, DecompressFault};
use rom_core::{Limits, compose, read};

/// 60,000 bytes that [`original`] makes, as `EfiCompress` of edk2 stores them: matches, runs, codes
/// of many lengths, blocks.
const COMPRESSED: &[u8] = include_bytes!("compressed/generated.efi");

/// Letters, copies of what came before, runs of one byte; from a linear congruence, so that they
/// are the same everywhere.
fn original() -> Vec<u8> {
    const LENGTH: usize = 60_000;
    let mut state: u32 = 1;
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < LENGTH {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 0x7fff_ffff;
        let draw = |shift: u32, limit: u32| usize::try_from((state >> shift) % limit).unwrap();
        if draw(16, 4) == 0 && bytes.len() > 40 {
            let start = draw(5, u32::try_from(bytes.len() - 40).unwrap());
            bytes.extend_from_within(start..start + 20 + draw(24, 20));
        } else if draw(16, 64) == 1 {
            bytes.extend([u8::try_from(draw(20, 256)).unwrap(); 300]);
        } else {
            bytes.push(u8::try_from(draw(20, 32)).unwrap() + 64);
        }
    }
    bytes.truncate(LENGTH);
    bytes
}

fn decompress(source: &[u8]) -> Result<Vec<u8>, DecompressError> {
    read::decompress(source, Algorithm::Uefi, &Limits::default())
}

#[test]
fn what_edk2_compressed_comes_back() {
    assert_eq!(decompress(COMPRESSED).unwrap(), original());
}

#[test]
fn padding_behind_the_data_does_not_matter() {
    let padded = [COMPRESSED, &[0xff; 100]].concat();
    assert_eq!(decompress(&padded).unwrap(), original());
}

#[test]
fn data_that_ends_early_is_refused_wherever_it_ends() {
    for kept in (8..COMPRESSED.len() - 1).step_by(97) {
        let mut cut = COMPRESSED[..kept].to_vec();
        cut[..4].copy_from_slice(&u32::try_from(kept - 8).unwrap().to_le_bytes());
        assert_eq!(decompress(&cut).unwrap_err().fault, DecompressFault::Short, "{kept}");
    }
}

#[test]
fn a_limit_below_the_original_size_is_kept() {
    let limits = Limits { decompressed: 59_999, ..Limits::default() };
    assert_eq!(
        read::decompress(COMPRESSED, Algorithm::Uefi, &limits).unwrap_err().fault,
        DecompressFault::TooLarge
    );
}

/// What the delharc crate makes of compressed data: LHA's "lh5" is the UEFI algorithm, "lhx" the
/// Tiano variant.
fn by_delharc(source: &[u8], algorithm: Algorithm) -> Option<Vec<u8>> {
    let size = u32::from_le_bytes(*source.get(4..)?.first_chunk()?);
    let mut output = vec![0; usize::try_from(size).ok()?];
    let data = &source[8..];
    match algorithm {
        Algorithm::Uefi => Lh5Decoder::new(data).fill_buffer(&mut output).ok()?,
        Algorithm::Tiano => LhxDecoder::new(data).fill_buffer(&mut output).ok()?,
    }
    Some(output)
}

/// Data like that of drivers: runs, copies of what came before, noise of few or many values.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        (any::<u8>(), 1_usize..400).prop_map(|(byte, length)| (vec![byte; length], None)),
        prop::collection::vec(any::<u8>(), 1..200).prop_map(|bytes| (bytes, None)),
        prop::collection::vec(0_u8..4, 1..300).prop_map(|bytes| (bytes, None)),
        (any::<usize>(), 1_usize..600).prop_map(|copy| (Vec::new(), Some(copy))),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| {
        let mut data: Vec<u8> = Vec::new();
        for (bytes, copy) in pieces {
            data.extend(bytes);
            if let Some((from, length)) = copy.filter(|_| !data.is_empty()) {
                let from = from % data.len();
                data.extend_from_within(from..(from + length).min(data.len()));
            }
        }
        data
    })
}

proptest! {
    #[test]
    fn what_is_compressed_comes_back_here_and_elsewhere(data in data(), algorithm in prop_oneof![Just(Algorithm::Uefi), Just(Algorithm::Tiano)]) {
        let compressed = compose::compress(&data, algorithm).unwrap();
        prop_assert_eq!(read::decompress(&compressed, algorithm, &Limits::default()).unwrap(), data.as_slice());
        prop_assert_eq!(by_delharc(&compressed, algorithm).unwrap(), data);
    }

    /// Damaged data: where both decoders take it, they make the same of it.
    #[test]
    fn damaged_data_is_refused_or_means_the_same_elsewhere(data in data(), at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let mut compressed = compose::compress(&data, Algorithm::Uefi).unwrap();
        let at = 8 + at.index((compressed.len() - 8).max(1));
        if let Some(byte) = compressed.get_mut(at) {
            *byte ^= 1 << bit;
        }
        let ours = read::decompress(&compressed, Algorithm::Uefi, &Limits::default());
        if let (Ok(ours), Some(theirs)) = (ours, by_delharc(&compressed, Algorithm::Uefi)) {
            prop_assert_eq!(ours, theirs);
        }
    }
}
