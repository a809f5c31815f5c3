//! What is right of files that people had, line by line, with other members of each kind beside
//! them: another GPU, another place, other damage. None of them is good that lost something.

use super::make::*;
use super::text;
use rom_core::file_kind::identify;
use rom_core::{Context, Verdict, analyze, scan};

/// What is right of a file.
pub(super) struct Expected {
    name: &'static str,
    bytes: Vec<u8>,
    kind: &'static str,
    verdict: Verdict,
    /// Codes of all findings, in their order.
    codes: &'static str,
    /// Where images are: in the file, or in what was opened in it.
    images: Vec<usize>,
}

pub(super) fn expected(
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    kind: &'static str,
) -> Expected {
    let (verdict, bytes) = (Verdict::Bad, bytes.into());
    Expected { name, bytes, kind, verdict, codes: "", images: Vec::new() }
}

impl Expected {
    pub(super) fn good(self) -> Self {
        Self { verdict: Verdict::Good, ..self }
    }

    pub(super) fn warn(self) -> Self {
        Self { verdict: Verdict::Warn, ..self }
    }

    pub(super) fn codes(self, codes: &'static str) -> Self {
        Self { codes, ..self }
    }

    pub(super) fn images(self, images: impl Into<Vec<usize>>) -> Self {
        Self { images: images.into(), ..self }
    }

    fn check(&self, faults: &mut Vec<String>) {
        let analysis = analyze(&self.bytes, &Context::default());
        let mut codes: Vec<&str> = analysis
            .findings
            .iter()
            .map(|finding| finding.code.id().trim_start_matches("ROM"))
            .collect();
        codes.sort_unstable();
        let images: Vec<usize> = analysis.images.iter().map(|image| image.span.offset).collect();
        let got = (identify(&self.bytes).name(), analysis.verdict, codes.join(" "), images);
        let wanted = (self.kind, self.verdict, self.codes.to_owned(), self.images.clone());
        if got != wanted {
            faults.push(format!("{}:\n    got    {got:?}\n    wanted {wanted:?}", self.name));
        }
        // Where check sees nothing of a ROM, scan does not see one in plain sight either.
        let scanned = scan::roms(&self.bytes);
        let is_program = matches!(self.kind, "archive" | "firmware-section" | "firmware-image");
        let seen = !self.images.is_empty() || !analysis.inside.is_empty() || is_program;
        if !seen && !scanned.is_empty() {
            faults.push(format!("{}: scan finds {scanned:?}", self.name));
        }
    }
}

pub(super) fn all(table: &[Expected]) {
    let mut faults = Vec::new();
    for row in table {
        row.check(&mut faults);
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), table.len(), faults.join("\n"));
}

/// `bytes` with `new` at `at`.
pub(super) fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

/// A card's ROM: a legacy image, then one for UEFI. Where the second begins.
pub(super) fn card() -> (Vec<u8>, usize) {
    let legacy = legacy(0x10DE, 0x2504, 60, false);
    let second = legacy.len();
    ([legacy, one_image()].concat(), second)
}

pub(super) const ROM: &str = "option-rom";
pub(super) const AT: &str = "option-rom-at-offset";
pub(super) const DAMAGED: &str = "damaged-option-rom";
pub(super) const CHANGED: &str = "changed-by-transfer";
pub(super) const TEXT: &str = "text";
pub(super) const BYTES: &str = "bytes-in-text";
pub(super) const THREE: [usize; 3] = [0, 0x800, 0x1600];

