//! The digest of a signed driver, on a sample that was signed by a key of its own.

use rom_core::model::{Payload, Signature, Signed};
use rom_core::{Body, Limits, parse};

const ROM: &[u8] = include_bytes!("../../samples/good-signed.rom");
/// Where the size of the last section's data stands in the driver, and where the driver begins in
/// the ROM.
const SIZE_OF_RAW_DATA: usize = 0x180;

fn signed(rom: &[u8]) -> Signed {
    let rom = parse(rom, &Limits::default());
    match &rom.images[0].body {
        Body::Efi(efi) => match &efi.payload {
            Payload::Pe(pe) => match &pe.signature {
                Signature::Present(signed) => Signed::clone(signed),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_digest_is_the_signed_one() {
    let signed = signed(ROM);
    assert!(signed.image_matches() && signed.handed_matches() && signed.table_filled);
    assert_eq!(signed.signers[0].subject, "O=Example,CN=Example Owner");
}

/// Sections that all name the same large part of the file would make a small file cost as much as a
/// large one.
#[test]
fn sections_over_each_other_are_not_hashed() {
    let mut rom = ROM.to_vec();
    let driver = rom.windows(2).position(|bytes| bytes == b"MZ").unwrap();
    let size_at = driver + SIZE_OF_RAW_DATA;
    rom[size_at..size_at + 4].copy_from_slice(&0xB00_u32.to_le_bytes());
    rom[size_at + 4..size_at + 8].copy_from_slice(&0x100_u32.to_le_bytes());
    assert_eq!(signed(&rom).handed, None);
}
