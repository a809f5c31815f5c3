//! Files of every kind, composed.

use rom_core::compose::volume;
use rom_core::layout::{FfsFileType, FirmwareVolumeHeader, Guid, SectionType};
use std::fs;
use std::io::Write as _;
use std::path::Path;

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples").join(name)).unwrap()
}

pub(crate) fn three_images() -> Vec<u8> {
    sample("good-three-images.rom")
}

/// Where the second of the three begins.
pub(crate) fn three_second() -> usize {
    usize::from(three_images()[2]) * 512
}

pub(crate) fn one_image() -> Vec<u8> {
    sample("good-one-image.rom")
}

/// Signature and subsystem of an EFI image.
pub(crate) const EFI_MARK: [u8; 6] = [0xF1, 0x0E, 0, 0, 0x0B, 0];

/// `bytes` with its last byte such that all sum to zero.
pub(crate) fn summed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let last = bytes.len() - 1;
    bytes[last] = 0;
    bytes[last] = bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte));
    bytes
}

/// A legacy image of so many blocks, its PCI data structure at 0x1C0.
pub(crate) fn legacy(vendor: u16, device: u16, blocks: u8, last: bool) -> Vec<u8> {
    let mut rom = vec![0x90; usize::from(blocks) * 512];
    rom[..4].copy_from_slice(&[0x55, 0xAA, blocks, 0xE9]);
    rom[0x18..0x1A].copy_from_slice(&[0xC0, 0x01]);
    let mut pcir = b"PCIR".to_vec();
    pcir.extend(vendor.to_le_bytes());
    pcir.extend(device.to_le_bytes());
    pcir.extend([0, 0, 0x18, 0, 0, 0, 0, 3, blocks, 0, 1, 0, 0, if last { 0x80 } else { 0 }, 0, 0]);
    rom[0x1C0..0x1C0 + pcir.len()].copy_from_slice(&pcir);
    summed(&rom)
}

/// An image of NVIDIA's, which promises another.
pub(crate) fn nvidia() -> Vec<u8> {
    legacy(0x10DE, 0x11C0, 120, false)
}

pub(crate) fn nvgi(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    bytes[..4].copy_from_slice(b"NVGI");
    bytes
}

/// What a graphics card of AMD has before its ROM.
pub(crate) fn amd_flash() -> Vec<u8> {
    let mut bytes = vec![0xFF; 0x4_0000];
    bytes[0x1000..0x1004].copy_from_slice(&[0xAA, 0x55, 0xAA, 0x55]);
    bytes
}

/// A sector in which 55 AA and PCIR are, as code and text have them.
pub(crate) fn stray_marks() -> Vec<u8> {
    let mut bytes = vec![0x11; 512];
    bytes[0x20..0x22].copy_from_slice(&[0x55, 0xAA]);
    bytes[0x40..0x44].copy_from_slice(b"PCIR");
    bytes
}

pub(crate) fn isa() -> Vec<u8> {
    let mut rom = vec![0x90; 0x2000];
    rom[..6].copy_from_slice(&[0x55, 0xAA, 0x10, 0xE9, 0, 1]);
    rom[0x10..0x30].copy_from_slice(b"XTIDE Universal BIOS (demo)     ");
    summed(&rom)
}

/// A PE image of 0x400 bytes.
pub(crate) fn pe(subsystem: u8, machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 0x200];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3C] = 0x80;
    bytes[0x80..0x84].copy_from_slice(b"PE\0\0");
    bytes[0x84..0x86].copy_from_slice(&machine.to_le_bytes());
    bytes[0x86] = 1;
    bytes[0x94] = 240;
    bytes[0x80 + 24 + 68] = subsystem;
    bytes.extend([0xC3; 0x200]);
    bytes
}

/// A program for DOS, with `mark` where a later header would be.
pub(crate) fn dos(mark: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x90; 0x400];
    bytes[..10].copy_from_slice(b"MZ\x90\0\x03\0\0\0\x04\0");
    bytes[0x3C..0x40].copy_from_slice(&[0x80, 0, 0, 0]);
    bytes[0x80..0x80 + mark.len()].copy_from_slice(mark);
    bytes
}

pub(crate) fn te() -> Vec<u8> {
    let mut bytes = b"VZ\x64\x86\x03\x0B".to_vec();
    bytes.resize(4096, 0x90);
    bytes
}

pub(crate) fn section(kind: u8, content: &[u8]) -> Vec<u8> {
    volume::section(SectionType(kind), content).unwrap()
}

pub(crate) fn ffs(content: &[u8]) -> Vec<u8> {
    volume::file(FfsFileType::DRIVER, Guid([7; 16]), content).unwrap()
}

pub(crate) fn volume() -> Vec<u8> {
    volume::volume(FirmwareVolumeHeader::FFS2, &[ffs(&section(0x10, &pe(11, 0x8664)))], 0).unwrap()
}

pub(crate) fn vbt() -> Vec<u8> {
    let mut bytes = b"$VBT ALDERLAKE-P    ".to_vec();
    bytes.extend([100, 0, 48, 0, 70, 0, 0, 0, 48, 0, 0, 0]);
    bytes.extend([0; 16]);
    bytes.extend(b"BIOS_DATA_BLOCK \xF9\0\x16\0\x16\0");
    bytes
}

pub(crate) fn op_region() -> Vec<u8> {
    let mut bytes = vec![0; 0x2000];
    bytes[..16].copy_from_slice(b"IntelGraphicsMem");
    let vbt = vbt();
    bytes[0x400..0x400 + vbt.len()].copy_from_slice(&vbt);
    bytes
}

