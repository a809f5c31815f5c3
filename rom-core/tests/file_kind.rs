//! What files are: composed ones of every kind, whole, mistaken, disguised and damaged.

#[path = "file_kind/answers.rs"]
mod answers;
#[path = "file_kind/expected.rs"]
mod expected;
#[path = "file_kind/further.rs"]
mod further;
#[path = "file_kind/lost.rs"]
mod lost;
#[path = "file_kind/make.rs"]
mod make;
#[path = "file_kind/text.rs"]
mod text;

use make::*;
use proptest::prelude::*;
use rom_core::file_kind::{FileKind, NextStep, OpenError, OpenLimits, identify, open};

/// What is right of a file.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    kind: &'static str,
    /// What the sentence has in it.
    says: &'static str,
    rom_at: Option<usize>,
    /// The kinds of what is opened in it.
    inside: &'static [&'static str],
    /// The command that comes next, without the file's name.
    next: &'static str,
}

const FILE: &str = "FILE";

fn case(name: &'static str, bytes: Vec<u8>, kind: &'static str) -> Case {
    Case { name, bytes, kind, says: "", rom_at: None, inside: &[], next: "" }
}

impl Case {
    fn says(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    fn rom(self, at: usize) -> Self {
        Self { rom_at: Some(at), ..self }
    }

    fn holds(self, inside: &'static [&'static str]) -> Self {
        Self { inside, ..self }
    }

    fn next(self, next: &'static str) -> Self {
        Self { next, ..self }
    }

    fn check(&self) {
        let kind = identify(&self.bytes);
        let name = self.name;
        assert_eq!(kind.name(), self.kind, "{name}: {kind}");
        assert!(kind.to_string().contains(self.says), "{name}: {kind}");
        assert_eq!(kind.rom_at(&self.bytes), self.rom_at, "{name}");
        let opened = open(&self.bytes, &kind, &OpenLimits::default()).unwrap_or_default();
        let inside: Vec<&str> = opened.iter().map(|part| identify(&part.bytes).name()).collect();
        assert_eq!(inside, self.inside, "{name}");
        let next = kind.next_step().map(|step| step.words(FILE)).unwrap_or_default();
        let next: Vec<&str> = next
            .iter()
            .map(String::as_str)
            .filter(|word| *word != FILE && *word != "oprom")
            .collect();
        assert_eq!(next.join(" "), self.next, "{name}");
    }
}

const EXTRACT: &str = "extract -o parts";
const CONTAINER: &str = "repair --container -o repaired.rom";
const SIGNATURE: &str = "repair --signature -o repaired.rom";

