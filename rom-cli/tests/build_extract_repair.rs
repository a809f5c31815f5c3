//! Extract, build, repair and scan, as a user runs them.

mod support;

use rom_core::compose::update::{self, Blocks};
use rom_core::compose::{self, Spec, volume};
use rom_core::layout::{
    Algorithm, CapsuleHeader, FfsFileType, FirmwareVolumeHeader, Guid, SectionType,
};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use support::{exit, golden, good_host, oprom, samples, text};
use tempfile::TempDir;

/// Runs in `folder`, so that no path of the machine gets into what is printed.
fn run(folder: &Path, words: &[&str]) -> Output {
    oprom().current_dir(folder).args(words).args(["--sysroot", "none"]).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}exit status {}\n", text(&output.stdout), text(&output.stderr), exit(output))
}

fn is_rom(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "rom")
}

fn sample(folder: &Path, name: &str) {
    fs::copy(samples(name), folder.join(name)).unwrap();
}

/// A BIOS: the GOP driver of a sample in a compressed volume in a volume, and an option ROM in a
/// raw section.
fn bios() -> Vec<u8> {
    const NAME: Guid = Guid::new(0x1234_5678, 0x9ABC, 0xDEF0, [1, 2, 3, 4, 5, 6, 7, 8]);
    let folder = TempDir::new().unwrap();
    sample(folder.path(), "good-three-images.rom");
    assert_eq!(
        exit(&run(folder.path(), &["extract", "good-three-images.rom", "-o", "parts", "-q"])),
        0
    );
    let gop = fs::read(folder.path().join("parts/image-0.efi")).unwrap();
    let parts = [
        volume::section(SectionType::PE32, &gop).unwrap(),
        volume::name("IntelGopDriver").unwrap(),
    ];
    let file = volume::file(FfsFileType::DRIVER, NAME, &volume::sections(&parts)).unwrap();
    let inner = volume::volume(FirmwareVolumeHeader::FFS2, &[file], 512).unwrap();
    let section = volume::section(SectionType::FIRMWARE_VOLUME_IMAGE, &inner).unwrap();
    let packed = volume::compressed(Algorithm::Tiano, &section).unwrap();
    let rom =
        compose::compose(&"purpose = ''\n[[image]]\nkind = 'legacy'\n".parse::<Spec>().unwrap())
            .unwrap();
    let files = [
        volume::file(FfsFileType::FIRMWARE_VOLUME_IMAGE, NAME, &packed).unwrap(),
        volume::file(
            FfsFileType::FREEFORM,
            NAME,
            &volume::section(SectionType::RAW, &rom).unwrap(),
        )
        .unwrap(),
    ];
    let mut bios = volume::volume(FirmwareVolumeHeader::FFS2, &files, 512).unwrap();
    bios.resize(bios.len().next_multiple_of(4096), 0xFF);
    volume::flash(&bios).unwrap()
}

#[test]
fn a_rom_comes_apart_and_together_again() {
    for entry in fs::read_dir(samples("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("good-") || !is_rom(&name) {
            continue;
        }
        let folder = TempDir::new().unwrap();
        sample(folder.path(), &name);
        assert_eq!(exit(&run(folder.path(), &["extract", &name, "-o", "parts"])), 0, "{name}");
        let built = run(folder.path(), &["build", "parts/rom.toml", "-o", "again.rom"]);
        assert_eq!(exit(&built), 0, "{name}: {}", said(&built));
        let again = fs::read(folder.path().join("again.rom")).unwrap();
        assert!(again == fs::read(&path).unwrap(), "{name}");
    }
}

#[test]
fn what_is_in_a_rom_and_in_a_bios() {
    let folder = TempDir::new().unwrap();
    sample(folder.path(), "good-three-images.rom");
    sample(folder.path(), "rom002-html-page.rom");
    fs::write(folder.path().join("bios.bin"), bios()).unwrap();
    let mut all = String::new();
    for words in [
        &["extract", "good-three-images.rom"][..],
        &["extract", "bios.bin"],
        &["extract", "bios.bin", "--all", "-v"],
        &["extract", "bios.bin", "--name", "IntelGopDriver", "-o", "own"],
        &["extract", "bios.bin", "-o", "own"],
        &["extract", "rom002-html-page.rom"],
    ] {
        write!(all, "== oprom {}\n{}\n", words.join(" "), said(&run(folder.path(), words)))
            .unwrap();
    }
    golden("extract.txt", &all);
    let json = run(folder.path(), &["extract", "bios.bin", "--json"]);
    let parts: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(parts["parts"][0]["name"], "IntelGopDriver.efi");
}

