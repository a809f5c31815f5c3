//! Decompression against data that another compressor made: edk2's, of bytes that are generated here.

use rom_core::layout::Algorithm;
use rom_core::model::DecompressError;
use rom_core::model::DecompressFault;
use rom_core::{Limits, read};

/// 60,000 bytes that [`original`] makes, as `EfiCompress` of edk2 stores them: matches, runs, codes of many lengths, blocks.
const COMPRESSED: &[u8] = include_bytes!("compressed/generated.efi");

/// Letters, copies of what came before, runs of one byte; from a linear congruence, so that they are the same everywhere.
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
    assert_eq!(read::decompress(COMPRESSED, Algorithm::Uefi, &limits).unwrap_err().fault, DecompressFault::TooLarge);
}