#[test]
fn roms_at_their_place_and_elsewhere() {
    let (three, nvidia, efi) = (three_images(), nvidia(), one_image());
    let whole = [nvidia.clone(), efi.clone()].concat();
    let at = |before: &[u8]| [before, &whole].concat();
    let cases = [
        case("three images", three.clone(), "option-rom").rom(0),
        case("a shadow at C0000", legacy(0x8086, 0x46A6, 128, true), "option-rom").rom(0),
        case("cut at 64 KiB", whole[..0xF100].to_vec(), "option-rom").rom(0),
        case("cut in the first image", whole[..41 << 10].to_vec(), "option-rom").rom(0),
        case("one sector", three[..512].to_vec(), "option-rom").rom(0),
        case("last bit not set", legacy(0x1002, 0x66A1, 82, false), "option-rom").rom(0),
        case("twice", three.repeat(2), "option-rom").rom(0),
        case("a line feed after it", [&three[..], b"\n"].concat(), "option-rom").rom(0),
        case(
            "a vendor's data after it",
            [&whole[..], &[0xFF; 512], b"$PSP", &[0x11; 508]].concat(),
            "option-rom",
        )
        .rom(0),
        case("NVGI", at(&nvgi(0x600)), "option-rom-at-offset")
            .says("NVIDIA NVGI")
            .rom(0x600)
            .next(CONTAINER),
        case("RFRD", at(&[b"RFRD", &[0x40; 0x1FC][..]].concat()), "option-rom-at-offset")
            .says("NVIDIA RFRD")
            .rom(0x200)
            .next(CONTAINER),
        case("16 zeros", at(&[0; 16]), "option-rom-at-offset")
            .says("at 0x10, after 00")
            .rom(16)
            .next(CONTAINER),
        case("64 KiB of zeros", at(&vec![0; 0x1_0000]), "option-rom-at-offset")
            .rom(0x1_0000)
            .next(CONTAINER),
        case("a sector of ones", [&[0xFF; 512][..], &three].concat(), "option-rom-at-offset")
            .says("after ff")
            .rom(512)
            .next(CONTAINER),
        case("a byte order mark", at(b"\xEF\xBB\xBF"), "option-rom-at-offset")
            .says("byte order mark")
            .rom(3)
            .next(CONTAINER),
        case("a line feed before it", at(b"\n"), "option-rom-at-offset")
            .says("after text")
            .rom(1)
            .next(CONTAINER),
        case("a PHP warning before it", at(b"<br />\n<b>Warning</b>: x\n"), "option-rom-at-offset")
            .says("after text")
            .rom(25)
            .next(CONTAINER),
        case("a security processor's data", at(&amd_flash()), "option-rom-at-offset")
            .says("flash directory of AMD")
            .rom(0x4_0000)
            .next(CONTAINER),
        case(
            "an unknown header",
            at(&[b"HDR!", &[0x11; 0x99F][..]].concat()),
            "option-rom-at-offset",
        )
        .says("at 0x9a3, after other data")
        .rom(0x9A3)
        .next("extract"),
        case(
            "the letters PCIR in data",
            [&b"cmp [si], PCIR\0\x1C"[..], &[0x90; 600]].concat(),
            "unknown",
        ),
        case("55 AA and PCIR in text before it", at(&stray_marks()), "option-rom-at-offset")
            .rom(512)
            .next("extract"),
    ];
    cases.iter().for_each(Case::check);
}

#[test]
fn first_images_that_lost_something() {
    let (three, nvidia, efi) = (three_images(), nvidia(), one_image());
    let whole = [nvidia.clone(), efi].concat();
    let with = |bytes: &[u8], at: usize, new: &[u8]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + new.len()].copy_from_slice(new);
        bytes
    };
    let second = three_second();
    let cases = [
        case("00 for 55", with(&nvidia, 0, &[0]), "damaged-option-rom")
            .says("00 instead of 55")
            .next(SIGNATURE),
        case("00 for 55, more after it", with(&three, 0, &[0]), "damaged-option-rom")
            .says("at 0x0 is 00 instead of 55")
            .rom(second)
            .next(SIGNATURE),
        case("00 for AA", with(&three, 1, &[0]), "damaged-option-rom")
            .says("at 0x1 is 00 instead of aa")
            .rom(second)
            .next(SIGNATURE),
        case("both lost", with(&three, 0, &[0, 0]), "damaged-option-rom")
            .says("55 aa is missing at 0x0")
            .rom(second)
            .next("fetch"),
        case("first byte missing", whole[1..].to_vec(), "damaged-option-rom")
            .says("its first byte is missing")
            .rom(nvidia.len() - 1)
            .next("fetch"),
        case("first 16 missing", whole[16..].to_vec(), "damaged-option-rom")
            .says("first 16 bytes are missing")
            .rom(nvidia.len() - 16)
            .next("fetch"),
        case("first 100 missing", whole[100..].to_vec(), "damaged-option-rom")
            .says("first 100 bytes are missing")
            .rom(nvidia.len() - 100)
            .next("fetch"),
        case("header of ones", with(&whole, 0, &[0xFF; 0x40]), "damaged-option-rom")
            .says("its header at 0x0 is lost")
            .rom(nvidia.len())
            .next("fetch"),
        case("first sector lost", with(&three, 0, &[0; 512]), "damaged-option-rom")
            .says("a driver is at")
            .rom(second)
            .next("fetch"),
        case(
            "only the EFI header is left",
            [&[0x11; 0x804][..], &EFI_MARK, &[0x22; 600]].concat(),
            "damaged-option-rom",
        )
        .says("a part of an EFI header is at 0x804")
        .next("fetch"),
    ];
    cases.iter().for_each(Case::check);
}