/// The wish itself: the drivers of a ROM that one has, with the GOP driver of one's own BIOS; and
/// it goes in.
#[test]
fn a_rom_of_ones_own_bios() {
    let host = good_host("good-one-image.rom");
    let folder = host.path();
    sample(folder, "good-assignment-alone.rom");
    fs::write(folder.join("bios.bin"), bios()).unwrap();
    let mut all = String::new();
    let words = [
        "build",
        "--like",
        "good-assignment-alone.rom",
        "--gop",
        "bios.bin",
        "--device",
        "8086:a7a8",
        "-o",
        "own.rom",
    ];
    let built = run(folder, &words);
    write!(all, "== oprom {}\n{}\n", words.join(" "), said(&built)).unwrap();
    golden("build-like.txt", &all);
    let own: Value =
        serde_json::from_slice(&run(folder, &["check", "--json", "own.rom"]).stdout).unwrap();
    let sha256 = own["files"][0]["sha256"].as_str().unwrap();
    let installed = oprom()
        .current_dir(folder)
        .args(["install", "--from", "own.rom", "--expect-sha256", sha256, "--sysroot"])
        .arg(folder)
        .output()
        .unwrap();
    assert_eq!(exit(&installed), 0, "{}", said(&installed));
    assert_eq!(
        fs::read(folder.join("usr/share/kvm/igd.rom")).unwrap(),
        fs::read(folder.join("own.rom")).unwrap()
    );
}

/// What is compressed in volumes is found by the other command, and each says so.
#[test]
fn scan_and_extract_point_to_each_other() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("bios.bin"), bios()).unwrap();
    fs::write(folder.path().join("zeros.bin"), [7; 5000]).unwrap();
    let found = |words: &[&str]| text(&run(folder.path(), words).stdout);
    let scanned = found(&["scan", "bios.bin"]);
    assert!(scanned.contains("bios.bin contains firmware volumes."), "{scanned}");
    assert!(scanned.ends_with("\n  oprom extract bios.bin\n"), "{scanned}");
    assert!(!found(&["scan", "zeros.bin"]).contains("extract"));
    assert!(found(&["extract", "zeros.bin"]).contains("oprom scan zeros.bin"));
}

