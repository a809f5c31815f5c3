//! `extract` of several files, of folders, and of a host.

mod support;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;
use support::{exit, fresh_host, golden, oprom, sample, text};
use tempfile::TempDir;

const DEVICE: &str = "sys/bus/pci/devices/0000:00:02.0";

fn write(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn extract(folder: &Path, words: &[&str]) -> Output {
    oprom().current_dir(folder).arg("extract").args(words).output().unwrap()
}

/// One object a line.
fn lines(output: &Output) -> Vec<Value> {
    text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A table for the screens that is sound: a header, and a block of data without entries.
fn vbt() -> Vec<u8> {
    let rom = sample("rom505-vbt-checksum.rom");
    let at = rom.windows(4).position(|four| four == b"$VBT").unwrap();
    rom[at..at + 70].to_vec()
}

/// A host on which all can be read.
fn open_host() -> TempDir {
    let root = fresh_host();
    let at = root.path();
    // No driver has the GPU, so that its ROM can be read.
    fs::remove_file(at.join(DEVICE).join("driver")).unwrap();
    write(at, &format!("{DEVICE}/rom"), sample("good-three-images.rom"));
    write(at, "proc/mtd", "dev:    size   erasesize  name\nmtd0: 00002000 00001000 \"BIOS\"\n");
    let mut chip = sample("good-one-image.rom");
    chip.resize(0x2000, 0xFF);
    write(at, "dev/mtd0ro", chip);
    let dri = "sys/kernel/debug/dri/0000:00:02.0";
    write(at, &format!("{dri}/i915_vbt"), vbt());
    let region = [b"IntelGraphicsMem".to_vec(), vec![0; 0x3F0], vbt(), vec![0; 0x1000]].concat();
    write(at, &format!("{dri}/i915_opregion"), region);
    write(at, "sys/firmware/acpi/tables/VFCT", "not a table");
    root
}

#[test]
fn what_a_host_has_is_extracted_and_judged() {
    let root = open_host();
    let out = TempDir::new().unwrap();
    let out = out.path();
    let output = extract(root.path(), &["--host", "--sysroot", ".", "-o", out.to_str().unwrap()]);
    let said = text(&output.stdout).replace(out.to_str().unwrap(), "OUT");
    golden("extract-host.txt", &format!("{said}{}exit {}\n", text(&output.stderr), exit(&output)));
    for (path, source) in [
        ("rom-bar-0000_00_02.0/rom-bar-0000_00_02.0.rom", &format!("{DEVICE}/rom")[..]),
        ("vbt/vbt.vbt", "sys/kernel/debug/dri/0000:00:02.0/i915_vbt"),
        ("flash/flash.bin", "dev/mtd0ro"),
    ] {
        let source = fs::read(root.path().join(source)).unwrap();
        assert_eq!(fs::read(out.join(path)).unwrap(), source, "{path}");
    }
    assert_eq!(fs::read(out.join("opregion/table.vbt")).unwrap(), vbt());
    // A host elsewhere is only read.
    let rom = fs::read(root.path().join(DEVICE).join("rom")).unwrap();
    assert_eq!(rom, sample("good-three-images.rom"));
}

#[test]
fn a_source_that_is_not_there_says_why_and_the_rest_is_read() {
    let root = fresh_host();
    let output = extract(root.path(), &["--host", "--sysroot", "."]);
    let said = format!("{}{}exit {}\n", text(&output.stdout), text(&output.stderr), exit(&output));
    golden("extract-host-nothing.txt", &said);
    write(root.path(), &format!("{DEVICE}/rom"), sample("good-one-image.rom"));
    let of = |words: &[&str]| {
        let words = [words, &["--sysroot", ".", "--json"]].concat();
        let output = extract(root.path(), &words);
        let rom = lines(&output).pop().unwrap();
        (exit(&output), rom["kind"].clone(), rom["source"]["rom"]["verdict"].clone())
    };
    assert_eq!(of(&["--host"]), (1, "not-read".into(), Value::Null));
    assert_eq!(of(&["--host", "--in-use"]), (0, "option-rom".into(), "good".into()));
    fs::remove_file(root.path().join(DEVICE).join("driver")).unwrap();
    symlink("../../drivers/vfio-pci", root.path().join(DEVICE).join("driver")).unwrap();
    assert_eq!(of(&["--host"]).0, 1);
    write(root.path(), &format!("{DEVICE}/power/runtime_status"), "suspended\n");
    assert_eq!(of(&["--host"]), (0, "option-rom".into(), "good".into()));
    assert_eq!(of(&["--host", "--bdf", "03:00.0"]), (1, "not-read".into(), Value::Null));
}

#[test]
fn commands_that_are_advised_are_accepted() {
    let root = fresh_host();
    write(root.path(), &format!("{DEVICE}/rom"), sample("good-one-image.rom"));
    let output = extract(root.path(), &["--host", "--sysroot", ".", "--json"]);
    let mut ran = 0;
    for source in lines(&output) {
        for command in source["missing"]["advice"]["commands"].as_array().into_iter().flatten() {
            let words: Vec<&str> = command.as_str().unwrap().split(' ').collect();
            let [program, rest @ ..] = words.as_slice() else { panic!("{command}") };
            if *program == "oprom" {
                write(root.path(), "bios.bin", sample("good-one-image.rom"));
                let mut oprom = oprom();
                let output = oprom.current_dir(root.path()).args(rest).args(["--sysroot", "."]);
                let output = output.output().unwrap();
                // What is missing may still be missing: the answer is then no.
                assert!(exit(&output) < 2, "{command}: {}", text(&output.stderr));
                ran += 1;
            }
        }
    }
    assert_eq!(ran, 3);
}

#[test]
fn a_host_and_files_are_two_questions() {
    let folder = TempDir::new().unwrap();
    for words in [
        &["--host", "x.rom"][..],
        &["--bdf", "00:02.0", "x.rom"],
        &["--in-use", "x.rom"],
        &["--host", "--bdf", "2"],
        &[],
    ] {
        assert_eq!(exit(&extract(folder.path(), words)), 2, "{words:?}");
    }
}

#[test]
fn several_files_and_folders_have_a_folder_each() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    write(at, "one.rom", sample("good-one-image.rom"));
    write(at, "more/one.rom", sample("good-three-images.rom"));
    write(at, "more/deep/notes.txt", "nothing");
    let words = ["one.rom", "more", "-o", "parts"];
    let output = extract(at, &words);
    let said = format!("{}{}exit {}\n", text(&output.stdout), text(&output.stderr), exit(&output));
    golden("extract-several.txt", &said);
    assert!(at.join("parts/one.rom/image-0.efi").exists());
    assert!(at.join("parts/one.rom-2/image-2.efi").exists());
    assert_eq!(fs::read_dir(at.join("parts")).unwrap().count(), 2);
    let json = lines(&extract(at, &["one.rom", "more", "--json"]));
    let kinds: Vec<&str> = json.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["option-rom", "nothing", "option-rom"]);
    // One that is missing does not stop the rest.
    let output = extract(at, &["missing.rom", "one.rom", "--json"]);
    assert_eq!(exit(&output), 3);
    let json = lines(&output);
    assert_eq!(json[0]["error"]["exit"], 3);
    assert_eq!(json[1]["kind"], "option-rom");
    // The command that is advised does it.
    let output = extract(at, &["one.rom", "more"]);
    assert!(text(&output.stdout).ends_with("\n  oprom extract one.rom more -o DIR\n"));
}
