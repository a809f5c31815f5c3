//! Vendors' update files and archives, composed around a firmware image in many ways: opened to the
//! same drivers, or refused with the place.

use lzma_rust2::{LzmaOptions, LzmaWriter};
use rom_core::compose::update::{self, Blocks, DellEntry};
use rom_core::compose::{self, Image, Kind, Named, Spec, volume};
use rom_core::layout::{
    Algorithm, CapsuleHeader, CbfsFile, FfsFileType, FirmwareVolumeHeader, Guid, SectionType,
};
use rom_core::unpack::{Format, ItemKind, Opaque, UnpackLimits, Unpacked, unpack};
use rom_core::{Body, Limits, parse};
use std::fs;
use std::io::Write as _;
use std::iter;
use std::path::Path;
use std::sync::LazyLock;

const NAME: Guid = Guid::new(0x1234_5678, 0x9ABC, 0xDEF0, [1, 2, 3, 4, 5, 6, 7, 8]);

/// The driver in every firmware image of these tests.
static DRIVER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let image = Image::new(Kind::Named(Named::Efi));
    let rom = compose::compose(&Spec { image: vec![image], ..Spec::default() }).unwrap();
    let parsed = parse(&rom, &Limits::default());
    let Body::Efi(efi) = &parsed.images[0].body else { panic!() };
    let rom_core::model::Payload::Pe(pe) = &efi.payload else { panic!() };
    efi.driver[..pe.extent].to_vec()
});

/// Two volumes of several KiB with the driver in each, so that blocks cut them anywhere.
static FIRMWARE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let noise: Vec<u8> = noise(9_000).collect();
    let volume_of = |noise: &[u8]| {
        let driver = volume::section(SectionType::PE32, &DRIVER).unwrap();
        let raw = volume::section(SectionType::FREEFORM_SUBTYPE_GUID, noise).unwrap();
        let files = [
            volume::file(FfsFileType::FREEFORM, NAME, &raw).unwrap(),
            volume::file(FfsFileType::DRIVER, NAME, &driver).unwrap(),
        ];
        volume::volume(FirmwareVolumeHeader::FFS2, &files, 512).unwrap()
    };
    [volume_of(&noise), volume_of(&noise[..5_000])].concat()
});

/// Bytes that are the same in every run, and no others' signature.
fn noise(length: usize) -> impl Iterator<Item = u8> {
    let mut state: u32 = 12_345;
    iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0] | 1
    })
    .take(length)
}

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = LzmaOptions::with_preset(6);
    let mut writer =
        LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// How many times the driver is in an update, and nothing else that is one.
fn drivers(unpacked: &Unpacked<'_>) -> usize {
    let programs =
        unpacked.items.iter().filter(|item| item.kind == ItemKind::Section(SectionType::PE32));
    programs.inspect(|item| assert!(unpacked.bytes(item.place) == *DRIVER)).count()
}

/// Both drivers are in `file`, in a container of this format, and all of it is understood.
#[track_caller]
fn opens(what: &str, file: &[u8], format: Format) {
    let unpacked = unpack(file, &UnpackLimits::default());
    assert_eq!(drivers(&unpacked), 2, "{what}: {:?}", unpacked.items);
    assert!(unpacked.items.iter().any(|item| item.kind == ItemKind::Container(format)), "{what}");
    let opaque: Vec<_> = unpacked.opaque().collect();
    assert!(opaque.is_empty(), "{what}: {opaque:?}");
}

/// Something of `file` is refused, with a place that is in it.
#[track_caller]
fn refuses(what: &str, file: &[u8], wanted: impl Fn(&Opaque) -> bool) {
    let unpacked = unpack(file, &UnpackLimits::default());
    let opaque: Vec<_> = unpacked.opaque().collect();
    assert!(opaque.iter().any(|(_, why)| wanted(why)), "{what}: {opaque:?}");
    for (item, _) in opaque {
        assert_eq!(unpacked.bytes(item.place).len(), item.place.span.length, "{what}");
    }
}

/// A program as vendors put it in front.
fn behind_a_program(update: &[u8]) -> Vec<u8> {
    let mut program = b"MZ".to_vec();
    program.extend(noise(998));
    program.extend(update);
    program
}

