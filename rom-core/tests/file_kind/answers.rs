//! What `analyze` answers for files that are not plain ROMs: each of them is found out, none is
//! good that lost something, and check, scan, extract and repair see the same in them.

use super::make::*;
use proptest::prelude::*;
use rom_core::file_kind::identify;
use rom_core::repair::{Repair, repair};
use rom_core::{Analysis, Context, Limits, Severity, Verdict, analyze, scan};

fn of(bytes: &[u8]) -> Analysis {
    analyze(bytes, &Context::default())
}

fn codes(analysis: &Analysis) -> Vec<&'static str> {
    analysis.findings.iter().map(|finding| finding.code.id()).collect()
}

fn places(analysis: &Analysis) -> Vec<usize> {
    analysis.images.iter().map(|image| image.span.offset).collect()
}

/// `bytes` with `new` at `at`.
fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

fn repaired(bytes: &[u8], repairs: &[Repair]) -> Vec<u8> {
    repair(bytes, repairs, &Limits::default()).unwrap().bytes
}

#[test]
fn programs_and_tables_are_never_drivers() {
    let exe = [pe(2, 0x14C), vec![0x37; 2048]].concat();
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("ELF", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0more".to_vec(), "ROM033"),
        ("Windows", exe.clone(), "ROM033"),
        ("MZ without PE", with(&exe, 0x80, b"XX\0\0"), "ROM033"),
        ("update", [&exe[..], b"PFS.HDR.\x01\0\0\0"].concat(), "ROM034"),
        ("TE", te(), "ROM035"),
        ("application", pe(10, 0x8664), "ROM035"),
        ("section", section(0x10, &pe(11, 0x8664)), "ROM036"),
        ("file of a volume", ffs(&section(0x10, &pe(11, 0x8664))), "ROM036"),
        ("VBT", vbt(), "ROM040"),
    ];
    for (name, bytes, code) in cases {
        let analysis = of(&bytes);
        assert_eq!((analysis.verdict, codes(&analysis)), (Verdict::Bad, vec![code]), "{name}");
        assert!(analysis.images.is_empty(), "{name}");
    }
}

#[test]
fn a_rom_in_something_is_found_at_its_place_by_all() {
    let whole = [nvidia(), one_image()].concat();
    let second = nvidia().len();
    let cases = [
        ("VFCT", vfct(&[legacy(0x1002, 0x1638, 100, true)]), vec![0x68]),
        ("BOM", [&b"\xEF\xBB\xBF"[..], &whole].concat(), vec![3, 3 + second]),
        ("NVGI", [nvgi(0x600), whole.clone()].concat(), vec![0x600, 0x600 + second]),
        ("16 zeros", [vec![0; 16], whole.clone()].concat(), vec![16, 16 + second]),
        ("a line feed", [&b"\n"[..], &whole].concat(), vec![1, 1 + second]),
        ("512 ones", [vec![0xFF; 512], three_images()].concat(), vec![512]),
        ("a program", [pe(2, 0x14C), three_images()].concat(), vec![0x400]),
        ("AMD's data", [amd_flash(), whole.clone()].concat(), vec![0x4_0000, 0x4_0000 + second]),
    ];
    for (name, bytes, expected) in cases {
        let analysis = of(&bytes);
        assert_eq!(places(&analysis)[..expected.len()], expected, "{name}");
        assert_eq!(analysis.verdict, Verdict::Bad, "{name}: firmware does not see it where it is");
        let scanned: Vec<usize> = scan::roms(&bytes).iter().map(|span| span.offset).collect();
        assert_eq!(scanned.first(), expected.first(), "{name}");
    }
}

#[test]
fn what_is_before_a_rom_is_cut_off_where_it_is_known() {
    let whole = [nvidia(), one_image()].concat();
    let before: [&[u8]; 4] = [b"\xEF\xBB\xBF", &nvgi(0x600), &[0; 16], b"\n"];
    for before in before {
        let bytes = [before, &whole].concat();
        assert!(repaired(&bytes, &[Repair::Container]) == whole, "{before:x?}");
    }
}

