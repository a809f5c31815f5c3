//! Firmware runs what the library builds and repairs: a ROM with a driver of a BIOS, and ROMs that
//! firmware refuses before a repair and runs after it.

use crate::trial::{self, Result, Seen};
use lzma_rust2::{LzmaOptions, LzmaWriter};
use rom_core::compose::{self, Spec, volume};
use rom_core::contents::GpuIds;
use rom_core::firmware::Firmware;
use rom_core::layout::{
    Algorithm, FfsFileType, FirmwareVolumeHeader, Guid, GuidDefinedSection, SectionType,
};
use rom_core::observe::STAND_IN;
use rom_core::repair::{Repair, repair};
use rom_core::unpack::{self, FoundKind, UnpackLimits};
use rom_core::{Body, Limits, parse};
use std::io::{self, Write as _};

/// Something that firmware refuses, and the repair for it.
struct Broken {
    name: &'static str,
    firmware: Firmware,
    /// A specification.
    text: &'static str,
    /// Whether it is the driver alone, without a ROM around it.
    bare: bool,
    repair: Repair,
    /// What the machine does with it before that, and after it.
    before: Seen,
    after: Vec<usize>,
}

fn broken() -> Vec<Broken> {
    let ids = Repair::Ids(STAND_IN);
    let case = |name, firmware, text, repair, before, after: &[usize]| Broken {
        name,
        firmware,
        text,
        bare: false,
        repair,
        before,
        after: after.to_vec(),
    };
    let nothing = || Seen::Ran(Vec::new());
    let ovmf = Firmware::Ovmf;
    let bare = case(
        "a bare driver",
        ovmf,
        "[[image]]\nkind = 'efi'\nblocks = 9\n",
        Repair::Wrap,
        nothing(),
        &[0],
    );
    vec![
        Broken { bare: true, ..bare },
        case(
            "something in front",
            ovmf,
            "before = [{ fill = 0, length = 1024 }]\n[[image]]\nkind = 'efi'\nblocks = 9\n",
            Repair::Container,
            nothing(),
            &[0],
        ),
        case(
            "an initialization size of 0",
            ovmf,
            "[[image]]\nkind = 'efi'\nblocks = 9\ndamage = [{ at = 2, hex = '0000' }]\n",
            Repair::Length,
            nothing(),
            &[0],
        ),
        case(
            "an image length of 0 with an image behind it",
            ovmf,
            "[[image]]\nkind = 'efi'\nblocks = 9\ndamage = \
                [{ at = 0x2c, hex = '0000' }]\n[[image]]\nkind = 'efi'\nblocks = 9\n",
            Repair::Length,
            Seen::Hung,
            &[0, 1],
        ),
        case(
            "an image behind the one that is marked as the last",
            ovmf,
            "[[image]]\nkind = 'efi'\nblocks = 9\nlast = true\n[[image]]\nkind = 'efi'\nblocks = \
                9\n",
            Repair::Link,
            Seen::Ran(vec![0]),
            &[0, 1],
        ),
        case(
            "a wrong checksum",
            Firmware::SeaBios,
            "[[image]]\nkind = 'legacy'\nblocks = 9\ndamage = [{ at = 0x180, hex = '42' }]\n",
            Repair::Checksum,
            nothing(),
            &[0],
        ),
        case(
            "the ids of another device",
            Firmware::SeaBios,
            "[[image]]\nkind = 'legacy'\nblocks = 9\nvendor = 0x1234\ndevice = 0x5678\n",
            ids,
            nothing(),
            &[0],
        ),
    ]
}

/// Every repair: what is refused before it, runs after it.
pub(crate) fn repairs() -> io::Result<Result> {
    let mut result = Result::default();
    for firmware in [Firmware::Ovmf, Firmware::SeaBios] {
        let cases: Vec<Broken> =
            broken().into_iter().filter(|case| case.firmware == firmware).collect();
        let mut roms = Vec::new();
        for (index, case) in cases.iter().enumerate() {
            let (before, after) = (2 * index, 2 * index + 1);
            roms.push(rom(case, before)?);
            let repaired = repair(&rom(case, after)?, &[case.repair], &Limits::default());
            roms.push(
                repaired
                    .map_err(|refusal| io::Error::other(format!("{}: {refusal}", case.name)))?
                    .bytes,
            );
        }
        let predictions: Vec<_> = roms.iter().map(|rom| trial::predict(rom, firmware)).collect();
        let seen = trial::see(&roms, &predictions, firmware)?;
        for (case, seen) in cases.iter().zip(seen.chunks(2)) {
            result.compared += 2;
            let expected = [case.before.clone(), Seen::Ran(case.after.clone())];
            if seen != expected {
                result
                    .disagreements
                    .push(format!("{}: expected {expected:?}, seen {seen:?}", case.name));
            }
        }
    }
    Ok(result)
}

