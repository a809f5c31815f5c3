//! `oprom doctor` as a program. What is said of hosts is tried where it is made, in rom-host.

mod support;

use serde_json::Value;
use std::fs;
use std::process::Output;
use support::{exit, golden, good_host, oprom, samples, text};
use tempfile::TempDir;

/// The host of the NUC, with the ROM in place and with root's view of the iGPU.
fn host() -> TempDir {
    let root = good_host("good-three-images.rom");
    let mut config = vec![0; 256];
    config[0x50..0x52].copy_from_slice(&[0x01, 0x04]);
    fs::write(root.path().join("sys/bus/pci/devices/0000:00:02.0/config"), config).unwrap();
    root
}

fn doctor(host: &TempDir, arguments: &[&str]) -> Output {
    let mut oprom = oprom();
    oprom
        .arg("doctor")
        .args(arguments)
        .args(["--catalog", "demo/known-roms.toml", "--sysroot"])
        .arg(host.path());
    oprom.current_dir(samples("")).output().unwrap()
}

#[test]
fn a_good_host_is_short_and_calm() {
    let host = host();
    let output = doctor(&host, &[]);
    golden("doctor-good.txt", &format!("{}exit status {}\n", text(&output.stdout), exit(&output)));
    golden("doctor-good-verbose.txt", &text(&doctor(&host, &["-v"]).stdout));
}

#[test]
fn a_host_that_is_not_ready() {
    let host = host();
    fs::remove_file(host.path().join("usr/share/kvm/igd.rom")).unwrap();
    fs::write(host.path().join("proc/cmdline"), "quiet intel_iommu=off\n").unwrap();
    let output = doctor(&host, &["-q"]);
    golden(
        "doctor-not-ready.txt",
        &format!("{}exit status {}\n", text(&output.stdout), exit(&output)),
    );
    let output = doctor(&host, &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((exit(&output), &report["ready"]), (1, &Value::Bool(false)));
}

#[test]
fn an_upgrade_that_breaks_a_vm_is_a_no() {
    let host = host();
    let output = doctor(&host, &["--qemu", "9.0"]);
    golden(
        "doctor-another-qemu.txt",
        &format!("{}exit status {}\n", text(&output.stdout), exit(&output)),
    );
    let output = doctor(&host, &["--qemu", "9.0", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["qemu"], "9.0.0");
    assert_eq!(report["guests"][0]["state"], "not-ready");
}

#[test]
fn warnings_fail_if_that_is_asked_for() {
    let host = host();
    let monitor = "sys/class/drm";
    for entry in fs::read_dir(host.path().join(monitor)).unwrap() {
        let status = entry.unwrap().path().join("status");
        if status.exists() {
            fs::write(status, "disconnected\n").unwrap();
        }
    }
    assert_eq!(exit(&doctor(&host, &[])), 0);
    assert_eq!(exit(&doctor(&host, &["--strict"])), 1);
}
