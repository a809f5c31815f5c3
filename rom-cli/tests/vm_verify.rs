//! `oprom vm verify`: a VM that was started, on a host in a folder with stand-ins for its programs.

mod support;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use support::Host;

const CONFIG: &str = "bios: ovmf\nefidisk0: x:y,efitype=4m,size=4M\nballoon: 0\nvga: none\n\
    machine: pc\nmemory: 4096\nostype: win11\nhostpci0: 0000:00:02.0,legacy-igd=1,romfile=igd.rom\n\
    args: -set device.hostpci0.x-igd-lpc=on\n";

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path.trim_start_matches('/'));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// A host with a VM that runs.
fn host() -> Host {
    let host = Host::new();
    let root = host.root.path();
    write(root, "/etc/pve/qemu-server/100.conf", CONFIG);
    fs::write(host.target(), &host.rom).unwrap();
    write(root, "/run/qemu-server/100.pid", "4711\n");
    let line = "/usr/bin/kvm -nodefaults -vga none -m 4096 -drive if=pflash,file=/x/OVMF_CODE_4M.fd \
        -device vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=0x2,romfile=/usr/share/kvm/igd.rom \
        -machine type=pc-i440fx-10.1+pve0 -set device.hostpci0.x-igd-lpc=on";
    write(root, "/proc/4711/cmdline", &line.replace(' ', "\0"));
    write(root, "/proc/4711/stat", "4711 (kvm) S 1 1 1 0 -1 0 1 0 0 0 7 3 0 0 20 0 5 0 500 1 2\n");
    write(root, "/proc/stat", "btime 1700000000\n");
    let device = root.join("sys/bus/pci/devices/0000:00:02.0");
    symlink("../../../bus/pci/drivers/vfio-pci", device.join("driver")).unwrap();
    host
}

/// A stand-in for a program.
fn stand_in(host: &Host, name: &str, script: &str) {
    let path = format!("/stand-ins/{name}");
    write(host.root.path(), &path, &format!("#!/bin/sh\n{script}\n"));
    let file = host.root.path().join(path.trim_start_matches('/'));
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn verify(host: &Host) -> (Value, Option<i32>) {
    let mut oprom = host.oprom(&["vm", "verify", "100", "--json"]);
    oprom.env("OPROM_TOOLS", host.root.path().join("stand-ins"));
    let output = oprom.output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code())
}

fn status(report: &Value, id: &str) -> String {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["id"] == id);
    check.map_or_else(String::new, |check| check["status"].as_str().unwrap().to_owned())
}

#[test]
fn a_vm_that_runs_is_looked_at_and_its_guest_is_asked() {
    let host = host();
    stand_in(&host, "journalctl", "echo 'kernel: vfio-pci 0000:00:02.0: reset done'");
    let os = r#"case "$*" in *get-osinfo) echo '{"id":"mswindows"}';;"#;
    let guest = |code: u32| {
        let line = format!(r"PCI\\\\VEN_8086&DEV_A7A8|{code}|32.0.101");
        format!(
            r#"{os} *exec*) printf '%s\n' '{{"exited":1,"exitcode":0,"out-data":"{line}"}}';; esac"#
        )
    };
    stand_in(&host, "qm", &guest(0));
    let (report, exit) = verify(&host);
    for id in ["RUN001", "RUN002", "RUN003", "RUN004", "RUN005", "RUN007"] {
        assert_eq!(status(&report, id), "pass", "{id}: {report:#}");
    }
    assert_eq!((exit, &report["ready"]), (Some(0), &Value::Bool(true)));

    stand_in(&host, "qm", &guest(43));
    let (report, exit) = verify(&host);
    assert_eq!(status(&report, "RUN007"), "fail", "{report:#}");
    assert_eq!((exit, &report["ready"]), (Some(1), &Value::Bool(false)));
}

#[test]
fn without_programs_files_answer() {
    let host = host();
    let (report, exit) = verify(&host);
    assert_eq!(
        (status(&report, "RUN003"), status(&report, "RUN007")),
        ("pass".into(), "skip".into())
    );
    assert_eq!(exit, Some(0), "{report:#}");

    fs::remove_file(host.root.path().join("run/qemu-server/100.pid")).unwrap();
    let output = host.oprom(&["vm", "verify", "100"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("VM 100 is not right yet: the VM is not running."), "{text}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_name_that_is_no_vm_is_said() {
    let host = host();
    let output = host.oprom(&["vm", "verify", "win11"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("there is no VM win11 here"), "{text}");
    assert_eq!(output.status.code(), Some(3));
}