#[test]
fn ami_pfat_of_every_form() {
    for size in [1, 7, 0x100, 0x1000, 0x1_0000, 1 << 20] {
        let plain =
            update::ami_pfat(&[("BIOS.bin", &FIRMWARE)], Blocks { size, signature: None }).unwrap();
        opens(&format!("blocks of {size}"), &plain, Format::AmiPfat);
    }
    for kind in [1, 2, 3] {
        let blocks = Blocks { size: 0x800, signature: Some(kind) };
        let signed = update::ami_pfat(&[("BIOS.bin", &FIRMWARE)], blocks).unwrap();
        opens(&format!("signature {kind}"), &signed, Format::AmiPfat);
    }
    // A signature of another kind ends where the next block begins; the last has none to end at.
    let blocks = Blocks { size: 0x800, signature: Some(9) };
    let unknown = update::ami_pfat(&[("BIOS.bin", &FIRMWARE)], blocks).unwrap();
    assert_eq!(drivers(&unpack(&unknown, &UnpackLimits::default())), 2);
    let half = FIRMWARE.len() / 2;
    let plain = Blocks { size: 0x400, signature: None };
    let several = [("A.bin", &FIRMWARE[..]), ("B.bin", &b"[settings]\r\n"[..])];
    opens("several files", &update::ami_pfat(&several, plain).unwrap(), Format::AmiPfat);
    // Volumes lie whole within one file.
    let split =
        update::ami_pfat(&[("A.bin", &FIRMWARE[..half]), ("B.bin", &FIRMWARE[half..])], plain)
            .unwrap();
    assert!(drivers(&unpack(&split, &UnpackLimits::default())) < 2);
    let whole = update::ami_pfat(&several, plain).unwrap();
    opens("behind a program", &behind_a_program(&whole), Format::AmiPfat);
    let inner =
        update::ami_pfat(&[("INNER", &whole)], Blocks { size: 999, signature: Some(1) }).unwrap();
    opens("in itself", &inner, Format::AmiPfat);
    for (guid, size) in [
        (CapsuleHeader::APTIO[0], 0x800),
        (CapsuleHeader::APTIO[1], 0x1000),
        (CapsuleHeader::KNOWN[0].0, 0x50),
    ] {
        opens("in a capsule", &update::capsule(guid, size, &whole).unwrap(), Format::AmiPfat);
    }
    let with_rest = [whole.as_slice(), &FIRMWARE].concat();
    assert_eq!(
        drivers(&unpack(&with_rest, &UnpackLimits::default())),
        4,
        "what is behind the last block is looked into"
    );
}

#[test]
fn ami_pfat_that_is_damaged() {
    let blocks = Blocks { size: 0x400, signature: None };
    let whole = update::ami_pfat(&[("BIOS.bin", &FIRMWARE)], blocks).unwrap();
    for length in [whole.len() - 1, whole.len() / 2, 200] {
        refuses("cut", &whole[..length], |why| *why == Opaque::Damaged);
    }
    let mut more = whole.clone();
    let at = more.windows(4).position(|own| own == b" /B ").unwrap() + 4;
    more[at] = b'9';
    refuses("more blocks than there are", &more, |why| *why == Opaque::Damaged);
    let mut huge = whole.clone();
    let first = usize::try_from(u32::from_le_bytes(whole[..4].try_into().unwrap())).unwrap();
    huge[first + 0x20..first + 0x24].fill(0xFF);
    refuses("a block of 4 GiB", &huge, |why| *why == Opaque::Damaged);
    let limits = UnpackLimits { memory: whole.len() + 100, ..UnpackLimits::default() };
    assert!(unpack(&whole, &limits).opaque().any(|(_, why)| *why == Opaque::TooLarge));
}

/// How blocks are put into another order.
type Order = fn(&mut Vec<DellEntry>);

#[test]
fn dell_pfs_of_every_form() {
    let plain = |revision| DellEntry { data: FIRMWARE.clone(), place: None, revision };
    for revision in [1, 2] {
        let list = update::dell_list(&[plain(revision)]).unwrap();
        opens("a bare list", &list, Format::DellPfs);
        let stream = update::dell_stream(&list).unwrap();
        opens("a stream", &stream, Format::DellPfs);
        opens("behind a program", &behind_a_program(&stream), Format::DellPfs);
        let nested = DellEntry { data: stream, ..plain(revision) };
        let nested = update::dell_stream(&update::dell_list(&[nested]).unwrap()).unwrap();
        opens("a stream in a stream", &nested, Format::DellPfs);
    }
    for size in [0x100, 0x1000, 0x1_0000] {
        for by_metadata in [true, false] {
            let mut blocks = update::dell_blocks(&FIRMWARE, size, by_metadata).unwrap();
            let orders: [Order; 3] = [
                |_| {},
                |blocks| blocks.reverse(),
                |blocks| {
                    let count = blocks.len();
                    for index in 0..count {
                        blocks.swap(index, (index * 7 + 3) % count);
                    }
                },
            ];
            for order in orders {
                order(&mut blocks);
                let list = update::dell_list(&blocks).unwrap();
                let entry = DellEntry { data: list, place: None, revision: 1 };
                let stream = update::dell_stream(&update::dell_list(&[entry]).unwrap()).unwrap();
                opens(
                    &format!("blocks of {size} ({by_metadata})"),
                    &behind_a_program(&stream),
                    Format::DellPfs,
                );
            }
        }
    }
}

