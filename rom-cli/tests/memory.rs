//! How much memory a file can ask for: the program runs in a child that gets no more than
//! `docs/trust.md` says.

mod support;

use lzma_rust2::{LzmaOptions, LzmaWriter};
use rom_core::compose::update::{self, DellEntry};
use rom_core::compose::{self, Spec, volume};
use rom_core::layout::{FfsFileType, FirmwareVolumeHeader, Guid, GuidDefinedSection, SectionType};
use std::fs;
use std::io::Write as _;
use std::process::Output;
use support::{MOST, within};
use tempfile::TempDir;

fn assert_exit(output: &Output, wanted: i32, what: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(wanted), "{what}: {text}");
}

fn name(number: u32) -> Guid {
    Guid::new(number, 0, 0, [0; 8])
}

fn ffs(files: &[Vec<u8>]) -> Vec<u8> {
    volume::volume(FirmwareVolumeHeader::FFS2, files, 512).unwrap()
}

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = LzmaOptions::with_preset(0);
    let mut writer =
        LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A child without its limit would not show anything.
#[test]
fn the_limit_is_one() {
    let folder = TempDir::new().unwrap();
    let output = within(1, folder.path(), &["list"]);
    assert!(!output.status.success());
}

/// Bytes that nothing explains, after an image: each was 80 bytes of a specification.
#[test]
fn a_rom_with_much_around_its_images() {
    let folder = TempDir::new().unwrap();
    let image = "purpose = \"\"\n[[image]]\nkind = \"efi\"\n";
    let mut rom = compose::compose(&image.parse::<Spec>().unwrap()).unwrap();
    let mut state: u32 = 1;
    rom.resize_with(16 << 20, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    fs::write(folder.path().join("own.rom"), &rom).unwrap();
    assert_exit(&within(MOST, folder.path(), &["extract", "own.rom", "-o", "parts"]), 0, "extract");
    let built = within(MOST, folder.path(), &["build", "parts/rom.toml", "-o", "again.rom"]);
    assert_exit(&built, 0, "build");
    assert!(fs::read(folder.path().join("again.rom")).unwrap() == rom);
}

/// Small files that decode to much, or that ask for a dictionary of 4 GiB.
#[test]
fn a_firmware_image_that_decodes_to_much() {
    let folder = TempDir::new().unwrap();
    let much = lzma(&volume::section(SectionType::RAW, &vec![0; 15 << 20]).unwrap());
    let mut greedy = much.clone();
    greedy[1..5].fill(0xFF);
    for (own, data, count, refused) in
        [("much.fd", much, 12, true), ("greedy.fd", greedy, 2, false)]
    {
        let section = volume::encoded(GuidDefinedSection::LZMA, &data).unwrap();
        let files = (0..count)
            .map(|number| volume::file(FfsFileType::FREEFORM, name(number), &section).unwrap());
        fs::write(folder.path().join(own), ffs(&files.collect::<Vec<Vec<u8>>>())).unwrap();
        let output = within(MOST, folder.path(), &["extract", "--all", own]);
        assert_exit(&output, 0, own);
        assert_eq!(String::from_utf8_lossy(&output.stdout).contains("too large"), refused, "{own}");
    }
}

/// Ten streams of an update, each of which decodes to 24 MiB.
#[test]
fn an_update_that_decodes_to_much() {
    let folder = TempDir::new().unwrap();
    let stream = update::dell_stream(&vec![0; 24 << 20]).unwrap();
    let entry = DellEntry { data: stream, place: None, revision: 1 };
    let list = update::dell_list(&vec![entry; 10]).unwrap();
    fs::write(folder.path().join("update.exe"), [b"MZ", list.as_slice()].concat()).unwrap();
    let output = within(MOST, folder.path(), &["extract", "--all", "update.exe"]);
    assert_exit(&output, 0, "extract");
    assert!(String::from_utf8_lossy(&output.stdout).contains("too large"));
}

/// Many small parts, all of one name.
#[test]
fn a_firmware_image_of_many_parts() {
    let folder = TempDir::new().unwrap();
    let file = |number: u32| {
        let own = [&b"VZ and number "[..], &number.to_le_bytes()].concat();
        let section =
            [volume::section(SectionType::TE, &own).unwrap(), volume::name("Same").unwrap()];
        volume::file(FfsFileType::DRIVER, name(number), &volume::sections(&section)).unwrap()
    };
    let files: Vec<Vec<u8>> = (0..30_000).map(file).collect();
    fs::write(folder.path().join("many.fd"), ffs(&files)).unwrap();
    let output = within(MOST, folder.path(), &["extract", "--all", "--json", "many.fd"]);
    assert_exit(&output, 0, "extract");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\"Same.te\"") && text.contains("\"Same-20000.te\""));
}

#[test]
fn a_file_that_is_too_large_is_said_to_be() {
    let folder = TempDir::new().unwrap();
    fs::File::create(folder.path().join("large.bin")).unwrap().set_len(200 << 20).unwrap();
    let output = within(MOST, folder.path(), &["extract", "large.bin"]);
    assert_exit(&output, 3, "extract");
    assert!(String::from_utf8_lossy(&output.stderr).contains("larger than 96 MiB"));
}

/// Hits are not kept.
#[test]
fn a_scan_of_many_hits_takes_no_more_than_one_of_few() {
    let folder = TempDir::new().unwrap();
    let image = "purpose = \"\"\n[[image]]\nkind = 3\n";
    let rom = compose::compose(&image.parse::<Spec>().unwrap()).unwrap();
    fs::write(folder.path().join("many.bin"), rom.repeat(16_384)).unwrap();
    let output = within(48, folder.path(), &["scan", "--json", "many.bin"]);
    assert_exit(&output, 0, "scan");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 16_384);
}

/// Specifications that ask for more than there is, or for a file that is not theirs.
#[test]
fn a_specification_that_asks_for_much() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("link")).unwrap();
    let image = "[[image]]\nkind = \"efi\"\n";
    let legacy = "[[image]]\nkind = \"legacy\"\n";
    let specifications = [
        "before = [{ fill = 0, length = 9223372036854775807 }]".to_owned(),
        format!("{image}after = [{{ fill = 0, length = 18446744073709551615 }}]"),
        format!("{image}blocks = 65535\n").repeat(100),
        format!("{legacy}file = \"/etc/hostname\"\n"),
        format!("{legacy}file = \"link\"\n"),
        format!("{legacy}file = \"folder\"\n"),
        format!("{legacy}file = \"missing\"\n"),
        format!("before = [{{ words = [{}] }}]", "1,".repeat(8 << 20)),
        "x".repeat(20 << 20),
    ];
    for text in specifications {
        let shown: String = text.chars().take(80).collect();
        fs::write(folder.path().join("rom.toml"), format!("purpose = \"\"\n{text}\n")).unwrap();
        let output = within(128, folder.path(), &["build", "rom.toml", "-o", "own.rom"]);
        assert_exit(&output, 3, &shown);
        assert!(!folder.path().join("own.rom").exists(), "{shown}");
    }
    // What is made and would not work is not left behind either.
    fs::write(folder.path().join("text"), "root:x:0:0:root:/root:/bin/bash\n".repeat(40)).unwrap();
    fs::write(folder.path().join("rom.toml"), format!("purpose = \"\"\n{legacy}file = \"text\"\n"))
        .unwrap();
    let output = within(128, folder.path(), &["build", "rom.toml", "-o", "own.rom"]);
    assert_exit(&output, 5, "text");
    assert!(!folder.path().join("own.rom").exists());
}