#[test]
fn roms_that_a_transfer_changed() {
    let three = three_images();
    let (card, second) = card();
    let replaced = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned().into_bytes();
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    let dropped = |bytes: &[u8], what: fn(u8) -> bool| {
        bytes.iter().copied().filter(|byte| !what(*byte)).collect::<Vec<u8>>()
    };
    let map = |bytes: &[u8], change: fn(u8) -> u8| {
        bytes.iter().map(|byte| change(*byte)).collect::<Vec<u8>>()
    };
    let words = |bytes: &[u8], size: usize| {
        bytes.chunks(size).flat_map(|word| word.iter().rev().copied()).collect::<Vec<u8>>()
    };
    let every = |bytes: &[u8], start: usize| {
        bytes.iter().skip(start).step_by(2).copied().collect::<Vec<u8>>()
    };
    let question = |byte: u8| if byte < 0x80 { byte } else { b'?' };
    let space = |byte: u8| if byte == 0 { b' ' } else { byte };
    all(&[
        expected("b03", line_feeds(&three, b"\r\n"), CHANGED).codes("032").images(THREE),
        expected("b03, the other way", carriage_returns_lost(), CHANGED)
            .codes("023 032 301 501")
            .images([0]),
        expected("b04", replaced(&three), CHANGED).codes("032"),
        expected("b04, a card", replaced(&card), CHANGED).codes("032"),
        expected("b04, as UTF-8", latin(&three), CHANGED).codes("032").images(THREE),
        expected("b04d", utf16(&latin(&three)), CHANGED).codes("032").images(THREE),
        expected("b04d, a card", utf16(&latin(&card)), CHANGED).codes("032").images([0, second]),
        expected("question marks", map(&three, question), CHANGED).codes("032"),
        expected("question marks, a card", map(&card, question), CHANGED).codes("032"),
        expected("dropped above 7f", dropped(&three, |byte| byte > 0x7F), CHANGED).codes("032"),
        expected("dropped, a card", dropped(&card, |byte| byte > 0x7F), CHANGED).codes("032"),
        expected("b06", words(&three, 2), CHANGED).codes("032").images(THREE),
        expected("b06 by 4", words(&three, 4), CHANGED).codes("032").images(THREE),
        expected("b06 by 8", words(&three, 8), CHANGED).codes("032").images(THREE),
        expected("b06 by 8, a card", words(&card, 8), CHANGED).codes("032").images([0, second]),
        expected("b27", map(&three, |byte| byte & 0x7F), CHANGED).codes("032"),
        expected("b27, a card", map(&card, |byte| byte & 0x7F), CHANGED).codes("032"),
        expected("b28", map(&three, space), CHANGED).codes("032"),
        expected("b29c", dropped(&three, |byte| byte == 0), CHANGED).codes("032"),
        expected("b33", every(&three, 0), CHANGED).codes("032"),
        expected("b33b", every(&three, 1), CHANGED).codes("032"),
        expected("b33b, a card", every(&card, 1), CHANGED).codes("032"),
    ]);
}

#[test]
fn roms_with_something_before_them_or_after() {
    let three = three_images();
    let (card, second) = card();
    let after = |before: &[u8], rom: &[u8]| [before, rom].concat();
    let data: Vec<u8> = (0..0x1000_u32).map(|at| (at * 7 % 251).to_le_bytes()[0]).collect();
    let moved = |at: usize| THREE.map(|image| image + at);
    all(&[
        expected("b04e", after(b"\xEF\xBB\xBF", &three), AT).codes("013 019").images(moved(3)),
        expected("b04e, a card", after(b"\xEF\xBB\xBF", &card), AT)
            .codes("013 019")
            .images([3, 3 + second]),
        expected("b07", after(&nvgi(0x600), &card), AT)
            .codes("013")
            .images([0x600, 0x600 + second]),
        expected("b07 at 0x400", after(&nvgi(0x400), &card), AT)
            .codes("013")
            .images([0x400, 0x400 + second]),
        expected("b07b", after(&[0; 16], &card), AT).codes("013 019").images([16, 16 + second]),
        expected("b07d", after(&data[..0x9A3], &card), AT)
            .codes("013 019")
            .images([0x9A3, 0x9A3 + second]),
        expected("4 KiB of data", after(&data, &three), AT).codes("013").images(moved(0x1000)),
        expected("b16c", after(&[0xFF; 512], &three), AT).codes("013").images(moved(512)),
        expected("b16", after(&vec![0; 0x8000], &three), AT).codes("013").images(moved(0x8000)),
        expected("b18", after(&card, &[&[0xFF; 512][..], b"$PSP", &data].concat()), ROM)
            .good()
            .codes("016 019")
            .images([0, second]),
        expected("b18b", after(&amd_flash(), &card), AT)
            .codes("013")
            .images([0x4_0000, 0x4_0000 + second]),
        expected("b24, the sector is lost", card[512..].to_vec(), AT)
            .codes("013")
            .images([second - 512]),
        expected("b25b", after(&one_image(), &one_image()), ROM).warn().codes("025").images([0]),
        expected("b25", after(&three, &three), ROM).warn().codes("025").images(THREE),
        expected("b29", after(&three, b"\n"), ROM).good().codes("016 019").images(THREE),
        expected("b29, of Windows", after(&three, b"\r\n"), ROM)
            .good()
            .codes("016 019")
            .images(THREE),
        expected("b29b", after(b"\n", &three), AT).codes("013 019").images(moved(1)),
        expected("b29b, of Windows", after(b"\r\n", &three), AT).codes("013 019").images(moved(2)),
        expected("b29d", after(b"<b>Warning</b>\n", &card), AT)
            .codes("013 019")
            .images([15, 15 + second]),
        expected("padding", after(&three, &[0xFF; 512]), ROM).good().images(THREE),
    ]);
}