/// What `xxd -p` writes.
fn digits(bytes: &[u8]) -> String {
    let mut text = String::new();
    for line in bytes.chunks(30) {
        for byte in line {
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
    }
    text
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Offsets of the ROMs that scan finds in a file, each with the number of the decoded data.
fn scanned(folder: &Path, words: &[&str]) -> Vec<(u64, Option<u64>)> {
    let output = run(folder, &[&["scan", "--json"], words].concat());
    let lines = text(&output.stdout);
    let hits = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut all: Vec<(u64, Option<u64>)> =
        hits.filter_map(|hit| Some((hit["offset"].as_u64()?, hit["decoded"].as_u64()))).collect();
    all.sort_unstable();
    all
}

/// A BIOS with ROMs in plain sight, in a raw section and in a compressed one; an archive.
#[test]
fn check_scan_and_extract_find_the_same_roms() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    let rom = fs::read(samples("good-one-image.rom")).unwrap();
    fs::write(root.join("bios.bin"), [bios(), rom.clone()].concat()).unwrap();
    let check = json(&run(root, &["check", "--json", "bios.bin"]));
    let roms = check["files"][0]["roms"].as_array().unwrap();
    let mut by_check: Vec<(u64, Option<u64>)> =
        roms.iter().map(|rom| (rom["offset"].as_u64().unwrap(), rom["decoded"].as_u64())).collect();
    by_check.sort_unstable();
    let extract = json(&run(root, &["extract", "--json", "bios.bin"]));
    let parts = extract["parts"].as_array().unwrap().iter();
    let parts = parts.filter(|part| is_rom(part["name"].as_str().unwrap()));
    let mut by_extract: Vec<(u64, Option<u64>)> = parts
        .map(|part| (part["place"]["offset"].as_u64().unwrap(), part["place"]["decoded"].as_u64()))
        .collect();
    by_extract.sort_unstable();
    assert!(by_check.len() >= 2, "{by_check:?}");
    assert_eq!(by_check, by_extract);
    assert_eq!(by_check, scanned(root, &["bios.bin"]));
    let listed = text(&run(root, &["check", "bios.bin"]).stdout);
    assert!(listed.contains(" option ROMs in it\n"), "{listed}");

    let packed = digits(&rom);
    fs::write(root.join("igd.rom.txt"), packed).unwrap();
    assert_eq!(scanned(root, &["igd.rom.txt"]), [(0, None)]);
    let found = text(&run(root, &["scan", "igd.rom.txt", "--device", "8086:ffff"]).stdout);
    assert!(found.contains("@0x0 of what is in it: 4096 bytes, 8086:ffff EFI"), "{found}");
    assert!(found.contains("works with 8086:ffff: "), "{found}");
}

/// The host's list of PCI ids has names for what the catalog does not know.
#[test]
fn devices_have_their_names() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("usr/share/misc")).unwrap();
    let list = "1002  Advanced Micro Devices, Inc.\n\t1638  Cezanne [Radeon Vega]\n";
    fs::write(root.join("usr/share/misc/pci.ids"), list).unwrap();
    let image = |vendor: &str, device: &str| {
        let text = format!(
            "purpose = ''\n[[image]]\nkind = 'efi'\nblocks = 8\nvendor = {vendor}\ndevice = \
             {device}\n"
        );
        compose::compose(&text.parse::<Spec>().unwrap()).unwrap()
    };
    fs::write(root.join("amd.rom"), image("0x1002", "0x1638")).unwrap();
    fs::write(root.join("intel.rom"), image("0x8086", "0xa7a8")).unwrap();
    fs::write(root.join("other.rom"), image("0x1002", "0x1639")).unwrap();
    let named = |command: &[&str]| {
        let output = oprom().current_dir(root).args(command).args(["--sysroot", "."]).output();
        text(&output.unwrap().stdout)
    };
    let amd = "for Advanced Micro Devices, Inc. Cezanne [Radeon Vega]";
    assert!(named(&["check", "amd.rom"]).contains(amd));
    assert!(named(&["show", "amd.rom"]).contains(amd));
    assert!(named(&["check", "intel.rom"]).contains(" Graphics"));
    assert!(!named(&["check", "other.rom"]).contains("Advanced"));
    assert!(named(&["check", "--json", "amd.rom"]).contains("\"Advanced Micro Devices, Inc. "));
}

/// A driver is wrapped, and a ROM ranked, wherever it is.
#[test]
fn build_and_pick_look_into_what_check_opens() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    sample(root, "good-one-image.rom");
    run(root, &["extract", "good-one-image.rom", "-o", "parts"]);
    let driver = fs::read(root.join("parts/image-0.efi")).unwrap();
    let section = volume::section(SectionType::PE32, &driver).unwrap();
    let packed = digits(&driver);
    let forms = [("gop.efi", driver), ("gop.sct", section), ("gop.txt", packed.into_bytes())];
    let mut made = Vec::new();
    for (name, bytes) in forms {
        fs::write(root.join(name), bytes).unwrap();
        let output = format!("{name}.rom");
        let built = run(root, &["build", "--efi", name, "-o", &output]);
        assert_eq!(exit(&built), 0, "{name}: {}", said(&built));
        made.push(fs::read(root.join(output)).unwrap());
    }
    assert!(made.iter().all(|rom| *rom == made[0]));

    let roms = root.join("roms");
    fs::create_dir(&roms).unwrap();
    fs::write(roms.join("readme.txt"), "no ROM").unwrap();
    sample(&roms, "good-three-images.rom");
    let rom = fs::read(samples("good-three-images.rom")).unwrap();
    let packed = digits(&rom);
    fs::write(roms.join("packed.txt"), packed).unwrap();
    let listed = text(&run(root, &["pick", "--device", "8086:a7a8", "roms"]).stdout);
    let at = |what: &str| listed.find(what).unwrap_or_else(|| panic!("{what}: {listed}"));
    assert!(at("roms/good-three-images.rom: works with this GPU") < at("roms/packed.txt: works"));
    assert!(at("once the ROM is extracted") < at("oprom extract roms/packed.txt -o parts"));
    assert!(!listed.contains("readme"), "{listed}");
    fs::create_dir(root.join("empty")).unwrap();
    assert_eq!(exit(&run(root, &["pick", "--device", "8086:a7a8", "empty"])), 1);
    for command in ["check", "scan"] {
        let output = run(root, &[command, "empty"]);
        assert_eq!(exit(&output), 1, "{command}: {}", said(&output));
    }
}

