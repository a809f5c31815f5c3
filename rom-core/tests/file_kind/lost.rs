//! Images that lost their header, a part of it, or everything: at the first, a middle and the last
//! place of a ROM. None of them is good, something says where, and no repair cuts one off.

use super::expected::{AT, DAMAGED, ROM, all, card, expected, with};
use super::make::*;
use rom_core::repair::{Repair, repair};
use rom_core::usable::Answer;
use rom_core::{Analysis, Context, DeviceId, Limits, Severity, Verdict, analyze, scan};

/// A legacy image of NVIDIA's and three for UEFI; where each begins, and the end.
fn four() -> (Vec<u8>, [usize; 5]) {
    let (first, three) = (nvidia(), three_images());
    let at = first.len();
    let ends = [0, at, at + 0x800, at + 0x1600, at + three.len()];
    ([first, three].concat(), ends)
}

/// Where the PCI data structure of the image at `at` is.
fn pcir_at(bytes: &[u8], at: usize) -> usize {
    at + usize::from(u16::from_le_bytes([bytes[at + 0x18], bytes[at + 0x19]]))
}

/// Every damage of an image from `start` to `end`.
fn damages(bytes: &[u8], start: usize, end: usize) -> Vec<(String, Vec<u8>)> {
    let pcir = pcir_at(bytes, start);
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for fill in [0x00, 0xFF] {
        let filled = |at: usize, length: usize| with(bytes, at, &vec![fill; length]);
        all.push((format!("55 aa is {fill:02x}"), filled(start, 2)));
        all.push((format!("32 bytes of {fill:02x}"), filled(start, 32)));
        all.push((format!("64 bytes of {fill:02x}"), filled(start, 64)));
        all.push((format!("a sector of {fill:02x}"), filled(start, 512)));
        all.push((format!("half of it is {fill:02x}"), filled(start, (end - start) / 2)));
        all.push((format!("all of it is {fill:02x}"), filled(start, end - start)));
        all.push((format!("the structure is {fill:02x}"), filled(pcir, 0x18)));
        let header = with(&filled(start, 0x1C), pcir, &[fill; 0x18]);
        all.push((format!("header and structure are {fill:02x}"), header));
        all.push((format!("the pointer is {fill:02x}"), filled(start + 0x18, 2)));
    }
    let noise: Vec<u8> = (0..512_u32).map(|at| (at * 37 % 251).to_le_bytes()[0]).collect();
    all.push(("noise".to_owned(), with(bytes, start, &noise)));
    all.push(("de ad be ef".to_owned(), with(bytes, start, &[0xDE, 0xAD, 0xBE, 0xEF].repeat(128))));
    all.push(("aa 55".to_owned(), with(bytes, start, &[0xAA, 0x55])));
    all.push(("PCIX".to_owned(), with(bytes, pcir, b"PCIX")));
    all.push(("length 0".to_owned(), with(bytes, pcir + 0x10, &[0, 0])));
    let inverted: Vec<u8> = bytes[start..end].iter().map(|byte| !byte).collect();
    all.push(("inverted".to_owned(), with(bytes, start, &inverted)));
    let cut = |from: usize, to: usize| [&bytes[..from], &bytes[to..]].concat();
    all.push(("one byte is missing".to_owned(), cut(start, start + 1)));
    all.push(("a sector is missing".to_owned(), cut(start, start + 512)));
    let put = |length: usize| [&bytes[..start], &vec![0; length], &bytes[start..]].concat();
    all.push(("one byte more".to_owned(), put(1)));
    all.push(("16 bytes more".to_owned(), put(16)));
    all.push(("a sector more".to_owned(), put(512)));
    all
}

fn of(bytes: &[u8]) -> Analysis {
    analyze(bytes, &Context::default())
}

#[test]
fn a_damaged_image_is_never_good_at_any_place() {
    let (bytes, places) = four();
    assert_eq!(of(&bytes).verdict, Verdict::Good);
    for (index, place) in places.windows(2).enumerate() {
        for (name, damaged) in damages(&bytes, place[0], place[1]) {
            let analysis = of(&damaged);
            let codes: Vec<&str> =
                analysis.findings.iter().map(|finding| finding.code.id()).collect();
            let name = format!("image {index}, {name}: {codes:?}, {}", analysis.kind);
            assert_ne!(analysis.verdict, Verdict::Good, "{name}");
            // An image is lost where it was, or what is before it does not lead to it.
            let before = if index == 0 { 0 } else { places[index - 1] };
            let says = analysis.findings.iter().any(|finding| {
                let at = finding.span.offset;
                finding.severity() > Severity::Note && (before..=place[1]).contains(&at)
            });
            assert!(says, "{name}");
        }
    }
}

#[test]
fn no_repair_cuts_a_damaged_image_off() {
    let (bytes, places) = four();
    let first = &bytes[..places[1]];
    for (name, damaged) in damages(&bytes, places[0], places[1]) {
        // Zeros before it, and nothing of it, are no image.
        if name.starts_with("all of it") || name.ends_with(" more") {
            continue;
        }
        let Ok(repaired) = repair(&damaged, &[Repair::Container], &Limits::default()) else {
            continue;
        };
        assert!(repaired.bytes.len() + 512 >= damaged.len(), "{name}: {}", first.len());
    }
}