#[test]
fn roms_that_lost_something() {
    let three = three_images();
    let (card, second) = card();
    let amd = |last| legacy(0x1002, 0x66A1, 115, last);
    all(&[
        expected("b07c", card[1..].to_vec(), DAMAGED).codes("019 030").images([second - 1]),
        expected("b07c, EFI", three[1..].to_vec(), DAMAGED)
            .codes("019 030")
            .images([0x7FF, 0x15FF]),
        expected("b07e", card[16..].to_vec(), DAMAGED).codes("019 030").images([second - 16]),
        expected("b07e, EFI", three[8..].to_vec(), DAMAGED)
            .codes("019 030")
            .images([0x7F8, 0x15F8]),
        expected("a driver is first", three[512..].to_vec(), DAMAGED)
            .codes("030")
            .images([0x600, 0x1400]),
        expected("b09", with(&card, 0, &[0]), DAMAGED).codes("030").images([second]),
        expected("b09b", with(&three, 0, &[0]), DAMAGED).codes("030").images([0x800, 0x1600]),
        expected("b09c", with(&three, 1, &[0]), DAMAGED).codes("030").images([0x800, 0x1600]),
        expected("ff for 55", with(&card, 0, &[0xFF]), DAMAGED).codes("030").images([second]),
        expected("b11", amd(false)[..41 << 10].to_vec(), ROM).codes("014 501").images([0]),
        expected("b11, of NVIDIA", card[..20 << 10].to_vec(), ROM).codes("014 501").images([0]),
        expected("b11b", amd(false), ROM).warn().codes("015 501").images([0]),
        expected("b11c", amd(true), ROM).good().codes("501").images([0]),
        expected("b16b", legacy(0x8086, 0x46A6, 128, true), ROM).good().codes("501").images([0]),
        expected("b19", card[..second + 512].to_vec(), ROM).codes("014").images([0, second]),
        expected("b24b", three[..512].to_vec(), ROM).codes("014 020").images([0]),
        expected("b24b, two sectors", three[..1024].to_vec(), ROM).codes("014 020").images([0]),
        expected("b26", with(&three, 0x800, &[0; 512]), ROM)
            .warn()
            .codes("031")
            .images([0, 0x1600]),
        expected("b26, ff", with(&three, 0x800, &[0xFF; 512]), ROM)
            .warn()
            .codes("031")
            .images([0, 0x1600]),
        expected("b26b", with(&three, 0x800, &[0; 2]), ROM).codes("023").images([0, 0x1600]),
        expected("b26c", with(&three, 0x800, &[0; 32]), ROM).codes("023").images([0, 0x1600]),
        expected("b26d", with(&three, 0x800, &[0xFF; 64]), ROM).codes("023").images([0, 0x1600]),
        expected("b26f", with(&three, 0, &[0; 512]), DAMAGED).codes("030").images([0x800, 0x1600]),
        expected("the last is lost", with(&three, 0x1600, &[0; 512]), ROM)
            .warn()
            .codes("015")
            .images([0, 0x800]),
        expected("its 55 AA", with(&three, 0x1600, &[0; 2]), ROM).codes("023").images([0, 0x800]),
        expected("a card's second", with(&card, second, &[0; 2]), ROM).codes("023 501").images([0]),
        expected("a card's first", with(&card, 0, &[0; 512]), AT).codes("013").images([second]),
    ]);
}

