//! check, scan and extract find the same option ROMs in whatever they are in.

use proptest::prelude::*;
use rom_core::compose::{self, Spec, volume};
use rom_core::contents::GpuIds;
use rom_core::file_kind::{OpenLimits, reach};
use rom_core::inside::{taken_apart, unpack_limits};
use rom_core::layout::{FfsFileType, FirmwareVolumeHeader, Guid, GuidDefinedSection, SectionType};
use rom_core::unpack::{self, FoundKind};
use rom_core::{Context, analyze, scan};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where a ROM is: the number of what was decoded, 0 for the file itself, and the offset.
type Place = (usize, usize);

fn by_check(bytes: &[u8]) -> BTreeSet<Place> {
    let analysis = analyze(bytes, &Context::default());
    let own = analysis.images.first().map(|image| (0, image.span.offset));
    let inside =
        analysis.inside.iter().map(|rom| (rom.place.decoded.unwrap_or(0), rom.place.span.offset));
    own.into_iter().chain(inside).collect()
}

/// Those in plain sight.
fn by_scan(bytes: &[u8]) -> BTreeSet<Place> {
    let reached = reach(bytes, &OpenLimits::default());
    scan::roms(&reached.bytes).iter().map(|span| (0, span.offset)).collect()
}

/// Those of what is taken apart.
fn by_extract(bytes: &[u8]) -> BTreeSet<Place> {
    let reached = reach(bytes, &OpenLimits::default());
    let limits = unpack_limits(bytes, &reached);
    let unpacked = unpack::unpack(taken_apart(bytes, &reached), &limits);
    let found = unpack::found(&unpacked, &GpuIds::default());
    let roms = found.iter().filter(|found| matches!(found.kind, FoundKind::OptionRom));
    roms.map(|found| (found.place.part, found.place.span.offset)).collect()
}

/// What is not alike about `bytes`, which are not a ROM from their first byte on.
fn disagreement(bytes: &[u8]) -> Option<String> {
    let reached = reach(bytes, &OpenLimits::default());
    let (check, scan) = (by_check(bytes), by_scan(bytes));
    // Of a ROM the images are told one by one, and another one after it is a finding.
    if reached.inner().is_rom() {
        let sees = scan.is_empty() || !check.is_empty();
        return (!sees).then(|| format!("check sees nothing of {scan:x?}"));
    }
    let extract = if reached.inner().holds_firmware() { by_extract(bytes) } else { scan.clone() };
    let alike = check == extract && scan.is_subset(&check);
    (!alike).then(|| format!("check {check:x?}, scan {scan:x?}, extract {extract:x?}"))
}

fn rom(device: u16) -> Vec<u8> {
    let text = format!(
        "purpose = ''\n[[image]]\nkind = 'legacy'\nvendor = 0x8086\ndevice = {device}\nblocks = \
         2\n[[image]]\nkind = 'efi'\nvendor = 0x8086\ndevice = {device}\n"
    );
    compose::compose(&text.parse::<Spec>().unwrap()).unwrap()
}

/// A PE image with `data` after its headers.
fn driver(data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 0x200];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3C] = 0x80;
    bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
    bytes[0x84..0x86].copy_from_slice(&0x8664_u16.to_le_bytes());
    bytes[0x94] = 240;
    bytes[0x80 + 24 + 68] = 11;
    bytes.extend(data);
    bytes
}

/// Sections that hold `rom`: plain, encoded, in the data of a driver, in a file without sections.
fn file(number: u8, how: usize, rom: &[u8]) -> Vec<u8> {
    let raw = volume::section(SectionType::RAW, rom).unwrap();
    let gzip = |bytes: &[u8]| {
        use std::io::Write as _;
        let mut writer =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    };
    let content = match how {
        0 => raw,
        1 => {
            let mut data = Vec::new();
            let options = lzma_rust2::LzmaOptions::with_preset(1);
            let size = Some(u64::try_from(raw.len()).unwrap());
            let mut writer =
                lzma_rust2::LzmaWriter::new_use_header(&mut data, &options, size).unwrap();
            std::io::Write::write_all(&mut writer, &raw).unwrap();
            writer.finish().unwrap();
            volume::encoded(GuidDefinedSection::LZMA, &data).unwrap()
        }
        2 => volume::section(SectionType::PE32, &driver(rom)).unwrap(),
        3 => return volume::file(FfsFileType::RAW, Guid([number; 16]), rom).unwrap(),
        _ => volume::section(SectionType::RAW, &gzip(rom)).unwrap(),
    };
    volume::file(FfsFileType::FREEFORM, Guid([number; 16]), &content).unwrap()
}

#[test]
fn all_find_the_same_roms_in_samples() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut faults = Vec::new();
    for entry in fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rom") {
            let fault = disagreement(&fs::read(&path).unwrap());
            faults.extend(fault.map(|fault| format!("{}: {fault}", path.display())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_firmware_image_lists_what_is_in_it() {
    let files: Vec<Vec<u8>> =
        (0..4_u8).map(|how| file(how, usize::from(how), &rom(0x100 + u16::from(how)))).collect();
    let image = volume::volume(FirmwareVolumeHeader::FFS2, &files, 0).unwrap();
    let bytes = [&image[..], &rom(0x200), &[0xFF; 700]].concat();
    let analysis = analyze(&bytes, &Context::default());
    let mut devices: Vec<u16> = analysis
        .inside
        .iter()
        .filter_map(|rom| Some(rom.analysis.images.first()?.device?.device))
        .collect();
    devices.sort_unstable();
    assert_eq!(devices, [0x100, 0x101, 0x102, 0x103, 0x200]);
    assert_eq!(analysis.inside.iter().filter(|rom| rom.place.decoded.is_some()).count(), 1);
    assert_eq!(disagreement(&bytes), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Volumes with ROMs in files of every kind, and ROMs, programs and padding around them.
    #[test]
    fn all_find_the_same_roms(
        before in prop::sample::select(vec![0_usize, 512, 0x1000, 0x9A3]),
        program in any::<bool>(),
        files in prop::collection::vec((0_usize..5, 1_u16..9), 0..5),
        after in prop::collection::vec((0_usize..900, 1_u16..9), 0..3),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = if program { driver(b"") } else { Vec::new() };
        if program {
            bytes[0x80 + 24 + 68] = 2;
        }
        bytes.resize(bytes.len() + before, 0xFF);
        let files: Vec<Vec<u8>> = files
            .iter()
            .zip(0_u8..)
            .map(|((how, device), number)| file(number, *how, &rom(*device)))
            .collect();
        bytes.extend(volume::volume(FirmwareVolumeHeader::FFS2, &files, 0).unwrap());
        for (gap, device) in after {
            bytes.resize(bytes.len() + gap, 0xFF);
            bytes.extend(rom(device));
        }
        for (index, value) in damage {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        prop_assert_eq!(disagreement(&bytes), None);
    }
}