/// The same out of every kind of update file, by itself and behind a program.
#[test]
fn a_rom_of_every_kind_of_update() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    sample(root, "good-assignment-alone.rom");
    let bios = bios();
    let named = [("BIOS.bin", bios.as_slice())];
    let pfat = update::ami_pfat(&named, Blocks { size: 0x1000, signature: None }).unwrap();
    let mut entries = update::dell_blocks(&bios, 0x1000, true).unwrap();
    entries.reverse();
    let module = update::ucp_module(*b"@ROM", &update::ucp_stored(&bios).unwrap()).unwrap();
    let updates = [
        ("flash", bios.clone()),
        ("pfat", pfat.clone()),
        ("capsule", update::capsule(CapsuleHeader::APTIO[0], 0x800, &pfat).unwrap()),
        ("pfs", update::dell_stream(&update::dell_list(&entries).unwrap()).unwrap()),
        ("iflash", update::insyde("BIOSIMG", &bios, 16).unwrap()),
        ("ucp", update::ucp_module(*b"@UAF", &module).unwrap()),
        ("tdk", update::phoenix(&[(named[0], false)]).unwrap()),
        ("zip", update::zip(&named, true).unwrap()),
        ("cbfs", update::cbfs_file("fw.bin", 0x50, 0, &bios, 0).unwrap()),
    ];
    for (name, bytes) in updates {
        for program in [false, true] {
            let head: &[u8] =
                if program { &[b'M', b'Z', 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7] } else { &[] };
            fs::write(root.join("update.bin"), [head, &bytes].concat()).unwrap();
            let own = format!("{name}-{program}.rom");
            let words = [
                "build",
                "--like",
                "good-assignment-alone.rom",
                "--gop",
                "update.bin",
                "--device",
                "8086:a7a8",
                "-o",
                &own,
            ];
            let built = run(root, &words);
            assert_eq!(exit(&built), 0, "{own}: {}", said(&built));
            assert!(
                text(&built.stdout).contains("IntelGopDriver lists 8086:a7a8"),
                "{own}: {}",
                said(&built)
            );
            let other = [
                "build",
                "--like",
                "good-assignment-alone.rom",
                "--gop",
                "update.bin",
                "--device",
                "8086:9bc5",
                "-o",
                "no.rom",
            ];
            let refused = run(root, &other);
            assert_eq!(exit(&refused), 5, "{own}: {}", said(&refused));
            assert!(text(&refused.stderr).contains("lists other GPUs"), "{}", said(&refused));
        }
    }
}

#[test]
fn a_rom_of_drivers() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    sample(root, "good-three-images.rom");
    sample(root, "good-legacy.rom");
    sample(root, "rom011-text.rom");
    run(root, &["extract", "good-three-images.rom", "-o", "parts", "-q"]);
    let mut all = String::new();
    for words in [
        &[
            "build",
            "--legacy",
            "good-legacy.rom",
            "--efi",
            "parts/image-1.efi",
            "--ids",
            "8086:a7a8",
            "--class",
            "030000",
            "-o",
            "two.rom",
        ][..],
        &[
            "build",
            "--efi",
            "parts/image-1.efi",
            "--compress",
            "--pad",
            "--devices",
            "a7a0,a7a1",
            "-o",
            "small.rom",
        ],
        &["build", "--efi", "rom011-text.rom", "-o", "text.rom"],
        &["build", "--efi", "parts/image-1.efi", "-o", "two.rom"],
        &["build", "-o", "nothing.rom"],
        &["build", "--like", "good-three-images.rom", "--gop", "rom011-text.rom", "-o", "no.rom"],
    ] {
        write!(all, "== oprom {}\n{}\n", words.join(" "), said(&run(root, words))).unwrap();
    }
    golden("build.txt", &all);
    for none in ["text.rom", "nothing.rom", "no.rom"] {
        assert!(!root.join(none).exists(), "{none}");
    }
    let small = fs::read(root.join("small.rom")).unwrap();
    assert!(small.len().is_power_of_two());
}

