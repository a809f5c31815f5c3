//! Firmware images taken apart: composed ones, with every encoding and in each other, and broken
//! ones.

use lzma_rust2::filter::bcj::BcjWriter;
use lzma_rust2::{LzmaOptions, LzmaWriter};
use proptest::prelude::*;
use rom_core::compose::{self, Content, Driver, Image, Kind, Named, Spec, volume};
use rom_core::contents::{DriverKind, GpuIds};
use rom_core::layout::{
    Algorithm, FfsFileType, FirmwareVolumeHeader, Guid, GuidDefinedSection, SectionType,
};
use rom_core::unpack::{Found, FoundKind, Item, ItemKind, Opaque, UnpackLimits, found, unpack};
use rom_core::{Body, Limits, parse};
use std::fmt::Write as _;
use std::io::Write as _;
use std::slice;
use std::sync::LazyLock;

const NAME: Guid = Guid::new(0x1234_5678, 0x9ABC, 0xDEF0, [1, 2, 3, 4, 5, 6, 7, 8]);

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let mut writer = LzmaWriter::new_use_header(
        Vec::new(),
        &LzmaOptions::with_preset(6),
        Some(bytes.len() as u64),
    )
    .unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// LZMA over code whose jumps are made absolute.
fn lzma_f86(bytes: &[u8]) -> Vec<u8> {
    let mut writer = BcjWriter::new_x86(Vec::new(), 0);
    writer.write_all(bytes).unwrap();
    let filtered = writer.finish().unwrap();
    assert_ne!(filtered, bytes, "there are jumps in it");
    lzma(&filtered)
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    encoded.extend((bytes.len() as u64).to_le_bytes());
    encoded.extend(0_u64.to_le_bytes());
    let mut writer = brotli::CompressorWriter::new(&mut encoded, 4096, 5, 20);
    writer.write_all(bytes).unwrap();
    drop(writer);
    encoded
}

/// A driver by itself, with `data` in it.
fn driver(data: Vec<Content>) -> Vec<u8> {
    let image = Image {
        driver: Driver { data, ..Driver::default() },
        ..Image::new(Kind::Named(Named::Efi))
    };
    let rom = compose::compose(&Spec { image: vec![image], ..Spec::default() }).unwrap();
    let parsed = parse(&rom, &Limits::default());
    let Body::Efi(efi) = &parsed.images[0].body else { panic!() };
    let rom_core::model::Payload::Pe(pe) = &efi.payload else { panic!() };
    efi.driver[..pe.extent].to_vec()
}

/// A driver that is Intel's GOP driver by what stands in it.
fn gop() -> Vec<u8> {
    let name: Vec<u8> = "Intel(R) GOP Driver".encode_utf16().flat_map(u16::to_le_bytes).collect();
    driver(vec![
        Content::Hex { hex: format!("{}0000", hex::encode(name)) },
        Content::Hex { hex: "dea94290dc23384a96fb7aded080516a".to_owned() },
        Content::Words { words: vec![0xA7A0, 0xA7A1, 0xA7A8, 0xA720, 0xA721, 0] },
    ])
}

/// A file with a driver, as a build puts it into a volume.
fn file(name: &str, driver: &[u8]) -> Vec<u8> {
    let parts = [volume::section(SectionType::PE32, driver).unwrap(), volume::name(name).unwrap()];
    volume::file(FfsFileType::DRIVER, NAME, &volume::sections(&parts)).unwrap()
}

/// A volume as a section, in a file, encoded by `encode`.
fn nested(inner: &[u8], encode: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let section = volume::section(SectionType::FIRMWARE_VOLUME_IMAGE, inner).unwrap();
    volume::file(FfsFileType::FIRMWARE_VOLUME_IMAGE, NAME, &encode(&section)).unwrap()
}

fn ffs(files: &[Vec<u8>]) -> Vec<u8> {
    volume::volume(FirmwareVolumeHeader::FFS2, files, 512).unwrap()
}

fn known() -> GpuIds {
    [0xA7A0, 0xA7A1, 0xA7A8, 0xA720, 0xA721].into_iter().collect()
}