pub(crate) fn vfct(images: &[Vec<u8>]) -> Vec<u8> {
    let mut table = b"VFCT".to_vec();
    table.resize(0x34, 0);
    table.extend([0x4C, 0, 0, 0]);
    table.resize(0x4C, 0);
    for image in images {
        table.extend([0x0B, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x10, 0x38, 0x16]);
        table.extend([0x43, 0x10, 0x09, 0x88, 0xD8, 0, 0, 0]);
        table.extend(u32::try_from(image.len()).unwrap().to_le_bytes());
        table.extend(image);
    }
    let length = u32::try_from(table.len()).unwrap();
    table[4..8].copy_from_slice(&length.to_le_bytes());
    table[9] = table.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte));
    table
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn crc32(bytes: &[u8]) -> [u8; 4] {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum().to_le_bytes()
}

/// LZMA data without a container.
pub(crate) fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut writer = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// One stream of one block of uncompressed LZMA2 chunks.
pub(crate) fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut file = b"\xfd7zXZ\0\0\x01".to_vec();
    let flags = crc32(&file[6..8]);
    file.extend(flags);
    let header = [2, 0, 0x21, 1, 8, 0, 0, 0];
    file.extend(header);
    file.extend(crc32(&header));
    let data_at = file.len();
    for (index, chunk) in bytes.chunks(0x1_0000).enumerate() {
        file.push(if index == 0 { 1 } else { 2 });
        file.extend(u16::try_from(chunk.len() - 1).unwrap().to_be_bytes());
        file.extend(chunk);
    }
    file.push(0);
    let unpadded = 12 + file.len() - data_at + 4;
    file.resize(file.len().next_multiple_of(4), 0);
    file.extend(crc32(bytes));
    let index_at = file.len();
    file.extend([0, 1]);
    for mut number in [unpadded, bytes.len()] {
        while number >= 0x80 {
            file.push(u8::try_from(number & 0x7F).unwrap() | 0x80);
            number >>= 7;
        }
        file.push(u8::try_from(number).unwrap());
    }
    file.resize(index_at + (file.len() - index_at).next_multiple_of(4), 0);
    let sum = crc32(&file[index_at..]);
    file.extend(sum);
    let backward = u32::try_from((file.len() - index_at) / 4 - 1).unwrap();
    let footer = [&backward.to_le_bytes()[..], &[0, 1]].concat();
    file.extend(crc32(&footer));
    file.extend(footer);
    file.extend(b"YZ");
    file
}

pub(crate) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut add = |name: &str, kind: u8, bytes: &[u8]| {
        let mut header = vec![0; 512];
        let name = &name.as_bytes()[..name.len().min(100)];
        header[..name.len()].copy_from_slice(name);
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = kind;
        header[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    };
    for (name, bytes) in files {
        if name.len() > 100 {
            add("././@LongLink", b'L', name.as_bytes());
        }
        add(name, b'0', bytes);
    }
    archive.extend([0; 1024]);
    archive
}

/// A ZIP archive of files that are deflated, or not.
pub(crate) fn zip(files: &[(&str, &[u8], bool)]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes, deflate) in files {
        let mut writer =
            flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        writer.write_all(bytes).unwrap();
        let packed = if *deflate { writer.finish().unwrap() } else { bytes.to_vec() };
        let mut common = vec![20, 0, 0, 0, if *deflate { 8 } else { 0 }, 0, 0, 0, 0, 0];
        common.extend(crc32(bytes));
        common.extend(u32::try_from(packed.len()).unwrap().to_le_bytes());
        common.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        common.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        let at = u32::try_from(archive.len()).unwrap();
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(packed);
    }
    let at = u32::try_from(archive.len()).unwrap();
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap();
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend(count);
    archive.extend(count);
    archive.extend(size.to_le_bytes());
    archive.extend(at.to_le_bytes());
    archive.extend([0, 0]);
    archive
}

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xFF, 0xFE].into_iter().chain(units).collect()
}

/// `bytes` with `end` in place of every line feed.
pub(crate) fn line_feeds(bytes: &[u8], end: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| if *byte == b'\n' { end.to_vec() } else { vec![*byte] }).collect()
}

/// Two images, of which the first had three line ends of Windows.
pub(crate) fn carriage_returns_lost() -> Vec<u8> {
    let mut first = legacy(0x10DE, 0x11C0, 16, false);
    for at in [0x300, 0x400, 0x500] {
        first[at..at + 2].copy_from_slice(b"\r\n");
        first[at + 0x80] = b'\n';
    }
    let whole = [first, one_image()].concat();
    let mut bytes = Vec::new();
    for (index, byte) in whole.iter().enumerate() {
        if !(*byte == b'\r' && whole.get(index + 1) == Some(&b'\n')) {
            bytes.push(*byte);
        }
    }
    bytes
}

/// Files to change at random.
pub(crate) fn starts() -> Vec<Vec<u8>> {
    let rom = one_image();
    vec![
        rom.clone(),
        [nvgi(0x200), rom.clone()].concat(),
        isa(),
        pe(2, 0x14C),
        pe(11, 0x8664),
        te(),
        volume(),
        section(0x10, &pe(11, 0x8664)),
        ffs(&section(0x10, &pe(11, 0x8664))),
        vbt(),
        vfct(&[legacy(0x1002, 0x1638, 8, true)]),
        zip(&[("a", &rom, true), ("b", b"x", false)]),
        tar(&[("a", &rom)]),
        gzip(&rom),
        xz(&rom),
        bzip2(&rom),
        zstd(&rom),
        utf16("<html>"),
        super::text::hexdump_canonical(&rom).into_bytes(),
        super::text::base64(&rom).into_bytes(),
        super::text::intel_hex(&rom).into_bytes(),
        super::text::s_records(&rom).into_bytes(),
        super::text::registry(&rom),
        b"{\"message\": \"x\"}".to_vec(),
    ]
}