fn rom(case: &Broken, number: usize) -> io::Result<Vec<u8>> {
    let mut spec =
        format!("purpose = ''\n{}", case.text).parse::<Spec>().map_err(io::Error::other)?;
    for image in &mut spec.image {
        if image.vendor == 0x8086 {
            (image.vendor, image.device) = (STAND_IN.vendor, STAND_IN.device);
        }
    }
    let rom = trial::spoken(&spec, number).map_err(io::Error::other)?;
    if case.bare { driver(&rom) } else { Ok(rom) }
}

/// The driver in the only image of a ROM.
fn driver(rom: &[u8]) -> io::Result<Vec<u8>> {
    match parse(rom, &Limits::default()).images.first().map(|image| image.body.clone()) {
        Some(Body::Efi(efi)) => Ok(efi.driver.to_vec()),
        _ => Err(io::Error::other("no driver was composed")),
    }
}

const NAME: Guid = Guid::new(0x1234_5678, 0x9ABC, 0xDEF0, [1, 2, 3, 4, 5, 6, 7, 8]);

/// A driver out of a BIOS, from a Tiano volume in an LZMA volume in a volume on a chip, runs out of
/// the ROM that is made of it.
pub(crate) fn from_a_bios() -> io::Result<Result> {
    let spec = "purpose = ''\n[[image]]\nkind = 'efi'\nblocks = 9\n"
        .parse::<Spec>()
        .map_err(io::Error::other)?;
    let own = driver(&trial::spoken(&spec, 0).map_err(io::Error::other)?)?;
    let chip = chip(&own)?;
    let unpacked = unpack::unpack(&chip, &UnpackLimits::default());
    let known: GpuIds = [0xA7A8].into_iter().collect();
    let found = unpack::found(&unpacked, &known);
    let found = found.iter().find(|found| matches!(found.kind, FoundKind::Driver(_)));
    let found = found.ok_or_else(|| io::Error::other("the driver was not found in the BIOS"))?;
    let image = compose::around(unpacked.bytes(found.place).to_vec(), &Limits::default());
    let image = image.ok_or_else(|| io::Error::other("what was found is no driver"))?;
    let image = compose::Image { vendor: STAND_IN.vendor, device: STAND_IN.device, ..image };
    let rom = compose::compose(&Spec { image: vec![image], ..Spec::default() })
        .map_err(io::Error::other)?;
    let predictions = [trial::predict(&rom, Firmware::Ovmf)];
    let seen = trial::see(&[rom], &predictions, Firmware::Ovmf)?;
    let expected = [Seen::Ran(vec![0])];
    let disagreements = if seen == expected {
        Vec::new()
    } else {
        vec![format!("expected {expected:?}, seen {seen:?}")]
    };
    Ok(Result { compared: 1, disagreements, ..Result::default() })
}

fn chip(driver: &[u8]) -> io::Result<Vec<u8>> {
    let made = |bytes: std::result::Result<Vec<u8>, compose::ComposeError>| {
        bytes.map_err(io::Error::other)
    };
    let parts = [made(volume::section(SectionType::PE32, driver))?, made(volume::name("Own"))?];
    let file = made(volume::file(FfsFileType::DRIVER, NAME, &volume::sections(&parts)))?;
    let mut inner = made(volume::volume(FirmwareVolumeHeader::FFS2, &[file], 512))?;
    for encode in [tiano, lzma] {
        let section = made(volume::section(SectionType::FIRMWARE_VOLUME_IMAGE, &inner))?;
        let file =
            made(volume::file(FfsFileType::FIRMWARE_VOLUME_IMAGE, NAME, &encode(&section)?))?;
        inner = made(volume::volume(FirmwareVolumeHeader::FFS2, &[file], 512))?;
    }
    inner.resize(inner.len().next_multiple_of(4096), 0xFF);
    made(volume::flash(&inner))
}

fn tiano(bytes: &[u8]) -> io::Result<Vec<u8>> {
    volume::compressed(Algorithm::Tiano, bytes).map_err(io::Error::other)
}

fn lzma(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let size = u64::try_from(bytes.len()).ok();
    let mut writer = LzmaWriter::new_use_header(Vec::new(), &LzmaOptions::with_preset(6), size)?;
    writer.write_all(bytes)?;
    volume::encoded(GuidDefinedSection::LZMA, &writer.finish()?).map_err(io::Error::other)
}