/// The names and bytes of the drivers in an image.
fn drivers(image: &[u8]) -> Vec<(String, Vec<u8>)> {
    let unpacked = unpack(image, &UnpackLimits::default());
    let all = found(&unpacked, &known());
    let drivers = all.iter().filter(|found| matches!(found.kind, FoundKind::Driver(_)));
    drivers
        .map(|found| (found.file.clone().unwrap().1.unwrap(), unpacked.bytes(found.place).to_vec()))
        .collect()
}

/// An encoding by its name.
type Encode<'a> = (&'a str, Box<dyn Fn(&[u8]) -> Vec<u8>>);

#[test]
fn every_encoding_gives_the_same_bytes() {
    let calls = Content::Hex { hex: "e810000000e8200000009090".repeat(40) };
    let own = driver(vec![Content::Text { text: "some text ".repeat(500) }, calls]);
    let inner = ffs(&[file("Own", &own)]);
    let encodings: [Encode<'_>; 7] = [
        ("plain", Box::new(<[u8]>::to_vec)),
        ("UEFI", Box::new(|bytes| volume::compressed(Algorithm::Uefi, bytes).unwrap())),
        ("Tiano", Box::new(|bytes| volume::compressed(Algorithm::Tiano, bytes).unwrap())),
        (
            "Tiano by GUID",
            Box::new(|bytes| {
                volume::encoded(
                    GuidDefinedSection::TIANO,
                    &compose::compress(bytes, Algorithm::Tiano).unwrap(),
                )
                .unwrap()
            }),
        ),
        (
            "LZMA",
            Box::new(|bytes| volume::encoded(GuidDefinedSection::LZMA, &lzma(bytes)).unwrap()),
        ),
        (
            "LZMA of x86 code",
            Box::new(|bytes| {
                volume::encoded(GuidDefinedSection::LZMA_F86, &lzma_f86(bytes)).unwrap()
            }),
        ),
        (
            "Brotli",
            Box::new(|bytes| volume::encoded(GuidDefinedSection::BROTLI, &brotli(bytes)).unwrap()),
        ),
    ];
    for (name, encode) in encodings {
        let image = ffs(&[nested(&inner, &*encode)]);
        assert_eq!(drivers(&image), [("Own".to_owned(), own.clone())], "{name}");
    }
}

/// A chip as a board has it: a descriptor, a volume with an LZMA volume in it, in that a Tiano
/// volume, in that the GOP driver; a table for the screens in a file of its own, and an option ROM
/// in a raw section.
fn chip() -> (Vec<u8>, Vec<u8>) {
    let gop = gop();
    let deepest = ffs(&[file("IntelGopDriver", &gop), file("Other", &driver(Vec::new()))]);
    let middle =
        ffs(&[nested(&deepest, |bytes| volume::compressed(Algorithm::Tiano, bytes).unwrap())]);
    let rom = compose::compose(&Spec {
        image: vec![Image::new(Kind::Named(Named::Efi))],
        ..Spec::default()
    })
    .unwrap();
    let raw = volume::section(SectionType::RAW, &[vec![0; 12], rom].concat()).unwrap();
    let mut bios = ffs(&[
        nested(&middle, |bytes| volume::encoded(GuidDefinedSection::LZMA, &lzma(bytes)).unwrap()),
        volume::file(FfsFileType::FREEFORM, NAME, &raw).unwrap(),
        volume::file(FfsFileType::FREEFORM, NAME, &volume::encoded(NAME, b"who knows").unwrap())
            .unwrap(),
    ]);
    bios.resize(bios.len().next_multiple_of(4096), 0xFF);
    (volume::flash(&bios).unwrap(), gop)
}