#[test]
fn one_lost_byte_of_a_signature_is_put_back_and_no_more() {
    let (nvidia, three) = (nvidia(), three_images());
    for (bytes, at) in [(&nvidia, 0), (&three, 0), (&three, 1)] {
        let damaged = with(bytes, at, &[0]);
        let analysis = of(&damaged);
        assert_eq!((analysis.verdict, codes(&analysis)[0]), (Verdict::Bad, "ROM030"));
        assert!(repaired(&damaged, &[Repair::Signature]) == *bytes);
        assert!(repair(&damaged, &[Repair::Container], &Limits::default()).is_err());
    }
    let whole = [nvidia, one_image()].concat();
    for missing in [1, 16, 100] {
        let analysis = of(&whole[missing..]);
        assert_eq!(analysis.verdict, Verdict::Bad, "{missing}");
        assert!(codes(&analysis).contains(&"ROM030"), "{missing}: {:?}", codes(&analysis));
        for one in [Repair::Container, Repair::Signature] {
            assert!(repair(&whole[missing..], &[one], &Limits::default()).is_err(), "{missing}");
        }
    }
}

#[test]
fn an_image_that_was_lost_is_never_good() {
    let three = three_images();
    let (first, second) = (three_second(), 512 * usize::from(three[three_second() + 2]));
    assert!(second > 0);
    let holes: [(&str, usize, Vec<u8>); 7] = [
        ("a sector of zeros", first, vec![0; 512]),
        ("a sector of ones", first, vec![0xFF; 512]),
        ("55 AA", first, vec![0; 2]),
        ("one byte", first, vec![0; 1]),
        ("32 bytes", first, vec![0; 32]),
        ("64 ones", first, vec![0xFF; 64]),
        ("PCIR", first + 0x1C, vec![0; 4]),
    ];
    for (name, at, hole) in holes {
        let damaged = with(&three, at, &hole);
        let analysis = of(&damaged);
        assert_ne!(analysis.verdict, Verdict::Good, "{name}: {:?}", codes(&analysis));
        let says = analysis.findings.iter().any(|finding| {
            finding.severity() != Severity::Note && finding.span.offset.abs_diff(at) <= 0x20
        });
        assert!(says, "{name}: {:?}", codes(&analysis));
    }
}

#[test]
fn cut_files_are_not_padded() {
    let three = three_images();
    for cut in [512, 1000, 41 << 9] {
        let bytes = &legacy(0x1002, 0x66A1, 115, false)[..cut];
        assert_eq!(of(bytes).verdict, Verdict::Bad, "{cut}");
        assert!(repair(bytes, &[Repair::Pad], &Limits::default()).is_err(), "{cut}");
    }
    assert!(repair(&three[..512], &[Repair::Pad], &Limits::default()).is_err());
}

#[test]
fn isa_roms_are_padded_and_summed_up() {
    let good = isa();
    let unpadded = &good[..0x1D40];
    assert_eq!(of(&good).verdict, Verdict::Warn);
    let analysis = of(unpadded);
    assert!(codes(&analysis).contains(&"ROM113"), "{:?}", codes(&analysis));
    assert!(!codes(&analysis).contains(&"ROM103"), "a pointer is read out of its code");
    let padded = repaired(unpadded, &[Repair::Pad, Repair::Checksum]);
    assert_eq!((padded.len(), of(&padded).verdict), (0x2000, Verdict::Warn));
    let mut zero = good;
    zero[2] = 0;
    assert_eq!(of(&zero).verdict, Verdict::Bad);
}

#[test]
fn two_roms_are_linked_only_where_that_is_asked_for() {
    let two = [one_image(), one_image()].concat();
    let analysis = of(&two);
    assert_eq!((analysis.verdict, codes(&analysis)), (Verdict::Warn, vec!["ROM025"]));
    assert!(repaired(&two, &[Repair::LastImage]) == two);
    assert_eq!(places(&of(&repaired(&two, &[Repair::Link]))), [0, one_image().len()]);
}