#[test]
fn dell_blocks_have_gaps_and_doubles() {
    // Blocks of a volume each, with a gap between: filled as erased flash is.
    let first =
        usize::try_from(u64::from_le_bytes(FIRMWARE[0x20..0x28].try_into().unwrap())).unwrap();
    let mut blocks = update::dell_blocks(&FIRMWARE[..first], 0x100, true).unwrap();
    let mut second = update::dell_blocks(&FIRMWARE, FIRMWARE.len(), true).unwrap();
    second[0].place = Some((0xFF10_0000, 0x10_0000));
    blocks.append(&mut second);
    let joined = update::dell_list(&blocks).unwrap();
    assert_eq!(drivers(&unpack(&joined, &UnpackLimits::default())), 3);
    // Two with one offset and two addresses: the second goes behind the first.
    let mut both = update::dell_blocks(&FIRMWARE, FIRMWARE.len(), true).unwrap();
    let mut other = both.clone();
    other[0].place = Some((0xFFA4_0000, 0));
    both.append(&mut other);
    assert_eq!(drivers(&unpack(&update::dell_list(&both).unwrap(), &UnpackLimits::default())), 4);
    let mut far = update::dell_blocks(&FIRMWARE, 0x1000, true).unwrap();
    far[0].place = Some((0, u32::MAX));
    refuses("a gap of 4 GiB", &update::dell_list(&far).unwrap(), |why| *why == Opaque::TooLarge);
}

#[test]
fn dell_pfs_that_is_damaged() {
    let list = update::dell_list(&[DellEntry { data: FIRMWARE.clone(), place: None, revision: 1 }])
        .unwrap();
    let stream = update::dell_stream(&list).unwrap();
    refuses("cut in the stream", &stream[..stream.len() / 2], |why| *why == Opaque::Damaged);
    let mut flipped = stream.clone();
    flipped[200] ^= 0x10;
    refuses("a flipped bit", &flipped, |_| true);
    refuses("a list that is cut", &list[..list.len() - 600], |why| *why == Opaque::Damaged);
    let mut entry = list;
    entry[0x10 + 0x28..0x10 + 0x2C].fill(0xFF);
    refuses("an entry of 4 GiB", &entry, |why| *why == Opaque::Damaged);
}

#[test]
fn insyde_flash_of_every_form() {
    for padding in [0, 16, 0x1000] {
        let image = update::insyde("BIOSIMG", &FIRMWARE, padding).unwrap();
        opens("alone", &image, Format::InsydeFlash);
        let settings = update::insyde("INI_IMG", b"[Platform]\r\n", 0).unwrap();
        opens(
            "after others",
            &behind_a_program(&[settings.clone(), image.clone()].concat()),
            Format::InsydeFlash,
        );
        opens("before others", &[image, settings].concat(), Format::InsydeFlash);
    }
    let image = update::insyde("BIOSIMG", &FIRMWARE, 0).unwrap();
    refuses("cut", &image[..image.len() - 100], |why| *why == Opaque::Cut(100));
    // The word in the program's own code is no part.
    let text = [&b"MZ looks for $_IFLASH_BIOSIMG\0\0\0\0\0"[..], &image].concat();
    opens("text", &text, Format::InsydeFlash);
}