#[test]
fn isa_roms() {
    let (pad, checksum) = ("repair --pad -o repaired.rom", "repair --checksum -o repaired.rom");
    let good = isa();
    let mut wrong = good.clone();
    wrong[0x1FF0] ^= 0x42;
    let mut pointer = summed(&{
        let mut rom = good.clone();
        rom[0x18..0x1A].fill(0);
        rom
    });
    pointer[0x1FF0] ^= 1;
    let mut zero = good.clone();
    zero[2] = 0;
    let cases = [
        case("good", good.clone(), "isa-rom").says("(8192 bytes)").rom(0),
        case("wrong sum", wrong, "isa-rom").says("checksum is incorrect").rom(0).next(checksum),
        case("wrong sum, pointer zero", pointer, "isa-rom")
            .says("checksum is incorrect")
            .rom(0)
            .next(checksum),
        case("not padded", good[..0x1D40].to_vec(), "isa-rom")
            .says("the file ends 704 bytes earlier")
            .rom(0)
            .next(pad),
        case("cut", good[..0x1800].to_vec(), "isa-rom")
            .says("the file ends 2048 bytes earlier")
            .rom(0)
            .next(pad),
        case("size 0", zero, "isa-rom").says("size byte is 0").rom(0),
        case("padding after it", [&good[..], &[0xFF; 8192]].concat(), "isa-rom")
            .says("(8192 bytes)")
            .rom(0),
    ];
    cases.iter().for_each(Case::check);
}

#[test]
fn programs_and_what_they_carry() {
    let bios = volume();
    let driver = pe(11, 0x8664);
    let update = |inside: &[u8]| [&pe(2, 0x14C), inside].concat();
    let pfs = [&b"PFS.HDR."[..], &[1, 0, 0, 0], &[0x37; 2000], b"PFS.FTR."].concat();
    let open = "7z x";
    let cases = [
        case("ELF", [&b"\x7fELF\x02\x01\x01"[..], &[0; 9], &[7; 900]].concat(), "elf-program")
            .says("Linux"),
        case("Windows", update(&[0x37; 2048]), "windows-program"),
        case("Windows, console", [&pe(3, 0x8664)[..], &[1; 99]].concat(), "windows-program"),
        case("Windows 3", dos(b"NE"), "windows-program"),
        case("DOS", dos(b"\x90\x90"), "dos-program"),
        case(
            "PE header lost",
            [&b"MZ"[..], &[0; 58], &[0x80, 0, 0, 0], &[0; 64], b"XX", &[0; 900]].concat(),
            "damaged-program",
        ),
        case("MZ alone", b"MZ".to_vec(), "damaged-program"),
        case("driver", driver.clone(), "efi-driver").says("x86-64").next("build --efi -o own.rom"),
        case("driver for arm64", pe(11, 0xAA64), "efi-driver")
            .says("arm64")
            .next("build --efi -o own.rom"),
        case("driver for 32 bits", pe(12, 0x14C), "efi-driver")
            .says("x86")
            .next("build --efi -o own.rom"),
        case("application", pe(10, 0x8664), "efi-application"),
        case("TE", te(), "te-image").says("x86-64"),
        case("VZ in text", b"VZ 58 and more of the same\n".to_vec(), "text"),
        case("Dell", update(&pfs), "update-program")
            .says("Dell update (PFS) at 0x400")
            .next("extract"),
        case(
            "AMI PFAT",
            update(&[&[0; 8][..], b"_AMIPFAT1AMI_BIOS_GUARD", &[9; 400]].concat()),
            "update-program",
        )
        .says("PFAT")
        .next("extract"),
        case(
            "AMI UCP",
            update(&[&b"@UAF"[..], &[1; 12], b"@SIG", &[9; 400]].concat()),
            "update-program",
        )
        .says("UCP")
        .next("extract"),
        case("Insyde", update(&[&b"$_IFLASH_BIOSIMG"[..], &[9; 400]].concat()), "update-program")
            .says("Insyde")
            .next("extract"),
        case("Phoenix", update(&[&b"$PACK\0\0\0"[..], &[9; 400]].concat()), "update-program")
            .says("Phoenix")
            .next("extract"),
        case("7z inside", update(b"7z\xbc\xaf\x27\x1c\0\x04more"), "update-program")
            .says("7z")
            .next(open),
        case("ZIP inside", update(b"PK\x03\x04more"), "update-program").says("ZIP").next(open),
        case("volume inside", update(&[&[0; 0xC00][..], &bios].concat()), "update-program")
            .says("firmware volume at 0x1000")
            .next("extract"),
        case("ROM inside", update(&[&[0; 0xC00][..], &three_images()].concat()), "update-program")
            .says("option ROM at 0x1000")
            .rom(0x1000)
            .next("extract"),
        case(
            "an updater for the EFI shell",
            [&pe(10, 0x8664)[..], b"@HPU", &[1; 12], b"@", &[9; 400]].concat(),
            "update-program",
        )
        .says("UCP")
        .next("extract"),
        case("the flash program's own texts", update(b"no @UAF here"), "windows-program"),
    ];
    cases.iter().for_each(Case::check);
}

