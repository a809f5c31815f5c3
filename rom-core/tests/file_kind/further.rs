//! Further members of the kinds of files that people had: other ways of transfer, other programs
//! that write bytes as text, other things that are taken for ROMs.

use super::expected::{AT, BYTES, CHANGED, ROM, TEXT, THREE, all, card, expected, with};
use super::make::*;
use super::text;
use rom_core::usable::Answer;
use rom_core::{Context, analyze};

#[test]
fn other_transfers() {
    let three = three_images();
    let (card, second) = card();
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    let console = |bytes: &[u8]| {
        let letters: Vec<char> = CODE_PAGE_437.chars().collect();
        bytes
            .iter()
            .map(|byte| match byte.checked_sub(0x80) {
                Some(index) => letters[usize::from(index)],
                None => char::from(*byte),
            })
            .collect::<String>()
    };
    let wide = |text: &str, mark: &[u8]| {
        let units = text.chars().flat_map(|letter| u32::from(letter).to_le_bytes());
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    let without = |bytes: &[u8], byte: u8| {
        bytes.iter().copied().filter(|own| *own != byte).collect::<Vec<u8>>()
    };
    let halves: Vec<u8> =
        three.chunks(4).flat_map(|word| [&word[2..], &word[..2]].concat()).collect();
    let digits: Vec<u8> = three.iter().map(|byte| byte.rotate_left(4)).collect();
    let twice = latin(latin(&three).as_bytes());
    let ended = console(&three).replace('\n', "\r\n") + "\r\n";
    all(&[
        expected("0d 0d 0a", line_feeds(&three, b"\r\r\n"), CHANGED).codes("032 032").images(THREE),
        expected("without 0d", without(&three, b'\r'), CHANGED)
            .codes("023 032 409")
            .images([0, 0x800]),
        expected("without 0a", without(&three, b'\n'), CHANGED)
            .codes("023 032 410")
            .images([0, 0x800]),
        expected("UTF-8 twice", twice, CHANGED).codes("032 032").images(THREE),
        expected("UTF-8 with a mark", "\u{FEFF}".to_owned() + &latin(&three), CHANGED)
            .codes("032")
            .images(THREE),
        expected("UTF-32", wide(&latin(&card), b""), CHANGED).codes("032").images([0, second]),
        expected("UTF-32 with a mark", wide(&latin(&three), b"\xFF\xFE\0\0"), CHANGED)
            .codes("032")
            .images(THREE),
        expected("code page 437", console(&three), CHANGED).codes("032").images(THREE),
        expected("code page 437, UTF-16", utf16(&console(&card)), CHANGED)
            .codes("032")
            .images([0, second]),
        expected("PowerShell's >", utf16(&ended), CHANGED).codes("016 019 032 032").images(THREE),
        expected("halves of words", halves, CHANGED).codes("032").images(THREE),
        expected("digits", digits, CHANGED).codes("032").images(THREE),
        expected("a mark of UTF-16", [b"\xFF\xFE", &three[..]].concat(), AT)
            .codes("013 019")
            .images(THREE.map(|image| 2 + image)),
        expected("a mark, big end", [b"\xFE\xFF", &three[..]].concat(), AT)
            .codes("013 019")
            .images(THREE.map(|image| 2 + image)),
        expected("an upload's form", [b"------X\r\nA: b\r\n\r\n", &three[..]].concat(), AT)
            .codes("013 019")
            .images(THREE.map(|image| 17 + image)),
        expected("with its reply", [b"HTTP/1.1 200 OK\r\n\r\n", &three[..]].concat(), AT)
            .codes("013 019")
            .images(THREE.map(|image| 19 + image)),
    ]);
}

/// Letters of the code page from 80 on.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
     αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

#[test]
fn cut_files() {
    let three = three_images();
    let (card, second) = card();
    let cut = |bytes: &[u8], length: usize| bytes[..length].to_vec();
    let start = |name, length| expected(name, cut(&card, length), "cut-option-rom").codes("014");
    all(&[
        start("2 bytes", 2),
        start("16 bytes", 16),
        start("25 bytes", 25),
        expected("26 bytes", cut(&card, 26), ROM).codes("103").images([0]),
        expected("128 bytes", cut(&card, 128), ROM).codes("103").images([0]),
        expected("512 bytes", cut(&card, 512), ROM).codes("014 501").images([0]),
        expected("4 KiB", cut(&card, 4096), ROM).codes("014 501").images([0]),
        expected("4 KiB, EFI", cut(&three, 4096), ROM).codes("014").images([0, 0x800]),
        expected("at the end of an image", cut(&card, second), ROM)
            .warn()
            .codes("015 501")
            .images([0]),
        expected("a tail of zeros", with(&card, 0x4000, &vec![0; card.len() - 0x4000]), ROM)
            .codes("015 301 501")
            .images([0]),
        expected("a tail of ones", with(&three, 0x1000, &vec![0xFF; three.len() - 0x1000]), ROM)
            .codes("015 409")
            .images([0, 0x800]),
        expected("three times", three.repeat(3), ROM).warn().codes("025").images(THREE),
        expected("to 1 MiB", [&three[..], &vec![0; (1 << 20) - three.len()]].concat(), ROM)
            .good()
            .images(THREE),
    ]);
}

#[test]
fn other_things_that_are_not_roms() {
    let zeros = |start: &[u8]| [start, &[0; 900]].concat();
    let archive = |name, start: &[u8], codes| expected(name, zeros(start), "archive").codes(codes);
    let mut secret = zip(&[("igd.rom", &one_image(), true)]);
    let flags = secret.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap() + 8;
    secret[flags] |= 1;
    let amd = legacy(0x1002, 0x1638, 100, true);
    let table = vfct(std::slice::from_ref(&amd));
    let padded = [gzip(&three_images()), vec![0; 512]].concat();
    let isa_at = [vec![0xFF; 0x2000], isa()].concat();
    let mut bitmap = b"BM\0\0\0\0".to_vec();
    bitmap.resize(600, 7);
    bitmap[2..6].copy_from_slice(&600_u32.to_le_bytes());
    all(&[
        expected("Mach-O", zeros(b"\xCF\xFA\xED\xFE\x07\0\0\x01"), "mach-program").codes("033"),
        expected("two Mach-O", zeros(b"\xCA\xFE\xBA\xBE\0\0\0\x02"), "mach-program").codes("033"),
        expected("Java", zeros(b"\xCA\xFE\xBA\xBE\0\0\0\x34"), "unknown").codes("012"),
        archive("MSI", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "037"),
        archive("deb", b"!<arch>\ndebian-binary   ", "037"),
        archive("lzop", b"\x89LZO\0\r\n\x1a\n", "037"),
        archive("JPEG", b"\xFF\xD8\xFF\xDB\0\x43", "037"),
        archive("WebP", b"RIFF\x10\0\0\0WEBP", "037"),
        expected("bitmap", bitmap, "archive").codes("037"),
        expected("gzip, padded", padded, "archive").good().codes("038").images(THREE),
        expected("gzip of a PDF", gzip(b"%PDF-1.7\nmore"), "archive").codes("005 037"),
        expected("a secret ZIP", secret, "archive").codes("004"),
        expected("VFCT, sum", with(&table, 9, &[table[9] ^ 1]), "vfct")
            .codes("040 501")
            .images([0x68]),
        expected("VFCT, one damaged", vfct(&[with(&amd, 0x300, &[1])]), "vfct")
            .codes("040 301 501")
            .images([0x68]),
        expected("VFCT, no image", with(&table, 0x34, &[0; 4]), "vfct").codes("040"),
        expected("VBT, sum", with(&vbt(), 26, &[7]), "vbt").codes("040"),
        expected("VBT, cut", vbt()[..60].to_vec(), "vbt").codes("040"),
        expected("ISA, later", isa_at, AT).codes("013 113").images([0x2000]),
        expected("ISA, its first sector", isa()[..512].to_vec(), "isa-rom")
            .codes("014 113")
            .images([0]),
        expected(
            "LFS, the old name",
            b"version https://hawser.github.com/spec/v1\nsize 9\n",
            "git-lfs-pointer",
        )
        .codes("003"),
    ]);
}

#[test]
fn other_ways_to_write_bytes() {
    let three = three_images();
    let encoded = text::base64(&three);
    let good =
        |name, bytes: Vec<u8>| expected(name, bytes, BYTES).good().codes("039").images(THREE);
    let json = encoded.replace('\n', "\\n");
    let numbers: Vec<String> = three.iter().map(ToString::to_string).collect();
    let all_numbers = numbers.join(", ");
    let lines: Vec<String> = encoded.lines().map(|line| format!("  {line}")).collect();
    all(&[
        good("a mail", format!("MIME-Version: 1.0\nContent-Type: x/y\n\n{encoded}\n").into_bytes()),
        good(
            "a mail of parts",
            format!("From: a\nContent-Type: multipart/mixed; boundary=X\n\n--X\n\nhello\n--X\n\n{encoded}\n--X--\n")
                .into_bytes(),
        ),
        good("YAML", format!("rom: !!binary |\n{}\n", lines.join("\n")).into_bytes()),
        good(
            "GitHub's reply",
            format!("{{\"name\":\"igd.rom\",\"content\":\"{json}\",\"encoding\":\"base64\"}}").into_bytes(),
        ),
        good("numbers in JSON", format!("{{\"type\":\"Buffer\",\"data\":[{all_numbers}]}}").into_bytes()),
        good("quoted-printable", text::quoted_printable(&three).into_bytes()),
        good("uuencode", text::uuencode(&three).into_bytes()),
        expected("equal lines left out", text::equal_lines_left_out(&three), BYTES).codes("011"),
        expected("numbers, left out", b"  85 170   4   0\n*\n   1   2   3   4\n", BYTES).codes("011"),
        expected("base32", "KWVAJAAA".repeat(40), TEXT).codes("011"),
    ]);
}

#[test]
fn a_vbios_in_a_table_is_sound_and_has_to_be_taken_out() {
    let amd = legacy(0x1002, 0x1638, 100, true);
    let usable = |table: Vec<u8>| {
        let device = "1002:1638".parse().unwrap();
        let usable = analyze(&table, &Context::default().with_device(Some(device))).usable;
        (usable.answer, usable.reason.to_string())
    };
    let (answer, reason) = usable(vfct(std::slice::from_ref(&amd)));
    assert_eq!(answer, Answer::No, "{reason}");
    assert!(reason.contains("by itself: yes; OVMF does not start it, but the guest's"), "{reason}");
    let (answer, reason) = usable(vfct(&[with(&amd, 0x300, &[1])]));
    assert_eq!(answer, Answer::No, "{reason}");
    assert!(reason.contains("by itself: unknown; the VBIOS is damaged"), "{reason}");
}
