//! `oprom test`: what this machine's firmware does with a ROM, beside what was predicted.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{oprom, samples};

/// The report of a file, and the exit status.
fn report(path: &Path, firmware: &str) -> (Value, Option<i32>) {
    let output =
        oprom().args(["test", "--json", "--firmware", firmware]).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (serde_json::from_str(&text).unwrap(), output.status.code())
}

fn text(arguments: &[&str]) -> (String, Option<i32>) {
    let output = oprom().args(arguments).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (String::from_utf8(printed).unwrap(), output.status.code())
}

#[test]
fn what_is_not_a_rom_is_not_booted() {
    let sample = |name: &str| samples(name).to_str().unwrap().to_owned();
    let (text_of, exit) = text(&["test", &sample("rom033-program.rom")]);
    assert_eq!(exit, Some(5));
    assert!(text_of.contains("is a program for Linux (ELF)"), "{text_of}");
    let (text_of, exit) = text(&["test", &sample("rom039-hexdump.rom")]);
    assert_eq!(exit, Some(5));
    assert!(text_of.contains("oprom extract"), "{text_of}");
    let (text_of, exit) = text(&["test", "--sysroot", "/srv", &sample("good-three-images.rom")]);
    assert_eq!(exit, Some(2));
    assert!(text_of.contains("--sysroot names another one"), "{text_of}");
    let (text_of, exit) = text(&["test", "nothing.rom"]);
    assert_eq!(exit, Some(3));
    assert!(text_of.contains("there is no such file"), "{text_of}");
}

/// Samples and Debian's ROMs, with the images that OVMF and `SeaBIOS` are seen to start.
const SEEN: [(&str, &str, &str); 10] = [
    ("good-three-images.rom", "[0,1,2]", "[]"),
    ("good-compressed.rom", "[0]", "[]"),
    ("good-legacy-and-efi.rom", "[1]", "[0]"),
    ("rom016-trailing-data.rom", "[0]", "[]"),
    ("rom025-hidden-image.rom", "[0]", "[]"),
    ("rom029-inner-image.rom", "[0,1]", "[]"),
    ("/usr/lib/ipxe/qemu/efi-e1000.rom", "[1]", "[0]"),
    ("/usr/lib/ipxe/qemu/pxe-rtl8139.rom", "[]", "[0]"),
    ("/usr/share/seabios/vgabios-stdvga.bin", "[]", "[0]"),
    ("/usr/share/seabios/vgabios-qxl.bin", "[]", "[0]"),
];

/// Indices of the images that were started.
fn started(boot: &Value) -> String {
    let started = |image: &&Value| {
        matches!(image["seen"].as_str(), Some("started" | "returned-error" | "not-returned"))
    };
    let images = boot["images"].as_array().unwrap().iter().filter(started);
    let all: Vec<String> = images.map(|image| image["index"].to_string()).collect();
    format!("[{}]", all.join(","))
}

#[test]
#[ignore = "needs QEMU, ovmf, seabios and ipxe-qemu"]
fn firmware_does_what_is_predicted() {
    for (name, ovmf, seabios) in SEEN {
        let (report, exit) = report(&samples(name), "both");
        let boots = report["firmware"].as_array().unwrap();
        for (boot, expected) in boots.iter().zip([ovmf, seabios]) {
            assert_eq!(boot["result"], "passed", "{name}: {boot:#}");
            assert_eq!(boot["as_predicted"], true, "{name}: {boot:#}");
            assert_eq!(started(boot), expected, "{name}: {boot:#}");
        }
        assert_eq!((exit, &report["starts"]), (Some(0), &Value::Bool(true)), "{name}");
    }
}

#[test]
#[ignore = "needs QEMU and seabios"]
fn a_rom_that_hangs_is_seen_to_hang() {
    let (report, exit) = report(&samples("rom017-zero-length-hang.rom"), "seabios");
    let boot = &report["firmware"][0];
    assert_eq!(
        (&boot["result"], &boot["as_predicted"]),
        (&"hung".into(), &true.into()),
        "{boot:#}"
    );
    assert_eq!((exit, &report["starts"]), (Some(1), &Value::Bool(false)));
}

/// The processes that a process started, by any of its threads.
fn children(process: u32) -> BTreeSet<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{process}/task")) else { return BTreeSet::new() };
    let lists = threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| numbers(&list)).collect()
}

fn numbers(list: &str) -> Vec<u32> {
    list.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// Waits until `is_so`.
fn wait_until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_mins(1));
        sleep(Duration::from_millis(20));
    }
}

/// Whether a process runs: one that nobody waited for yet has ended as well.
fn runs(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

fn name(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default()
}

#[test]
#[ignore = "needs QEMU, ovmf and seabios"]
fn nothing_is_left_running() {
    for signal in ["INT", "TERM", "KILL"] {
        let mut test: Child = oprom()
            .arg("test")
            .arg(samples("good-three-images.rom"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let machines = || {
            let all = children(test.id());
            all.into_iter().filter(|own| name(*own).starts_with("qemu-system")).collect::<Vec<_>>()
        };
        wait_until(|| machines().len() == 2);
        let machines = machines();
        let kill = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &test.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        assert!(!test.wait().unwrap().success());
        wait_until(|| !machines.iter().any(|machine| runs(*machine)));
    }
}