#[test]
fn a_chip_gives_up_what_is_deep_in_it() {
    let (chip, gop) = chip();
    let unpacked = unpack(&chip, &UnpackLimits::default());
    assert!(!unpacked.cut_by_limit);
    let regions =
        unpacked.items.iter().filter(|item| matches!(item.kind, ItemKind::Region(_))).count();
    assert_eq!(regions, 2, "the descriptor and the BIOS");
    assert!(unpacked.items.iter().any(|item| item.kind == ItemKind::Opaque(Opaque::Guid(NAME))));
    let all = found(&unpacked, &known());
    let own = all
        .iter()
        .find(|found| matches!(&found.kind, FoundKind::Driver(contents) if contents.driver == Some(DriverKind::IntelGop)));
    assert_eq!(unpacked.bytes(own.unwrap().place), gop);
    let rom = all.iter().find(|found| matches!(found.kind, FoundKind::OptionRom)).unwrap();
    assert_eq!(parse(unpacked.bytes(rom.place), &Limits::default()).images.len(), 1);
}

/// Holds a file of the repository to `bytes`; `OPROM_BLESS=1` writes it anew.
fn is_file(path: &str, bytes: &[u8]) {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("OPROM_BLESS").is_some() {
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(std::fs::read(&path).unwrap_or_default() == bytes, "{path} is another");
}

/// The fuzzer begins with the chip.
#[test]
fn the_seed_is_the_chip() {
    is_file("../fuzz/seeds/unpack/chip.bin", &chip().0);
}

#[test]
fn every_item_of_the_chip_is_told_with_its_place() {
    let (chip, _) = chip();
    let unpacked = unpack(&chip, &UnpackLimits::default());
    let mut tree = String::new();
    for Item { depth, kind, place, name } in &unpacked.items {
        let name = name.as_deref().unwrap_or_default();
        writeln!(
            tree,
            "{:indent$}{kind:?} {}:{} {name}",
            "",
            place.part,
            place.span,
            indent = 2 * depth
        )
        .unwrap();
    }
    for found in found(&unpacked, &known()) {
        let kind = match &found.kind {
            FoundKind::Driver(contents) => format!("driver {:?}", contents.driver),
            other => format!("{other:?}"),
        };
        writeln!(tree, "found {kind} {}:{} {:?}", found.place.part, found.place.span, found.file)
            .unwrap();
    }
    is_file("tests/unpack/chip.txt", tree.as_bytes());
}

/// Each limit is kept to the last that it allows.
#[test]
fn limits_end_the_work_and_say_so() {
    let (chip, _) = chip();
    let all = UnpackLimits::default();
    let whole = unpack(&chip, &all);
    let items = whole.items.len();
    let depth = whole.items.iter().map(|item| item.depth).max().unwrap();
    let exact = unpack(&chip, &UnpackLimits { items, depth, ..all });
    assert!(!exact.cut_by_limit && exact.items == whole.items);
    assert!(unpack(&chip, &UnpackLimits { items: items - 1, ..all }).cut_by_limit);
    assert!(unpack(&chip, &UnpackLimits { depth: depth - 1, ..all }).cut_by_limit);
}

#[test]
fn no_more_is_decoded_than_the_limit_says() {
    let inner = ffs(&[file("Own", &driver(Vec::new()))]);
    let section = volume::section(SectionType::FIRMWARE_VOLUME_IMAGE, &inner).unwrap();
    let by_lzma =
        nested(&inner, |bytes| volume::encoded(GuidDefinedSection::LZMA, &lzma(bytes)).unwrap());
    let by_uefi = nested(&inner, |bytes| volume::compressed(Algorithm::Uefi, bytes).unwrap());
    for image in [ffs(&[by_lzma.clone(), by_lzma]), ffs(&[by_uefi.clone(), by_uefi])] {
        for (room, drivers, refused) in
            [(2 * section.len(), 2, 0), (2 * section.len() - 1, 1, 1), (section.len() - 1, 0, 2)]
        {
            let unpacked = unpack(
                &image,
                &UnpackLimits { memory: image.len() + room, ..UnpackLimits::default() },
            );
            let count = |wanted: &ItemKind| {
                unpacked.items.iter().filter(|item| item.kind == *wanted).count()
            };
            let seen = (
                count(&ItemKind::Section(SectionType::PE32)),
                count(&ItemKind::Opaque(Opaque::TooLarge)),
            );
            assert_eq!(seen, (drivers, refused), "{room}");
        }
    }
}

/// The drivers in an image, whatever they are in.
fn programs(image: &[u8]) -> Vec<Vec<u8>> {
    let unpacked = unpack(image, &UnpackLimits::default());
    let programs =
        unpacked.items.iter().filter(|item| item.kind == ItemKind::Section(SectionType::PE32));
    programs.map(|item| unpacked.bytes(item.place).to_vec()).collect()
}

#[test]
fn sections_of_every_form_are_opened() {
    let own = driver(Vec::new());
    let plain = volume::section(SectionType::PE32, &own).unwrap();
    let stored = [&u32::try_from(plain.len()).unwrap().to_le_bytes()[..], &[0], &plain].concat();
    let mut unprocessed = volume::encoded(NAME, &plain).unwrap();
    unprocessed[4 + 18] = 0;
    let large =
        [&[0xFF, 0xFF, 0xFF, 0x10][..], &u32::try_from(own.len() + 8).unwrap().to_le_bytes(), &own]
            .concat();
    let opened = [
        ("stored", volume::section(SectionType::COMPRESSION, &stored).unwrap()),
        ("of a GUID that asks for nothing", unprocessed),
        ("with a checksum", volume::encoded(GuidDefinedSection::CRC32, &plain).unwrap()),
        ("disposable", volume::section(SectionType::DISPOSABLE, &plain).unwrap()),
        ("large", large),
        (
            "in a raw section",
            volume::section(SectionType::RAW, &ffs(&[file("Own", &own)])).unwrap(),
        ),
    ];
    for (name, section) in opened {
        let image = ffs(&[volume::file(FfsFileType::FREEFORM, NAME, &section).unwrap()]);
        assert_eq!(programs(&image), slice::from_ref(&own), "{name}");
    }
    let hidden: Vec<u8> = plain.iter().map(|byte| byte ^ 0x5A).collect();
    let hidden = volume::encoded(NAME, &hidden).unwrap();
    let closed = ffs(&[volume::file(FfsFileType::FREEFORM, NAME, &hidden).unwrap()]);
    assert!(programs(&closed).is_empty());
    let closed = unpack(&closed, &UnpackLimits::default());
    assert!(closed.opaque().any(|(_, why)| *why == Opaque::Guid(NAME)));
}

#[test]
fn single_files_and_sections_are_opened() {
    let own = driver(Vec::new());
    let section = volume::section(SectionType::PE32, &own).unwrap();
    let named = volume::sections(&[section.clone(), volume::name("Own").unwrap()]);
    let file = volume::file(FfsFileType::DRIVER, NAME, &named).unwrap();
    for (what, bytes) in [("a section", section), ("sections", named), ("a file", file)] {
        assert_eq!(programs(&bytes), slice::from_ref(&own), "{what}");
    }
}

#[test]
fn a_section_that_says_less_than_its_header_or_more_than_there_is_ends_the_list() {
    let own = driver(Vec::new());
    let plain = volume::section(SectionType::PE32, &own).unwrap();
    for size in [0, 3, plain.len() + 1] {
        let mut section = plain.clone();
        section[..3].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes()[..3]);
        assert!(
            programs(&ffs(&[volume::file(FfsFileType::DRIVER, NAME, &section).unwrap()]))
                .is_empty(),
            "{size}"
        );
    }
}