#[test]
fn what_is_packed_is_judged_inside() {
    let rom = one_image();
    let tar = tar(&[("readme.txt", b"x"), ("product/igd.rom", &rom)]);
    let good: [(&str, Vec<u8>, &str); 8] = [
        ("ZIP", zip(&[("a/igd.rom", &rom, true), ("readme.txt", b"x", false)]), "ROM038"),
        ("tar.gz", gzip(&tar), "ROM038"),
        ("tar", tar, "ROM038"),
        ("xz", xz(&rom), "ROM038"),
        ("bz2", bzip2(&rom), "ROM038"),
        ("zst", zstd(&rom), "ROM038"),
        ("hexdump", super::text::hexdump_canonical(&rom).into_bytes(), "ROM039"),
        ("registry", super::text::registry(&rom), "ROM039"),
    ];
    for (name, bytes, code) in good {
        let analysis = of(&bytes);
        assert_eq!(analysis.verdict, Verdict::Good, "{name}: {:?}", codes(&analysis));
        assert!(codes(&analysis).contains(&code), "{name}: {:?}", codes(&analysis));
        assert_eq!((places(&analysis), analysis.opened.is_empty()), (vec![0], false), "{name}");
        assert_eq!(analysis.kind, identify(&bytes), "{name}");
    }
    let bad = zip(&[("igd.rom", &rom[..600], true)]);
    assert_eq!(of(&bad).verdict, Verdict::Bad, "the ROM inside is cut");
    let nothing = zip(&[("readme.txt", b"x", true)]);
    assert_eq!((of(&nothing).verdict, codes(&of(&nothing))[0]), (Verdict::Bad, "ROM004"));
    let swapped: Vec<u8> = rom.chunks(2).flat_map(|word| [word[1], word[0]]).collect();
    let analysis = of(&swapped);
    assert_eq!(
        (analysis.verdict, places(&analysis)),
        (Verdict::Bad, vec![0]),
        "it is read, and stays bad"
    );
}

/// Where the first ROM is, by what scan finds in the file.
fn scanned(bytes: &[u8]) -> Option<usize> {
    scan::roms(bytes).first().map(|span| span.offset)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    /// check, scan and repair see the same first ROM in whatever a ROM is put into, and whatever is
    /// changed in it.
    #[test]
    fn check_scan_and_repair_agree(
        before in prop::sample::select(vec![0_usize, 0, 1, 3, 16, 512, 0x400, 0x9A3]),
        fill in prop::sample::select(vec![0_u8, 0xFF, 0x11, b' ']),
        rom in prop::sample::select(vec![three_images(), one_image(), isa(), legacy(0x1002, 0x1638, 8, true)]),
        changes in prop::collection::vec((0_usize..0x80, any::<u8>()), 0..3),
        cut in prop::sample::select(vec![0_usize, 0, 0, 1, 100, 600]),
    ) {
        let mut bytes = vec![fill; before];
        bytes.extend(&rom);
        for (at, value) in changes {
            bytes[before + at] = value;
        }
        bytes.truncate(bytes.len() - cut);
        let analysis = of(&bytes);
        let first = places(&analysis).first().copied();
        let by_scan = scanned(&bytes);
        // What firmware sees at the start is said of it even where it cannot be one.
        if first != Some(0) && analysis.opened.is_empty() {
            prop_assert_eq!(first, by_scan, "{}", analysis.kind);
        }
        if by_scan.is_some() && analysis.opened.is_empty() {
            prop_assert!(first.is_some(), "{}", analysis.kind);
        }
        // A repair never makes a ROM of a file in which none is seen.
        let repaired = repair(&bytes, &[Repair::LastImage], &Limits::default());
        prop_assert!(first.is_some() || repaired.is_err(), "{}", analysis.kind);
    }
}
