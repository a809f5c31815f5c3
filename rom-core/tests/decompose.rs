//! Round trips: a specification makes a ROM, which gives a specification, which makes the same ROM.

use proptest::prelude::*;
use rom_core::compose::{
    self, Compressed, Content, Image, Kind, Named, NamedAlgorithm, Patch, Spec,
};
use rom_core::{Limits, parse};
use std::collections::BTreeMap;
use std::path::Path;

/// The ROM that comes of the specification of `bytes`, once as a value and once as text and files.
fn again(bytes: &[u8]) -> [Vec<u8>; 2] {
    let spec = compose::decompose(&parse(bytes, &Limits::default()));
    let written = spec.write("rom").unwrap();
    let files: BTreeMap<String, Vec<u8>> = written.files.into_iter().collect();
    let mut read =
        written.text.parse::<Spec>().unwrap_or_else(|error| panic!("{error}:\n{}", written.text));
    read.give(|name| files.get(name).cloned().ok_or(())).unwrap();
    [spec, read].map(|spec| compose::compose(&spec).unwrap())
}

#[test]
fn every_sample_comes_back() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rom") {
            let bytes = std::fs::read(&path).unwrap();
            for made in again(&bytes) {
                assert!(made == bytes, "{} comes back as {} bytes", path.display(), made.len());
            }
            count += 1;
        }
    }
    assert!(count > 80, "{count}");
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..300)
            .prop_map(|bytes| Content::Hex { hex: hex::encode(bytes) }),
        (any::<u8>(), 1_usize..2000).prop_map(|(fill, length)| Content::Fill { fill, length }),
    ]
}

prop_compose! {
    fn image()(
        legacy in any::<bool>(),
        ids in any::<(u16, u16, u32)>(),
        devices in proptest::collection::vec(1..u16::MAX, 0..5),
        revision in prop_oneof![Just(0_u8), Just(3)],
        blocks in 0_u16..8,
        (npde, pnp) in (proptest::option::of(1_u16..100), 0_u16..3),
        compressed in prop_oneof![
            Just(Compressed::Uefi(false)),
            Just(Compressed::Uefi(true)),
            Just(Compressed::Named(NamedAlgorithm::Tiano)),
        ],
        (flush, last) in (any::<bool>(), proptest::option::of(any::<bool>())),
        damage in proptest::collection::vec((0_usize..500, any::<u8>()), 0..4),
        after in proptest::collection::vec(content(), 0..2),
    ) -> Image {
        let kind = Kind::Named(if legacy { Named::Legacy } else { Named::Efi });
        let (vendor, device, class) = ids;
        let damage = damage.into_iter().map(|(at, byte)| Patch { at, hex: format!("{byte:02x}") }).collect();
        let devices = if revision == 3 { devices } else { Vec::new() };
        Image {
            vendor, device, class: class & 0x00FF_FFFF, devices, revision, blocks, npde, pnp, compressed, flush, last, damage, after,
            ..Image::new(kind)
        }
    }
}

proptest! {
    #[test]
    fn every_rom_comes_back(
        before in proptest::collection::vec(content(), 0..2),
        image in proptest::collection::vec(image(), 0..4),
        after in proptest::collection::vec(content(), 0..2),
        cut_to in proptest::option::of(0_usize..6000),
    ) {
        let bytes = compose::compose(&Spec { before, image, after, cut_to, ..Spec::default() }).unwrap();
        for made in again(&bytes) {
            prop_assert_eq!(&made, &bytes);
        }
    }

    #[test]
    fn whatever_it_is_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..3000)) {
        for made in again(&bytes) {
            prop_assert_eq!(&made, &bytes);
        }
    }
}