#[test]
fn ami_ucp_of_every_form() {
    let stored = update::ucp_module(*b"@ROM", &update::ucp_stored(&FIRMWARE).unwrap()).unwrap();
    let packed = |algorithm| {
        update::ucp_module(*b"@R00", &compose::compress(&FIRMWARE, algorithm).unwrap()).unwrap()
    };
    let text =
        update::ucp_module(*b"@INI", &update::ucp_stored(b"[settings of it]").unwrap()).unwrap();
    for (tag, modules) in [
        (*b"@UAF", vec![stored.clone()]),
        (*b"@HPU", vec![text.clone(), stored.clone()]),
        (*b"@UAF", vec![packed(Algorithm::Uefi), text.clone()]),
        (*b"@UAF", vec![packed(Algorithm::Tiano)]),
        (*b"@UAF", vec![update::ucp_module(*b"@UAF", &stored).unwrap(), text]),
    ] {
        let whole = update::ucp_module(tag, &modules.concat()).unwrap();
        opens("alone", &whole, Format::AmiUcp);
        opens("behind a program", &behind_a_program(&whole), Format::AmiUcp);
    }
    let pfat =
        update::ami_pfat(&[("BIOS", &FIRMWARE)], Blocks { size: 0x1000, signature: None }).unwrap();
    let inner = update::ucp_module(*b"@ROM", &update::ucp_stored(&pfat).unwrap()).unwrap();
    opens("with PFAT", &update::ucp_module(*b"@UAF", &inner).unwrap(), Format::AmiPfat);
    let mut bad =
        update::ucp_module(*b"@ROM", &compose::compress(&FIRMWARE, Algorithm::Tiano).unwrap())
            .unwrap();
    let middle = bad.len() / 2;
    bad[middle..middle + 64].fill(0xFF);
    refuses("damaged", &update::ucp_module(*b"@UAF", &bad).unwrap(), |why| *why == Opaque::Damaged);
}

#[test]
fn phoenix_tdk_of_every_form() {
    let packed = lzma(&FIRMWARE);
    for files in [
        vec![(("bios.rom", FIRMWARE.as_slice()), false)],
        vec![(("bios.rom", packed.as_slice()), true)],
        vec![(("read.me", &b"text of it"[..]), false), (("bios.rom", packed.as_slice()), true)],
    ] {
        let whole = update::phoenix(&files).unwrap();
        opens("alone", &whole, Format::PhoenixTdk);
        opens("behind a program", &behind_a_program(&whole), Format::PhoenixTdk);
    }
    let whole = update::phoenix(&[(("bios.rom", FIRMWARE.as_slice()), false)]).unwrap();
    refuses("cut", &whole[..whole.len() - 99], |why| *why == Opaque::Cut(99));
    let whole = update::phoenix(&[(("bios.rom", &packed[..packed.len() / 2]), true)]).unwrap();
    refuses("damaged", &whole, |why| *why == Opaque::Damaged);
}

#[test]
fn zip_of_every_form() {
    for deflate in [false, true] {
        let files = [("read.me", &b"how to update"[..]), ("bios/X.CAP", FIRMWARE.as_slice())];
        let whole = update::zip(&files, deflate).unwrap();
        opens("alone", &whole, Format::Zip);
        opens("behind a program", &behind_a_program(&whole), Format::Zip);
        let nested = update::zip(&[("inner.zip", &whole)], deflate).unwrap();
        opens("in itself", &nested, Format::Zip);
        let program = behind_a_program(&update::insyde("BIOSIMG", &FIRMWARE, 0).unwrap());
        opens(
            "a program",
            &update::zip(&[("update.exe", &program)], deflate).unwrap(),
            Format::InsydeFlash,
        );
        let mut locked = whole.clone();
        let entry = locked.windows(4).rposition(|own| own == b"PK\x01\x02").unwrap();
        locked[entry + 8] |= 1;
        refuses("encrypted", &locked, |why| *why == Opaque::Password);
    }
    let mut damaged = update::zip(&[("X.CAP", FIRMWARE.as_slice())], true).unwrap();
    damaged[300..330].fill(0xFF);
    refuses("damaged", &damaged, |_| true);
}

#[test]
fn cbfs_of_every_form() {
    let packed = lzma(&FIRMWARE);
    let framed = update::lz4_stored(&FIRMWARE).unwrap();
    let free = update::cbfs_file("", CbfsFile::EMPTY, 0, &[0xFF; 4096], 0).unwrap();
    let plain = FIRMWARE.len();
    for (compression, data) in [(0, FIRMWARE.as_slice()), (1, &packed), (2, &framed)] {
        let raw = update::cbfs_file("fw.bin", 0x50, compression, data, plain).unwrap();
        opens("raw", &[raw.clone(), free.clone()].concat(), Format::Cbfs);
        opens("behind others", &[free.clone(), raw].concat(), Format::Cbfs);
        let payload = update::cbfs_payload(compression, data).unwrap();
        let payload =
            update::cbfs_file("fallback/payload", CbfsFile::PAYLOAD, 0, &payload, 0).unwrap();
        opens("payload", &[free.clone(), payload].concat(), Format::Cbfs);
    }
    let cut = update::cbfs_file("fw.bin", 0x50, 1, &packed[..packed.len() / 2], plain).unwrap();
    refuses("damaged", &[cut, free].concat(), |why| *why == Opaque::Damaged);
}

