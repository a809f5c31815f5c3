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

/// A VM that is ready with QEMU 10.1, for a display at boot.
const READY: &str = include_str!("../../rom-host/tests/vm/good.conf");

#[test]
fn a_version_that_breaks_a_vm_is_a_no() {
    let host = host();
    fs::write(host.path().join("etc/pve/qemu-server/100.conf"), READY).unwrap();
    let output = doctor(&host, &["--qemu", "9.0"]);
    golden(
        "doctor-another-qemu.txt",
        &format!("{}exit status {}\n", text(&output.stdout), exit(&output)),
    );
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_slice(&doctor(&host, arguments).stdout).unwrap()
    };
    let report = json(&["--qemu", "9.0", "--json"]);
    assert_eq!(report["qemu"], "9.0.0");
    assert_eq!(report["breaks"], serde_json::json!(["VM 100"]), "VM 101 is not ready before");
    // The installed version breaks nothing.
    let output = doctor(&host, &["--qemu", "10.1.2"]);
    assert_eq!(exit(&output), 0, "{}", text(&output.stdout));
    assert_eq!(json(&["--qemu", "10.1.2", "--json"])["breaks"], serde_json::json!([]));
}

#[test]
fn what_the_owner_says_of_a_vm_decides_whether_a_rom_is_needed() {
    let host = host();
    fs::remove_file(host.path().join("usr/share/kvm/igd.rom")).unwrap();
    assert_eq!(exit(&doctor(&host, &[])), 1, "VM 101 has legacy-igd=1");
    let config = host.path().join("config.toml");
    fs::write(&config, "[vm.101]\ngoal = \"compute\"\n").unwrap();
    let output = doctor(&host, &["--config", config.to_str().unwrap()]);
    assert_eq!(exit(&output), 0, "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("WARN  no ROM is installed"));
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