/// A volume with `change` made to its header, whose checksum is then right again.
fn changed(files: &[Vec<u8>], change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut image = ffs(files);
    change(&mut image);
    image[0x32..0x34].fill(0);
    let length = usize::from(u16::from_le_bytes([image[0x30], image[0x31]])).min(image.len());
    let sum = image[..length]
        .chunks_exact(2)
        .fold(0_u16, |sum, word| sum.wrapping_add(u16::from_le_bytes([word[0], word[1]])));
    image[0x32..0x34].copy_from_slice(&sum.wrapping_neg().to_le_bytes());
    image
}

#[test]
fn a_volume_has_a_sound_header() {
    let own = driver(Vec::new());
    let files = [file("Own", &own)];
    assert_eq!(programs(&changed(&files, |_| {})), slice::from_ref(&own));
    let mut summed_wrong = ffs(&files);
    summed_wrong[0x33] ^= 1;
    assert!(programs(&summed_wrong).is_empty());
    let longer = |image: &mut Vec<u8>| image[0x20] = image[0x20].wrapping_add(1);
    assert_eq!(
        programs(&changed(&files, longer)),
        slice::from_ref(&own),
        "the block map says how long it is"
    );
    let whole = ffs(&files);
    let cut = unpack(&whole[..whole.len() - 100], &UnpackLimits::default());
    assert_eq!(
        programs(&whole[..whole.len() - 100]),
        slice::from_ref(&own),
        "what is there is opened"
    );
    assert!(cut.opaque().any(|(_, why)| *why == Opaque::Cut(100)));
    assert!(
        programs(&changed(&files, |image| image[0x30..0x32].copy_from_slice(&[0x37, 0])))
            .is_empty(),
        "its header is cut"
    );
    assert!(
        programs(&changed(&files, |image| image[0x30..0x32].copy_from_slice(&[2, 4]))).is_empty(),
        "its header is long"
    );
    let other = unpack(&changed(&files, |image| image[0x10] ^= 1), &UnpackLimits::default()).items;
    let [
        Item { kind: ItemKind::Volume(system, None), .. },
        Item { kind: ItemKind::Opaque(why), .. },
    ] = other.as_slice()
    else {
        panic!("{other:?}")
    };
    assert!(*system != FirmwareVolumeHeader::FFS2 && *why == Opaque::FileSystem(*system));
}