#[test]
fn firmware_and_tables() {
    let volume = volume();
    let section = section(0x10, &pe(11, 0x8664));
    let with_name = [&section[..], &self::section(0x15, b"G\0o\0p\0\0\0")].concat();
    let descriptor = [&[0xFF; 16][..], &[0x5A, 0xA5, 0xF0, 0x0F], &[0; 4096]].concat();
    let mut bios = vec![0xFF; 0x2_0000];
    bios[0x1_FFF0] = 0xEA;
    let mut far_volume = vec![0x77; 0x3000];
    far_volume.extend(&volume);
    let mut amd = vec![0xFF; 4 << 20];
    amd[0x2_0000..0x2_0004].copy_from_slice(&[0xAA, 0x55, 0xAA, 0x55]);
    let with_rom = [&volume[..], &three_images()].concat();
    let cases = [
        case("volume", volume.clone(), "firmware-image").says("UEFI volumes").next("extract"),
        case("volume further on", far_volume, "firmware-image").says("at 0x3000").next("extract"),
        case("volume and ROM", with_rom, "firmware-image").next("extract"),
        case("flash", descriptor.clone(), "firmware-image").says("Intel board").next("extract"),
        case("old flash", descriptor[16..].to_vec(), "firmware-image")
            .says("Intel board")
            .next("extract"),
        case("AMD flash", amd, "firmware-image").says("AMD board").next("extract"),
        case("coreboot", [&b"LARCHIVE"[..], &[0; 900]].concat(), "firmware-image")
            .says("coreboot")
            .next("extract"),
        case(
            "PFAT",
            [&[1, 0, 0, 0, 9, 9, 9, 9][..], b"_AMIPFAT", &[0x31; 900]].concat(),
            "firmware-image",
        )
        .says("AMI BIOS Guard")
        .next("extract"),
        case("PFS", [&b"PFS.HDR."[..], &[9; 900]].concat(), "firmware-image")
            .says("Dell")
            .next("extract"),
        case("PC BIOS", bios, "firmware-image").says("PC BIOS").next("extract"),
        case("section", section.clone(), "firmware-section").says("PE image").next("extract"),
        case("sections", with_name, "firmware-section").next("extract"),
        case("section cut", section[..section.len() - 9].to_vec(), "unknown"),
        case("file of a volume", ffs(&section), "firmware-file").says("driver").next("extract"),
        case("VBT", vbt(), "vbt").says("VBT").next("extract"),
        case("OpRegion", op_region(), "opregion").next("extract"),
        case("VFCT", vfct(&[legacy(0x1002, 0x1638, 100, true)]), "vfct").rom(0x68).next(EXTRACT),
        case(
            "VFCT of two",
            vfct(&[legacy(0x1002, 0x1638, 8, true), legacy(0x1002, 0x744C, 8, true)]),
            "vfct",
        )
        .rom(0x68)
        .next(EXTRACT),
        case("VFCT without images", vfct(&[]), "vfct").next(EXTRACT),
        case("VBT in text", b"$VBT is a mark\n".to_vec(), "text"),
    ];
    cases.iter().for_each(Case::check);
}