#[test]
fn what_is_left_of_a_rom_is_not_simply_usable() {
    let (bytes, places) = four();
    let gpu = DeviceId::intel(0xA7A8);
    let usable = |bytes: &[u8]| analyze(bytes, &Context::default().with_device(Some(gpu))).usable;
    assert_eq!(usable(&bytes).answer, Answer::Yes, "{}", usable(&bytes).reason);
    for place in &places[1..4] {
        let lost = usable(&with(&bytes, *place, &[0; 64]));
        assert_ne!(lost.answer, Answer::Yes, "{place:#x}: {}", lost.reason);
    }
    let policy = usable(&with(&bytes, places[3], &[0; 64]));
    assert_eq!(policy.answer, Answer::Unknown);
    assert!(policy.reason.to_string().contains("an image seems to be lost"), "{}", policy.reason);
}

#[test]
fn scan_and_check_agree_on_damaged_roms() {
    let (bytes, places) = four();
    for place in places.windows(2) {
        for (name, damaged) in damages(&bytes, place[0], place[1]) {
            let analysis = of(&damaged);
            let first = analysis.images.first().map(|image| image.span.offset);
            let scanned = scan::roms(&damaged).first().map(|span| span.offset);
            if analysis.opened.is_empty() && first != Some(0) {
                assert_eq!(first, scanned, "{name}: {}", analysis.kind);
            }
            assert!(first.is_some() || scanned.is_none(), "{name}: {}", analysis.kind);
        }
    }
}

#[test]
fn what_is_said_of_lost_images() {
    let (bytes, places) = four();
    let [_, second, third, last, end] = places;
    let filled = |at: usize, length: usize, fill: u8| with(&bytes, at, &vec![fill; length]);
    let (card, own) = card();
    let behind = |after: &[u8]| [&bytes[..], after].concat();
    let without = |from: usize, to: usize| [&bytes[..from], &bytes[to..]].concat();
    all(&[
        expected("the second is 00", filled(second, 0x800, 0), ROM)
            .warn()
            .codes("022")
            .images([0, third, last]),
        expected("the third is ff", filled(third, last - third, 0xFF), ROM)
            .warn()
            .codes("022")
            .images([0, second, last]),
        expected("the last is 00", filled(last, end - last, 0), ROM)
            .warn()
            .codes("015")
            .images([0, second, third]),
        expected("the first is 00", filled(0, second, 0), AT)
            .codes("013")
            .images([second, third, last]),
        expected("the first is ff", filled(0, second, 0xFF), AT)
            .codes("013")
            .images([second, third, last]),
        expected("half of the third is 00", filled(third, 0x700, 0), ROM)
            .warn()
            .codes("031")
            .images([0, second, last]),
        expected("its header is ff", filled(second, 64, 0xFF), ROM)
            .codes("023")
            .images([0, third, last]),
        expected("the structure is 00", filled(pcir_at(&bytes, second), 0x18, 0), ROM)
            .codes("104")
            .images([0, second]),
        expected("aa 55", with(&bytes, third, &[0xAA, 0x55]), ROM)
            .codes("023")
            .images([0, second, last]),
        expected("the pointer is 0", with(&bytes, second + 0x18, &[0, 0]), ROM)
            .codes("101")
            .images([0, second]),
        expected("length 0", with(&bytes, pcir_at(&bytes, second) + 0x10, &[0, 0]), ROM)
            .codes("017")
            .images([0, second]),
        expected("a card's first header", with(&card, 0, &[0; 32]), DAMAGED)
            .codes("030")
            .images([own]),
        expected("a card's first, aa 55", with(&card, 0, &[0xAA, 0x55]), DAMAGED)
            .codes("030")
            .images([own]),
        expected("a sector of the second is missing", without(second, second + 512), ROM)
            .codes("023")
            .images([0, third - 512, last - 512]),
        expected("the last is missing", without(last, end), ROM)
            .warn()
            .codes("015")
            .images([0, second, third]),
        expected(
            "512 bytes between two",
            [&bytes[..third], &[0; 512], &bytes[third..]].concat(),
            ROM,
        )
        .warn()
        .codes("022")
        .images([0, second, third + 512, last + 512]),
        expected("a driver after the last", behind(&pe(11, 0x8664)), ROM)
            .warn()
            .codes("025")
            .images([0, second, third, last]),
        expected("a part of a ROM after it", behind(&one_image()[..700]), ROM)
            .warn()
            .codes("019 025")
            .images([0, second, third, last]),
        expected("a container's ROM", [nvgi(0x600), with(&card, own, &[0; 64])].concat(), AT)
            .codes("013 023 501")
            .images([0x600]),
        expected("its first byte", [nvgi(0x600), with(&card, 0, &[0])].concat(), DAMAGED)
            .codes("030")
            .images([0x600 + own]),
    ]);
}