#[test]
fn free_space_reads_as_the_volume_says() {
    let own = driver(Vec::new());
    let zeroed = changed(&[file("Own", &own)], |image| {
        image[0x2D] &= !8;
        let free = image.len() - 512;
        image[free..].fill(0);
    });
    let items = unpack(&zeroed, &UnpackLimits::default()).items;
    let files = items.iter().filter(|item| matches!(item.kind, ItemKind::File(..))).count();
    assert_eq!((files, programs(&zeroed)), (1, vec![own]));
}

#[test]
fn a_volume_can_have_a_name_of_its_own() {
    let own = driver(Vec::new());
    let plain = ffs(&[file("Own", &own)]);
    let header = usize::from(u16::from_le_bytes([plain[0x30], plain[0x31]]));
    let named =
        [&plain[..header], &NAME.0, &20_u32.to_le_bytes(), &[0xFF; 4], &plain[header..]].concat();
    let image = changed(&[file("Own", &own)], |image| {
        *image = named.clone();
        let length = u64::try_from(image.len()).unwrap();
        image[0x20..0x28].copy_from_slice(&length.to_le_bytes());
        image[0x34..0x36].copy_from_slice(&u16::try_from(header).unwrap().to_le_bytes());
    });
    let items = unpack(&image, &UnpackLimits::default()).items;
    assert_eq!(items[0].kind, ItemKind::Volume(FirmwareVolumeHeader::FFS2, Some(NAME)));
    assert_eq!(programs(&image), [own]);
}

#[test]
fn roms_and_tables_are_found_in_plain_bytes() {
    let rom = compose::compose(&Spec {
        image: vec![Image::new(Kind::Named(Named::Efi))],
        ..Spec::default()
    })
    .unwrap();
    let mut table = b"$VBT TEST           ".to_vec();
    table.extend([100, 0, 48, 0, 50, 0, 0, 0, 48, 0, 0, 0]);
    table.resize(64, 0);
    let found_in = |file: Vec<u8>| {
        let image = ffs(&[file]);
        let unpacked = unpack(&image, &UnpackLimits::default());
        let found = found(&unpacked, &known());
        let is_own = |found: &Found| found.file.as_ref().is_some_and(|(guid, _)| *guid == NAME);
        assert!(found.iter().all(is_own));
        found
            .iter()
            .map(|found| (matches!(found.kind, FoundKind::OptionRom), found.place.span.length))
            .collect::<Vec<(bool, usize)>>()
    };
    let section = |kind, bytes: &[u8]| {
        volume::file(FfsFileType::FREEFORM, NAME, &volume::section(kind, bytes).unwrap()).unwrap()
    };
    let behind = [&[7; 20][..], &rom].concat();
    assert_eq!(
        found_in(volume::file(FfsFileType::RAW, NAME, &behind).unwrap()),
        [(true, rom.len())]
    );
    assert_eq!(found_in(volume::file(FfsFileType::RAW, NAME, &table).unwrap()), [(false, 50)]);
    for kind in [SectionType::RAW, SectionType::FREEFORM_SUBTYPE_GUID, SectionType::COMPATIBILITY16]
    {
        assert_eq!(found_in(section(kind, &behind)), [(true, rom.len())], "{kind:?}");
        assert_eq!(found_in(section(kind, &table)), [(false, 50)], "{kind:?}");
    }
    // A table in a ROM is the ROM's.
    assert_eq!(
        found_in(section(SectionType::RAW, &[rom.clone(), table].concat())),
        [(true, rom.len())]
    );
    // Where nobody would look for one, scan finds it too.
    assert_eq!(found_in(section(SectionType::USER_INTERFACE, &behind)), [(true, rom.len())]);
}