#[test]
fn archives_and_compressed_files() {
    let rom = three_images();
    let tar = tar(&[("product/B660.rom", &rom)]);
    let long = format!("{}/igd.rom", "folder/".repeat(20));
    let cases = [
        case("ZIP", zip(&[("vbios/own.bin", &rom, true), ("readme.txt", b"x", false)]), "archive")
            .says("ZIP")
            .holds(&["option-rom", "text"])
            .next(EXTRACT),
        case("empty ZIP", zip(&[]), "archive").next(EXTRACT),
        case("tar", tar.clone(), "archive")
            .says("a tar archive")
            .holds(&["option-rom"])
            .next(EXTRACT),
        case("tar with a long name", self::tar(&[(&long, &rom)]), "archive")
            .holds(&["option-rom"])
            .next(EXTRACT),
        case("tar.gz", gzip(&tar), "archive").says("gzip").holds(&["archive"]).next(EXTRACT),
        case("gz", gzip(&rom), "archive").holds(&["option-rom"]).next(EXTRACT),
        case("xz", xz(&rom), "archive").says("xz").holds(&["option-rom"]).next(EXTRACT),
        case("bz2", bzip2(&rom), "archive").says("bzip2").holds(&["option-rom"]).next(EXTRACT),
        case("zst", zstd(&rom), "archive").says("Zstandard").holds(&["option-rom"]).next(EXTRACT),
        case("zst damaged", [&b"\x28\xb5\x2f\xfd"[..], &[0x44; 3000]].concat(), "archive")
            .next(EXTRACT),
        case("gz cut", gzip(&rom)[..200].to_vec(), "archive").next(EXTRACT),
        case("7z", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), "archive").says("7z").next("7z x"),
        case("RAR", b"Rar!\x1a\x07\x01\0more".to_vec(), "archive").says("RAR").next("unar"),
        case("CAB", b"MSCF\0\0\0\0more".to_vec(), "archive").says("CAB").next("7z x"),
        case("LZ4", b"\x04\x22\x4d\x18more".to_vec(), "archive").says("LZ4").next("lz4 -d"),
        case("LHA", b"\x24\0-lh5-more".to_vec(), "archive").says("LHA").next("7z x"),
        case("PDF", b"%PDF-1.7\nmore".to_vec(), "archive").says("PDF"),
        case("picture", b"\x89PNG\r\n\x1a\nmore".to_vec(), "archive").says("a graphics file"),
    ];
    cases.iter().for_each(Case::check);
    let opened = open(&cases[0].bytes, &identify(&cases[0].bytes), &OpenLimits::default()).unwrap();
    assert_eq!(opened[0].name.as_deref(), Some("vbios/own.bin"));
    assert_eq!(opened[0].bytes, rom);
    let opened = open(&cases[3].bytes, &identify(&cases[3].bytes), &OpenLimits::default()).unwrap();
    assert_eq!(opened[0].name, Some(long));
}