#[test]
fn every_sample_has_the_repairs_it_can_have() {
    let mut all = String::new();
    let mut names: Vec<String> = fs::read_dir(samples(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let folder = TempDir::new().unwrap();
    for name in names.iter().filter(|name| is_rom(name)) {
        sample(folder.path(), name);
        let output = run(folder.path(), &["repair", "-q", name]);
        write!(all, "== {name}\n{}", text(&output.stdout)).unwrap();
    }
    golden("repair-proposed.txt", &all);
}

#[test]
fn a_repair_is_written_elsewhere() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    for name in [
        "rom301-legacy-checksum.rom",
        "rom014-truncated.rom",
        "good-one-image.rom",
        "rom013-container.rom",
    ] {
        sample(root, name);
    }
    let mut all = String::new();
    for words in [
        &["repair", "rom301-legacy-checksum.rom", "--checksum", "-o", "mended.rom"][..],
        &["repair", "rom301-legacy-checksum.rom", "--checksum", "-o", "mended.rom"],
        &["repair", "rom014-truncated.rom", "--length", "-o", "cut.rom"],
        &["repair", "good-one-image.rom", "--checksum", "--last-image", "-o", "same.rom"],
        &["repair", "rom013-container.rom", "--container"],
        &["repair", "rom013-container.rom"],
        &["repair", "good-one-image.rom"],
    ] {
        write!(all, "== oprom {}\n{}\n", words.join(" "), said(&run(root, words))).unwrap();
    }
    golden("repair.txt", &all);
    let own = |name: &str| fs::read(root.join(name)).unwrap();
    assert!(
        own("rom301-legacy-checksum.rom")
            == fs::read(samples("rom301-legacy-checksum.rom")).unwrap()
    );
    assert!(own("same.rom") == own("good-one-image.rom") && !root.join("cut.rom").exists());
}

#[test]
fn roms_are_found_in_files_in_folders_and_in_a_pipe() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("dump/deep")).unwrap();
    let rom = |name: &str| fs::read(samples(name)).unwrap();
    let planted =
        [vec![0x55; 1001], rom("good-three-images.rom"), vec![0xAA; 77], rom("good-legacy.rom")]
            .concat();
    fs::write(root.join("dump/flash.bin"), &planted).unwrap();
    let cut = rom("good-one-image.rom");
    fs::write(root.join("dump/deep/cut.bin"), [&[0; 3], &cut[..cut.len() - 1]].concat()).unwrap();
    fs::write(root.join("dump/text"), "55 AA PCIR").unwrap();
    let mut all = String::new();
    for words in [
        &["scan", "dump"][..],
        &["scan", "-q", "dump/flash.bin"],
        &["scan", "dump/text"],
        &["scan", "missing", "dump"],
    ] {
        write!(all, "== oprom {}\n{}\n", words.join(" "), said(&run(root, words))).unwrap();
    }
    golden("scan.txt", &all);
    let mut child = oprom()
        .args(["scan", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(&planted));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let offsets: Vec<u64> = lines.iter().map(|line| line["offset"].as_u64().unwrap()).collect();
    assert_eq!(offsets.len(), 2);
    assert_eq!(offsets[0], 1001);
    assert_eq!(lines[0]["images"].as_array().unwrap().len(), 3);
}

#[test]
fn a_folder_is_checked_file_by_file() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("roms")).unwrap();
    for name in ["good-one-image.rom", "rom014-truncated.rom"] {
        fs::copy(samples(name), root.join("roms").join(name)).unwrap();
    }
    let report: Value =
        serde_json::from_slice(&run(root, &["check", "--json", "roms"]).stdout).unwrap();
    let paths: Vec<&str> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["roms/good-one-image.rom", "roms/rom014-truncated.rom"]);
}