#[test]
fn a_large_file_has_a_size_of_its_own() {
    let own = driver(Vec::new());
    let section = volume::section(SectionType::PE32, &own).unwrap();
    let mut file = volume::file(FfsFileType::DRIVER, NAME, &section).unwrap();
    file[0x13] |= 1;
    file[0x14..0x17].fill(0);
    let size = u64::try_from(file.len() + 8).unwrap().to_le_bytes();
    file.splice(24..24, size);
    assert_eq!(programs(&ffs(slice::from_ref(&file))), slice::from_ref(&own));
    file[0x13] &= !1;
    assert!(programs(&ffs(&[file])).is_empty(), "nothing says that it is large");
    let mut marked = volume::file(FfsFileType::DRIVER, NAME, &section).unwrap();
    marked[0x13] |= 1;
    assert_eq!(programs(&ffs(&[marked])), [own], "a size in the usual place counts");
}

#[test]
fn formats_that_are_not_opened_are_named() {
    let named = |image: &[u8]| {
        let unpacked = unpack(image, &UnpackLimits::default());
        let named = unpacked.opaque().filter_map(|(item, why)| match why {
            Opaque::Named(name) => Some((*name, item.place.span.offset, item.place.span.length)),
            _ => None,
        });
        named.collect::<Vec<(&str, usize, usize)>>()
    };
    let cabinet = [&b"MSCF\0\0\0\0"[..], &100_u32.to_le_bytes(), &[7; 200]].concat();
    assert_eq!(named(&[b"MZ", &cabinet[..]].concat()), [("cabinet archive (CAB)", 2, 100)]);
    let seven = [
        &b"7z\xBC\xAF\x27\x1C\0\0\0\0\0\0"[..],
        &8_u64.to_le_bytes(),
        &4_u64.to_le_bytes(),
        &[7; 90],
    ]
    .concat();
    assert_eq!(named(&seven), [("7z archive", 0, 44)]);
    let volume = ffs(&[file("Own", &driver(Vec::new()))]);
    let rar = [&b"MZ.Rar!\x1A\x07\0"[..], &[9; 100], &volume].concat();
    assert_eq!(named(&rar), [("RAR archive", 3, 107)]);
    assert_eq!(drivers(&rar).len(), 1, "what has no end does not hide what follows");
    assert!(
        named(b"nothing").is_empty()
            && unpack(b"nothing", &UnpackLimits::default()).items.is_empty()
    );
}

/// Compressing is slow.
static CHIP: LazyLock<Vec<u8>> = LazyLock::new(|| chip().0);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every place of every item is in its part, however broken the image is.
    #[test]
    fn broken_images_do_no_harm(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let mut chip = CHIP.clone();
        for (at, byte) in damage {
            let at = at.index(chip.len());
            chip[at] = byte;
        }
        chip.truncate(cut.index(chip.len() * 2).min(chip.len()));
        let unpacked = unpack(&chip, &UnpackLimits::default());
        for item in &unpacked.items {
            prop_assert_eq!(unpacked.bytes(item.place).len(), item.place.span.length);
        }
        for found in found(&unpacked, &known()) {
            prop_assert!(!unpacked.bytes(found.place).is_empty());
        }
    }
}