#[test]
fn things_lie_in_each_other_up_to_a_depth() {
    let mut file = FIRMWARE.clone();
    for _ in 0..6 {
        file = update::zip(&[("inner.zip", &file)], false).unwrap();
    }
    opens("six archives", &file, Format::Zip);
    for _ in 0..40 {
        file = update::zip(&[("inner.zip", &file)], true).unwrap();
    }
    let unpacked = unpack(&file, &UnpackLimits::default());
    assert!(unpacked.cut_by_limit && drivers(&unpacked) == 0);
}

/// The region of the BIOS as long as the chip, and a dump of the first of two chips.
#[test]
fn descriptors_that_mislead() {
    let mut bios = FIRMWARE.clone();
    bios.resize(bios.len().next_multiple_of(4096), 0xFF);
    let blocks = |length: usize| u16::try_from(length >> 12).unwrap();
    let mut whole = volume::flash(&bios).unwrap();
    let regions = |unpacked: &Unpacked<'_>| {
        let regions = unpacked.items.iter().filter_map(|item| match item.kind {
            ItemKind::Region(name) => Some((name, item.place.span.offset, item.place.span.length)),
            _ => None,
        });
        regions.collect::<Vec<(&str, usize, usize)>>()
    };
    // All of the chip is the BIOS's; the management engine has the second block.
    let length = whole.len();
    whole.splice(0x1000..0x1000, noise(0x1000));
    whole[0x44..0x48]
        .copy_from_slice(&[blocks(0).to_le_bytes(), blocks(length).to_le_bytes()].concat());
    whole[0x48..0x4C].copy_from_slice(&[1, 0, 1, 0]);
    let unpacked = unpack(&whole, &UnpackLimits::default());
    let bios_length = whole.len() - 0x2000;
    let expected = [
        ("descriptor", 0, 0x1000),
        ("management engine", 0x1000, 0x1000),
        ("BIOS", 0x2000, bios_length),
    ];
    assert_eq!(regions(&unpacked), expected);
    assert_eq!((drivers(&unpacked), unpacked.opaque().count()), (2, 0));
    let cut = &whole[..whole.len() - bios_length / 4];
    let unpacked = unpack(cut, &UnpackLimits::default());
    assert!(regions(&unpacked).iter().all(|(_, offset, length)| offset + length <= cut.len()));
    assert!(drivers(&unpacked) >= 1);
}

/// What the fuzzer begins with: an update of each format around one small volume.
#[test]
fn seeds_of_the_fuzzer_are_composed() {
    let driver = volume::section(SectionType::PE32, &DRIVER).unwrap();
    let file = volume::file(FfsFileType::DRIVER, NAME, &driver).unwrap();
    let firmware = volume::volume(FirmwareVolumeHeader::FFS2, &[file], 64).unwrap();
    let blocks = Blocks { size: 0x300, signature: None };
    let named = [("BIOS.bin", firmware.as_slice())];
    let mut entries = update::dell_blocks(&firmware, 0x300, true).unwrap();
    entries.reverse();
    let stored = update::ucp_module(*b"@ROM", &update::ucp_stored(&firmware).unwrap()).unwrap();
    let pfat = update::ami_pfat(&named, blocks).unwrap();
    let lz4 = update::lz4_stored(&firmware).unwrap();
    let seeds = [
        (
            "ami-pfat-signed",
            update::ami_pfat(&named, Blocks { signature: Some(1), ..blocks }).unwrap(),
        ),
        ("ami-pfat", pfat.clone()),
        ("ami-ucp", update::ucp_module(*b"@UAF", &stored).unwrap()),
        ("capsule", update::capsule(CapsuleHeader::APTIO[0], 0x50, &pfat).unwrap()),
        ("cbfs", update::cbfs_file("fw.bin", 0x50, 2, &lz4, firmware.len()).unwrap()),
        ("dell-list", update::dell_list(&entries).unwrap()),
        ("dell-stream", update::dell_stream(&update::dell_list(&entries).unwrap()).unwrap()),
        ("insyde", update::insyde("BIOSIMG", &firmware, 16).unwrap()),
        ("phoenix", update::phoenix(&[(named[0], false)]).unwrap()),
        ("zip", update::zip(&named, true).unwrap()),
    ];
    for (name, bytes) in seeds {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fuzz/seeds/unpack/{name}.bin"));
        if std::env::var_os("OPROM_BLESS").is_some() {
            fs::write(&path, &bytes).unwrap();
        }
        assert!(fs::read(&path).unwrap_or_default() == bytes, "{name}: OPROM_BLESS=1 writes it");
        assert_eq!(drivers(&unpack(&bytes, &UnpackLimits::default())), 1, "{name}");
    }
}