#[test]
fn what_is_opened_has_limits() {
    let bomb = gzip(&vec![0; 40 << 20]);
    let opened =
        |bytes: &[u8], limits| open(bytes, &identify(bytes), &limits).map(|parts| parts.len());
    let limits = OpenLimits::default();
    assert_eq!(opened(&bomb, limits), Ok(1));
    assert_eq!(opened(&bomb, OpenLimits { ratio: 100, ..limits }), Err(OpenError::TooLarge));
    assert_eq!(opened(&bomb, OpenLimits { bytes: 1 << 20, ..limits }), Err(OpenError::TooLarge));
    let many = tar(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    assert_eq!(
        (opened(&many, limits), opened(&many, OpenLimits { files: 2, ..limits })),
        (Ok(3), Ok(2))
    );
    let two = zip(&[("a", &[1; 600], true), ("b", &[2; 600], true)]);
    assert_eq!(opened(&two, OpenLimits { bytes: 1000, ..limits }), Err(OpenError::TooLarge));
    let mut wrong = zip(&[("a", b"some text", false)]);
    wrong[35] ^= 1;
    assert_eq!(opened(&wrong, limits), Err(OpenError::Damaged), "its sum differs");
    let mut secret = zip(&[("a", b"some text", false)]);
    let flags = secret.windows(4).position(|mark| mark == b"PK\x01\x02").unwrap() + 8;
    secret[flags] |= 1;
    assert_eq!(opened(&secret, limits), Err(OpenError::Encrypted));
    assert_eq!(opened(b"7z\xbc\xaf\x27\x1c\0\x04", limits), Err(OpenError::Unsupported));
    assert_eq!(opened(&three_images(), limits), Err(OpenError::NothingInside));
}

#[test]
fn answers_pages_and_text() {
    let fetch = "fetch";
    let cases = [
        case("JSON", br#"{"message":"Not Found","status":"404"}"#.to_vec(), "server-answer")
            .says("\"Not Found\"")
            .next(fetch),
        case("JSON, nested", b"{\n  \"error\": \"quota\\nexceeded\"\n}".to_vec(), "server-answer")
            .says("\"quota exceeded\"")
            .next(fetch),
        case("JSON without a message", b"{\"a\": 1}".to_vec(), "server-answer").next(fetch),
        case(
            "XML",
            b"<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>The key\n is \
                gone</Message></Error>"
                .to_vec(),
            "server-answer",
        )
        .says("NoSuchKey: The key is gone")
        .next(fetch),
        case("XHTML", b"<?xml version=\"1.0\"?><html><title>x</title></html>".to_vec(), "web-page")
            .says("\"x\"")
            .next(fetch),
        case("page", b"\n\n\n<!DOCTYPE html>\n<html lang=\"en\">".to_vec(), "web-page").next(fetch),
        case("page in UTF-16", utf16("<!DOCTYPE html><title>x</title>"), "web-page")
            .says("\"x\"")
            .next(fetch),
        case(
            "LFS",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 191488\n".to_vec(),
            "git-lfs-pointer",
        )
        .says("191488 bytes")
        .next("git lfs pull"),
        case(
            "no ROM to read",
            b"cat: '/sys/devices/pci0000:00/0000:00:02.0/rom': Input/output \
            error\n"
                .to_vec(),
            "text",
        )
        .says("could not be read")
        .next("explain rom: Input/output error"),
        case("no right", b"bash: /sys/x/rom: Permission denied\n".to_vec(), "text")
            .next("explain Permission denied"),
        case("a command", b"echo 1 | sudo tee /sys/devices/rom\n".to_vec(), "text").says("command"),
        case("the switch", b"1\n".to_vec(), "text").says("not the ROM itself").next("pick"),
        case("404", b"404: Not Found\n".to_vec(), "text").next(fetch),
        case("prose", "zu gro\u{df} ist es nicht".as_bytes().to_vec(), "text"),
        case(
            "prose with numbers",
            b"It begins with 55 AA and is 0x200 long [1].\n".to_vec(),
            "text",
        ),
        case(
            "a kernel's log",
            b"[    0.41] pci 0000:00:02.0: [mem 0xfffe0000-0xffffffff pref]\n".repeat(5),
            "text",
        ),
        case("a word", b"ThisIsOneLongWordWithoutAnySpaceInIt\n".to_vec(), "text"),
        case("a specification", b"purpose = \"x\"\n[[image]]\nkind = \"efi\"\n".to_vec(), "text")
            .next("build -o own.rom"),
        case("empty", Vec::new(), "empty").next(fetch),
        case("zeros", vec![0; 4096], "all-zero").next(fetch),
        case("ones", vec![0xFF; 4096], "all-ones").next("pick"),
        case("nothing", [&[1, 2, 0x83, 0x84, 5, 6][..], &[0x90; 1000]].concat(), "unknown"),
    ];
    cases.iter().for_each(Case::check);
}

#[test]
fn files_that_a_transfer_changed() {
    let rom = three_images();
    let latin: String = rom.iter().map(|byte| char::from(*byte)).collect();
    let replaced = String::from_utf8_lossy(&rom).into_owned().into_bytes();
    let by = |size: usize| {
        rom.chunks(size).flat_map(|word| word.iter().rev().copied()).collect::<Vec<u8>>()
    };
    let map = |change: fn(u8) -> u8| rom.iter().map(|byte| change(*byte)).collect::<Vec<u8>>();
    let every = |start: usize| rom.iter().skip(start).step_by(2).copied().collect::<Vec<u8>>();
    let kind = "changed-by-transfer";
    let whole = &["option-rom"][..];
    let cases = [
        case("LF to CR LF", line_feeds(&rom, b"\r\n"), kind)
            .says("autocrlf")
            .holds(whole)
            .next(EXTRACT),
        case("UTF-8, replaced", replaced, kind).says("ef bf bd").next("fetch"),
        case("UTF-8, encoded", latin.clone().into_bytes(), kind)
            .says("written as UTF-8")
            .holds(whole)
            .next(EXTRACT),
        case("UTF-16", utf16(&latin), kind).says("UTF-16").holds(whole).next(EXTRACT),
        case("UTF-16 without a mark", utf16(&latin)[2..].to_vec(), kind)
            .says("UTF-16")
            .holds(whole)
            .next(EXTRACT),
        case("swapped", by(2), kind).says("16-bit word").holds(whole).next(EXTRACT),
        case("swapped words", by(4), kind).says("32-bit word").holds(whole).next(EXTRACT),
        case("inverted", map(|byte| !byte), kind).says("inverted").holds(whole).next(EXTRACT),
        case("bits reversed", map(u8::reverse_bits), kind)
            .says("bits of every byte")
            .holds(whole)
            .next(EXTRACT),
        case("7 bits", map(|byte| byte & 0x7F), kind).says("bit 7").next("fetch"),
        case("spaces", map(|byte| if byte == 0 { b' ' } else { byte }), kind)
            .says("became a space")
            .next("fetch"),
        case("zeros dropped", rom.iter().copied().filter(|byte| *byte != 0).collect(), kind)
            .says("every 00 was dropped")
            .next("fetch"),
        case("even", every(0), kind).says("from the first on").next("fetch"),
        case("odd", every(1), kind).says("from the second on").next("fetch"),
        case("CR LF to LF", carriage_returns_lost(), kind)
            .says("0d 0a became 0a")
            .rom(0)
            .next("fetch"),
        case("ISA, swapped", isa().chunks(2).flat_map(|word| [word[1], word[0]]).collect(), kind)
            .holds(&["isa-rom"])
            .next(EXTRACT),
    ];
    for case in &cases {
        case.check();
        let opened = open(&case.bytes, &identify(&case.bytes), &OpenLimits::default());
        if let Some(part) = opened.ok().and_then(|parts| parts.into_iter().next())
            && case.name != "ISA, swapped"
        {
            assert!(part.bytes == rom, "{}", case.name);
        }
    }
}

#[test]
fn bytes_written_as_text() {
    let rom = three_images();
    for (name, form, bytes) in text::all(&rom) {
        let kind = identify(&bytes);
        assert_eq!(kind.name(), "bytes-in-text", "{name}: {kind}");
        assert!(kind.to_string().contains(form), "{name}: {kind}");
        let opened = open(&bytes, &kind, &OpenLimits::default()).unwrap();
        assert!(opened.len() == 1 && opened[0].bytes == rom, "{name}");
        assert_eq!(kind.next_step(), Some(NextStep::ExtractTo), "{name}");
    }
}

#[test]
fn damaged_text_is_not_decoded_to_other_bytes() {
    let rom = three_images();
    let dump = text::hexdump_canonical(&rom);
    let lines: Vec<&str> = dump.lines().collect();
    let without = [&lines[..5], &lines[6..]].concat().join("\n");
    let kind = identify(without.as_bytes());
    assert_eq!(kind.name(), "bytes-in-text", "a line is missing");
    let opened = open(without.as_bytes(), &kind, &OpenLimits::default());
    assert_eq!(opened, Err(OpenError::Incomplete));
    let far = "00000000  55 aa 08 00  |U...|\n*\nffffffff0  00\n";
    assert_eq!(identify(far.as_bytes()).name(), "text", "it would have 64 GiB");
    let hex = ":100000001122334455667788990011223344556600\n";
    let kind = identify(hex.as_bytes());
    assert_eq!(
        open(hex.as_bytes(), &kind, &OpenLimits::default()),
        Err(OpenError::Damaged),
        "{kind}"
    );
    let far = ":0400000055AA08E90C\n:02000004FFFFFC\n:0400000055AA08E90C\n";
    let kind = identify(far.as_bytes());
    assert_eq!(
        open(far.as_bytes(), &kind, &OpenLimits::default()),
        Err(OpenError::TooLarge),
        "{kind}"
    );
}

/// Files that would keep a decoder busy for ever, if it began anew at each of their marks.
#[test]
fn no_file_takes_more_than_a_look_at_each_byte() {
    let many = 1 << 18;
    let greedy: [(&str, Vec<u8>); 11] = [
        ("base64 in a mail", [&b"mail\n"[..], &b" VaoA"[..].repeat(many)].concat()),
        ("signs of quoted-printable", b"U=AA".repeat(many)),
        ("brackets", b"[{ 0x1".repeat(many)),
        ("hex in a registry file", [&b"REGEDIT4\n"[..], &b"=hex("[..].repeat(many)].concat()),
        ("registry values", [&b"REGEDIT4\n"[..], &b"a=hex:55\n".repeat(many)].concat()),
        ("0X", [&b"{ 0X1 "[..], &b"0X1 ".repeat(many)].concat()),
        ("x", [&b"{ 0x1 "[..], &b"x".repeat(many)].concat()),
        ("comments", b"/".repeat(many)),
        ("ISA ROMs", [0x55, 0xAA, 0xFF, 0xE9].repeat(many >> 3)),
        ("MZ", [&[1][..], &b"MZ".repeat(many)].concat()),
        ("PCIR", [&[1][..], &b"PCIR\x86\x80\0\0".repeat(many)].concat()),
    ];
    for (name, bytes) in greedy {
        let kind = identify(&bytes);
        assert!(!kind.to_string().is_empty(), "{name}");
        let _ = rom_core::scan::roms(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Nothing that strangers send makes it fail, and what it says is in the file.
    #[test]
    fn every_file_is_some_kind(
        start in prop::sample::select(make::starts()),
        cut in 0_usize..4096,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
    ) {
        let mut bytes = start;
        bytes.truncate(bytes.len().saturating_sub(cut % 700).max(1));
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        let kind = identify(&bytes);
        prop_assert!(kind.rom_at(&bytes).is_none_or(|at| at < bytes.len()));
        prop_assert!(!kind.to_string().is_empty());
        let _ = open(&bytes, &kind, &OpenLimits { bytes: 1 << 20, ..OpenLimits::default() });
        let _ = kind.next_step();
    }

    /// A ROM that is whole is one, whatever is after it.
    #[test]
    fn whole_roms_are_roms(after in prop::collection::vec(any::<u8>(), 0..2000)) {
        let mut bytes = three_images();
        bytes.extend(after);
        prop_assert_eq!(identify(&bytes), FileKind::OptionRom);
    }
}