#[test]
fn what_is_not_a_rom() {
    let exe = |inside: &[u8]| [&pe(2, 0x14C), inside].concat();
    let amd = legacy(0x1002, 0x1638, 100, true);
    let table = vfct(std::slice::from_ref(&amd));
    let at = 0x68;
    let isa_sum = with(&isa(), 0x1FF0, &[0x12]);
    let no_size = with(&isa(), 2, &[0]);
    let dump = "VFCT @ 0x0000000000000000\n".to_owned() + &text::acpidump(&table);
    all(&[
        expected("b01", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0more", "elf-program").codes("033"),
        expected("b01, 32 bits", b"\x7fELF\x01\x01\x01more", "elf-program").codes("033"),
        expected("b01, a script", b"#!/bin/sh\necho hello\n", TEXT).codes("011"),
        expected("b02", table.clone(), "vfct").codes("040 501").images([at]),
        expected("b02, two", vfct(&[amd.clone(), amd]), "vfct").codes("040 501").images([at]),
        expected("b02, cut", table[..20_000].to_vec(), "vfct").codes("014 040 501").images([at]),
        expected("b02, acpidump", dump, BYTES).codes("039 040 501").images([at]),
        expected("b08", isa()[..0x1D40].to_vec(), "isa-rom").codes("014 113").images([0]),
        expected("b10", no_size, "isa-rom").codes("113 302").images([0]),
        expected("b31", isa_sum, "isa-rom").codes("113 301").images([0]),
        expected("b31b", isa(), "isa-rom").warn().codes("113").images([0]),
        expected("b31c", isa()[..0x1800].to_vec(), "isa-rom").codes("014 113").images([0]),
        expected("b31b, at 512", [vec![0xFF; 512], isa()].concat(), AT)
            .codes("013 113")
            .images([512]),
        expected("b12", te(), "te-image").codes("035"),
        expected("b12b", with(&pe(11, 0x8664), 0x80, b"XX"), "damaged-program").codes("033"),
        expected("b13", section(0x10, &pe(11, 0x8664)), "firmware-section").codes("036"),
        expected("b13, a ROM", section(0x19, &three_images()), "firmware-section").codes("036"),
        expected("b13b", ffs(&section(0x10, &pe(11, 0x8664))), "firmware-file").codes("036"),
        expected("b14", exe(b"PFS.HDR.\x01\0\0\0"), "update-program").codes("034"),
        expected("b14b", exe(&[0x37; 2048]), "windows-program").codes("033"),
        expected("b14c", exe(b"7z\xbc\xaf\x27\x1c\0\x04more"), "update-program").codes("034"),
        expected("b14d", dos(b"\x90\x90"), "dos-program").codes("033"),
        expected("b14e", exe(&[&[0; 0xC00][..], &volume()].concat()), "update-program")
            .codes("034"),
        expected("b14f", volume(), "firmware-image").codes("008"),
        expected("b14f, a ROM after it", [volume(), three_images()].concat(), "firmware-image")
            .codes("008"),
        expected("b14g", exe(&[&[0; 0xC00][..], &three_images()].concat()), "update-program")
            .codes("034")
            .images(THREE.map(|image| 0x1000 + image)),
        expected("b15", vbt(), "vbt").codes("040"),
        expected("b15b", op_region(), "opregion").codes("040"),
        expected("b17", b"echo 1 | sudo tee /sys/devices/rom\n", TEXT).codes("011"),
        expected("b17, dd", b"dd if=rom of=igd.rom\n", TEXT).codes("011"),
        expected("b17b", b"1\n", TEXT).codes("011"),
        expected("b17c", b"cat: rom: Input/output error\n", TEXT).codes("011"),
        expected("b17c, not on", b"cat: rom: Invalid argument\n", TEXT).codes("011"),
        expected("b23", b"{\"message\":\"Not Found\"}", "server-answer").codes("041"),
        expected("b23b", b"<Error><Code>NoSuchKey</Code></Error>", "server-answer").codes("041"),
        expected("b23, headers", b"HTTP/1.1 302 Found\r\nLocation: x\r\n", "server-answer")
            .codes("041"),
        expected("b23d", b"\n\n<!DOCTYPE html>\n<html lang=\"en\">", "web-page").codes("002"),
        expected("b23c", utf16("<!DOCTYPE html><html>"), "web-page").codes("002"),
        expected("b32", pe(11, 0x14C), "efi-driver").codes("007"),
        expected("b32, arm64", pe(11, 0xAA64), "efi-driver").codes("007"),
    ]);
}

#[test]
fn roms_that_are_packed_or_written_as_text() {
    let three = three_images();
    let (card, second) = card();
    let packed = |name, bytes: Vec<u8>, codes| {
        expected(name, bytes, "archive").good().codes(codes).images(THREE)
    };
    let written =
        |name, bytes: Vec<u8>| expected(name, bytes, BYTES).good().codes("039").images([0, second]);
    let inner = zip(&[("igd.rom", &three, true)]);
    all(&[
        packed("b20", zip(&[("vbios/a.bin", &three, true), ("readme.txt", b"x", false)]), "038"),
        packed("b20, a ZIP in it", zip(&[("in.zip", &inner, false)]), "038 038"),
        packed("b20b", tar(&[("a/igd.rom", &three)]), "038"),
        packed("b20c", gzip(&tar(&[("a/igd.rom", &three)])), "038 038"),
        packed("b20d", gzip(&three), "038"),
        packed("b20d, two streams", [gzip(&three[..900]), gzip(&three[900..])].concat(), "038"),
        packed("b20e", xz(&three), "038"),
        packed("b20f", bzip2(&three), "038"),
        packed("b20h", zstd(&three), "038"),
        packed("LZMA alone", lzma(&three), "038"),
        packed(
            "a hex dump in a ZIP",
            zip(&[("r.txt", text::hexdump_canonical(&three).as_bytes(), true)]),
            "038 039",
        ),
        expected("b20, cut", inner[..inner.len() / 2].to_vec(), "archive").codes("004"),
        expected("b20d, cut", gzip(&three)[..200].to_vec(), "archive").codes("005"),
        expected("b20g", b"Rar!\x1a\x07\x01\0more", "archive").codes("037"),
        expected("b20i", b"MSCF\0\0\0\0more", "archive").codes("037"),
        expected("a BIOS in a ZIP", zip(&[("BIOS.CAP", &volume(), true)]), "archive")
            .codes("004 008"),
        expected("a driver in a ZIP", zip(&[("gop.efi", &pe(11, 0x8664), true)]), "archive")
            .codes("004 007"),
        written("b05", text::digits(&card).into_bytes()),
        written("b05b", text::hexdump_canonical(&card).into_bytes()),
        written("b05c", text::registry(&card)),
        written("b05d", text::array(&card).into_bytes()),
        written("b05d, of Python", text::literal(&card).into_bytes()),
        written("b05d, decimal", text::decimals(&card).into_bytes()),
        written("b05e", text::base64(&card).into_bytes()),
        written("b05f", text::intel_hex(&card).into_bytes()),
    ]);
}
